"""Statements nobody waits for: what goes wrong with one ends its transaction all the same, under
its own name, and the session serves the next.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from hub.store.base.database import Database
from hub.store.base.failures import DatabaseAway, sqlstate
from hub.store.base.pipelining import settle, write

SET = sa.text("INSERT INTO setting (name, value) VALUES (:name, CAST(:value AS jsonb))")
RAISE = sa.text(
    "UPDATE setting SET value = to_jsonb(value::int + 1) WHERE name = :name AND value IS NOT NULL"
)
BROKEN = sa.text("INSERT INTO setting (name, value) VALUES (:name, to_jsonb(1 / 0))")
SLOWLY = sa.text(
    """INSERT INTO setting (name, value)
    SELECT :name, CAST(:value AS jsonb) FROM (SELECT pg_sleep(0.3)) AS s"""
)
NAMES = sa.text("SELECT name FROM setting WHERE name LIKE 'test_%' ORDER BY name")


@pytest.fixture
def database(db_url: str) -> Iterator[Database]:
    made = Database(db_url, pool=2)
    yield made
    made.dispose()


def row(name: str) -> dict[str, Any]:
    return {"name": f"test_{name}", "value": "1"}


def run(database: Database, work: Callable[[Connection], object]) -> None:
    """Work in a transaction of its own."""
    with database.begin() as db:
        work(db)


def names(database: Database) -> list[str]:
    with database.begin() as db:
        return list(db.scalars(NAMES))


def test_they_run_in_order_before_what_is_asked_next(database: Database) -> None:
    with database.begin() as db:
        for name in "ab":
            write(db, SET, row(name))
        assert db.connection.driver_connection.pgconn.pipeline_status  # type: ignore[union-attr]
        assert list(db.scalars(NAMES)) == ["test_a", "test_b"]
        assert not db.connection.driver_connection.pgconn.pipeline_status  # type: ignore[union-attr]
        write(db, SET, row("c"))
    assert names(database) == ["test_a", "test_b", "test_c"]


def _at_the_end(db: Connection) -> None:
    write(db, SET, row("after"))


def _at_the_next_question(db: Connection) -> None:
    db.scalars(NAMES)
    pytest.fail("the question was answered")


def _when_settled(db: Connection) -> None:
    settle(db)
    pytest.fail("it settled")


@pytest.mark.parametrize("then", [_at_the_end, _at_the_next_question, _when_settled])
def test_a_failure_is_raised_under_its_own_name(
    database: Database, then: Callable[[Connection], None]
) -> None:
    with database.begin() as db:
        write(db, SET, row("taken"))

    def work(db: Connection) -> None:
        write(db, SET, row("before"))
        write(db, SET, row("taken"))
        then(db)

    with pytest.raises(IntegrityError) as caught:
        run(database, work)
    assert sqlstate(caught.value) == "23505"
    assert names(database) == ["test_taken"]


def test_an_exception_of_ours_wins_over_what_was_sent(database: Database) -> None:
    def work(db: Connection) -> None:
        write(db, BROKEN, row("broken"))
        raise KeyError

    with pytest.raises(KeyError):
        run(database, work)
    assert names(database) == []


def test_a_savepoint_takes_back_a_failure_nobody_waited_for(database: Database) -> None:
    def inner(db: Connection) -> None:
        with db.begin_nested():
            write(db, BROKEN, row("inner"))
            db.scalars(NAMES)

    with database.begin() as db:
        write(db, SET, row("outer"))
        with pytest.raises(sa.exc.DataError):
            inner(db)
        write(db, SET, row("later"))
    assert names(database) == ["test_later", "test_outer"]


def test_what_failed_before_a_savepoint_is_not_hidden_by_it(database: Database) -> None:
    with database.begin() as db:
        write(db, SET, row("taken"))

    def work(db: Connection) -> None:
        write(db, SLOWLY, row("taken"))
        with db.begin_nested():
            write(db, SET, row("inner"))
            settle(db)

    with pytest.raises(IntegrityError) as caught:
        run(database, work)
    assert sqlstate(caught.value) == "23505"
    assert names(database) == ["test_taken"]


def test_savepoints_are_not_waited_for(database: Database) -> None:
    with database.begin() as db:
        write(db, SET, row("a"))
        with db.begin_nested() as savepoint:
            write(db, SET, row("b"))
            savepoint.rollback()
        with db.begin_nested():
            write(db, SET, row("c"))
        assert db.connection.driver_connection.pgconn.pipeline_status  # type: ignore[union-attr]
    assert names(database) == ["test_a", "test_c"]


def test_a_lost_line_is_the_database_away(database: Database, db_url: str) -> None:
    def work(db: Connection) -> None:
        write(db, SET, row("a"))
        pid = db.scalar(sa.text("SELECT pg_backend_pid()"))
        write(db, SET, row("b"))
        with sa.create_engine(db_url, poolclass=sa.NullPool).begin() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        write(db, SET, row("c"))

    with pytest.raises(DatabaseAway):
        run(database, work)
    assert names(database) == []


def test_a_session_that_cannot_leave_its_pipeline_is_closed(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that is going down has said so, and the line is not cut yet."""

    def busy(self: psycopg.Pipeline, error: object) -> None:
        raise psycopg.OperationalError("cannot exit pipeline mode while busy")

    def work(db: Connection) -> None:
        write(db, SET, row("a"))
        monkeypatch.setattr(psycopg.Pipeline, "_exit", busy)
        db.scalars(NAMES)

    with pytest.raises(DatabaseAway):
        run(database, work)
    monkeypatch.undo()
    assert names(database) == []
    assert [said for said in caplog.records if said.levelname == "ERROR"] == []


def test_a_deadlock_among_them_is_tried_again(database: Database) -> None:
    """Two transactions lock two rows crosswise; neither waits for its writes."""
    with database.begin() as db:
        for name in "ab":
            write(db, SET, row(name))
    both = threading.Barrier(2, timeout=60)
    tries: list[str] = []

    def cross(first: str, second: str) -> None:
        def work(db: Connection) -> None:
            tries.append(first)
            write(db, RAISE, row(first))
            settle(db)
            if len(tries) <= 2:
                both.wait()
            write(db, RAISE, row(second))

        database.unit(work)

    threads = [threading.Thread(target=cross, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.begin() as db:
        found = list(db.scalars(sa.text("SELECT value FROM setting WHERE name LIKE 'test_%'")))
    assert found == [3, 3]
    assert len(tries) == 3
