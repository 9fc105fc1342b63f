"""Checkout.com's settlement breakdown: one row for each action, with what was paid, what was taken
and what is left of it. Source: Checkout.com docs, "Settlement breakdown report".

Amounts have more places than the currency: what the rows come to and what is paid differ by that.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.money import EXPONENT, round_to
from hub.model.settlement import Kind, Payout, SettlementLine
from mappings.kit import Context
from mappings.kit.readers.csv import folded
from mappings.kit.reports.cells import Cells, Table, numbered
from mappings.kit.reports.told import (
    Total,
    by,
    check,
    content_id,
    kind_of,
    line,
    net_of,
    report,
    rounding,
    tidied,
)
from mappings.kit.reports.zones import zone_of

_GROSS, _TAKEN = "Gross In Holding Currency", "Deduction In Holding Currency"
_LEFT, _RESERVE = "Net In Holding Currency", "Reserve In Holding Currency"
_PARTS = (
    "Processing Fee In Holding Currency",
    "Scheme Fee In Holding Currency",
    "Interchange In Holding Currency",
    "Tax In Holding Currency",
)
ACTIONS = Table(
    (("Type",), ("Holding Currency",), (_GROSS,), (_LEFT,), ("Processed On", "Processed On UTC")),
    lambda name: name.endswith("inholdingcurrency"),
)


def is_actions(heads: frozenset[str]) -> bool:
    """Whether a file with these (folded) names of columns has a row for each action."""
    return folded(_LEFT) in heads


def actions(rows: Sequence[Cells], at: Context) -> list[Document]:
    """A report for each payout and currency. A row of the payout itself says what the others come
    to.
    """
    groups = by(
        numbered(rows, _name),
        lambda it: (it[0].text("Payout ID"), it[0].needed("Holding Currency").upper()),
    )
    return [
        document
        for (payout, currency), own in groups.items()
        for document in _report(payout, currency, own, at)
    ]


def _report(
    number: str | None, currency: str, own: Sequence[tuple[Cells, str]], at: Context
) -> list[Document]:
    sums = [row for row, _ in own if folded(row.needed("Type")) == "payout"]
    lines = [each for row, name in own if row not in sums for each in _lines(row, name, at)]
    named, payout = f"{number or currency}-{content_id(lines)}", None
    if sums and number:
        told = abs(sums[0].amount(_LEFT))
        check([Total(sums[0].path(_LEFT), tidied(told, currency), tidied(net_of(lines), currency))])
    if not lines:
        return []
    if number:
        whole = _paid(net_of(lines), currency)
        lines += rounding("rows", whole, lines, currency, lines[-1].at)
        if sums:
            payout = Payout(reference=number, amount=whole)
    of = (number, "settlement breakdown")
    return [report(at, "checkout", named, currency, lines, payout=payout, of=of)]


def _paid(net: Decimal, currency: str) -> Decimal:
    """What a bank can pay of it."""
    return round_to(net, currency) if currency in EXPONENT else net


def _name(row: Cells) -> str:
    parts = (row.text("Action ID"), row.text("Payment ID"), folded(row.needed("Type")))
    return "-".join(part for part in parts if part)


def _lines(row: Cells, name: str, at: Context) -> list[SettlementLine]:
    """An action, and beside it what is kept back of it, which is not lost."""
    gross, left, reserve = row.amount(_GROSS), row.amount(_LEFT), _reserve(row)
    kind, payment = _kind(row, gross, at), row.text("Payment ID")
    currency = row.needed("Holding Currency")
    moment = _moment(row, at)
    found = [
        line(
            row.place,
            reference=name,
            channel_order_id=row.text("Reference"),
            kind=kind,
            gross=gross,
            fee=gross - (left - reserve),
            currency=currency,
            at=moment,
            provider_kind=row.text("Type"),
            transaction=row.text("Action ID") or payment,
            original=payment if kind in {"refund", "chargeback", "fee"} else None,
            batch=row.text("Payout ID"),
        )
    ]
    if reserve:
        found.append(
            line(
                row.place,
                reference=f"{name}-reserve",
                kind="reserve",
                gross=reserve,
                currency=currency,
                at=moment,
                provider_kind="Reserve",
                transaction=payment,
                batch=row.text("Payout ID"),
            )
        )
    return found if gross or left else []


def _moment(row: Cells, at: Context) -> datetime:
    if row.text("Processed On UTC"):
        return row.moment("Processed On UTC", zone=UTC)
    return row.moment(
        "Processed On", zone=zone_of(row.text("Timezone"), at.zone, row.path("Timezone"))
    )


def _reserve(row: Cells) -> Decimal:
    """What is held back or released, where it is a part of what was taken."""
    reserve, taken = row.amount(_RESERVE), row.amount(_TAKEN)
    parts = sum((row.amount(name) for name in _PARTS), ZERO)
    return reserve if reserve and parts + reserve == taken else ZERO


def _kind(row: Cells, gross: Decimal, at: Context) -> Kind:
    """Of what nothing was paid, all is fee: a token, an update of a card, a payment refused."""
    return kind_of(at, folded(row.needed("Type")), row.path("Type")) if gross else "fee"
