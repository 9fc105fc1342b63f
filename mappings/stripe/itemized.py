"""Stripe's itemised reports: one row for each balance transaction, in major units. Which columns
there are differs between downloads.
"""

from collections.abc import Sequence
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.money import add
from hub.model.settlement import Kind, SettlementLine
from mappings.kit import Context
from mappings.kit.reports.cells import Cells, Table, cells
from mappings.kit.reports.told import by, kind_of, line, net_of, tidied
from mappings.stripe.payouts import accounted_for, word_of

REFERENCE = ("balance_transaction_id", "id")
GROSS, CATEGORY = ("gross", "amount"), ("reporting_category", "type")
CREATED = ("created_utc", "created", "Created (UTC)")
PAYOUT = ("automatic_payout_id", "payout_id", "Transfer")
SOURCE = ("source_id", "Source")
EFFECTIVE = ("automatic_payout_effective_at", "effective_at", "available_on", *CREATED)
TABLE = Table(
    (REFERENCE, ("currency",), GROSS, ("net",), CATEGORY, CREATED),
    lambda name: name in {"gross", "amount", "fee", "net"},
)


def itemized(raw: bytes, order_metadata: Sequence[str], at: Context) -> list[Document]:
    """A report for each payout and currency, and for what is in no payout yet."""
    groups = by(cells(raw, TABLE, at), _group)
    return [
        _report(payout, currency, rows, order_metadata, at)
        for (payout, currency), rows in groups.items()
    ]


def _group(row: Cells) -> tuple[str | None, str]:
    payout = row.text(*PAYOUT)
    source = row.text(*SOURCE) or ""
    if payout is None and source.startswith("po_"):
        payout = source
    return payout, row.needed("currency").upper()


def _report(
    payout: str | None,
    currency: str,
    rows: Sequence[Cells],
    order_metadata: Sequence[str],
    at: Context,
) -> Document:
    known = [(row, kind_of(at, _word(row), row.path(CATEGORY[0]))) for row in rows]
    others = [row for row, kind in known if kind != "payout"]
    lines = [_line(row, kind, order_metadata) for row, kind in known if kind != "payout"]
    outs = [row for row, kind in known if kind == "payout"]
    paid = [_line(row, "payout", (), _paid(row, others)) for row in outs]
    return accounted_for(
        payout,
        currency,
        [*lines, *paid],
        at,
        paid=next((row.moment_or_none(*EFFECTIVE) for row in outs), None),
        told=tidied(ZERO - net_of(paid), currency) if paid and payout else None,
        path=outs[0].path("net") if outs else "",
    )


def _word(row: Cells) -> str:
    return word_of(row.needed(*CATEGORY), row.text(*SOURCE))


def _line(
    row: Cells, kind: Kind, order_metadata: Sequence[str], net: Decimal | None = None
) -> SettlementLine:
    """A row; `net` where it was paid out: its gross may sum up others."""
    source, charge = row.text(*SOURCE), row.text("charge_id")
    forms = ("payment_metadata[{}]", "refund_metadata[{}]", "{} (metadata)")
    names = [form.format(key) for key in order_metadata for form in forms]
    return line(
        row.place,
        reference=row.needed(*REFERENCE),
        channel_order_id=row.text(*names),
        kind=kind,
        gross=row.amount(*GROSS) if net is None else net,
        fee=row.amount("fee") if net is None else ZERO,
        net=row.amount("net") if net is None else net,
        currency=row.needed("currency"),
        at=row.moment(*CREATED),
        provider_kind=_word(row),
        transaction=source or charge,
        original=charge if charge != source else None,
        batch=row.text(*PAYOUT),
        description=row.text("description"),
    )


def _paid(row: Cells, others: Sequence[Cells]) -> Decimal:
    """What a payout took away. Some reports write it as what left, some as what the other rows come
    to. BadData where its gross is neither what it says is left nor the sum of theirs.
    """
    gross, net = row.amount(*GROSS), row.amount("net")
    if gross != net and gross != add(*(other.amount(*GROSS) for other in others)):
        message = f"the line says {net}, its gross is {gross}, its fee {row.amount('fee')}"
        raise BadData(message, path=row.path("net"), code="totals_differ")
    if others:
        return -net if net == add(*(other.amount("net") for other in others)) else net
    leaves = "reversal" not in row.needed(*CATEGORY)
    return -net if leaves and net > 0 else net
