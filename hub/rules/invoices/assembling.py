"""An invoice or credit note of its lines and charges: sums, tax by category, parties.

Tax is worked out once for each category; what that is off from the order's own tax, a cent a line
at most, is the rounding amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from hub.model.document import ZERO, Address
from hub.model.errors import BadData
from hub.model.invoice import (
    AllowanceCharge,
    Invoice,
    InvoiceLine,
    InvoiceTotals,
    Party,
    Tax,
    TaxSum,
    tax_of,
)
from hub.model.invoice.seller import Seller
from hub.model.money import add
from hub.model.order import SalesOrder
from hub.rules.invoices import complete

_ROUNDING = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Head:
    """What an invoice or credit note says of itself. `delivered_on`: the day on which the last
    goods left, None where none did; `corrects`: the number of the invoice that is credited.
    """

    kind: Literal["invoice", "credit_note"]
    number: str
    issued_on: date
    delivered_on: date | None = None
    corrects: str | None = None


def whole(
    order: SalesOrder,
    head: Head,
    seller: Seller,
    lines: Sequence[InvoiceLine],
    charges: Sequence[AllowanceCharge],
    total: Decimal,
) -> Invoice:
    """An invoice of these lines and charges that comes to `total`. BadData where they do not make
    one, or where it lacks what it must say.
    """
    if not lines:
        raise BadData("nothing of the order is left", path="lines")
    more = [it for it in charges if it.amount]
    taxes = _taxes(lines, more, order.currency)
    made = Invoice(
        kind=head.kind,
        number=head.number,
        issued_on=head.issued_on,
        due_on=head.issued_on if head.kind == "invoice" else None,
        currency=order.currency,
        buyer_reference=order.order_number,
        order_number=order.order_number,
        corrects=head.corrects,
        seller=_numbered(seller.party),
        buyer=_known_of(buyer_of(order), taxes),
        delivered_on=head.delivered_on,
        delivered_to=_where(order.ship_to) if order.ship_to and order.ship_to.country else None,
        lines=tuple(lines),
        charges=tuple(more),
        taxes=tuple(taxes),
        totals=_totals(lines, more, taxes, total),
    )
    lacking = tuple(complete.lacking(made))
    if lacking:
        first, *rest = lacking
        raise BadData(first.message, path=first.path, code=first.code, more=tuple(rest))
    return made


def buyer_of(order: SalesOrder) -> Party:
    """Who bought, as far as an invoice says it."""
    address = order.bill_to or order.ship_to or Address()
    who = order.customer
    party = Party(
        name=address.company or address.name or (who and who.name) or "-",
        address=_where(address),
        tax_id=who and who.tax_id,
        endpoint=who and who.endpoint,
        endpoint_scheme=who and who.endpoint_scheme,
    )
    return _numbered(party)


def _totals(
    lines: Sequence[InvoiceLine],
    charges: Sequence[AllowanceCharge],
    taxes: Sequence[TaxSum],
    total: Decimal,
) -> InvoiceTotals:
    off = add(*(it.amount for it in charges if not it.is_charge))
    on = add(*(it.amount for it in charges if it.is_charge))
    of_lines = add(*(it.net for it in lines))
    without, tax = add(of_lines, -off, on), add(*(it.amount for it in taxes))
    rounding = add(total, -without, -tax)
    if abs(rounding) > _ROUNDING * (len(lines) + len(charges)):
        message = f"tax and amounts are {rounding} apart"
        raise BadData(message, path="totals", code="totals_mismatch")
    return InvoiceTotals(
        lines=of_lines,
        allowances=off,
        charges=on,
        without_tax=without,
        tax=tax,
        with_tax=add(without, tax),
        rounding=rounding,
        payable=add(without, tax, rounding),
    )


def _taxes(
    lines: Sequence[InvoiceLine], charges: Sequence[AllowanceCharge], currency: str
) -> list[TaxSum]:
    sums: dict[Tax, Decimal] = {}
    for line in lines:
        sums[line.tax] = add(sums.get(line.tax, ZERO), line.net)
    for it in charges:
        if it.tax is not None:
            sums[it.tax] = add(sums.get(it.tax, ZERO), it.amount if it.is_charge else -it.amount)
    return [
        TaxSum(tax=tax, taxable=taxable, amount=tax_of(taxable, tax, currency))
        for tax, taxable in sums.items()
    ]


def _numbered(party: Party) -> Party:
    """With its VAT number as VAT numbers are written."""
    number = party.vat_number
    return party.model_copy(update={"tax_id": number}) if number else party


def _known_of(buyer: Party, taxes: Sequence[TaxSum]) -> Party:
    """Without his VAT number where nothing is subject to tax: there it must not stand (BR-O-02)."""
    bare = buyer.vat_number and any(it.tax.category == "O" for it in taxes)
    return buyer.model_copy(update={"tax_id": None}) if bare else buyer


def _where(address: Address) -> Address:
    return Address(
        lines=address.lines,
        city=address.city,
        postal_code=address.postal_code,
        region=address.region,
        country=address.country,
    )
