"""Journal entries, orders and refunds -> Xero's manual journals, invoices and credit notes; its
answers, in either writing. Source: Xero's OpenAPI description, answers that clients recorded.

Amounts of an order stand one piece a line, net, with the tax that the channel states: nothing is
multiplied or rounded there that was already.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import Any

from hub.model.document import ZERO
from hub.model.errors import BadData, UnknownCode
from hub.model.money import round_to
from hub.model.order import Refund, SalesOrder
from hub.model.settlement import JournalEntry
from mappings.kit import Context, Encoders
from mappings.kit.ledger_lines import Item, credit, items, order_reference, party
from mappings.xero.answers import amount, day, rows

NONE = "NONE"
_LONGEST_CODE, _LONGEST_NAME = 50, 255


@dataclass(frozen=True, slots=True)
class Terms:
    """Accounts by what is booked on them, tax types by rate, and the organisation's own currency.
    `paid_to`: the account that payments come in on; empty where others book them.
    """

    currency: str = "EUR"
    accounts: Mapping[str, str] = field(default_factory=lambda: {"goods": "200"})
    tax_types: Mapping[Decimal, str] = field(default_factory=dict)
    paid_to: str = ""
    zone: tzinfo = UTC


def encoders(terms: Terms) -> Encoders:
    """The encode table of a connection with these terms."""
    return {
        JournalEntry: partial(_journal, terms),
        SalesOrder: partial(_invoice, terms),
        Refund: partial(_credit_note, terms),
    }


def mark(entry_id: str) -> str:
    """How a narration ends, by which a journal is found again: it has no number of ours."""
    return f"[{entry_id}]"


def _journal(terms: Terms, entry: JournalEntry, _: Context) -> dict[str, Any]:
    """A manual journal: debits above 0, credits below. Taxes are lines of their own."""
    if entry.currency != terms.currency:
        message = f"manual journals are in {terms.currency}, not in {entry.currency}"
        raise BadData(message, path="currency", code="not_supported")
    return {
        "Narration": " ".join(filter(None, (entry.description, mark(entry.entry_id)))),
        "Date": _day(entry.date, terms),
        "Status": "POSTED",
        "LineAmountTypes": "NoTax",
        "JournalLines": [
            _told(
                {
                    "LineAmount": float(line.debit - line.credit),
                    "AccountCode": line.account,
                    "Description": line.reference or entry.document,
                }
            )
            for line in entry.lines
        ],
    }


def _invoice(terms: Terms, order: SalesOrder, at: Context) -> dict[str, Any]:
    """An invoice under our reference."""
    who = party(order)
    lines = [line for item in items(order, at) for line in _lines(item, order.currency, terms)]
    if order.totals.rounding:
        lines.append(_line("Rounding", order.totals.rounding, ZERO, "rounding", NONE, terms))
    code = who["code"]
    return {
        "Type": "ACCREC",
        "InvoiceNumber": order_reference(order.source.connection, order.channel_order_id),
        "Reference": order.order_number,
        "Contact": _told(
            {
                "ContactNumber": code if len(code) <= _LONGEST_CODE else _digest(code),
                "Name": who["name"][:_LONGEST_NAME],
                "EmailAddress": who["email"] or None,
            }
        ),
        "Date": _day(order.placed_at, terms),
        "DueDate": _day(order.placed_at, terms),
        "CurrencyCode": order.currency,
        "Status": "AUTHORISED",
        "LineAmountTypes": "Exclusive",
        "LineItems": lines,
    }


def _credit_note(terms: Terms, refund: Refund, at: Context) -> dict[str, Any]:
    """A credit note, without whose it is: the invoice says that, and the tax type."""
    back = credit(refund, at)
    return {
        "Type": "ACCRECCREDIT",
        "CreditNoteNumber": back["reference"],
        "Reference": back["order"],
        "Date": _day(refund.created_at, terms),
        "CurrencyCode": refund.currency,
        "Status": "AUTHORISED",
        "LineAmountTypes": "Exclusive",
        "LineItems": [
            _line(
                refund.reason or "Refund", refund.amount - refund.tax, refund.tax, "refunds", NONE,
                terms,
            )
        ],
    }  # fmt: skip


def _lines(item: Item, currency: str, terms: Terms) -> list[dict[str, Any]]:
    """A charge's parts; its tax is spread over them by their nets."""
    kind, left = _tax_type(item, terms), item.at.tax
    lines = []
    for n, part in enumerate(item.parts, 1):
        share = item.at.tax * part.net / item.at.net if item.at.net else ZERO
        tax = left if n == len(item.parts) else round_to(share, currency)
        left -= tax
        text = f"{part.quantity.normalize():f} x {part.description}"
        lines.append(_line(text, part.net, tax, part.role, kind, terms))
    return lines


def _tax_type(item: Item, terms: Terms) -> str:
    if not item.at.taxes:
        return terms.tax_types.get(ZERO, NONE)
    rate = sum(item.at.rates, ZERO)
    known = {rate_.normalize(): name for rate_, name in terms.tax_types.items()}
    if rate.normalize() not in known:
        raise UnknownCode("tax_types", f"{rate.normalize():f}", path=item.path)
    return known[rate.normalize()]


def _line(
    text: str, net: Decimal, tax: Decimal, role: str, kind: str, terms: Terms
) -> dict[str, Any]:
    account = terms.accounts.get(role) or terms.accounts.get("goods")
    if account is None:
        raise UnknownCode("accounts", role, path="lines")
    return {
        "Description": text[:4000],
        "Quantity": 1,
        "UnitAmount": float(net),
        "AccountCode": account,
        "TaxType": kind,
        "TaxAmount": float(tax),
    }


def _day(at: datetime, terms: Terms) -> str:
    told: date = at.astimezone(terms.zone).date()
    return str(told)


def _digest(text: str) -> str:
    return f"OH-{sha256(text.encode()).hexdigest()[:40]}"


def _told(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tree.items() if value is not None}


__all__ = ["NONE", "Terms", "amount", "day", "encoders", "mark", "rows"]
