"""Nothing doubled: one effect, however often, however parallel, however late something is told."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from adapters.ports import Receipt
from hub.flows import mending
from hub.model.errors import (
    AlreadyDone,
    IllegalTransition,
    NotFound,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from hub.store import inbox, lanes
from hub.store.ids import new_id
from hub.store.inbox import Arrival
from tests.engine.town import Town, together
from tests.kit.world import ONCE, sales_order, shipment, status
from workers import inbound, outbound

# --- G07 -----------------------------------------------------------------------------------------


def test_G07_the_same_delivery_twenty_times_at_once_is_one_message(town: Town) -> None:
    told = sales_order(channel=town.shop)
    kept: list[Any] = []
    failed = together(
        *[
            lambda: kept.append(town.world.tell(town.shop, told, key="1001", delivery="d-1"))
            for _ in range(20)
        ]
    )
    assert failed == []
    assert len({one.id for one in kept}) == 1
    assert sorted(one.repeat for one in kept) == list(range(20))
    town.world.run()
    (count,) = town.rows("SELECT repeats FROM seen WHERE message_id = :id", id=kept[0].id)
    assert count.repeats == 19
    assert town.told(town.at_wh) == ["fulfilment_order"]
    late = town.world.tell(town.shop, told, key="1001", delivery="d-1")
    assert (late.id, late.repeat) == (kept[0].id, 20)
    assert town.work() == []


def test_G07_repeats_in_one_call_are_one_and_another_topic_or_connection_is_another(
    town: Town,
) -> None:
    def arrival(connection: str, topic: str, delivery: str) -> Arrival:
        return Arrival(
            new_id(), town.merchant, connection, 1, topic, delivery, "k", b"{}", new_id()
        )

    with town.world.store.database.begin() as db:
        kept = inbox.keep(
            db,
            town.world.store.vault,
            [
                arrival(town.shop, "orders/paid", "1"),
                arrival(town.shop, "orders/paid", "1"),
                arrival(town.shop, "orders/updated", "1"),
                arrival(town.wh, "orders/paid", "1"),
                arrival(town.shop, "orders/paid", "2"),
            ],
        )
    assert [one.repeat for one in kept] == [0, 1, 0, 0, 0]
    assert len({one.id for one in kept}) == 4
    assert [row for row in town.work() if row[0] == town.shop] == [
        (town.shop, "orders/paid", "received"),
        (town.shop, "orders/updated", "behind"),
        (town.shop, "orders/paid", "behind"),
    ]
    assert [row for row in town.work() if row[0] == town.wh] == [
        (town.wh, "orders/paid", "received")
    ]


# --- G08 -----------------------------------------------------------------------------------------


def test_G08_a_replay_and_every_retry_carry_the_first_key(town: Town) -> None:
    town.at_wh.answers = [TryLater("busy"), TryLater("busy")]
    town.notify()
    for _ in range(2):
        town.world.later(200)
        town.world.run()
    notice = town.outbound("fulfilment_order")
    for _ in range(5):
        with town.world.unit() as unit:
            assert mending.replay(unit, [notice], "tester", "they lost it") == 1
        town.world.run()
    assert town.attempts(notice) == ["try_later", "try_later", *["delivered"] * 6]
    (key,) = {key for _, key, _ in town.at_wh.told}
    assert key == f"{town.wh}:fulfilment_order:{town.shop}/{town.number()}:1"
    assert len(town.at_wh.effects) == 1
    audit = town.rows(
        "SELECT action, subject, detail FROM audit WHERE chain = :merchant ORDER BY number"
    )
    assert [tuple(row) for row in audit] == [
        ("message.replay", f"message:{notice}", {"reason": "they lost it"})
    ] * 5


def test_G08_an_inbound_message_replayed_changes_nothing(town: Town) -> None:
    message = town.order().id
    town.world.run()
    for _ in range(5):
        with town.world.unit() as unit:
            mending.replay(unit, [message], "tester", "once more")
        town.world.run()
    assert town.attempts(message) == ["done", *["ignored"] * 5]
    assert (town.told(town.at_wh), town.told(town.at_erp)) == (
        ["fulfilment_order"],
        ["sales_order"],
    )
    assert town.stock() == {"A": (10, 2), "B": (10, 1), "C": (10, 0)}


# --- G09 -----------------------------------------------------------------------------------------


def unsure(document: Any = None, key: str = "") -> Receipt:
    raise OutcomeUnknown("the answer got lost")


def lost_after(town: Town) -> Callable[..., Receipt]:
    """The partner does it, and its answer gets lost."""

    def answer(document: Any, key: str) -> Receipt:
        town.at_wh.effects[key] = document
        raise OutcomeUnknown("the answer got lost")

    return answer


def due_in(town: Town, message: UUID) -> float:
    return float(
        town.world.one(
            "SELECT extract(epoch FROM due - now()) FROM work WHERE id = :id", id=message
        )
    )


def test_G09_an_unknown_outcome_is_asked_about_and_found(town: Town) -> None:
    town.at_wh.answers = [lost_after(town)]
    town.notify()
    notice = town.outbound("fulfilment_order")
    assert town.status(notice) == "unknown"
    assert 7 < due_in(town, notice) < 13  # +10 s, 25 % either way
    town.at_wh.finds = [Receipt("W-1")]
    town.world.later(15)
    town.world.run()
    assert (town.status(notice), len(town.at_wh.told), len(town.at_wh.asked)) == ("delivered", 1, 1)
    assert town.attempts(notice) == ["outcome_unknown", "found"]
    assert town.world.one("SELECT reference FROM message WHERE id = :id", id=notice) == "W-1"


def test_G09_not_found_twice_with_time_between_and_it_is_sent_again(town: Town) -> None:
    town.at_wh.answers = [unsure]
    town.notify()
    notice = town.outbound("fulfilment_order")
    town.world.later(15)
    town.world.run()
    assert (town.status(notice), len(town.at_wh.asked)) == ("unknown", 1)
    assert 44 < due_in(town, notice) <= 60
    town.world.later(65)
    town.world.run()  # no, again, but the partner may still be at it
    assert (town.status(notice), len(town.at_wh.asked), len(town.at_wh.told)) == ("unknown", 2, 1)
    assert 50 < due_in(town, notice) <= 61
    town.world.later(70)
    town.world.run()
    assert (town.status(notice), len(town.at_wh.told)) == ("delivered", 2)
    assert len({key for _, key, _ in town.at_wh.told}) == 1
    assert town.attempts(notice) == [
        "outcome_unknown", "not_found_yet", "not_found_yet", "not_found_there", "delivered",
    ]  # fmt: skip


def test_G09_a_second_unknown_outcome_is_asked_about_from_the_start(town: Town) -> None:
    town.at_wh.answers = [unsure, unsure]
    town.notify()
    notice = town.outbound("fulfilment_order")
    for seconds in (15, 400, 400):
        town.world.later(seconds)
        town.world.run()
    assert town.attempts(notice)[:5] == [
        "outcome_unknown", "not_found_yet", "not_found_there", "outcome_unknown", "not_found_yet",
    ]  # fmt: skip
    assert (town.status(notice), len(town.at_wh.told)) == ("unknown", 2)
    town.world.later(400)
    town.world.run()
    assert (town.status(notice), len(town.at_wh.told)) == ("delivered", 3)


def test_G09_no_then_yes_is_one_effect(town: Town) -> None:
    town.at_wh.answers = [lost_after(town)]
    town.at_wh.finds = [None, Receipt("W-1")]
    town.notify()
    notice = town.outbound("fulfilment_order")
    for _ in range(2):
        town.world.later(400)
        town.world.run()
    assert (town.status(notice), len(town.at_wh.told), len(town.at_wh.effects)) == (
        "delivered",
        1,
        1,
    )


def test_G09_who_cannot_be_asked_is_left_to_a_person(town: Town) -> None:
    town.at_wh.answers = [unsure]
    town.at_wh.finds = [Rejected("there is nothing to ask here", code="unknown_outcome")]
    town.notify()
    notice = town.outbound("fulfilment_order")
    town.world.later(15)
    town.world.run()
    assert (town.status(notice), town.reason(notice)) == ("parked", "unknown_outcome")
    assert len(town.at_wh.told) == 1
    town.warehouse(status(town.number(), "accepted"))
    town.world.run()
    with town.world.unit() as unit:
        assert mending.settle_unknown(unit, notice, "tester", arrived=True) == "delivered"
    assert (town.status(notice), town.work()) == ("delivered", [])


def test_G09_asked_in_vain_to_the_end_of_the_schedule_it_is_parked(town: Town) -> None:
    town.at_wh.answers = [unsure]
    town.at_wh.finds = [TryLater("closed")] * 20
    town.notify()
    notice = town.outbound("fulfilment_order")
    for _ in range(12):
        assert town.status(notice) == "unknown"
        town.world.later(200_000)
        town.world.run()
    assert (town.status(notice), town.reason(notice)) == ("parked", "unknown_outcome")
    assert (len(town.at_wh.told), len(town.at_wh.asked)) == (1, 12)
    with town.world.unit() as unit:
        assert mending.settle_unknown(unit, notice, "tester", arrived=False) == "pending"
    town.world.later(10)
    town.world.run()
    assert (town.status(notice), len(town.at_wh.told)) == ("delivered", 2)


def test_G09_a_partner_that_honours_keys_is_sent_the_same_key_again(
    new_town: Callable[..., Town],
) -> None:
    town = new_town(adapter="generic_warehouse")
    town.at_wh.answers = [lost_after(town)]
    town.notify()
    town.world.later(15)
    town.world.run()
    notice = town.outbound("fulfilment_order")
    assert town.attempts(notice) == ["outcome_unknown", "delivered"]
    assert (len(town.at_wh.told), len(town.at_wh.asked), len(town.at_wh.effects)) == (2, 0, 1)


def test_G09_what_a_dead_worker_was_sending_is_unknown(town: Town) -> None:
    world = town.world

    def die(document: Any, key: str) -> Receipt:
        town.at_wh.effects[key] = document
        raise SystemExit

    town.at_wh.answers = [die]
    town.order()
    (lane_id,) = world.due()
    world.hurry(world.engine, lane_id)
    worker = world.worker()
    with pytest.raises(SystemExit):
        world.run(worker)
    notice = town.outbound("fulfilment_order")
    assert town.status(notice) == "sending"
    world.kill(worker)
    town.at_wh.finds = [Receipt("W-1")]
    world.run()
    assert (town.status(notice), len(town.at_wh.asked)) == ("unknown", 0)
    world.later(15)
    world.run()
    assert (town.status(notice), len(town.at_wh.told), len(town.at_wh.effects)) == (
        "delivered",
        1,
        1,
    )
    assert town.attempts(notice) == ["worker_lost", "found"]


def test_G09_already_there_counts_as_delivered(town: Town) -> None:
    town.at_wh.answers = [AlreadyDone("known", reference="W-9")]
    town.notify()
    notice = town.outbound("fulfilment_order")
    assert (town.status(notice), town.attempts(notice)) == ("delivered", ["already_done"])
    assert town.world.one("SELECT reference FROM message WHERE id = :id", id=notice) == "W-9"


# --- G10 -----------------------------------------------------------------------------------------


@pytest.fixture
def lane_of(town: Town) -> Callable[[str, str], int]:
    def find(direction: str, connection: str) -> int:
        return int(
            town.world.one(
                "SELECT id FROM lane WHERE direction = :direction AND connection = :connection",
                direction=direction,
                connection=connection,
            )
        )

    return find


def stolen(town: Town, lane_id: int) -> None:
    """The lease ran out and somebody else took the lane."""
    town.world.sql("UPDATE lane SET fence = fence + 1 WHERE id = :id", id=lane_id)


def test_G10_inbound_a_stale_worker_commits_nothing(
    town: Town, lane_of: Callable[[str, str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = town.order().id
    lane_id = lane_of("in", town.shop)
    decode = town.at_shop.decode

    def slow(topic: str, raw: bytes) -> Any:
        stolen(town, lane_id)
        return decode(topic, raw)

    monkeypatch.setattr(town.at_shop, "decode", slow)
    town.world.hurry(town.world.engine, lane_id)
    assert town.status(message) == "processing"
    assert town.rows("SELECT count(*) FROM sales_order WHERE merchant_id = :merchant")[0][0] == 0
    assert town.attempts(message) == [None]


def test_G10_outbound_a_stale_worker_cannot_say_that_it_delivered(
    town: Town, lane_of: Callable[[str, str], int]
) -> None:
    lane_id = lane_of("out", town.wh)

    def slow(document: Any) -> None:
        stolen(town, lane_id)

    town.at_wh.before = slow
    town.order()
    town.world.hurry(town.world.engine, lane_of("in", town.shop))
    town.world.hurry(town.world.engine, lane_id)
    notice = town.outbound("fulfilment_order")
    assert (town.status(notice), town.attempts(notice)) == ("sending", [None])
    town.at_wh.before = lambda document: None
    town.at_wh.finds = [Receipt("W-1")]
    town.world.sql("UPDATE lane SET leased_until = now() - interval '1 s'")
    town.world.run()
    town.world.later(15)
    town.world.run()
    assert (town.status(notice), len(town.at_wh.told)) == ("delivered", 1)


def test_G10_a_fence_guards_every_way_of_ending(
    town: Town, lane_of: Callable[[str, str], int]
) -> None:
    lane_id, database = lane_of("in", town.shop), town.world.store.database
    with database.begin() as db:
        old = lanes.take(db, lane_id, 1)
    assert old is not None
    with database.begin() as db:
        assert lanes.take(db, lane_id, 2) is None
    town.world.sql(
        "UPDATE lane SET leased_until = now() - interval '1 s' WHERE id = :id", id=lane_id
    )
    with database.begin() as db:
        new = lanes.take(db, lane_id, 2)
    assert new is not None
    assert new.fence == old.fence + 1
    with pytest.raises(lanes.LeaseLost), database.begin() as db:
        lanes.guard(db, old)
    for step in (inbound.drain_once, outbound.drain_once):
        with pytest.raises(lanes.LeaseLost):
            step(town.world.engine, old)
    given_back: list[Any] = []
    town.world.engine.give_back(old, [], given_back.append)
    assert given_back == []  # nor does its share of the pace go back
    with database.begin() as db:
        lanes.free(db, old)
        lanes.guard(db, new)  # still held
        assert lanes.holders(db) == [2]


def test_G10_a_call_that_can_no_longer_end_in_time_is_not_begun(
    new_town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    town = new_town(limits={"concurrency": 1})
    monkeypatch.setattr(outbound, "BEGIN_S", 0.15)
    town.at_wh.before = lambda document: time.sleep(0.2)
    for number in (1, 2, 3):
        town.order(number, lines=[("A", 1)])
    lane_ids = town.world.due()
    for lane_id in lane_ids:
        town.world.hurry(town.world.engine, lane_id)
    seen = []
    drained = outbound.drain_once

    def watched(engine: Any, lane: Any) -> Any:
        claimed = drained(engine, lane)
        if lane.connection == town.wh and claimed:
            seen.append((len(claimed), sorted(row[2] for row in town.work() if row[0] == town.wh)))
        return claimed

    monkeypatch.setitem(ONCE, "out", watched)
    town.world.run()
    assert seen == [(3, ["pending", "pending"]), (2, ["pending"]), (1, [])]
    (attempts,) = town.rows(
        """SELECT array_agg(attempt.number ORDER BY attempt.id) AS numbers FROM attempt
        JOIN message ON message.id = message_id WHERE message.connection = :wh""",
        wh=town.wh,
    )
    assert attempts.numbers == [1, 1, 1]  # what was not begun was not counted


# --- G11 -----------------------------------------------------------------------------------------


def in_parallel(town: Town, connection: str, tree: dict[str, Any]) -> None:
    """The same thing under three delivery ids and no key, in three lanes, drained at once."""
    world, filled = town.world, set()
    while len(filled) < 3:
        filled.add(world.tell(connection, tree).shard)
    lane_ids = [
        row[0]
        for row in world.sql(
            "SELECT id FROM lane WHERE connection = :c AND direction = 'in' ORDER BY id",
            c=connection,
        )
    ]
    crew = [world.worker() for _ in lane_ids]
    failed = together(
        *[lambda e=e, n=n: world.hurry(e, n) for e, n in zip(crew, lane_ids, strict=True)]
    )
    assert failed == []
    for _ in range(3):
        world.run()
        world.later(100)
    for worker in crew:
        world.kill(worker)


@pytest.fixture
def wide(new_town: Callable[..., Town]) -> Town:
    return new_town(shards=3)


def test_G11_an_order_is_reserved_and_told_once(wide: Town) -> None:
    in_parallel(wide, wide.shop, sales_order(channel=wide.shop))
    assert wide.row().status == "open"
    assert (wide.told(wide.at_wh), wide.told(wide.at_erp)) == (
        ["fulfilment_order"],
        ["sales_order"],
    )
    assert wide.stock() == {"A": (10, 2), "B": (10, 1), "C": (10, 0)}
    assert wide.work() == []
    wide.world.check_books()


def test_G11_goods_leave_once_and_a_cancel_gives_back_once(wide: Town) -> None:
    shipped = wide.notify(1)
    in_parallel(wide, wide.wh, shipment(shipped))
    assert wide.stock() == {"A": (8, 0), "B": (9, 0), "C": (10, 0)}
    assert wide.told(wide.at_shop) == ["shipment"]
    wide.order(2)
    wide.world.run()
    cancelled = {"minute": 5, "state": "cancelled", "cancelled_at": "2026-11-24T10:05:00Z"}
    wide.order(2, **cancelled)
    wide.world.run()
    in_parallel(wide, wide.wh, status(wide.number(1), "cancelled"))
    assert wide.stock() == {"A": (8, 0), "B": (9, 0), "C": (10, 0)}
    assert wide.row(2).status == "cancelled"
    assert wide.incidents() == []
    wide.world.check_books()


def test_G11_a_stock_change_and_a_refund_are_booked_once(wide: Town) -> None:
    change = {
        "type": "stock_change",
        "source": {"connection": wide.wh, "id": "c1"},
        "warehouse": wide.wh,
        "at": "2026-11-24T11:00:00Z",
        "change_id": "c1",
        "reason": "adjustment",
        "lines": [{"sku": "A", "delta": "5"}, {"sku": "B", "delta": "-3"}],
    }
    in_parallel(wide, wide.wh, change)
    assert wide.stock() == {"A": (15, 0), "B": (7, 0), "C": (10, 0)}
    wide.notify()
    refund = {
        "type": "refund",
        "source": {"connection": wide.shop, "id": "r1"},
        "refund_id": "r1",
        "channel_order_id": "1001",
        "currency": "EUR",
        "amount": "5.00",
        "created_at": "2026-11-24T12:00:00Z",
    }
    in_parallel(wide, wide.shop, refund)
    assert wide.told(wide.at_erp) == ["sales_order", "refund"]
    wide.world.check_books()


# --- people --------------------------------------------------------------------------------------


def test_a_replay_of_what_runs_or_is_no_more_is_refused_and_changes_nothing(town: Town) -> None:
    bad = town.world.tell(town.shop, sales_order(lines=[("A", 0)]), key="1001").id
    behind = town.order().id
    town.world.run()
    for refused in (lambda u: mending.replay(u, [bad, behind], "tester", "all of it"),
                    lambda u: mending.discard(u, [behind], "tester", "away")):  # fmt: skip
        with pytest.raises(IllegalTransition), town.world.unit() as unit:
            refused(unit)
    with pytest.raises(NotFound), town.world.unit() as unit:
        mending.replay(unit, [bad, new_id()], "tester", "all of it")
    assert [town.status(one) for one in (bad, behind)] == ["parked", "behind"]
    assert town.rows("SELECT count(*) FROM audit WHERE chain = :merchant")[0][0] == 0


def test_two_people_act_on_one_message_and_the_second_is_told(town: Town) -> None:
    bad = town.world.tell(town.shop, sales_order(lines=[("A", 0)]), key="1001").id
    town.world.run()
    done: list[int] = []

    def discard() -> None:
        with town.world.unit() as unit:
            done.append(mending.discard(unit, [bad], "tester", "twice"))

    failed = together(discard, discard)
    assert (done, [type(one) for one in failed]) == ([1], [IllegalTransition])
    assert town.status(bad) == "discarded"
    later = town.order().id
    town.world.run()
    assert town.status(later) == "done"


def test_an_edit_that_nobody_can_read_is_parked_and_blocks_no_lane(town: Town) -> None:
    town.at_wh.answers = [Rejected("no such street")]
    town.notify()
    notice = town.outbound("fulfilment_order")
    assert town.status(notice) == "parked"
    with town.world.unit() as unit:
        mending.edit(unit, notice, b'{"type": "fulfilment_order"}', "tester", "a slip")
    town.order(1002)
    town.world.run()
    assert (town.status(notice), town.reason(notice)) == ("parked", "missing_field")
    assert [row[2] for row in town.work()] == ["parked"]
    assert len(town.at_wh.effects) == 1


def test_a_replay_of_what_was_told_waits_behind_what_is_unfinished(town: Town) -> None:
    number = town.notify()
    notice = town.outbound("fulfilment_order")
    town.at_wh.answers = [Rejected("not now")]
    town.order(minute=5, state="cancelled", cancelled_at="2026-11-24T10:05:00Z")
    town.world.run()
    with town.world.unit() as unit:
        mending.replay(unit, [notice], "tester", "again")
    assert town.status(notice) == "behind"
    assert json.dumps(town.work()) == json.dumps(
        [[town.wh, "fulfilment_cancellation", "parked"], [town.wh, "fulfilment_order", "behind"]]
    )
    with town.world.unit() as unit:
        mending.discard(unit, [town.outbound("fulfilment_cancellation")], "tester", "by telephone")
    town.world.run()
    assert town.status(notice) == "delivered"
    assert [document.fulfilment_order_id for _, _, document in town.at_wh.told] == [number] * 3
