"""Invoices that are drawn when goods leave, of orders of kits: once, of kits and never of parts, as
soon as a first kit is whole or it is certain that none will be.
"""

from decimal import Decimal

import pytest

from hub.flows.orders import order_requests
from hub.model.invoice import Invoice
from hub.store.invoices import invoices
from hub.store.views import invoices as seen
from tests.flows.fulfilment.test_kits_shipped import acme, says
from tests.flows.invoices import sellers
from tests.kit.catalogue import refund, status
from tests.kit.world import Merchant

__all__ = ["acme"]


@pytest.fixture(autouse=True)
def _at_shipment(acme: Merchant) -> None:
    with acme.world.unit() as unit:
        invoices.set_seller(unit.db, acme.code, sellers.seller(at_shipment=True))


def drawn(acme: Merchant) -> list[Invoice]:
    ids = acme.rows("SELECT id FROM invoice WHERE merchant_id = :merchant ORDER BY serial")
    with acme.world.unit() as unit:
        found = [seen.one(unit.db, unit.vault, row.id) for row in ids]
    return [it.document for it in found if it is not None]


def lines(invoice: Invoice) -> list[tuple[str, Decimal, Decimal]]:
    return [(it.name, it.quantity, it.net) for it in invoice.lines]


SETS = [("Article SET", Decimal(2), Decimal(20))]


def test_parts_draw_none_and_the_first_whole_kit_draws_one_of_all(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 2)])
    says(acme, number, "a", (3, 4), complete=False)
    assert drawn(acme) == []
    says(acme, number, "b", (2, 1), complete=False)
    assert [lines(it) for it in drawn(acme)] == [SETS]
    says(acme, number, "c", (2, 1))
    assert [lines(it) for it in drawn(acme)] == [SETS]


def test_goods_that_leave_beside_parts_draw_the_whole_order(acme: Merchant) -> None:
    number = acme.notify(lines=[("A", 1), ("SET", 2)])
    says(acme, number, "a", (1, 1), (4, 2), complete=False)
    assert [lines(it) for it in drawn(acme)] == [[("Article A", Decimal(1), Decimal(10)), *SETS]]


def test_a_kit_that_will_never_be_whole_is_drawn_without_what_is_given_up(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 3)])
    short = [{"line_no": 2, "quantity": "3", "reason": "lost"},
             {"line_no": 3, "quantity": "3", "reason": "lost"}]  # fmt: skip
    says(acme, number, "a", (3, 3), short=short)
    assert drawn(acme) == []
    with acme.world.unit() as unit:
        order_requests.cancel(unit, acme.row().id, "user:ann", "no more boxes")
    acme.world.run()
    assert [lines(it) for it in drawn(acme)] == [SETS]


def test_none_is_drawn_of_a_cancelled_order_of_which_only_parts_left(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 1)])
    says(acme, number, "a", (3, 2), complete=False)
    acme.order(lines=[("SET", 1)], state="cancelled", minute=5)
    acme.world.run()
    acme.says(status(number, "cancelled"))
    acme.world.run()
    assert (acme.row().status, drawn(acme)) == ("completed", [])


def test_what_the_shop_pays_back_of_a_part_is_credited(acme: Merchant) -> None:
    number = acme.notify(lines=[("SET", 2)])
    says(acme, number, "a", (2, 2), (3, 4))
    line = {"channel_line_id": "1001-1", "sku": "SET", "quantity": "0", "amount": "3.33"}
    told = refund(channel=acme.at_shop.code, lines=[line], amount="3.33")
    acme.world.tell(acme.at_shop.code, told, key="1001")
    acme.world.run()
    invoice, credit = drawn(acme)
    assert (credit.corrects, credit.totals.payable) == (invoice.number, Decimal("3.33"))
