"""Nothing lost: every message ends or stands with a reason, whatever dies, fails or is sent."""

import json
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from hub import flows
from hub.flows.messages import replay
from hub.model.errors import TryLater
from hub.states.message import INBOX
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world import Merchant, World
from tests.kit.world.processes import within
from tests.workers.shifts import crew, freeze, wait_for
from workers.inbound import inbound

# --- G02 -----------------------------------------------------------------------------------------

KINDS: dict[str, Any] = {
    "order": sales_order,
    "unmapped": lambda n: sales_order(n, lines=[("UNKNOWN", 1)]),
    "too much": lambda n: sales_order(n, lines=[("A", 999)]),
    "bad quantity": lambda n: sales_order(n, lines=[("A", 0)]),
    "no order": lambda n: {"type": "sales_order", "channel_order_id": str(n)},
    "no type": lambda n: {"channel_order_id": str(n)},
    "foreign type": lambda n: {"type": "acknowledgement", "of": str(n)},
    "bug": lambda n: {"type": "bug"},
    "empty batch": lambda n: {"documents": []},
    "stranger's shipment": lambda n: shipment("F00000000000000000000000000"),
}
STANDING = {"retry", "waiting", "parked", "behind"}


@given(mix=st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.integers(1, 4)), max_size=14))
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_G02_every_message_ends_or_stands_with_a_reason(
    shared: World, new_merchant: Callable[..., Merchant], mix: list[tuple[str, int]]
) -> None:
    shared.put_away()
    acme = new_merchant()
    ids = [
        acme.world.tell(acme.at_shop.code, KINDS[kind](number), key=str(number)).id
        for kind, number in mix
    ]
    acme.world.run()
    for id_ in ids:
        found = acme.status(id_)
        assert found in INBOX.final | STANDING
        assert found in {"done", "behind"} or acme.reason(id_), found
        queued = shared.one("SELECT count(*) FROM work WHERE id = :id", id=id_)
        assert queued == (0 if found in INBOX.final else 1)


def test_what_waits_behind_a_bad_message_of_its_key_comes_after_it(acme: Merchant) -> None:
    bad = acme.world.tell(acme.at_shop.code, sales_order(lines=[("A", 0)]), key="1001").id
    good = acme.order().id
    other = acme.order(1002).id
    acme.world.run()
    assert [acme.status(one) for one in (bad, good, other)] == ["parked", "behind", "done"]
    assert acme.reason(bad) == "bad_quantity"
    with acme.world.unit() as unit:
        replay.discard(unit, [bad], "tester", "a slip")
    acme.world.run()
    assert [acme.status(one) for one in (bad, good)] == ["discarded", "done"]


def test_a_bug_of_ours_is_tried_three_times_and_parked_with_its_traceback(acme: Merchant) -> None:
    bug = acme.world.tell(acme.at_shop.code, {"type": "bug"}).id
    for _ in range(4):
        acme.world.run()
        acme.world.later(100)
    assert (acme.status(bug), acme.reason(bug)) == ("parked", "internal_error")
    assert acme.attempts(bug) == ["internal_error"] * 3
    (kept,) = acme.rows(
        """SELECT id, merchant_id, exchange FROM attempt WHERE message_id = :id
        ORDER BY id DESC LIMIT 1""",
        id=bug,
    )
    shown = acme.world.store.vault.open(
        kept.exchange, "attempt.exchange", kept.merchant_id, kept.id
    )
    assert b"ZeroDivisionError" in shown


# --- G03 -----------------------------------------------------------------------------------------


class Cut(Exception):
    """The process stops here."""


@contextmanager
def cut_at(world: World, n: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Fail at the n-th statement of the flow's transaction, commit included."""
    count = {"seen": 0, "on": 0}
    take, engine = flows.take, world.store.database._engine

    def watched(*args: Any) -> Any:
        count["on"] = 1
        return take(*args)

    def tick(*_: Any) -> None:
        if not count["on"]:
            return
        count["seen"] += 1
        if count["seen"] == n:
            count["on"] = 0
            raise Cut

    def commit(*_: Any) -> None:
        tick()
        count["on"] = 0

    monkeypatch.setattr(inbound.flows, "take", watched)
    sa.event.listen(engine, "before_cursor_execute", tick)
    sa.event.listen(engine, "commit", commit)
    try:
        yield count
    finally:
        sa.event.remove(engine, "before_cursor_execute", tick)
        sa.event.remove(engine, "commit", commit)
        monkeypatch.undo()


TABLES = (
    "sales_order", "fulfilment_order", "fulfilment_line", "reservation", "shipment", "ledger",
    "timeline", "routing_decision", "order_wait", "incident",
)  # fmt: skip


def footprint(acme: Merchant) -> dict[str, int]:
    """How many rows there are of everything that a flow writes."""
    found = {
        table: acme.rows(f"SELECT count(*) FROM {table} WHERE merchant_id = :merchant")[0][0]  # noqa: S608
        for table in TABLES
    }
    told = "SELECT count(*) FROM message WHERE merchant_id = :merchant AND direction = 'out'"
    return {**found, "told": acme.rows(told)[0][0]}


def cut_everywhere(
    acme: Merchant, tell: Any, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, dict[str, int]]:
    """Tell something, cut off at the first statement, the second, … until it gets through."""
    before, n = footprint(acme), 0
    stock, world = acme.stock(), acme.world
    message = tell().id
    (lane_id,) = world.due()
    while True:
        n += 1
        with cut_at(world, n, monkeypatch) as count:
            world.hurry(world.engine, lane_id)
        if acme.status(message) == "done":
            assert count["seen"] < n
            return n, before
        assert footprint(acme) == before
        assert acme.stock() == stock
        assert acme.status(message) == "retry"
        world.sql(
            "UPDATE work SET attempts = 0, status = 'retry', due = now() WHERE id = :id", id=message
        )


def test_G03_an_order_is_taken_in_whole_or_not_at_all(
    acme: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts, before = cut_everywhere(acme, acme.order, monkeypatch)
    assert cuts > 15
    after = footprint(acme)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "sales_order": 1,
        "fulfilment_order": 1,
        "fulfilment_line": 2,
        "reservation": 2,
        "routing_decision": 1,
        "timeline": after["timeline"] - before["timeline"],
        "told": 2,
    }
    assert acme.stock() == {"A": (10, 2), "B": (10, 1), "C": (10, 0)}
    acme.world.check_books()


def test_G03_a_shipment_is_booked_whole_or_not_at_all(
    acme: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = acme.notify()
    cuts, before = cut_everywhere(acme, lambda: acme.says(shipment(number)), monkeypatch)
    assert cuts > 12
    after = footprint(acme)
    assert after["shipment"] - before["shipment"] == 1
    assert after["ledger"] - before["ledger"] == 2
    assert after["told"] - before["told"] == 2
    assert acme.stock() == {"A": (8, 0), "B": (9, 0), "C": (10, 0)}
    acme.world.check_books()


def test_G03_the_database_hangs_up_in_the_middle_and_the_unit_runs_again(
    acme: Merchant,
) -> None:
    database = acme.world.store.database._engine
    dropped: list[int] = []

    def drop(connection: Any, cursor: Any, text: str, *_: Any) -> None:
        if "INSERT INTO fulfilment_order" in text and not dropped:
            dropped.append(cursor.connection.info.backend_pid)
            url = make_url(acme.world.url).set(drivername="postgresql")
            with psycopg.connect(url.render_as_string(hide_password=False)) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 2000)", dropped)

    sa.event.listen(database, "before_cursor_execute", drop)
    try:
        message = acme.order().id
        acme.world.run()
    finally:
        sa.event.remove(database, "before_cursor_execute", drop)
    assert len(dropped) == 1
    assert acme.status(message) == "done"
    assert acme.attempts(message) == ["done"]
    assert acme.fulfilment() == ["notified"]
    acme.world.check_books()


# --- G04 -----------------------------------------------------------------------------------------


def test_G04_bells_that_never_ring_ring_twice_or_out_of_order_change_nothing(
    acme: Merchant,
) -> None:
    for number in range(1, 7):
        acme.order(number, lines=[("A", 1)])
    lanes = [row[0] for row in acme.world.sql("SELECT id FROM lane ORDER BY id")]
    random.Random(4).shuffle(lanes)  # noqa: S311  # seeded
    for lane_id in (*lanes, *lanes, *reversed(lanes)):  # often, and long before its turn
        acme.world.hurry(acme.world.engine, lane_id)
    acme.world.run()  # the sweep: no bell at all
    for lane_id in lanes:
        acme.world.hurry(acme.world.engine, lane_id)
    assert acme.at_wh.topics() == ["fulfilment_order"] * 6
    assert acme.at_erp.topics() == ["sales_order"] * 6
    assert len(acme.at_wh.effects) == 6
    assert acme.stock()["A"] == (10, 6)
    assert acme.work() == []


# --- G05 -----------------------------------------------------------------------------------------


def test_G05_after_kill_9_another_goes_on_within_five_seconds(world: World) -> None:
    message = world.tell("shop", sales_order(), key="1001").id
    with crew(world, "stall") as first:
        wait_for((world.home / "stalled").exists)
        assert world.message_status(message) == "processing"
        with crew(world):
            first.kill()
            took = wait_for(lambda: world.sql("SELECT count(*) FROM work")[0][0] == 0)
    assert took < within(5)
    assert world.order().status == "open"
    assert sorted((world.home / "effects").read_text().split()) == sorted(
        row[0] for row in world.sql("SELECT outward_key FROM message WHERE direction = 'out'")
    )
    fates = world.sql("SELECT fate FROM attempt WHERE message_id = :id ORDER BY id", id=message)
    assert [row[0] for row in fates] == ["worker_lost", "done"]
    world.check_books()


def test_G05_a_frozen_worker_loses_its_lane_and_cannot_commit_when_it_wakes(
    world: World,
) -> None:
    message = world.tell("shop", sales_order(), key="1001").id
    with crew(world, "stall") as frozen:
        wait_for((world.home / "stalled").exists)
        freeze(frozen, world)
        world.sql("UPDATE lane SET leased_until = now() - interval '1 s' WHERE holder IS NOT NULL")
        world.run()
        assert world.message_status(message) == "done"
        before = world.sql("SELECT count(*) FROM timeline")[0][0]
        (world.home / "go").touch()
        frozen.send_signal(signal.SIGCONT)
        frozen.terminate()
        log, _ = frozen.communicate(timeout=90)
    assert frozen.returncode == 0
    assert "lease_lost" in log
    assert world.sql("SELECT count(*) FROM timeline")[0][0] == before
    assert world.statuses() == ["notified"]
    assert len(world.at("wh").told) == 1
    world.check_books()


# --- G06 -----------------------------------------------------------------------------------------


def raw_of(world: World, message: UUID, version: int = 1) -> bytes:
    """The bytes of a version as they lie in the store."""
    kept = world.sql(
        """SELECT id, merchant_id, payload FROM message WHERE id = :id AND :version = 1
        UNION ALL SELECT message_id, merchant_id, payload FROM message_version
        WHERE message_id = :id AND version = :version""",
        id=message,
        version=version,
    )[0]
    return world.store.vault.open(kept.payload, "message.payload", kept.merchant_id, message)


def test_G06_an_edit_is_a_new_version_and_the_raw_bytes_stay(acme: Merchant) -> None:
    raw = b'{"type": "sales_order",  "channel_order_id": "77" , "lines": []}\r\n'
    message = acme.world.tell_raw(acme.at_shop.code, "sales_order", raw, key="77").id
    acme.world.run()
    assert acme.status(message) == "parked"
    mended = [b"{", sales_order(77, channel=acme.at_shop.code)]
    for at, content in enumerate(mended):
        payload = content if isinstance(content, bytes) else _json(content)
        with acme.world.unit() as unit:
            version = replay.edit(unit, message, payload, "tester", "mend it")
        assert version == at + 2
        acme.world.run()
    assert acme.status(message) == "done"
    assert acme.row(77).status == "open"
    assert raw_of(acme.world, message) == raw
    assert raw_of(acme.world, message, 2) == b"{"
    assert raw_of(acme.world, message, 3) == _json(mended[1])
    audit = acme.rows("SELECT action, actor FROM audit WHERE chain = :merchant ORDER BY number")
    assert [tuple(row) for row in audit] == [("message.edit", "tester")] * 2


def test_G06_what_was_told_is_kept_as_it_was_told(acme: Merchant) -> None:
    acme.order()
    acme.world.run()
    told = acme.at_wh.told[0][2]
    assert raw_of(acme.world, acme.outbound("fulfilment_order")) == told.model_dump_json().encode()


def _json(tree: Any) -> bytes:
    return json.dumps(tree).encode()


# --- one bad apple -------------------------------------------------------------------------------


def test_a_batch_of_fifty_is_halved_until_the_culprit_stands_alone(
    acme: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {n: acme.order(n, lines=[("C", 1)]).id for n in range(1, 51)}
    take, runs = flows.take, []

    def spoilt(unit: Any, told: Any) -> Any:
        runs.append(len(told))
        if any(one.document.channel_order_id == "37" for one in told):
            raise LookupError("only with this one")
        return take(unit, told)

    monkeypatch.setattr(inbound.flows, "take", spoilt)
    for _ in range(3):
        acme.world.run()
        acme.world.later(100)
    statuses = {n: acme.status(id_) for n, id_ in ids.items()}
    assert {n for n, found in statuses.items() if found != "done"} == {37}
    assert (statuses[37], acme.reason(ids[37])) == ("parked", "internal_error")
    assert runs[0] == 50
    assert len(runs) <= 2 * 6 + 1 + 2  # two halves a round, six rounds; then twice alone
    (count,) = acme.rows("SELECT count(*) FROM sales_order WHERE merchant_id = :merchant")
    assert count[0] == 49


def test_a_message_that_ends_the_interpreter_is_parked_and_the_others_are_done(
    acme: Merchant,
) -> None:
    world = acme.world
    ids = [acme.order(n, lines=[("C", 1)]).id for n in range(1, 26)]
    killer = world.tell(acme.at_shop.code, {"type": "crash"}).id
    ids += [acme.order(n, lines=[("C", 1)]).id for n in range(26, 50)]
    crashes = 0
    while acme.status(killer) != "parked":
        worker = world.worker()
        try:
            world.run(worker)
        except SystemExit:
            crashes += 1
        world.kill(worker)
        assert crashes <= 12
    world.run()
    assert acme.reason(killer) == "crashes_worker"
    assert 3 <= crashes <= 12
    assert {acme.status(one) for one in ids} == {"done"}
    assert acme.attempts(killer) == ["worker_lost"] * crashes


def test_foreign_words_that_no_database_takes_do_not_stop_the_lane(acme: Merchant) -> None:
    def refuse(topic: str, raw: bytes) -> Any:
        raise TryLater("a word with \x00 and \ud800 in it")

    acme.at_shop.decode = refuse  # type: ignore[method-assign]
    message = acme.world.tell(acme.at_shop.code, {"type": "x"}).id
    acme.world.run()
    assert acme.status(message) == "retry"
    assert (
        acme.world.why(message)
        == "a word with \N{REPLACEMENT CHARACTER} and \N{REPLACEMENT CHARACTER} in it"
    )


def test_a_status_told_for_a_key_of_nothing_is_parked(acme: Merchant) -> None:
    message = acme.says(status("F-unknown", "accepted")).id
    acme.world.run()
    assert (acme.status(message), acme.reason(message)) == ("parked", "contradiction")


def test_G21_a_payload_that_does_not_open_is_parked_and_its_lane_goes_on(world: World) -> None:
    kept = world.tell("shop", sales_order(1001), key="1001")
    world.sql("UPDATE message SET payload = :junk WHERE id = :id", junk=b"x" * 40, id=kept.id)
    world.tell("shop", sales_order(1002), key="1002")
    world.run()
    assert world.message_status(kept.id) == "parked"
    assert world.one("SELECT error ->> 'code' FROM message WHERE id = :id", id=kept.id) == "sealed"
    assert world.order("1002").status == "open"
