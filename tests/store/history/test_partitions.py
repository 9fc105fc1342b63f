"""Months of history: made ahead while rows arrive, dropped only when nothing needs them."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.store.base.archive_files import Shelf
from hub.store.base.ids import floor_id, moment_of, new_id
from hub.store.history import partitions, retention
from hub.store.history.retention import Keep

TODAY = datetime.now(UTC)
NOW = (TODAY.replace(day=15, hour=12) + timedelta(days=4 * 30.5)).replace(day=15)
"""Months ahead of those that the migrations made."""
FOR_EVER = Keep(messages=None, timeline=None)


@pytest.fixture
def engine(db_url: str) -> Iterator[sa.Engine]:
    made = sa.create_engine(
        db_url, poolclass=sa.NullPool, connect_args={"options": "-c orderhub.scope=*"}
    )
    yield made
    made.dispose()


def named(table: str, at: datetime, later: int = 0) -> str:
    """The partition of a moment, or of so many months later."""
    year, month = divmod(at.year * 12 + at.month - 1 + later, 12)
    return f"{table}_{year}{month + 1:02}"


def note(db: sa.Connection, at: datetime | None = None) -> None:
    """One row of history, of a moment or of now."""
    db.execute(
        sa.text(
            """INSERT INTO timeline (id, merchant_id, order_id, event)
            VALUES (:id, 'acme', :order, 'received')"""
        ),
        {"id": floor_id(at) if at else new_id(), "order": new_id()},
    )


def where(db: sa.Connection) -> dict[str, int]:
    """Partition -> rows."""
    found = db.execute(
        sa.text("SELECT tableoid::regclass::text, count(*) FROM timeline GROUP BY 1")
    )
    return {row[0]: row[1] for row in found}


def test_the_coming_months_are_made_once(engine: sa.Engine) -> None:
    with engine.begin() as db:
        assert partitions.missing(db, NOW) == [
            named(table, NOW, 1) for table in ("message", "attempt", "timeline", "ledger")
        ]
        made = partitions.ensure(db, NOW)
        assert [name for name in made if name.startswith("message")] == [
            named("message", NOW, later) for later in range(3)
        ]
        assert partitions.missing(db, NOW) == []
        assert partitions.ensure(db, NOW) == []


def test_what_the_default_partition_took_moves_to_its_month(engine: sa.Engine) -> None:
    with engine.begin() as db:
        note(db, NOW)
        note(db, NOW + timedelta(days=31))
        assert where(db) == {"timeline_default": 2}
        partitions.ensure(db, NOW)
        assert where(db) == {named("timeline", NOW): 1, named("timeline", NOW, 1): 1}


def test_a_new_month_has_every_index_and_its_storage(engine: sa.Engine) -> None:
    with engine.begin() as db:
        partitions.ensure(db, NOW)
        indexes = db.scalar(
            sa.text("SELECT count(*) FROM pg_indexes WHERE tablename = :name"),
            {"name": named("message", NOW)},
        )
        parents = db.scalar(sa.text("SELECT count(*) FROM pg_indexes WHERE tablename = 'message'"))
        options = db.scalar(
            sa.text("SELECT reloptions FROM pg_class WHERE relname = :name"),
            {"name": named("message", NOW)},
        )
    assert indexes == parents
    assert "fillfactor=85" in (options or [])


def test_months_are_made_while_rows_arrive(engine: sa.Engine, tmp_path: Path) -> None:
    stop, slowest, written = threading.Event(), [0.0], [0]

    def arrive() -> None:
        with engine.connect() as db:
            while not stop.is_set():
                begun = time.monotonic()
                with db.begin():
                    note(db)
                slowest[0] = max(slowest[0], time.monotonic() - begun)
                written[0] += 1

    threads = [threading.Thread(target=arrive) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for month in range(3, 12):
            at = NOW + timedelta(days=30 * month)
            done = retention.rotate(engine.url, Shelf(tmp_path), FOR_EVER, at, archived=False)
            assert done is not None
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert written[0] > 20
    assert slowest[0] < 5
    with engine.begin() as db:
        assert sum(where(db).values()) == written[0]


def test_old_months_go_after_their_time_and_younger_ones_stay(
    engine: sa.Engine, tmp_path: Path
) -> None:
    with engine.begin() as db:
        partitions.ensure(db, NOW - timedelta(days=365), ahead=16)
        note(db, NOW - timedelta(days=300))
        note(db, NOW)
    keep = Keep(messages=None, timeline=200)
    done = retention.rotate(engine.url, Shelf(tmp_path), keep, NOW, archived=True)
    assert done is not None
    assert all(name.startswith("timeline_") for name in done.dropped)
    assert max(done.dropped) == named("timeline", NOW - timedelta(days=200), -1)
    with engine.begin() as db:
        assert where(db) == {named("timeline", NOW): 1}
        assert partitions.standing(db, "message")[0].name == named("message", NOW, -12)


def test_a_month_with_unfinished_work_is_kept_for_ever(engine: sa.Engine, tmp_path: Path) -> None:
    row = floor_id(NOW - timedelta(days=1000))
    with engine.begin() as db:
        partitions.ensure(db, NOW - timedelta(days=1020), ahead=3)
        db.execute(
            sa.text(
                """INSERT INTO work (id, merchant_id, connection, direction, shard, key, seq, topic,
                  status) VALUES (:id, 'acme', 'shop', 'in', 0, 'k', 1, 't', 'parked')"""
            ),
            {"id": row},
        )
    done = retention.rotate(engine.url, Shelf(tmp_path), Keep(30, 30), NOW, archived=False)
    assert done is not None
    kept = {
        name: why for name, why in done.kept.items() if name >= f"message_{moment_of(row):%Y%m}"
    }
    assert set(kept.values()) == {"unfinished"}


def test_a_busy_table_is_left_for_the_next_time(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_TRIES", 2)
    monkeypatch.setattr(retention, "_PAUSE_S", 0.01)
    with engine.begin() as db:
        partitions.ensure(db, NOW - timedelta(days=365), ahead=2)
    with engine.begin() as reading:
        reading.execute(sa.text("SELECT count(*) FROM timeline"))
        done = retention.rotate(engine.url, Shelf(tmp_path), Keep(None, 30), NOW, archived=False)
    assert done is not None
    assert set(done.kept.values()) == {"busy"}
    again = retention.rotate(engine.url, Shelf(tmp_path), Keep(None, 30), NOW, archived=False)
    assert again is not None
    assert (again.kept, sorted(again.dropped)[:1]) == ({}, [named("timeline", NOW, -12)])


def test_a_login_that_owns_nothing_changes_nothing(engine: sa.Engine, tmp_path: Path) -> None:
    with engine.begin() as db:
        db.execute(sa.text("SET LOCAL ROLE orderhub_runtime"))
        assert db.scalar(retention._IS_OWNER) is False
        db.execute(sa.text("RESET ROLE"))
        assert db.scalar(retention._IS_OWNER) is True
