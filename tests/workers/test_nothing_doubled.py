"""Nothing doubled: one effect, however often, however parallel, however late something is told."""

import json
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from adapters.ports import Receipt
from hub.flows.messages import replay
from hub.model.catalogue import freeze
from hub.model.errors import (
    AlreadyDone,
    BadData,
    IllegalTransition,
    NotFound,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from hub.store.base.ids import new_id
from hub.store.messages import inbox, lanes
from hub.store.messages.inbox import Arrival
from tests.kit.catalogue import refund, sales_order, shipment, status, stock_change
from tests.kit.together import together
from tests.kit.world import ONCE, Merchant
from workers.inbound import inbound
from workers.outbound import outbound

# --- G07 -----------------------------------------------------------------------------------------


def test_G07_the_same_delivery_twenty_times_at_once_is_one_message(acme: Merchant) -> None:
    told = sales_order(channel=acme.at_shop.code)
    kept: list[Any] = []
    failed = together(
        *[
            lambda: kept.append(
                acme.world.tell(acme.at_shop.code, told, key="1001", delivery="d-1")
            )
            for _ in range(20)
        ]
    )
    assert failed == []
    assert len({one.id for one in kept}) == 1
    assert sorted(one.repeat for one in kept) == list(range(20))
    acme.world.run()
    (count,) = acme.rows("SELECT repeats FROM seen WHERE message_id = :id", id=kept[0].id)
    assert count.repeats == 19
    assert acme.at_wh.topics() == ["fulfilment_order"]
    late = acme.world.tell(acme.at_shop.code, told, key="1001", delivery="d-1")
    assert (late.id, late.repeat) == (kept[0].id, 20)
    assert acme.work() == []


def test_G07_repeats_in_one_call_are_one_and_another_topic_or_connection_is_another(
    acme: Merchant,
) -> None:
    def arrival(connection: str, topic: str, delivery: str) -> Arrival:
        return Arrival(new_id(), acme.code, connection, 1, topic, delivery, "k", b"{}", new_id())

    with acme.world.store.database.begin() as db:
        kept = inbox.keep(
            db,
            acme.world.store.vault,
            [
                arrival(acme.at_shop.code, "orders/paid", "1"),
                arrival(acme.at_shop.code, "orders/paid", "1"),
                arrival(acme.at_shop.code, "orders/updated", "1"),
                arrival(acme.at_wh.code, "orders/paid", "1"),
                arrival(acme.at_shop.code, "orders/paid", "2"),
            ],
        )
    assert [one.repeat for one in kept] == [0, 1, 0, 0, 0]
    assert len({one.id for one in kept}) == 4
    assert [row for row in acme.work() if row[0] == acme.at_shop.code] == [
        (acme.at_shop.code, "orders/paid", "received"),
        (acme.at_shop.code, "orders/updated", "behind"),
        (acme.at_shop.code, "orders/paid", "behind"),
    ]
    assert [row for row in acme.work() if row[0] == acme.at_wh.code] == [
        (acme.at_wh.code, "orders/paid", "received")
    ]


# --- G08 -----------------------------------------------------------------------------------------


def test_G08_a_replay_and_every_retry_carry_the_first_key(acme: Merchant) -> None:
    acme.at_wh.answers = [TryLater("busy"), TryLater("busy")]
    acme.notify()
    for _ in range(2):
        acme.world.later(200)
        acme.world.run()
    notice = acme.outbound("fulfilment_order")
    for _ in range(5):
        with acme.world.unit() as unit:
            assert replay.replay(unit, [notice], "tester", "they lost it").count == 1
        acme.world.run()
    assert acme.attempts(notice) == ["try_later", "try_later", *["delivered"] * 6]
    (key,) = {key for _, key, _ in acme.at_wh.told}
    assert key == f"{acme.at_wh.code}:fulfilment_order:{acme.at_shop.code}/{acme.number()}:1"
    assert len(acme.at_wh.effects) == 1
    audit = acme.rows(
        "SELECT action, subject, detail FROM audit WHERE chain = :merchant ORDER BY number"
    )
    assert [tuple(row) for row in audit] == [
        ("message.replay", f"message:{notice}", {"reason": "they lost it"})
    ] * 5


def test_G08_an_inbound_message_replayed_changes_nothing(acme: Merchant) -> None:
    message = acme.order().id
    acme.world.run()
    for _ in range(5):
        with acme.world.unit() as unit:
            replay.replay(unit, [message], "tester", "once more")
        acme.world.run()
    assert acme.attempts(message) == ["done", *["ignored"] * 5]
    assert (acme.at_wh.topics(), acme.at_erp.topics()) == (
        ["fulfilment_order"],
        ["sales_order"],
    )
    assert acme.stock() == {"A": (10, 2), "B": (10, 1), "C": (10, 0)}


# --- G09 -----------------------------------------------------------------------------------------


def unsure(document: Any = None, key: str = "") -> Receipt:
    raise OutcomeUnknown("the answer got lost")


def lost_after(acme: Merchant) -> Callable[..., Receipt]:
    """The partner does it, and its answer gets lost."""

    def answer(document: Any, key: str) -> Receipt:
        acme.at_wh.effects[key] = document
        raise OutcomeUnknown("the answer got lost")

    return answer


def due_in(acme: Merchant, message: UUID) -> float:
    return float(
        acme.world.one(
            "SELECT extract(epoch FROM due - now()) FROM work WHERE id = :id", id=message
        )
    )


def test_G09_an_unknown_outcome_is_asked_about_and_found(acme: Merchant) -> None:
    acme.at_wh.answers = [lost_after(acme)]
    acme.notify()
    notice = acme.outbound("fulfilment_order")
    assert acme.status(notice) == "unknown"
    assert 7 < due_in(acme, notice) < 13  # +10 s, 25 % either way
    acme.at_wh.finds = [Receipt("W-1")]
    acme.world.later(15)
    acme.world.run()
    assert (acme.status(notice), len(acme.at_wh.told), len(acme.at_wh.asked)) == ("delivered", 1, 1)
    assert acme.attempts(notice) == ["outcome_unknown", "found"]
    assert acme.world.one("SELECT reference FROM message WHERE id = :id", id=notice) == "W-1"


def test_G09_not_found_twice_with_time_between_and_it_is_sent_again(acme: Merchant) -> None:
    acme.at_wh.answers = [unsure]
    acme.notify()
    notice = acme.outbound("fulfilment_order")
    acme.world.later(15)
    acme.world.run()
    assert (acme.status(notice), len(acme.at_wh.asked)) == ("unknown", 1)
    assert 44 < due_in(acme, notice) <= 60
    acme.world.later(65)
    acme.world.run()  # no, again, but the partner may still be at it
    assert (acme.status(notice), len(acme.at_wh.asked), len(acme.at_wh.told)) == ("unknown", 2, 1)
    assert 50 < due_in(acme, notice) <= 61
    acme.world.later(70)
    acme.world.run()
    assert (acme.status(notice), len(acme.at_wh.told)) == ("delivered", 2)
    assert len({key for _, key, _ in acme.at_wh.told}) == 1
    assert acme.attempts(notice) == [
        "outcome_unknown", "not_found_yet", "not_found_yet", "not_found_there", "delivered",
    ]  # fmt: skip


def test_G09_a_second_unknown_outcome_is_asked_about_from_the_start(acme: Merchant) -> None:
    acme.at_wh.answers = [unsure, unsure]
    acme.notify()
    notice = acme.outbound("fulfilment_order")
    for seconds in (15, 400, 400):
        acme.world.later(seconds)
        acme.world.run()
    assert acme.attempts(notice)[:5] == [
        "outcome_unknown", "not_found_yet", "not_found_there", "outcome_unknown", "not_found_yet",
    ]  # fmt: skip
    assert (acme.status(notice), len(acme.at_wh.told)) == ("unknown", 2)
    acme.world.later(400)
    acme.world.run()
    assert (acme.status(notice), len(acme.at_wh.told)) == ("delivered", 3)


def test_G09_no_then_yes_is_one_effect(acme: Merchant) -> None:
    acme.at_wh.answers = [lost_after(acme)]
    acme.at_wh.finds = [None, Receipt("W-1")]
    acme.notify()
    notice = acme.outbound("fulfilment_order")
    for _ in range(2):
        acme.world.later(400)
        acme.world.run()
    assert (acme.status(notice), len(acme.at_wh.told), len(acme.at_wh.effects)) == (
        "delivered",
        1,
        1,
    )


def test_G09_who_cannot_be_asked_is_left_to_a_person(acme: Merchant) -> None:
    acme.at_wh.answers = [unsure]
    acme.at_wh.finds = [Rejected("there is nothing to ask here", code="unknown_outcome")]
    acme.notify()
    notice = acme.outbound("fulfilment_order")
    acme.world.later(15)
    acme.world.run()
    assert (acme.status(notice), acme.reason(notice)) == ("parked", "unknown_outcome")
    assert len(acme.at_wh.told) == 1
    acme.says(status(acme.number(), "accepted"))
    acme.world.run()
    with acme.world.unit() as unit:
        assert replay.settle_unknown(unit, notice, "tester", arrived=True) == "delivered"
    assert (acme.status(notice), acme.work()) == ("delivered", [])


def test_G09_asked_in_vain_to_the_end_of_the_schedule_it_is_parked(acme: Merchant) -> None:
    acme.at_wh.answers = [unsure]
    acme.at_wh.finds = [TryLater("closed")] * 20
    acme.notify()
    notice = acme.outbound("fulfilment_order")
    for _ in range(12):
        assert acme.status(notice) == "unknown"
        acme.world.later(200_000)
        acme.world.run()
    assert (acme.status(notice), acme.reason(notice)) == ("parked", "unknown_outcome")
    assert (len(acme.at_wh.told), len(acme.at_wh.asked)) == (1, 12)
    with acme.world.unit() as unit:
        assert replay.settle_unknown(unit, notice, "tester", arrived=False) == "pending"
    acme.world.later(10)
    acme.world.run()
    assert (acme.status(notice), len(acme.at_wh.told)) == ("delivered", 2)


def test_G09_a_partner_that_honours_keys_is_sent_the_same_key_again(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(adapter="generic_warehouse")
    acme.at_wh.answers = [lost_after(acme)]
    acme.notify()
    acme.world.later(15)
    acme.world.run()
    notice = acme.outbound("fulfilment_order")
    assert acme.attempts(notice) == ["outcome_unknown", "delivered"]
    assert (len(acme.at_wh.told), len(acme.at_wh.asked), len(acme.at_wh.effects)) == (2, 0, 1)


def test_G09_what_a_dead_worker_was_sending_is_unknown(acme: Merchant) -> None:
    world = acme.world

    def die(document: Any, key: str) -> Receipt:
        acme.at_wh.effects[key] = document
        raise SystemExit

    acme.at_wh.answers = [die]
    acme.order()
    (lane_id,) = world.due()
    world.hurry(world.engine, lane_id)
    worker = world.worker()
    with pytest.raises(SystemExit):
        world.run(worker)
    notice = acme.outbound("fulfilment_order")
    assert acme.status(notice) == "sending"
    world.kill(worker)
    acme.at_wh.finds = [Receipt("W-1")]
    world.run()
    assert (acme.status(notice), len(acme.at_wh.asked)) == ("unknown", 0)
    world.later(15)
    world.run()
    assert (acme.status(notice), len(acme.at_wh.told), len(acme.at_wh.effects)) == (
        "delivered",
        1,
        1,
    )
    assert acme.attempts(notice) == ["worker_lost", "found"]


def test_G09_already_there_counts_as_delivered(acme: Merchant) -> None:
    acme.at_wh.answers = [AlreadyDone("known", reference="W-9")]
    acme.notify()
    notice = acme.outbound("fulfilment_order")
    assert (acme.status(notice), acme.attempts(notice)) == ("delivered", ["already_done"])
    assert acme.world.one("SELECT reference FROM message WHERE id = :id", id=notice) == "W-9"


# --- G10 -----------------------------------------------------------------------------------------


@pytest.fixture
def lane_of(acme: Merchant) -> Callable[[str, str], int]:
    def find(direction: str, connection: str) -> int:
        return int(
            acme.world.one(
                "SELECT id FROM lane WHERE direction = :direction AND connection = :connection",
                direction=direction,
                connection=connection,
            )
        )

    return find


def stolen(acme: Merchant, lane_id: int) -> None:
    """The lease ran out and somebody else took the lane."""
    acme.world.sql("UPDATE lane SET fence = fence + 1 WHERE id = :id", id=lane_id)


def test_G10_inbound_a_stale_worker_commits_nothing(
    acme: Merchant, lane_of: Callable[[str, str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = acme.order().id
    lane_id = lane_of("in", acme.at_shop.code)
    decode = acme.at_shop.decode

    def slow(topic: str, raw: bytes) -> Any:
        stolen(acme, lane_id)
        return decode(topic, raw)

    monkeypatch.setattr(acme.at_shop, "decode", slow)
    acme.world.hurry(acme.world.engine, lane_id)
    assert acme.status(message) == "processing"
    assert acme.rows("SELECT count(*) FROM sales_order WHERE merchant_id = :merchant")[0][0] == 0
    assert acme.attempts(message) == [None]


def test_G10_outbound_a_stale_worker_cannot_say_that_it_delivered(
    acme: Merchant, lane_of: Callable[[str, str], int]
) -> None:
    lane_id = lane_of("out", acme.at_wh.code)

    def slow(document: Any) -> None:
        stolen(acme, lane_id)

    acme.at_wh.before = slow
    acme.order()
    acme.world.hurry(acme.world.engine, lane_of("in", acme.at_shop.code))
    acme.world.hurry(acme.world.engine, lane_id)
    notice = acme.outbound("fulfilment_order")
    assert (acme.status(notice), acme.attempts(notice)) == ("sending", [None])
    acme.at_wh.before = lambda document: None
    acme.at_wh.finds = [Receipt("W-1")]
    acme.world.sql("UPDATE lane SET leased_until = now() - interval '1 s'")
    acme.world.run()
    acme.world.later(15)
    acme.world.run()
    assert (acme.status(notice), len(acme.at_wh.told)) == ("delivered", 1)


def test_G10_a_fence_guards_every_way_of_ending(
    acme: Merchant, lane_of: Callable[[str, str], int]
) -> None:
    lane_id, database = lane_of("in", acme.at_shop.code), acme.world.store.database
    with database.begin() as db:
        old = lanes.take(db, lane_id, 1)
    assert old is not None
    with database.begin() as db:
        assert lanes.take(db, lane_id, 2) is None
    acme.world.sql(
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
            step(acme.world.engine, old)
    given_back: list[Any] = []
    acme.world.engine.give_back(old, [], given_back.append)
    assert given_back == []  # nor does its share of the pace go back
    with database.begin() as db:
        lanes.free(db, old)
        lanes.guard(db, new)  # still held
        assert lanes.holders(db) == [2]


def test_G10_a_call_that_can_no_longer_end_in_time_is_not_begun(
    new_merchant: Callable[..., Merchant], monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = new_merchant(limits={"concurrency": 1})
    monkeypatch.setattr(outbound, "BEGIN_S", 0.15)
    acme.at_wh.before = lambda document: time.sleep(0.2)
    for number in (1, 2, 3):
        acme.order(number, lines=[("A", 1)])
    lane_ids = acme.world.due()
    for lane_id in lane_ids:
        acme.world.hurry(acme.world.engine, lane_id)
    seen = []
    drained = outbound.drain_once

    def watched(engine: Any, lane: Any) -> Any:
        claimed = drained(engine, lane)
        if lane.connection == acme.at_wh.code and claimed:
            seen.append(
                (len(claimed), sorted(row[2] for row in acme.work() if row[0] == acme.at_wh.code))
            )
        return claimed

    monkeypatch.setitem(ONCE, "out", watched)
    acme.world.run()
    assert seen == [(3, ["pending", "pending"]), (2, ["pending"]), (1, [])]
    (attempts,) = acme.rows(
        """SELECT array_agg(attempt.number ORDER BY attempt.id) AS numbers FROM attempt
        JOIN message ON message.id = message_id WHERE message.connection = :wh""",
        wh=acme.at_wh.code,
    )
    assert attempts.numbers == [1, 1, 1]  # what was not begun was not counted


# --- G11 -----------------------------------------------------------------------------------------


def in_parallel(acme: Merchant, connection: str, tree: dict[str, Any]) -> None:
    """The same thing under three delivery ids and no key, in three lanes, drained at once."""
    world, filled = acme.world, set()
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
def wide(new_merchant: Callable[..., Merchant]) -> Merchant:
    return new_merchant(shards=3)


def test_G11_an_order_is_reserved_and_told_once(wide: Merchant) -> None:
    in_parallel(wide, wide.at_shop.code, sales_order(channel=wide.at_shop.code))
    assert wide.row().status == "open"
    assert (wide.at_wh.topics(), wide.at_erp.topics()) == (
        ["fulfilment_order"],
        ["sales_order"],
    )
    assert wide.stock() == {"A": (10, 2), "B": (10, 1), "C": (10, 0)}
    assert wide.work() == []
    wide.world.check_books()


def test_G11_goods_leave_once_and_a_cancel_gives_back_once(wide: Merchant) -> None:
    shipped = wide.notify(1)
    in_parallel(wide, wide.at_wh.code, shipment(shipped))
    assert wide.stock() == {"A": (8, 0), "B": (9, 0), "C": (10, 0)}
    assert wide.at_shop.topics() == ["shipment"]
    wide.order(2)
    wide.world.run()
    cancelled = {"minute": 5, "state": "cancelled", "cancelled_at": "2026-11-24T10:05:00Z"}
    wide.order(2, **cancelled)
    wide.world.run()
    in_parallel(wide, wide.at_wh.code, status(wide.number(1), "cancelled"))
    assert wide.stock() == {"A": (8, 0), "B": (9, 0), "C": (10, 0)}
    assert wide.row(2).status == "cancelled"
    assert wide.incidents() == []
    wide.world.check_books()


def test_G11_a_stock_change_and_a_refund_are_booked_once(wide: Merchant) -> None:
    change = stock_change(warehouse=wide.at_wh.code, pieces={"A": 5, "B": -3})
    in_parallel(wide, wide.at_wh.code, change)
    assert wide.stock() == {"A": (15, 0), "B": (7, 0), "C": (10, 0)}
    wide.notify()
    in_parallel(wide, wide.at_shop.code, refund(channel=wide.at_shop.code))
    assert wide.at_erp.topics() == ["sales_order", "refund"]
    wide.world.check_books()


# --- people --------------------------------------------------------------------------------------


def test_a_replay_of_what_runs_or_is_no_more_is_refused_and_changes_nothing(acme: Merchant) -> None:
    bad = acme.world.tell(acme.at_shop.code, sales_order(lines=[("A", 0)]), key="1001").id
    behind = acme.order().id
    acme.world.run()
    for refused in (lambda u: replay.replay(u, [bad, behind], "tester", "all of it"),
                    lambda u: replay.discard(u, [behind], "tester", "away")):  # fmt: skip
        with pytest.raises(IllegalTransition), acme.world.unit() as unit:
            refused(unit)
    with pytest.raises(NotFound), acme.world.unit() as unit:
        replay.replay(unit, [bad, new_id()], "tester", "all of it")
    assert [acme.status(one) for one in (bad, behind)] == ["parked", "behind"]
    assert acme.rows("SELECT count(*) FROM audit WHERE chain = :merchant")[0][0] == 0


def test_two_people_act_on_one_message_and_the_second_is_told(acme: Merchant) -> None:
    bad = acme.world.tell(acme.at_shop.code, sales_order(lines=[("A", 0)]), key="1001").id
    acme.world.run()
    done: list[int] = []

    def discard() -> None:
        with acme.world.unit() as unit:
            done.append(replay.discard(unit, [bad], "tester", "twice"))

    failed = together(discard, discard)
    assert (done, [type(one) for one in failed]) == ([1], [IllegalTransition])
    assert acme.status(bad) == "discarded"
    later = acme.order().id
    acme.world.run()
    assert acme.status(later) == "done"


@pytest.mark.parametrize(
    ("slip", "reason"),
    [
        (lambda _: b'{"type": "fulfilment_order"}', "missing_field"),
        (lambda raw: raw[:-1], "bad_json"),
        (lambda raw: re.sub(rb'"quantity":"[0-9]+"', b'"quantity":"two"', raw), "bad_number"),
        (lambda raw: re.sub(rb'"created_at":"[^"]+"', b'"created_at":"now"', raw), "bad_time"),
        (lambda raw: re.sub(rb'"sku":"[^"]+"', rb'"sku":"\\u0000"', raw), "bad_text"),
    ],
)
def test_an_edit_that_nobody_can_read_is_parked_and_blocks_no_lane(
    acme: Merchant, slip: Callable[[bytes], bytes], reason: str
) -> None:
    acme.at_wh.answers = [BadData("no such street")]
    acme.notify()
    notice = acme.outbound("fulfilment_order")
    assert acme.status(notice) == "parked"
    told = freeze(acme.at_wh.told[0][2])
    assert slip(told) != told
    with acme.world.unit() as unit:
        replay.edit(unit, notice, slip(told), "tester", "a slip")
    acme.order(1002)
    acme.world.run()
    assert (acme.status(notice), acme.reason(notice)) == ("parked", reason)
    assert [row[2] for row in acme.work()] == ["parked"]
    assert len(acme.at_wh.effects) == 1


def test_a_replay_of_what_was_told_waits_behind_what_is_unfinished(acme: Merchant) -> None:
    number = acme.notify()
    notice = acme.outbound("fulfilment_order")
    acme.at_wh.answers = [Rejected("not now")]
    acme.order(minute=5, state="cancelled", cancelled_at="2026-11-24T10:05:00Z")
    acme.world.run()
    with acme.world.unit() as unit:
        replay.replay(unit, [notice], "tester", "again")
    assert acme.status(notice) == "behind"
    assert json.dumps(acme.work()) == json.dumps(
        [
            [acme.at_wh.code, "fulfilment_cancellation", "parked"],
            [acme.at_wh.code, "fulfilment_order", "behind"],
        ]
    )
    with acme.world.unit() as unit:
        replay.discard(unit, [acme.outbound("fulfilment_cancellation")], "tester", "by telephone")
    acme.world.run()
    assert acme.status(notice) == "delivered"
    assert [document.fulfilment_order_id for _, _, document in acme.at_wh.told] == [number] * 3
