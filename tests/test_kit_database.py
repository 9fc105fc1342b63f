"""The servers and the guard that every other test leans on. A database that another test had holds
nothing of it, and nothing of it reaches it any more.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.conftest import OutsideError
from tests.kit.database import (
    LOCAL_BROKER,
    Servers,
    find_servers,
    libpq,
    report,
    temporary_database,
)
from tests.kit.world import World
from tests.kit.world.handed_on import Databases, contents, sequences, shape

PLANTED = (
    "INSERT INTO setting VALUES ('planted', '{}')",
    "UPDATE setting SET value = '{\"version\": 99}' WHERE name = 'directory'",
    "DELETE FROM scope_key",
    "SELECT nextval('archive_file_id_seq')",
)
CHANGED = {
    "a table": "CREATE TABLE planted ()",
    "a column": "ALTER TABLE setting ADD COLUMN planted int",
    "an index gone": "DROP INDEX work_head",
    "a constraint gone": "ALTER TABLE reservation DROP CONSTRAINT reservation_pkey",
    "a partition gone": "DROP TABLE message_default",
    "a function": "CREATE FUNCTION planted() RETURNS int LANGUAGE sql RETURN 1",
    "a right": "GRANT SELECT ON setting TO PUBLIC",
    "a right on the schema": "GRANT CREATE ON SCHEMA public TO PUBLIC",
    "no row-level security": "ALTER TABLE message DISABLE ROW LEVEL SECURITY",
    "a setting": """DO $$ BEGIN EXECUTE format(
      'ALTER DATABASE %I SET statement_timeout = 1', current_database()); END $$""",
    "a right on the database": """DO $$ BEGIN EXECUTE format(
      'GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database()); END $$""",
}
GROWN = """INSERT INTO setting SELECT n, to_jsonb(array(SELECT md5(random()::text)
  FROM generate_series(1, 60))) FROM generate_series(1, 6000) AS n"""


def query(url: str, *statements: str) -> Any:
    """Run statements; what the last one answers."""
    with psycopg.connect(libpq(url)) as db:
        for statement in statements:
            answer = db.execute(statement)  # type: ignore[call-overload]
        return answer.fetchall() if answer.description else None


def test_an_empty_database_is_this_tests_alone(empty_db_url):
    assert query(empty_db_url, "SHOW server_encoding") == [("UTF8",)]
    assert query(empty_db_url, "SELECT count(*) FROM pg_stat_user_tables") == [(0,)]
    assert make_url(empty_db_url).database.startswith(f"orderhub_test_{os.getpid()}_")


def test_a_clone_has_the_tables_of_the_migrations(db_url, database_url):
    count = "SELECT count(*) > 0 FROM pg_stat_user_tables"
    assert query(db_url, count) == query(database_url, count) == [(True,)]
    assert make_url(db_url).database != make_url(database_url).database


def test_servers_that_are_named_are_taken_unseen():
    named = {
        "ORDERHUB_TEST_DATABASE_URL": "postgresql://u:p@db.example/x",
        "ORDERHUB_TEST_BROKER_URL": "amqp://u:p@mq.example:1",
    }
    found = find_servers(named)
    assert found == Servers("postgresql+psycopg://u:p@db.example/x", "amqp://u:p@mq.example:1")
    assert report(found) == "database: db.example:default port; broker: mq.example:1"


def test_without_servers_the_report_names_the_embedded_ones():
    assert report(Servers(None, None)) == "database: embedded PostgreSQL; broker: in-process"


def test_the_broker_is_one_that_answers_or_none(broker_url):
    assert broker_url in (None, LOCAL_BROKER, os.environ.get("ORDERHUB_TEST_BROKER_URL"))


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "169.254.169.254"])
def test_a_test_cannot_leave_this_machine(host):
    with (
        socket.socket() as outward,
        pytest.raises(OutsideError, match=f"a test connects to {host}; only this machine"),
    ):
        outward.connect((host, 80))


def test_a_test_cannot_leave_by_the_other_door_either():
    with socket.socket(socket.AF_INET6) as outward, pytest.raises(OutsideError):
        outward.connect_ex(("2001:db8::1", 80))


def test_a_test_may_reach_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as inward:
        inward.connect(listening.getsockname())
        assert inward.getpeername() == listening.getsockname()


@pytest.fixture
def own(server_url: str, template: str) -> Iterator[Databases]:
    """Databases of this test alone."""
    with closing(Databases(server_url, template)) as made:
        yield made


def number(url: str) -> Any:
    """What a database keeps whatever it is called."""
    return query(url, "SELECT oid FROM pg_database WHERE datname = current_database()")


def everything(url: str) -> Any:
    with psycopg.connect(libpq(url)) as db:
        return contents(db), sequences(db)


@pytest.mark.parametrize("turn", ["one test", "the next", "the one after"])
def test_what_was_planted_meets_no_other_test(
    server_url: str, template: str, db_url: str, tmp_path: Path, turn: str
) -> None:
    with temporary_database(server_url, template) as clone:
        assert everything(db_url) == everything(clone), turn
    with closing(World(db_url, tmp_path)) as world:
        acme = world.merchant().shop().warehouse(A=10, B=10).erp()
        acme.notify()
        acme.order(1002)
    query(db_url, *PLANTED)
    planted = [table for table, rows in everything(db_url)[0].items() if rows]
    assert {"message", "work", "timeline", "sales_order", "ledger", "seen", "lane"} <= {*planted}


def test_the_same_database_goes_on_under_another_name(own: Databases) -> None:
    with own.open() as url:
        before = number(url)
        query(url, *PLANTED)
    with own.open() as other:
        assert number(other) == before
        assert other != url


def test_two_at_once_are_two(own: Databases) -> None:
    with own.open() as one, own.open() as other:
        assert number(one) != number(other)


def test_who_was_left_in_it_is_out(own: Databases) -> None:
    with own.open() as url:
        left = psycopg.connect(libpq(url))
        left.execute("INSERT INTO setting VALUES ('under way', '{}')")
    with own.open(), closing(left), pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(libpq(url))


@pytest.mark.parametrize("what", CHANGED)
def test_a_change_is_seen(db_url: str, what: str) -> None:
    with psycopg.connect(libpq(db_url)) as db:
        before = shape(db)
        db.execute(CHANGED[what])  # type: ignore[call-overload]
        assert shape(db) != before
        db.rollback()
        assert shape(db) == before


@pytest.mark.parametrize("statement", [CHANGED["a setting"], GROWN], ids=["changed", "grown"])
def test_one_that_cannot_be_brought_back_goes_to_nobody(own: Databases, statement: str) -> None:
    with own.open() as url:
        before = number(url)
        query(url, statement)
    with own.open() as other:
        assert number(other) != before
        assert query(other, "SELECT count(*) FROM setting") == [(1,)]


def test_what_is_kept_for_others_is_dropped_at_the_end(server_url: str, template: str) -> None:
    with closing(Databases(server_url, template)) as made, made.open() as url:
        before = number(url)
    assert before[0] not in query(server_url, "SELECT oid FROM pg_database")
