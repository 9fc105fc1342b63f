"""Invoices are drawn once for each order, numbered without gaps, and credited by refunds."""

from threading import Thread
from typing import Any

import pytest

from hub import flows
from hub.flows.invoices import drawing
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.model.errors import BadData
from hub.store import invariants
from hub.store.base.ids import new_id
from hub.store.invariants.reconciliation import INVOICES
from hub.store.invoices import invoices
from tests.flows.invoices import sellers
from tests.kit.catalogue import refund, sales_order
from tests.kit.world import Merchant
from tests.kit.world.world import World


class InvoiceDesk:
    """A merchant whose invoices are drawn."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.acme: Merchant = world.new_merchant().shop()
        with world.unit() as unit:
            invoices.set_seller(unit.db, self.acme.code, sellers.seller(at_shipment=True))

    def take(self, tree: dict[str, Any]) -> None:
        shop = self.acme.at_shop.code
        document = read(tree["type"], {**tree, "source": {**tree["source"], "connection": shop}})
        partner = self.world.store.directory().connections[shop]
        with self.world.unit() as unit:
            flows.take(unit, [Told(document, partner, new_id(), new_id())])

    def draw(self, number: int) -> str:
        query = """SELECT id FROM sales_order
        WHERE merchant_id = :merchant AND channel_order_id = :number"""
        (row,) = self.acme.rows(query, number=str(number))
        with self.world.unit() as unit:
            return drawing.draw(unit, row.id, "ann")

    def drawn(self) -> list[tuple[int, str]]:
        rows = self.acme.rows(
            "SELECT serial, kind FROM invoice WHERE merchant_id = :merchant ORDER BY serial"
        )
        return [(row.serial, row.kind) for row in rows]


@pytest.fixture
def office(shared: World) -> InvoiceDesk:
    return InvoiceDesk(shared)


def test_each_order_has_one_number_and_its_refunds_the_next(office: InvoiceDesk) -> None:
    for number in (1, 2):
        office.take(sales_order(number))
    office.take(refund("r0", order=1, amount="5.00"))
    first = office.draw(1)
    assert first.endswith("-000001")
    assert office.draw(1) == first
    office.draw(2)
    office.take(refund("r1", order=1, amount="5.00"))
    assert office.drawn() == [
        (1, "invoice"),
        (2, "credit_note"),
        (3, "invoice"),
        (4, "credit_note"),
    ]


def test_what_cannot_be_drawn_takes_no_number(office: InvoiceDesk) -> None:
    cancelled = {"line_no": 1, "sku": "A", "quantity": "1", "cancelled_quantity": "1",
                 "unit_price": "10.00", "total": "10.00"}  # fmt: skip
    office.take(sales_order(1, lines=[cancelled]))
    with pytest.raises(BadData):
        office.draw(1)
    office.take(sales_order(2))
    assert office.draw(2).endswith("-000001")


def test_many_at_once_leave_no_gap(office: InvoiceDesk) -> None:
    for number in range(1, 7):
        office.take(sales_order(number))
    threads = [Thread(target=office.draw, args=(number,)) for number in (*range(1, 7), 1, 2, 3)]
    for it in threads:
        it.start()
    for it in threads:
        it.join()
    assert [serial for serial, _ in office.drawn()] == [1, 2, 3, 4, 5, 6]
    with invariants.snapshot(office.world.store) as db:
        titles = {it.title for it in INVOICES}
        assert [it.broken for it in invariants.look(db) if it.title in titles] == [[]]
