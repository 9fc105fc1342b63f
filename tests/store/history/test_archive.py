"""Archived payloads read as before, come back to be worked again, and survive every kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hub.flows.messages import replay, replay_selection
from hub.flows.messages.replay_selection import Selection
from hub.model.errors import PayloadGone
from hub.store.base.archive_files import Record, Shelf, ShelfError
from hub.store.base.ids import floor_id
from hub.store.history import archiving, retention
from hub.store.history.retention import Keep
from hub.store.views import message_view
from hub.store.views import messages as view
from tests.kit.catalogue import sales_order
from tests.kit.fixtures import ROOT
from tests.kit.world import World

LATER = timedelta(days=1)


@pytest.fixture
def world(db_url: str, tmp_path: Path) -> Iterator[World]:
    made = World(db_url, tmp_path)
    acme = made.merchant().shop().erp(takes=("sales_order",))
    acme.warehouse(takes=("fulfilment_order",), A=1000, B=1000)
    yield made
    made.close()


def work(world: World, orders: int, first: int = 1001) -> None:
    for number in range(first, first + orders):
        world.tell("shop", sales_order(number), key=str(number))
    world.run()


def payloads(world: World) -> dict[UUID, bytes]:
    """Every message's bytes, as console, API and command line read them."""
    with world.store.database.begin() as db:
        ids = [
            row.id for row in view.messages(db, world.store.vault, view.Wanted(), limit=1000).items
        ]
        rows = [view.one(db, world.store.vault, id_) for id_ in ids]
        return {row.id: message_view.payload(db, world.store.vault, row) for row in rows if row}


def run(world: World, *, wait: timedelta = LATER) -> list[archiving.Archived]:
    shelf = world.store.vault.shelf
    assert shelf is not None
    return list(archiving.archive(world.store.database, shelf, datetime.now(UTC) + wait))


def test_G06_archived_payloads_read_as_they_were(world: World) -> None:
    work(world, 5)
    before = payloads(world)
    assert len(before) == 15
    done = run(world)
    assert [(one.messages, one.exchanges) for one in done] == [(15, 0)]
    assert world.one("SELECT count(*) FROM message WHERE payload IS NOT NULL") == 0
    assert payloads(world) == before
    assert run(world) == []


def test_G06_exchanges_are_archived_with_their_messages(world: World) -> None:
    work(world, 1)
    sent = world.one("SELECT id FROM message WHERE connection = 'wh'")
    row = world.one("SELECT id FROM attempt WHERE message_id = :id", id=sent)
    sealed = world.store.vault.seal(b"POST / 200", "attempt.exchange", "acme", row)
    world.sql("UPDATE attempt SET exchange = :sealed WHERE id = :id", sealed=sealed, id=row)
    assert [one.exchanges for one in run(world)] == [1]
    assert world.one("SELECT count(*) FROM attempt WHERE exchange IS NOT NULL") == 0
    with world.store.database.begin() as db:
        (shown,) = message_view.attempts(db, world.store.vault, sent)
    assert shown.exchange == b"POST / 200"


def test_what_is_unfinished_or_young_stays_in_its_row(world: World) -> None:
    work(world, 1)
    world.tell("shop", sales_order(1002), key="1002")
    assert run(world, wait=-LATER) == []
    assert [one.messages for one in run(world)] == [3]
    left = world.sql("SELECT status, payload IS NOT NULL FROM message WHERE archive_id IS NULL")
    assert [tuple(row) for row in left] == [(None, True)]


def test_an_archived_message_can_be_worked_again(world: World) -> None:
    work(world, 1)
    before = payloads(world)
    run(world)
    message = world.one("SELECT id FROM message WHERE direction = 'in'")
    with world.unit() as unit:
        replay.replay(unit, [message], "test", "again")
    world.run()
    assert world.message_status(message) == "ignored"
    assert payloads(world) == before
    assert [one.messages for one in run(world)] == [1]
    assert payloads(world) == before


def test_an_archived_message_can_be_edited_and_its_original_stays_readable(world: World) -> None:
    work(world, 1)
    run(world)
    message = world.one("SELECT id FROM message WHERE direction = 'in'")
    original = payloads(world)[message]
    with world.unit() as unit:
        replay.edit(unit, message, b"{}", "test", "mended")
    world.run()
    with world.store.database.begin() as db:
        row = view.one(db, world.store.vault, message)
        assert row is not None
        assert message_view.payload(db, world.store.vault, row) == b"{}"
        assert message_view.payload(db, world.store.vault, row, version=1) == original


def test_a_message_whose_archive_file_is_gone_is_left_out_and_can_be_edited(world: World) -> None:
    work(world, 1)
    (archived,) = run(world)
    (world.store.settings.archive_folder / archived.name).unlink()
    message = world.one("SELECT id FROM message WHERE direction = 'in'")
    with pytest.raises(PayloadGone), world.unit() as unit:
        replay.replay(unit, [message], "test", "again")
    with world.unit() as unit:
        done = replay_selection.replay_selection(unit, Selection(ids=[message]), "test", "again")
    assert (done.queued, done.refused[message].reason) == ([], "payload_gone")
    with world.unit() as unit:
        assert replay.edit(unit, message, b"{}", "test", "mended") == 2
    assert world.message_status(message) == "received"


def test_a_message_queued_again_while_its_file_is_written_keeps_its_bytes(world: World) -> None:
    work(world, 1)
    before = payloads(world)
    message = world.one("SELECT id FROM message WHERE direction = 'in'")

    class Slow(Shelf):
        def write(self, name: str, records: Any) -> Any:
            with world.unit() as unit:
                replay.replay(unit, [message], "test", "again")
            return super().write(name, records)

    shelf = Slow(world.store.settings.archive_folder)
    done = archiving.archive(world.store.database, shelf, datetime.now(UTC) + LATER)
    assert [one.messages for one in done] == [2]
    assert world.one("SELECT payload IS NOT NULL FROM message WHERE id = :id", id=message)
    world.run()
    assert payloads(world) == before


def test_a_damaged_file_is_found_and_never_read_as_something_else(world: World) -> None:
    work(world, 2)
    (done,) = run(world)
    path = world.store.settings.archive_folder / done.name
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(ShelfError, match="is damaged at"):
        payloads(world)
    shelf = Shelf(world.store.settings.archive_folder)
    with world.store.database.begin() as db:
        assert list(archiving.damaged(db, shelf)) == [(done.name, True)]
    path.unlink()
    with pytest.raises(ShelfError, match="cannot be read"):
        payloads(world)


def test_a_record_is_only_read_as_its_own_row(tmp_path: Path) -> None:
    shelf, row = Shelf(tmp_path / "a"), floor_id(datetime.now(UTC))
    written = shelf.write("202611/x.archive", [Record("message.payload", "acme", row, b"sealed")])
    assert shelf.read(written.name, *written.places[0], row) == b"sealed"
    with pytest.raises(ShelfError):
        shelf.read(written.name, *written.places[0], UUID(int=1))
    with pytest.raises(ShelfError):
        shelf.read(written.name, written.places[0][0] + 1, written.places[0][1], row)


_ARCHIVER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from hub.store.history import archiving
from hub.store.base.database import Database
from hub.store.base.archive_files import Shelf
archiving.ROWS = 7
database = Database(sys.argv[1])
print("ready", flush=True)
for one in archiving.archive(database, Shelf(Path(sys.argv[2])), datetime.now(UTC) + timedelta(1)):
    print(one.messages, flush=True)
"""


def test_G06_killed_at_any_moment_archiving_loses_nothing(world: World) -> None:
    work(world, 60)
    before = payloads(world)
    folder = world.store.settings.archive_folder
    kills = 0
    for wait in range(0, 48, 8):
        process = subprocess.Popen(
            [sys.executable, "-c", _ARCHIVER, world.url, str(folder)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"]},
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait * 0.002)  # where it dies is the point
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        process.stdout.close()
        assert payloads(world) == before
        if world.one("SELECT count(*) FROM message WHERE archive_id IS NULL") == 0:
            break
    assert kills > 2
    run(world)
    assert payloads(world) == before
    shelf = Shelf(folder)
    for name in shelf.names():  # what was left by a kill is old enough to go
        os.utime(folder / name, (0, 0))
    archiving.tidy(world.store.database, shelf)
    known = {row[0] for row in world.sql("SELECT name FROM archive_file")}
    assert set(shelf.names()) == known
    assert payloads(world) == before


def test_months_past_their_time_go_with_their_files(world: World) -> None:
    work(world, 1)
    shelf = Shelf(world.store.settings.archive_folder)
    later = datetime.now(UTC) + timedelta(days=500)
    url, keep = world.store.database.url, Keep(messages=400, timeline=None)
    kept = retention.rotate(url, shelf, keep, later, archived=True)
    assert kept is not None
    assert [*kept.kept.values()] == ["not_archived"]
    run(world)
    assert len(shelf.names()) == 1
    world.tell("shop", sales_order(1002), key="1002")
    held = retention.rotate(url, shelf, keep, later, archived=True)
    assert held is not None
    assert set(held.kept.values()) == {"unfinished"}
    world.run()
    run(world)
    done = retention.rotate(url, shelf, keep, later, archived=True)
    assert done is not None
    assert (done.kept, len(done.dropped)) == ({}, 1)
    assert shelf.names() == []
    assert world.one("SELECT count(*) FROM message") == 0
    assert world.one("SELECT count(*) FROM timeline") > 0
    world.check_books()
