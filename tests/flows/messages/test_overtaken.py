"""Goods leave once: whatever would be told is checked against what its subject has become, on every
way on which a message becomes due.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from adapters.ports import Receipt
from hub.flows.messages import replay as replay_flow
from hub.flows.ops import auditing
from hub.flows.orders import order_requests
from hub.flows.products import meanings
from hub.flows.stock import stock_out
from hub.model.errors import (
    BadData,
    OutcomeUnknown,
    Rejected,
    TryLater,
    UnknownCode,
)
from hub.store.orders import fulfilments
from tests.kit.catalogue import shipment, status
from tests.kit.world import ONCE, Merchant
from workers.drain import drain

CANCEL = {"state": "cancelled", "cancelled_at": "2026-11-24T10:30:00Z"}


class TwoWarehouses:
    """A merchant with a second warehouse, which gets what the first refuses."""

    def __init__(self, acme: Merchant) -> None:
        self.acme, self.world = acme, acme.world
        self.other = f"{acme.at_wh.code}b"
        acme.warehouse(self.other, A=10, B=10, C=10)
        self.at_other = self.world.at(self.other)

    def refused(self) -> UUID:
        """An order that the first refuses and the second ships. The refused notice's id."""
        self.acme.at_wh.answers = [Rejected("S003 no such goods")]
        self.acme.notify()
        return self.notice("rejected")

    def notice(self, fulfilment: str) -> UUID:
        (row,) = self.acme.rows(
            """SELECT notice_id FROM fulfilment_order
            WHERE merchant_id = :merchant AND status = :status""",
            status=fulfilment,
        )
        return row.notice_id

    def other_ships(self) -> str:
        (row,) = self.acme.rows(
            "SELECT id FROM fulfilment_order WHERE merchant_id = :merchant AND warehouse = :wh",
            wh=self.other,
        )
        number = fulfilments.number(row.id)
        self.world.tell(self.other, shipment(number), key=number)
        self.world.run()
        return number

    def pieces_that_left(self) -> int:
        rows = self.acme.rows(
            """SELECT coalesce(-sum(delta), 0) AS pieces FROM ledger
            WHERE merchant_id = :merchant AND reason = 'shipment'"""
        )
        return int(rows[0].pieces)


@pytest.fixture
def houses(acme: Merchant) -> TwoWarehouses:
    return TwoWarehouses(acme)


def replay(acme: Merchant, *ids: UUID) -> replay_flow.Replayed:
    with acme.world.unit() as unit:
        done = replay_flow.replay(unit, ids, "tester", "again")
    acme.world.run()
    return done


def lane(acme: Merchant) -> int:
    """The lane of what the warehouse says."""
    found = acme.world.one(
        "SELECT id FROM lane WHERE direction = 'in' AND connection = :wh", wh=acme.at_wh.code
    )
    return int(found)


def error(acme: Merchant, message: UUID) -> Any:
    status, code, successor = acme.world.one(
        "SELECT status, error ->> 'code', successor FROM message WHERE id = :id", id=message
    )
    return status, code, acme.world.why(message), successor


def test_a_refused_notice_is_closed_where_it_was_planned_anew(houses: TwoWarehouses) -> None:
    acme, notice = houses.acme, houses.refused()
    first, second = acme.number(0), acme.number(1)
    assert tuple(error(acme, notice)) == (
        "superseded",
        "overtaken",
        f"fulfilment order {first} was refused by the warehouse; {second} took its place",
        f"fulfilment_order:{second}",
    )
    assert acme.attempts(notice) == ["rejected"]
    assert acme.world.said(notice) == "S003 no such goods"
    assert acme.work() == []


def test_a_replay_of_what_was_refused_ships_nothing_a_second_time(houses: TwoWarehouses) -> None:
    """By message, edited, and as it was left by a version that parked it."""
    acme, notice = houses.acme, houses.refused()
    houses.other_ships()
    said = str(replay(acme, notice).overtaken[notice])
    assert said.endswith(f"was refused by the warehouse; {acme.number(1)} took its place")
    left_parked(acme, notice)
    raw = b'{"type": "fulfilment_order"}'
    with acme.world.unit() as unit:
        over = replay_flow.edit(unit, notice, raw, "tester", "perhaps so")
    assert str(over).endswith("took its place")
    assert (acme.status(notice), acme.work()) == ("superseded", [])  # closed as a replay does
    about = "SELECT action FROM audit WHERE subject = :subject ORDER BY number DESC LIMIT 1"
    assert acme.world.one(about, subject=f"message:{notice}") == "message.overtaken"
    assert acme.rows("SELECT 1 FROM message_version WHERE message_id = :id", id=notice) == []
    left_parked(acme, notice)
    done = replay(acme, notice)
    assert (done.count, set(done.overtaken)) == (0, {notice})
    assert (acme.status(notice), acme.work()) == ("superseded", [])
    left_parked(acme, notice)
    with acme.world.unit() as unit:
        said = replay_flow.settle_unknown(unit, notice, "tester", arrived=False)
    acme.world.run()
    assert (said, acme.status(notice)) == ("superseded", "superseded")
    assert len(acme.at_wh.told) == 1
    assert (houses.pieces_that_left(), acme.row().status) == (3, "completed")


def left_parked(acme: Merchant, notice: UUID) -> None:
    """As an older version of the hub left it."""
    acme.rows(
        """WITH gone AS (
          UPDATE message SET status = NULL, error = '{"code": "rejected"}', successor = NULL
          WHERE id = :id RETURNING *
        ), counted AS (
          INSERT INTO message_key (merchant_id, connection, direction, key, open)
          SELECT merchant_id, connection, direction, key, 1 FROM gone
        )
        INSERT INTO work (id, merchant_id, connection, direction, shard, key, topic, seq, status)
        SELECT id, merchant_id, connection, direction, 0, key, topic, nextval('work_seq'), 'parked'
        FROM gone WHERE merchant_id = :merchant RETURNING id""",
        id=notice,
    )


def test_of_a_selection_only_what_is_not_overtaken_goes(houses: TwoWarehouses) -> None:
    acme, notice = houses.acme, houses.refused()
    left_parked(acme, notice)
    bad = acme.world.tell_raw(acme.at_shop.code, "sales_order", b"{", key="x").id
    acme.world.run()
    done = replay(acme, bad, notice)
    assert (done.count, list(done.overtaken)) == (1, [notice])
    assert (acme.status(notice), acme.status(bad)) == ("superseded", "parked")
    assert len(acme.at_wh.told) == 1
    audit = acme.rows("SELECT action, subject FROM audit WHERE chain = :merchant")
    assert sorted(tuple(row) for row in audit) == [
        ("message.overtaken", f"message:{notice}"),
        ("message.replay", f"message:{bad}"),
    ]


@pytest.mark.parametrize("word", ["rejected", "cancelled"])
def test_a_notice_is_not_replayed_once_its_goods_went_or_were_let_go(
    acme: Merchant, word: str
) -> None:
    number = acme.notify()
    notice = acme.outbound("fulfilment_order")
    assert replay(acme, notice).count == 1  # they lost it: it still stands
    acme.says(status(number, word))
    acme.world.run()
    assert list(replay(acme, notice).overtaken) == [notice]
    assert (acme.status(notice), len(acme.at_wh.effects)) == ("delivered", 1)


def test_a_shipped_notice_is_not_replayed(acme: Merchant) -> None:
    number = acme.notify()
    notice = acme.outbound("fulfilment_order")
    acme.says(shipment(number))
    acme.world.run()
    assert [str(one) for one in replay(acme, notice).overtaken.values()] == [
        f"fulfilment order {number} is shipped"
    ]
    assert len(acme.at_wh.told) == 1


@pytest.mark.parametrize(
    "fault",
    [TryLater("busy"), OutcomeUnknown("lost"), BadData("odd"), UnknownCode("carriers", "SLOW")],
)
def test_what_still_stands_to_be_told_is_closed_with_its_fulfilment_order(
    houses: TwoWarehouses, fault: Exception
) -> None:
    """Whether it waits for a time, an answer, a person or a fact."""
    acme = houses.acme
    acme.at_wh.answers = [fault]
    number = acme.notify()
    notice = acme.outbound("fulfilment_order")
    assert acme.status(notice) in {"retry", "unknown", "parked", "waiting"}
    acme.says(status(number, "rejected"))
    acme.world.run()
    assert acme.status(notice) == "superseded"
    houses.other_ships()
    with acme.world.unit() as unit:
        meanings.map_code(unit, acme.at_wh.code, "carriers", "SLOW", "dhl", "tester")
    acme.world.later(200_000)
    acme.world.run()
    assert (len(acme.at_wh.told), houses.pieces_that_left()) == (1, 3)
    assert acme.work() == []


@pytest.mark.parametrize("adapter", ["qimen", "generic_warehouse"])
def test_what_a_dead_worker_was_telling_is_not_told_again_once_it_has_ended(
    new_merchant: Callable[..., Merchant], adapter: str
) -> None:
    acme = new_merchant(adapter=adapter)
    world = acme.world

    def die(document: Any, key: str) -> Receipt:
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
    acme.says(status(acme.number(), "rejected"))
    drain(world.engine, lane(acme), ONCE)
    world.kill(worker)
    world.later(100)
    world.run()
    world.later(100)
    world.run()
    assert (acme.status(notice), len(acme.at_wh.told), len(acme.at_wh.asked)) == (
        "superseded",
        1,
        0,
    )
    assert acme.attempts(notice)[0] == "worker_lost"


def test_an_answer_that_comes_after_the_end_parks_nothing(houses: TwoWarehouses) -> None:
    """The warehouse says no by a message of its own while the call is under way."""
    acme, world = houses.acme, houses.world

    def refuse_meanwhile(document: Any, key: str) -> Receipt:
        acme.says(status(document.fulfilment_order_id, "rejected"))
        drain(world.worker(), lane(acme), ONCE)
        raise BadData("no")

    acme.at_wh.answers = [refuse_meanwhile]
    acme.notify()
    assert acme.status(houses.notice("rejected")) == "superseded"
    assert [row[2] for row in acme.work()] == []


def test_a_wish_to_cancel_is_closed_once_the_goods_have_gone(acme: Merchant) -> None:
    number = acme.notify()
    acme.at_wh.answers = [TryLater("busy")]
    acme.order(minute=5, **CANCEL)
    acme.world.run()
    wish = acme.outbound("fulfilment_cancellation")
    assert acme.status(wish) == "retry"
    acme.says(shipment(number))
    acme.world.run()
    assert tuple(error(acme, wish))[:3] == (
        "superseded",
        "overtaken",
        f"fulfilment order {number} is shipped",
    )
    acme.world.later(100_000)
    acme.world.run()
    assert acme.at_wh.topics() == ["fulfilment_order", "fulfilment_cancellation"]


def test_a_notice_that_is_told_again_is_not_taken_back_as_if_it_never_was(acme: Merchant) -> None:
    number = acme.notify()
    notice = acme.outbound("fulfilment_order")
    with acme.world.unit() as unit:
        replay_flow.replay(unit, [notice], "tester", "they lost it")
    with acme.world.unit() as unit:
        assert (
            order_requests.cancel(unit, acme.row().id, "tester", "not wanted") == "cancel_requested"
        )
    acme.world.run()
    assert acme.at_wh.topics() == ["fulfilment_order"] * 2 + ["fulfilment_cancellation"]
    assert list(replay(acme, notice).overtaken) == [notice]  # it would come after the wish
    assert acme.fulfilment() == ["cancel_requested"]
    acme.says(status(number, "cancelled"))
    acme.world.run()
    assert (acme.fulfilment(), acme.row().status) == (["cancelled"], "cancelled")


def test_a_warehouse_that_refuses_a_repeat_still_has_the_first(houses: TwoWarehouses) -> None:
    """What it will not be told twice it may ship all the same: nobody else gets the goods."""
    acme = houses.acme
    number = acme.notify()
    notice = acme.outbound("fulfilment_order")
    acme.at_wh.answers = [Rejected("we have that number")]
    assert replay(acme, notice).count == 1
    assert (acme.status(notice), acme.reason(notice)) == ("parked", "rejected")
    assert acme.fulfilment() == ["notified"]
    acme.says(shipment(number))
    acme.world.run()
    assert (acme.fulfilment(), acme.status(notice)) == (["shipped"], "superseded")
    assert (houses.pieces_that_left(), houses.at_other.told) == (3, [])


def test_a_parked_level_does_not_hold_back_the_next_and_is_never_told(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(shop_takes=("stock_level",))
    acme.at_shop.answers = [Rejected("no such variant")]
    publish(acme)
    (old,) = levels(acme)
    assert old.status == "parked"
    publish(acme)
    old, new = levels(acme)
    assert (old.status, old.successor, new.status) == (
        "superseded",
        f"message:{new.id}",
        "delivered",
    )
    publish(acme)
    *_, newest = levels(acme)
    assert [str(one) for one in replay(acme, new.id).overtaken.values()] == [
        "a newer level of this article took its place"
    ]
    assert replay(acme, newest.id).count == 1


def publish(acme: Merchant) -> None:
    acme.world.stock(acme.at_wh.code, acme.code, A=1)  # a level that did not change is not told
    acme.world.sql("DELETE FROM stock_dirty")
    acme.rows("INSERT INTO stock_dirty VALUES (:merchant, 'A') RETURNING sku")
    with acme.world.unit() as unit:
        stock_out.publish(unit)
    acme.world.run()


def levels(acme: Merchant) -> list[Any]:
    return acme.rows(
        """SELECT message.id, coalesce(work.status, message.status) AS status, successor
        FROM message LEFT JOIN work USING (id)
        WHERE message.merchant_id = :merchant AND message.topic = 'stock_level'
        ORDER BY message.id"""
    )


def test_books_are_not_told_of_an_order_as_it_was(acme: Merchant) -> None:
    acme.order()
    acme.world.run()
    first = acme.outbound("sales_order")
    assert replay(acme, first).count == 1
    acme.order(minute=5, lines=[("A", 1), ("B", 1)])
    acme.world.run()
    (second,) = (
        row.id
        for row in acme.rows(
            """SELECT id FROM message WHERE merchant_id = :merchant AND direction = 'out'
            AND topic = 'sales_order' AND id <> :first""",
            first=first,
        )
    )
    assert list(replay(acme, first).overtaken) == [first]
    assert replay(acme, second).count == 1


def test_a_parked_telling_of_an_order_gives_way_to_that_of_its_cancel(acme: Merchant) -> None:
    acme.at_erp.answers = [BadData("no such tax")]
    number = acme.notify()
    first = acme.outbound("sales_order")
    acme.order(minute=5, **CANCEL)
    acme.world.run()
    acme.says(status(number, "cancelled"))
    acme.world.run()
    assert (acme.row().status, acme.status(first)) == ("cancelled", "parked")
    assert "sales_order" in [row[1] for row in acme.work() if row[2] == "behind"]
    assert list(replay(acme, first).overtaken) == [first]
    assert (acme.status(first), acme.work()) == ("superseded", [])
    (told,) = [document for _, _, document in acme.at_erp.told[1:]]
    assert told.state == "cancelled"


def test_pieces_that_leave_twice_are_found_by_the_audit(houses: TwoWarehouses) -> None:
    houses.refused()
    houses.other_ships()
    title = "no more pieces left or are on their way than were ordered"

    def found() -> list[str]:
        looked = auditing.audit(houses.world.store)
        (one,) = [one for one in looked if one.title == title]
        return list(one.broken)

    assert found() == []
    acme = houses.acme
    acme.rows(
        """UPDATE fulfilment_order SET status = 'accepted'
        WHERE merchant_id = :merchant AND status = 'rejected' RETURNING id"""
    )
    acme.rows("UPDATE fulfilment_line SET short = 0 WHERE merchant_id = :merchant RETURNING sku")
    assert sorted(found()) == [f"{acme.row().id} line {no}" for no in (1, 2)]
