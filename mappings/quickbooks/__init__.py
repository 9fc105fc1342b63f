"""Journal entries, orders and refunds -> QuickBooks Online's journal entries, sales receipts,
invoices and refund receipts, as XML; its answers. Source: the XSDs of its API version 3, answers
that clients recorded.

What it knows by number must be told by number: accounts, items, customers, tax codes. A document's
number has 21 characters there; ours stands whole in the private note.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import Any

from lxml import etree

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, UnknownCode
from hub.model.order import Refund, SalesOrder
from hub.model.settlement import JournalEntry
from mappings.kit import Context, Encoder, Encoders
from mappings.kit.ledger_lines import credit, items, order_reference
from mappings.quickbooks.answers import NAMESPACE

LONGEST_NUMBER = 21
_NOTE, _TEXT = 4000, 4000
Tree = list[tuple[str, Any]]
"""Elements in the order of the schema: name -> text, or what is in it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Items by what they stand for, tax codes by rate, the customer that shops' orders are booked
    on, and the accounts of what is receivable and of the bank, all by their ids there.
    """

    items: Mapping[str, str] = field(default_factory=lambda: {"goods": "1"})
    tax_codes: Mapping[Decimal, str] = field(default_factory=dict)
    customer: str = "1"
    receivables: tuple[str, ...] = ()
    bank: str = ""
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Told:
    """An object as it is posted: its kind, its number, and what it comes to."""

    kind: str
    number: str
    raw: bytes
    sums: Mapping[str, Decimal]


def objects_of(terms: Terms) -> Encoders:
    """What each document is at QuickBooks, with these terms."""
    return {
        JournalEntry: partial(_journal, terms),
        SalesOrder: partial(_sale, terms),
        Refund: partial(_refund, terms),
    }


def encoders(terms: Terms) -> Encoders:
    """The bytes of them."""
    return {kind: partial(_posted, make) for kind, make in objects_of(terms).items()}


def _posted(make: Encoder, document: Document, at: Context) -> bytes:
    raw: bytes = make(document, at).raw
    return raw


def number_of(ours: str) -> str:
    """Our number, or what stands for it in 21 characters."""
    if len(ours) <= LONGEST_NUMBER and ours.isprintable():
        return ours
    return f"H{sha256(ours.encode()).hexdigest()[: LONGEST_NUMBER - 1]}"


def _journal(terms: Terms, entry: JournalEntry, _: Context) -> Told:
    number = number_of(entry.entry_id)
    sums: dict[str, Decimal] = {}
    tree: Tree = _head(number, entry.date, entry.currency, terms,
                       [entry.description, f"[{entry.entry_id}]"])  # fmt: skip
    for line in entry.lines:
        net = line.debit - line.credit
        sums[line.account] = sums.get(line.account, ZERO) + net
        detail: Tree = [("PostingType", "Debit" if net >= 0 else "Credit")]
        if line.account in terms.receivables:
            owed: Tree = [("Type", "Customer"), ("EntityRef", _customer(terms))]
            detail.append(("Entity", owed))
        detail.append(("AccountRef", line.account))
        tree.append(
            (
                "Line",
                [
                    ("Description", (line.reference or entry.document or "")[:_TEXT] or None),
                    ("Amount", f"{abs(net):f}"),
                    ("DetailType", "JournalEntryLineDetail"),
                    ("JournalEntryLineDetail", detail),
                ],
            )
        )
    return Told("JournalEntry", number, _written("JournalEntry", tree), sums)


def _sale(terms: Terms, order: SalesOrder, at: Context) -> Told:
    """A receipt of what is paid, an invoice of what is not."""
    ours = order_reference(order.source.connection, order.channel_order_id)
    number, is_paid = number_of(ours), order.payment_state == "paid"
    tree = _head(number, order.placed_at, order.currency, terms, [order.order_number, f"[{ours}]"])
    for item in items(order, at):
        code = _tax_code(sum(item.at.rates, ZERO), terms, item.path)
        for part in item.parts:
            text = f"{part.quantity.normalize():f} x {part.description}"
            tree.append(_line(text, part.net, part.role, code, terms))
    if order.totals.rounding:
        code = _tax_code(ZERO, terms, "totals.rounding")
        tree.append(_line("Rounding", order.totals.rounding, "rounding", code, terms))
    return _sales("SalesReceipt" if is_paid else "Invoice", tree, order.totals.tax,
                  order.totals.grand_total, number, terms, is_paid=is_paid)  # fmt: skip


def _refund(terms: Terms, refund: Refund, at: Context) -> Told:
    """Money that went back, as one line under the tax code of its rate."""
    back = credit(refund, at)
    number, net = number_of(back["reference"]), refund.amount - refund.tax
    tree = _head(number, refund.created_at, refund.currency, terms, [f"[{back['reference']}]"])
    known = (rate for rate in terms.tax_codes if rate and abs(net * rate - refund.tax) <= _NEAR)
    rate = next(known, ZERO) if refund.tax else ZERO
    if refund.tax and not rate:
        raise UnknownCode("tax_codes", f"{refund.tax} of {net}", path="tax")
    text = refund.reason or "Refund"
    tree.append(_line(text, net, "refunds", _tax_code(rate, terms, "tax"), terms))
    return _sales("RefundReceipt", tree, refund.tax, refund.amount, number, terms, is_paid=True)


_NEAR = Decimal("0.05")


def _sales(
    kind: str,
    tree: Tree,
    tax: Decimal,
    total: Decimal,
    number: str,
    terms: Terms,
    *,
    is_paid: bool,
) -> Told:
    tree.append(("TxnTaxDetail", [("TotalTax", f"{tax:f}")]))
    tree.append(("CustomerRef", _customer(terms)))
    tree.append(("GlobalTaxCalculation", "TaxExcluded"))
    if is_paid and terms.bank:
        tree.append(("DepositToAccountRef", terms.bank))
    return Told(kind, number, _written(kind, tree), {"total": total})


def _head(
    number: str, at: datetime, currency: str, terms: Terms, note: Iterable[str | None]
) -> Tree:
    return [
        ("DocNumber", number),
        ("TxnDate", str(at.astimezone(terms.zone).date())),
        ("CurrencyRef", currency),
        ("PrivateNote", " ".join(filter(None, note))[-_NOTE:]),
    ]


def _line(text: str, net: Decimal, role: str, tax_code: str, terms: Terms) -> tuple[str, Tree]:
    item = terms.items.get(role) or terms.items.get("goods")
    if item is None:
        raise UnknownCode("items", role, path="lines")
    detail: Tree = [
        ("ItemRef", item),
        ("UnitPrice", f"{net:f}"),
        ("Qty", "1"),
        ("TaxCodeRef", tax_code),
    ]
    return "Line", [
        ("Description", text[:_TEXT]),
        ("Amount", f"{net:f}"),
        ("DetailType", "SalesItemLineDetail"),
        ("SalesItemLineDetail", detail),
    ]


def _tax_code(rate: Decimal, terms: Terms, path: str) -> str:
    known = {each.normalize(): code for each, code in terms.tax_codes.items()}
    if not rate:
        return known.get(ZERO.normalize(), "NON")
    if rate.normalize() not in known:
        raise UnknownCode("tax_codes", f"{rate.normalize():f}", path=path)
    return known[rate.normalize()]


def _customer(terms: Terms) -> str:
    if not terms.customer:
        message = "the id of a customer is expected in the settings"
        raise BadData(message, path="customer", code="missing_field")
    return terms.customer


def _written(kind: str, tree: Tree) -> bytes:
    root = etree.Element(f"{{{NAMESPACE}}}{kind}", nsmap={None: NAMESPACE})
    _grow(root, tree)
    raw: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return raw


def _grow(above: Any, tree: Tree) -> None:
    for name, value in tree:
        if value is None:
            continue
        element = etree.SubElement(above, f"{{{NAMESPACE}}}{name}")
        if isinstance(value, list):
            _grow(element, value)
        else:
            element.text = value


__all__ = ["Terms", "Told", "encoders", "number_of", "objects_of"]
