"""Other goods for what comes back."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from hub.model.errors import BadData, Contradiction
from hub.store.orders import orders
from tests.flows.returns.counter import Counter


def linked(counter: Counter) -> tuple[str, Decimal, Decimal]:
    """The status, price and outstanding money of the order that goes out."""
    (row,) = counter.acme.rows(
        """SELECT exchange_order_id AS id FROM customer_return
        WHERE merchant_id = :merchant AND exchange_order_id IS NOT NULL"""
    )
    with counter.world.unit() as unit:
        order = orders.load(unit.db, unit.vault, [row.id])[row.id]
    return order.status, order.document.totals.grand_total, order.document.totals.outstanding


def confirmed(counter: Counter, pieces: int = 2, kind: str = "exchange") -> None:
    counter.sold()
    counter.asks(pieces={"A": pieces}, kind=kind)
    counter.approve()
    counter.came(pieces={("A", "good"): pieces})
    counter.does("confirm", None)


CASES = {
    "even": (("B", 2), "10.00", ("open", Decimal(20), Decimal(0)), [Decimal(20)], 0),
    "dearer": (("B", 2), "15.00", ("held", Decimal(30), Decimal(10)), [Decimal(20)], 0),
    "cheaper": (("B", 1), "5.00", ("open", Decimal(5), Decimal(0)), [Decimal(5), Decimal(15)], 1),
}


@pytest.mark.parametrize("case", CASES)
def test_an_exchange_is_paid_by_what_came_back(counter: Counter, case: str) -> None:
    line, price, order, refunds, told = CASES[case]
    confirmed(counter)
    counter.exchanges(line, price=price)
    assert counter.status() == "exchanged"
    assert linked(counter) == order
    assert [amount for _, amount in counter.refunds()] == refunds
    assert counter.told(topic="refund") == ["refund"] * told
    with pytest.raises(Contradiction) as refused:
        counter.exchanges(line, price=price)
    assert refused.value.code == "exchanged"
    counter.check()


@pytest.mark.parametrize("kind", ["resend", "repair"])
def test_the_same_goods_go_out_again_for_nothing(counter: Counter, kind: str) -> None:
    confirmed(counter, kind=kind)
    counter.exchanges()
    assert linked(counter) == ("open", Decimal(0), Decimal(0))
    assert counter.refunds() == []
    counter.check()


def test_no_money_goes_back_while_an_exchange_is_open(counter: Counter) -> None:
    confirmed(counter)
    with pytest.raises(Contradiction) as refused:
        counter.pays()
    assert (refused.value.code, refused.value.path) == ("exchange_open", "kind")
    with pytest.raises(BadData) as unknown:
        counter.exchanges(("NONE", 1))
    assert (unknown.value.code, unknown.value.path) == ("unknown_sku", "exchange_lines.0.sku")
    assert counter.refunds() == []


def test_by_policy_other_goods_leave_before_the_old_ones_are_back(
    new_counter: Callable[..., Counter],
) -> None:
    counter = new_counter(exchange="before")
    counter.sold()
    counter.asks(pieces={"A": 1}, kind="exchange")
    counter.approve()
    counter.exchanges(("B", 1))
    assert (counter.status(), linked(counter)) == ("approved", ("open", Decimal(10), Decimal(0)))
    with pytest.raises(Contradiction) as refused:
        counter.does("cancel", "keeps both")
    assert refused.value.code == "exchange_open"
    counter.came()
    assert counter.does("confirm", None) == "exchanged"
    counter.check()
