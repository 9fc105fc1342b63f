"""Refunds: what an order bears is paid back of it; what is above is kept aside, and said."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from hub.flows import auditing
from tests.engine.town import Town
from tests.kit.world import sales_order


def pay_back(town: Town, number: str, amount: str) -> Any:
    """The shop paid back so much of order 1001."""
    tree = {
        "type": "refund",
        "source": {"connection": town.shop, "id": number},
        "refund_id": number,
        "channel_order_id": "1001",
        "created_at": "2026-11-24T13:00:00Z",
        "currency": "EUR",
        "amount": amount,
    }
    return town.world.tell(town.shop, tree, key="1001", delivery=f"{town.shop}-{number}")


def paid_back(town: Town) -> tuple[list[str], list[str]]:
    """What the order was paid back, by our tables and by the books."""
    rows = town.rows(
        """SELECT refund_id FROM refund WHERE merchant_id = :merchant AND order_id IS NOT NULL
        ORDER BY refund_id"""
    )
    told = [document.refund_id for kind, _, document in town.at_erp.told if kind == "refund"]
    return [row.refund_id for row in rows], sorted(told)


def broken(town: Town) -> int:
    return sum(len(one.broken) for one in auditing.audit(town.world.store) if one.number == "G20")


def standing(town: Town) -> list[tuple[str, str]]:
    rows = town.rows(
        """SELECT kind, subject FROM incident WHERE merchant_id = :merchant AND status = 'open'
        ORDER BY subject"""
    )
    return [tuple(row) for row in rows]


def above(town: Town, number: str) -> list[tuple[str, str]]:
    return [("contradiction", f"refund:{town.shop}/{number}")]


def test_G20_a_refund_above_what_was_paid_is_kept_aside_and_said(town: Town) -> None:
    town.order()
    town.world.run()
    fits = pay_back(town, "r1", "20.00")
    over = pay_back(town, "r2", "10.01")
    rest = pay_back(town, "r3", "10.00")
    town.world.run()
    assert [town.status(one.id) for one in (fits, over, rest)] == ["done", "ignored", "done"]
    assert town.reason(over.id) == "contradiction"
    assert paid_back(town) == (["r1", "r3"], ["r1", "r3"])
    assert standing(town) == above(town, "r2")
    kept = town.rows("SELECT amount FROM refund WHERE merchant_id = :merchant AND refund_id = 'r2'")
    assert [row.amount for row in kept] == [Decimal("10.01")]
    assert broken(town) == 0


def more(town: Town) -> Any:
    """A newer telling: the customer added an article and paid for it."""
    lines = [("A", 2), ("B", 2)]
    told = sales_order(1001, channel=town.shop, minute=5, lines=lines)
    return town.world.tell(town.shop, told, key="1001")


def only_paid(town: Town) -> Any:
    """A newer telling: more was paid, nothing else has changed."""
    told = sales_order(1001, channel=town.shop, minute=5)
    told["totals"] |= {"paid": "40.00"}
    return town.world.tell(town.shop, told, key="1001")


@pytest.mark.parametrize("newer", [more, only_paid])
@pytest.mark.parametrize(
    "order",
    [("order", "refund", "newer"), ("refund", "order", "newer"), ("order", "newer", "refund")],
)
def test_G15_an_order_that_bears_it_by_now_takes_it_whatever_came_first(
    town: Town, order: tuple[str, ...], newer: Callable[[Town], Any]
) -> None:
    events = {
        "order": town.order,
        "refund": lambda: pay_back(town, "r1", "35.00"),
        "newer": lambda: newer(town),
    }
    for name in order:
        events[name]()
        town.world.run()
    assert paid_back(town) == (["r1"], ["r1"])
    assert standing(town) == []
    assert broken(town) == 0


def test_G20_one_that_came_before_its_order_is_held_against_it_too(town: Town) -> None:
    pay_back(town, "r1", "30.01")
    pay_back(town, "r2", "30.00")
    town.world.run()
    assert standing(town) == []
    town.order()
    town.world.run()
    assert paid_back(town) == (["r2"], ["r2"])
    assert standing(town) == above(town, "r1")


def test_G11_told_again_it_is_kept_once_and_said_once(town: Town) -> None:
    town.order()
    town.world.run()
    pay_back(town, "r1", "30.01")
    town.world.run()
    tree = {"type": "refund", "source": {"connection": town.shop, "id": "r1"}, "refund_id": "r1",
            "channel_order_id": "1001", "created_at": "2026-11-24T13:00:00Z", "currency": "EUR",
            "amount": "30.01"}  # fmt: skip
    again = town.world.tell(town.shop, tree, key="1001")
    town.world.run()
    assert (town.status(again.id), town.reason(again.id)) == ("ignored", "repeated")
    assert standing(town) == above(town, "r1")
    assert paid_back(town) == ([], [])
