"""When a count was taken: what moves before it is told, and what is told after it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.flows.stock import stocktake_booking as booking
from hub.model.errors import BadData
from hub.store import invariants
from tests.flows.stock.stocktakes.test_stocktakes import Taking, left, sell
from tests.kit.catalogue import goods_receipt, inbound_notice, stock_report
from tests.kit.world import Merchant


@pytest.fixture(autouse=True)
def sound(shared: Any) -> Any:
    """Nothing of what a test left breaks what must always hold of stock."""
    yield
    with invariants.snapshot(shared.store) as db:
        broken = [it for it in invariants.look(db) if it.number in ("G11", "G18") and it.broken]
    assert broken == []


def now() -> datetime:
    return datetime.now(UTC)


def earlier() -> datetime:
    """Before any stocktake of a test."""
    return now() - timedelta(hours=2)


def seen(taking: Taking) -> tuple[int, int, int]:
    """Of its one line: moved up to the count, difference, moved after it."""
    with taking.acme.world.unit() as unit:
        (line,) = booking.foresee(unit, taking.id)
    its = line.comes_to
    return int(its.moved or 0), int(its.difference or 0), int(line.since)


def ledger(acme: Merchant) -> list[tuple[str, int]]:
    rows = acme.rows("SELECT reason, delta FROM ledger WHERE merchant_id = :merchant ORDER BY id")
    return [(row.reason, int(row.delta)) for row in rows if row.reason != "opening"]


def test_what_left_after_the_count_and_before_it_was_told_is_no_difference(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    taking = Taking(acme, "A")
    counted_at = now()
    sell(acme, 1001, 3)
    taking.count(("A", 9), at=counted_at)  # one is missing: ten were held
    assert seen(taking) == (0, -1, -3)
    taking.submit()
    taking.approve()
    assert taking.booked() == [("A", None, -1, "user:ann")]
    assert acme.stock() == {"A": (6, 0)}


def test_batches_are_as_they_were_when_they_were_counted(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=0)
    wh = acme.at_wh.code
    held = [
        {"sku": "A", "on_hand": "4", "batch": "B1"},
        {"sku": "A", "on_hand": "6", "batch": "B2"},
    ]
    acme.world.tell(wh, stock_report("r1", warehouse=wh, lines=held))
    acme.world.run()
    taking = Taking(acme)
    counted_at = now()
    acme.notify(1001, lines=[("A", 4)])
    tree = left(acme, -1)
    tree["packages"][0]["lines"] = [{"line_no": 1, "quantity": "4", "batch": "B1"}]
    acme.says(tree)
    acme.world.run()
    taking.count(("A", 4, "B1"), ("A", 5, "B2"), at=counted_at)
    taking.submit()
    taking.approve()
    assert taking.booked() == [("A", "B2", -1, "user:ann")]
    assert acme.stock() == {"A": (5, 0)}


def test_what_left_before_the_count_and_is_told_before_the_approval_explains_it(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    taking = Taking(acme, "A")
    taking.count(("A", 7))
    assert seen(taking) == (0, -3, 0)
    sell(acme, 1001, 2, left_at=earlier())
    assert seen(taking) == (-2, -1, 0)
    taking.submit()
    taking.approve()
    assert taking.booked() == [("A", None, -1, "user:ann")]
    assert acme.stock() == {"A": (7, 0)}
    assert seen(taking)[:2] == (-2, -1)


def test_what_left_before_the_count_and_is_told_after_the_approval_is_taken_back(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    acme.notify(1001, lines=[("A", 2)])
    acme.notify(1002, lines=[("A", 3)])
    Taking(acme, "A").whole(("A", 7))
    for at in (0, 1):
        acme.says(left(acme, at, earlier()))
        acme.world.run()
    # three were missing: two of the first, and one of the second; two more left after all
    assert ledger(acme) == [
        ("stocktake", -3), ("shipment", -2), ("counted_before", 2), ("shipment", -3),
        ("counted_before", 1),
    ]  # fmt: skip
    assert acme.stock() == {"A": (5, 0)}
    acme.says(left(acme, 0, earlier()))
    acme.world.run()
    assert acme.stock() == {"A": (5, 0)}
    acme.world.check_books()


def test_what_left_after_the_count_is_nothing_that_it_found(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    acme.notify(1001, lines=[("A", 2)])
    Taking(acme, "A").whole(("A", 7))
    acme.says(left(acme, -1))
    acme.world.run()
    assert ledger(acme) == [("stocktake", -3), ("shipment", -2)]
    assert acme.stock() == {"A": (5, 0)}


def test_a_report_that_a_warehouse_makes_by_itself_is_taken_as_it_is(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    wh = acme.at_wh.code
    acme.notify(1001, lines=[("A", 2)])
    at = (now() - timedelta(hours=1)).isoformat()
    acme.world.tell(wh, stock_report("r1", warehouse=wh, pieces={"A": 8}, at=at))
    acme.world.run()
    acme.says(left(acme, -1, earlier()))
    acme.world.run()
    assert ledger(acme) == [("stocktake", -2), ("shipment", -2)]
    assert acme.stock() == {"A": (6, 0)}


def test_goods_that_came_in_after_the_first_report_are_for_sale_whatever_day_they_bear(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=0)
    wh, number = acme.at_wh.code, f"PO-{acme.code}"
    acme.world.tell(wh, stock_report("r1", warehouse=wh, pieces={"A": 10}, at=now().isoformat()))
    tree = inbound_notice(number, merchant=acme.code, warehouse=wh, lines=[("A", 5)])
    acme.world.tell(wh, tree)
    acme.world.run()
    lines = [{"sku": "A", "quantity": "5"}]
    said = goods_receipt(number, "g1", lines=lines, received_at=earlier().isoformat())
    acme.world.tell(wh, said)
    acme.world.run()
    assert acme.stock() == {"A": (15, 0)}


def test_goods_that_came_in_before_the_count_explain_what_it_found_above(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    wh = acme.at_wh.code
    number = f"PO-{acme.code}"
    tree = inbound_notice(number, merchant=acme.code, warehouse=wh, lines=[("A", 5)])
    acme.world.tell(wh, tree)
    acme.world.run()
    taking = Taking(acme, "A")
    taking.whole(("A", 15))
    lines = [{"sku": "A", "quantity": "5"}]
    said = goods_receipt(number, "g1", lines=lines, received_at=earlier().isoformat())
    acme.world.tell(wh, said)
    acme.world.run()
    assert ledger(acme) == [("stocktake", 5), ("goods_receipt", 5), ("counted_before", -5)]
    assert acme.stock() == {"A": (15, 0)}


@pytest.mark.parametrize("apart", [timedelta(hours=-1), timedelta(minutes=5)])
def test_a_count_is_of_no_time_before_the_snapshot_and_of_none_to_come(
    new_merchant: Callable[..., Merchant], apart: timedelta
) -> None:
    acme = new_merchant(A=10)
    taking = Taking(acme, "A")
    with pytest.raises(BadData, match=r"from .*Z, when it was opened, to now") as caught:
        taking.count(("A", 9), at=now() + apart)
    assert (caught.value.path, caught.value.code) == ("counted_at", "bad_time")
    assert taking.comes_to() == {("A", ""): ("not_counted", None)}


def test_a_line_counted_later_is_of_its_own_moment(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(A=10)
    taking = Taking(acme, "A")
    first = now()
    sell(acme, 1001, 3)
    taking.count(("A", 10), at=first)
    taking.count(("A", 7))
    assert seen(taking) == (-3, 0, 0)
    times = acme.rows(
        "SELECT counted_at, held FROM stocktake_count WHERE merchant_id = :merchant ORDER BY id"
    )
    assert [(row.counted_at, row.held) for row in times] == [
        (first, Decimal(10)), (None, Decimal(7)),
    ]  # fmt: skip
