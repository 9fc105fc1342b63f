"""Refunds: what an order bears is paid back of it; what is above is kept aside, and said."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from hub.flows.ops import auditing
from tests.kit.catalogue import refund, sales_order
from tests.kit.world import Merchant


def pay_back(acme: Merchant, number: str, amount: str, **changes: Any) -> Any:
    """The shop paid back so much of order 1001."""
    shop = acme.at_shop.code
    tree = refund(number, channel=shop, amount=amount, **changes)
    return acme.world.tell(shop, tree, key="1001", delivery=f"{shop}-{number}")


def paid_back(acme: Merchant) -> tuple[list[str], list[str]]:
    """What the order was paid back, by our tables and by the books."""
    rows = acme.rows(
        """SELECT refund_id FROM refund WHERE merchant_id = :merchant AND order_id IS NOT NULL
        ORDER BY refund_id"""
    )
    told = [document.refund_id for kind, _, document in acme.at_erp.told if kind == "refund"]
    return [row.refund_id for row in rows], sorted(told)


def broken(acme: Merchant) -> int:
    return sum(len(one.broken) for one in auditing.audit(acme.world.store) if one.number == "G20")


def standing(acme: Merchant) -> list[tuple[str, str]]:
    rows = acme.rows(
        """SELECT kind, subject FROM incident WHERE merchant_id = :merchant AND status = 'open'
        ORDER BY subject"""
    )
    return [tuple(row) for row in rows]


def above(acme: Merchant, number: str) -> list[tuple[str, str]]:
    return [("contradiction", f"refund:{acme.at_shop.code}/{number}")]


def test_G20_a_refund_above_what_was_paid_is_kept_aside_and_said(acme: Merchant) -> None:
    acme.order()
    acme.world.run()
    fits = pay_back(acme, "r1", "20.00")
    over = pay_back(acme, "r2", "10.01")
    rest = pay_back(acme, "r3", "10.00")
    acme.world.run()
    assert [acme.status(one.id) for one in (fits, over, rest)] == ["done", "ignored", "done"]
    assert acme.reason(over.id) == "contradiction"
    assert paid_back(acme) == (["r1", "r3"], ["r1", "r3"])
    assert standing(acme) == above(acme, "r2")
    kept = acme.rows("SELECT amount FROM refund WHERE merchant_id = :merchant AND refund_id = 'r2'")
    assert [row.amount for row in kept] == [Decimal("10.01")]
    assert broken(acme) == 0


def more(acme: Merchant) -> Any:
    """A newer telling: the customer added an article and paid for it."""
    lines = [("A", 2), ("B", 2)]
    told = sales_order(1001, channel=acme.at_shop.code, minute=5, lines=lines)
    return acme.world.tell(acme.at_shop.code, told, key="1001")


def only_paid(acme: Merchant) -> Any:
    """A newer telling: more was paid, nothing else has changed."""
    told = sales_order(1001, channel=acme.at_shop.code, minute=5)
    told["totals"] |= {"paid": "40.00"}
    return acme.world.tell(acme.at_shop.code, told, key="1001")


@pytest.mark.parametrize("newer", [more, only_paid])
@pytest.mark.parametrize(
    "order",
    [("order", "refund", "newer"), ("refund", "order", "newer"), ("order", "newer", "refund")],
)
def test_G15_an_order_that_bears_it_by_now_takes_it_whatever_came_first(
    acme: Merchant, order: tuple[str, ...], newer: Callable[[Merchant], Any]
) -> None:
    events = {
        "order": acme.order,
        "refund": lambda: pay_back(acme, "r1", "35.00"),
        "newer": lambda: newer(acme),
    }
    for name in order:
        events[name]()
        acme.world.run()
    assert paid_back(acme) == (["r1"], ["r1"])
    assert standing(acme) == []
    assert broken(acme) == 0


def test_G20_one_that_came_before_its_order_is_held_against_it_too(acme: Merchant) -> None:
    pay_back(acme, "r1", "30.01")
    pay_back(acme, "r2", "30.00")
    acme.world.run()
    assert standing(acme) == []
    acme.order()
    acme.world.run()
    assert paid_back(acme) == (["r2"], ["r2"])
    assert standing(acme) == above(acme, "r1")


def test_G11_told_again_it_is_kept_once_and_said_once(acme: Merchant) -> None:
    acme.order()
    acme.world.run()
    pay_back(acme, "r1", "30.01")
    acme.world.run()
    tree = refund(channel=acme.at_shop.code, amount="30.01")
    again = acme.world.tell(acme.at_shop.code, tree, key="1001")
    acme.world.run()
    assert (acme.status(again.id), acme.reason(again.id)) == ("ignored", "repeated")
    assert standing(acme) == above(acme, "r1")
    assert paid_back(acme) == ([], [])


@pytest.mark.parametrize(("included", "amount"), [(True, "10.00"), (False, "11.90")])
def test_a_refund_that_does_not_say_whether_tax_is_in_it_takes_its_orders_word(
    acme: Merchant, *, included: bool, amount: str
) -> None:
    acme.order(prices_include_tax=included)
    pay_back(acme, "r1", "10.00", worked_out=True, tax="1.90", tax_unsettled="1.90")
    acme.world.run()
    (told,) = [document for kind, _, document in acme.at_erp.told if kind == "refund"]
    assert (str(told.amount), told.tax_unsettled) == (amount, 0)
    kept = acme.rows("SELECT amount FROM refund WHERE merchant_id = :merchant")
    assert [row.amount for row in kept] == [Decimal(amount)]


def test_a_refund_in_the_customers_currency_is_told_to_the_books_in_the_orders(
    acme: Merchant,
) -> None:
    acme.order(presentment={"currency": "CHF", "grand_total": "24.00"})
    pay_back(acme, "r1", "8.00", currency="CHF", payments=[{"amount": "8.00"}])
    pay_back(acme, "r2", "16.01", currency="CHF")  # rounded: no more than was paid
    acme.world.run()
    told = [document for kind, _, document in acme.at_erp.told if kind == "refund"]
    assert [(one.currency, str(one.amount)) for one in told] == [("EUR", "10.00"), ("EUR", "20.00")]
    assert [str(one.amount) for one in told[0].payments] == ["10.00"]
    assert standing(acme) == []
    assert broken(acme) == 0


def test_a_refund_in_a_currency_that_its_order_does_not_know_is_kept_aside_and_said(
    acme: Merchant,
) -> None:
    acme.order()
    told = pay_back(acme, "r1", "8.00", currency="CHF")
    acme.world.run()
    assert (acme.status(told.id), acme.reason(told.id)) == ("ignored", "contradiction")
    assert paid_back(acme) == ([], [])
    assert standing(acme) == above(acme, "r1")
    (sentence,) = acme.rows("SELECT sentence FROM incident WHERE merchant_id = :merchant")
    assert "8.00 CHF is in another currency than the order, which is in EUR" in sentence[0]


def test_what_is_told_in_no_currency_is_in_the_orders(acme: Merchant) -> None:
    acme.order()
    pay_back(acme, "r1", "8.00", currency="XXX")
    acme.world.run()
    (told,) = [document for kind, _, document in acme.at_erp.told if kind == "refund"]
    assert (told.currency, str(told.amount)) == ("EUR", "8.00")
