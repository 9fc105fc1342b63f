"""Parcels that nobody announced, goods that never arrived, and goods that go back once more."""

from collections.abc import Iterable
from uuid import UUID

import pytest

from hub.flows.returns import requests
from hub.flows.unit import Unit
from hub.model.returns import Return
from hub.rules.messages.receiving import Verdict
from hub.store.messages.outbox import Telling
from tests.flows.returns.counter import Counter
from tests.kit.catalogue import goods_receipt, sales_order


def parcels(counter: Counter) -> list[str]:
    rows = counter.acme.rows(
        "SELECT status FROM return_receipt WHERE merchant_id = :merchant ORDER BY id"
    )
    return [row.status for row in rows]


SIGNS = {
    "number": {"tracking_number": "JJD 0099-1"},
    "order": {"order_number": "#1001"},
    "channel's order": {"channel_order_id": "1001"},
}


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("first", ["request", "parcel"])
def test_a_parcel_finds_its_return_whichever_is_first(
    counter: Counter, sign: str, first: str
) -> None:
    counter.sold()
    before = counter.levels()["good"]
    ask = {"tracking_number": "jjd00991"} if sign == "number" else {}
    if first == "request":
        counter.asks(**ask)
    assert counter.came(number="", **SIGNS[sign]).status == "done"
    if first == "parcel":
        assert (parcels(counter), counter.levels()) == (["unmatched"], {"good": before})
        counter.asks(**ask)
    assert parcels(counter) == ["booked"]
    assert (counter.status(), counter.levels()) == ("inspected", {"good": before + 1})
    assert counter.came(number="", **SIGNS[sign]).code == "repeated"
    counter.check()


def test_the_last_digits_of_a_phone_are_a_sign_where_the_goods_fit(counter: Counter) -> None:
    where = sales_order()["ship_to"]
    counter.sold(ship_to={**where, "phone": "+31 20 555 7788"})
    counter.asks()
    counter.came(number="", receipt="c1", phone_tail="7788", pieces={("B", "good"): 1})
    assert parcels(counter) == ["unmatched"]
    counter.came(number="", receipt="c2", phone_tail="7788")
    assert parcels(counter) == ["unmatched", "booked"]
    counter.check()


def test_a_person_says_whose_a_parcel_is(counter: Counter) -> None:
    counter.sold()
    counter.asks()
    counter.came(number="SOMETHING")
    assert counter.acme.incidents() == ["unmatched_parcel"]
    (row,) = counter.acme.rows("SELECT id FROM return_receipt WHERE merchant_id = :merchant")
    with counter.world.unit() as unit:
        requests.match(unit, row.id, counter.row().id, "ann")
    assert (parcels(counter), counter.status()) == (["booked"], "inspected")
    counter.check()


def test_what_is_refused_after_it_came_goes_back_to_the_customer(counter: Counter) -> None:
    counter.sold()
    before = counter.levels()
    counter.asks()
    counter.approve()
    counter.came(pieces={("A", "uninspected"): 1})
    assert counter.does("reject", "worn") == "rejected"
    assert counter.levels() == before
    assert counter.acme.incidents() == ["return_send_back"]
    counter.check()


def test_what_is_lost_is_paid_without_goods(counter: Counter) -> None:
    counter.sold()
    counter.asks(cause="lost", pieces={"A": 2})
    counter.approve()
    assert counter.told(counter.wh, "return") == []
    counter.does("waive", "the carrier lost it")
    counter.pays()
    assert [str(amount) for _, amount in counter.refunds()] == ["20.000000"]
    counter.check()


def test_goods_that_come_after_the_end_are_booked_and_somebody_looks(counter: Counter) -> None:
    counter.sold()
    before = counter.levels()["good"]
    counter.asks()
    counter.approve()
    counter.does("cancel", "keeps it")
    assert counter.told(counter.wh, "return") == []  # taken back before it was told
    counter.came()
    assert counter.levels() == {"good": before + 1}
    assert counter.acme.incidents() == ["return_differs"]
    counter.check()


def test_more_and_other_pieces_than_were_asked_for_are_there_but_not_sold(
    counter: Counter,
) -> None:
    counter.sold()
    counter.asks()
    counter.approve()
    counter.came(pieces={("A", "second"): 2, ("C", "good"): 1})
    assert counter.levels()["second"] == 2
    assert counter.levels("C")["wrong_article"] == 1
    assert counter.row().lines[0].received == 1
    assert counter.acme.incidents() == ["return_differs"]
    counter.check()


def test_the_warehouse_is_told_what_the_customer_calls_the_order(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, tell = list[Return](), Unit.tell

    def heard(unit: Unit, tellings: Iterable[Telling]) -> list[UUID]:
        listed = list(tellings)
        told.extend(it.document for it in listed if isinstance(it.document, Return))
        return tell(unit, listed)

    counter.sold()
    counter.asks()
    monkeypatch.setattr(Unit, "tell", heard)
    counter.approve()
    numbers = [it.attributes.get("order_number") for it in told if it.status == "approved"]
    assert numbers == ["#1001", None]  # the warehouse, and the channel
    counter.check()


def received(counter: Counter, number: str, receipt: str = "g1", **how: object) -> Verdict:
    """The warehouse has one paper for all that comes in."""
    tree = goods_receipt(number, receipt, lines=[{"sku": "A", "quantity": "1", **how}])
    return counter.take(tree, counter.wh)


def test_a_goods_receipt_that_names_a_return_is_the_receipt_of_it(counter: Counter) -> None:
    counter.sold()
    before = counter.levels()["good"]
    counter.asks()
    counter.approve()
    number = counter.row().number
    assert received(counter, number, quality="defective").status == "done"
    assert (parcels(counter), counter.status()) == (["booked"], "inspected")
    assert counter.levels() == {"good": before, "defective": 1}
    assert received(counter, number, quality="defective").code == "repeated"
    assert counter.acme.rows("SELECT 1 FROM goods_receipt WHERE merchant_id = :merchant") == []
    counter.check()


def test_of_a_return_that_it_was_not_told_of_it_received_goods(counter: Counter) -> None:
    counter.sold()
    counter.asks()
    assert received(counter, counter.row().number).status == "done"
    assert parcels(counter) == []
    (row,) = counter.acme.rows("SELECT status FROM goods_receipt WHERE merchant_id = :merchant")
    assert row.status == "unannounced"
