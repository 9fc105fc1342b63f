"""Orders, who draws their invoices, and what is drawn of them."""

from datetime import date
from typing import Any

from hub.model.document import Address
from hub.model.invoice import Invoice, Party
from hub.model.invoice.seller import Seller, Untaxed, UntaxedSales
from hub.model.order import Refund, SalesOrder
from hub.rules.invoices import crediting, drawing
from tests.kit.catalogue import sales_order

DAY = date(2026, 11, 24)
PARTY = Party(
    name="Käse & Söhne GmbH",
    address=Address(lines=("Hauptstraße 1",), city="Köln", postal_code="50667", country="DE"),
    tax_id="DE123456789",
    endpoint="9482348239846",
    endpoint_scheme="0088",
)
SELLER = Seller(
    party=PARTY,
    untaxed=UntaxedSales(
        home=Untaxed(category="Z"), union=Untaxed(category="Z"), abroad=Untaxed(category="Z")
    ),
)
"""Who says that all is zero rated of which no tax is told."""


def order(**changes: Any) -> SalesOrder:
    return SalesOrder.model_validate(sales_order(1001, **changes))


def taxed(*lines: tuple[str, str, str], included: bool = True) -> SalesOrder:
    """An order of lines (pieces, total, tax)."""
    made = [
        {"line_no": at, "sku": f"S{at}", "title": "杯子 & Tässle", "quantity": pieces,
         "unit_price": total, "total": total, "tax": tax, "tax_lines": [
             {"title": "VAT", "rate": "0.19", "amount": tax}]}
        for at, (pieces, total, tax) in enumerate(lines, start=1)
    ]  # fmt: skip
    return order(lines=made, prices_include_tax=included)


def drawn(sold: SalesOrder, seller: Seller = SELLER, left: date | None = None) -> Invoice:
    return drawing.invoice(sold, "2026-1", DAY, seller, left)


def credited(
    sold: SalesOrder, refund: Refund, seller: Seller = SELLER, left: date | None = None
) -> Invoice:
    return crediting.credit_note(sold, refund, "2026-2", "2026-1", DAY, seller, left)
