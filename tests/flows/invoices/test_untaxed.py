"""Invoices of what bears no tax, drawn when goods leave: to a business in another country of the EU
they are intra-community supplies, which say when and where the goods were delivered.
"""

from collections.abc import Callable

import pytest

from hub.flows.invoices import drawing
from hub.model.errors import BadData
from hub.model.invoice import Invoice
from hub.model.invoice.seller import UntaxedSales
from hub.store.invoices import invoices
from hub.store.views import invoices as seen
from tests.flows.invoices import sellers
from tests.kit.catalogue import DAY, shipment
from tests.kit.world import Merchant

BUYER = {"name": "Ada Bakker", "tax_id": "BE0123456749"}
BRUSSELS = {"name": "Ada Bakker", "lines": ["Grand-Place 1"], "city": "Brussel",
            "postal_code": "1000", "country": "BE"}  # fmt: skip


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    """Ships from the Netherlands, and says nothing of sales without tax."""
    made = new_merchant(A=5)
    seller = sellers.seller(at_shipment=True, untaxed=UntaxedSales())
    with made.world.unit() as unit:
        invoices.set_seller(unit.db, made.code, seller)
    return made


def drawn(acme: Merchant) -> list[Invoice]:
    ids = acme.rows("SELECT id FROM invoice WHERE merchant_id = :merchant ORDER BY serial")
    with acme.world.unit() as unit:
        found = [seen.one(unit.db, unit.vault, row.id) for row in ids]
    return [it.document for it in found if it is not None]


def test_goods_that_leave_for_a_business_abroad_are_an_intra_community_supply(
    acme: Merchant,
) -> None:
    number = acme.notify(lines=[("A", 1)], customer=BUYER, ship_to=BRUSSELS)
    with acme.world.unit() as unit, pytest.raises(BadData, match="BR-IC-11"):
        drawing.draw(unit, acme.row().id, "ann")
    acme.says(shipment(number))
    acme.world.run()
    (invoice,) = drawn(acme)
    assert [it.tax.category for it in invoice.taxes] == ["K"]
    assert str(invoice.delivered_on) == DAY
    assert invoice.delivered_to is not None
    assert (invoice.delivered_to.country, invoice.buyer.tax_id) == ("BE", "BE0123456749")


def test_what_is_sold_at_home_without_a_word_goes_to_a_person(acme: Merchant) -> None:
    number = acme.notify(lines=[("A", 1)])
    acme.says(shipment(number))
    acme.world.run()
    assert drawn(acme) == []
    assert acme.incidents() == ["invoice_not_drawn"]
    with acme.world.unit() as unit:
        invoices.set_seller(unit.db, acme.code, sellers.seller(at_shipment=True))
        drawing.draw(unit, acme.row().id, "ann")
    assert [it.taxes[0].tax.category for it in drawn(acme)] == ["Z"]
