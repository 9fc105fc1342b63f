"""Checkout.com's payouts, one row each with sums by kind, its settlement breakdown (`actions`), and
the financial actions, one row for each part of an action. Source: Checkout.com docs, "Financial
reports".
"""

from collections.abc import Sequence

from hub.model.document import ZERO, Document
from hub.model.errors import Ignored
from hub.model.settlement import Kind, Payout, SettlementLine
from mappings.checkout.actions import ACTIONS, actions, is_actions
from mappings.kit import Context, Decoders
from mappings.kit.readers.csv import folded
from mappings.kit.reports.bodies import bodies
from mappings.kit.reports.cells import Cells, Table, cells, heads, numbered
from mappings.kit.reports.told import Total, by, check, content_id, kind_of, line, net_of, report

_PAYOUTS = (("Payout ID",), ("Payout Amount",), ("Holding Currency",), ("Payout Date",))
_PARTS = (("Breakdown Type",), ("Holding Currency",), ("Holding Currency Amount",))
_DATES = ("Processed On", "Breakdown Date", "Action Date", "Requested On", "Available On")
_HEADS = frozenset(
    {
        *("cliententityid", "cliententityname", "subentityid", "subentityname"),
        *("currencyaccountid", "currencyaccountname", "holdingcurrency", "payoutid", "payoutdate"),
        *("reportingstartdate", "reportingenddate", "payoutamount"),
    }
)
"""Columns of a payout that are no part of it."""
PAYOUTS = Table(_PAYOUTS, lambda name: name not in _HEADS or name == "payoutamount")
PARTS = Table(_PARTS, lambda name: name == "holdingcurrencyamount")


def reports(raw: bytes, at: Context) -> list[Document]:
    """A report for each payout."""
    found: list[Document] = []
    for body in bodies(raw):
        named = heads(body.raw)
        if is_actions(named):
            found += actions(cells(body.raw, ACTIONS, at), at)
        elif "breakdowntype" in named:
            found += _broken_down(cells(body.raw, PARTS, at), at)
        else:
            found += [_payout(row, at) for row in cells(body.raw, PAYOUTS, at)]
    if not found:
        raise Ignored("no_consequence", "the report has no rows that move money")
    return found


def _payout(row: Cells, at: Context) -> Document:
    """Every column of an amount is a part of what was paid out."""
    number, currency = row.needed("Payout ID"), row.needed("Holding Currency").upper()
    paid = row.moment("Payout Date")
    parts = [name for name in row.row.cells if name not in _HEADS and _is_part(row, name)]
    lines = [
        line(
            row.place,
            reference=f"{number}-{name}",
            kind=_kind(name, row.path(name), at),
            gross=amount,
            currency=currency,
            at=paid,
            provider_kind=name,
            batch=number,
        )
        for name in parts
        if (amount := row.amount(name))
    ]
    told = row.amount("Payout Amount")
    check([Total(row.path("Payout Amount"), told, net_of(lines) + ZERO)])
    period = (
        row.moment_or_none("Reporting Start Date") or paid,
        row.moment_or_none("Reporting End Date") or paid,
    )
    out = Payout(reference=number, amount=told, at=paid)
    of = (number, "payouts")
    return report(at, "checkout", number, currency, lines, period=period, payout=out, of=of)


def _is_part(row: Cells, name: str) -> bool:
    """Whether a column holds an amount. A new one of words is none, which is said."""
    said = row.text(name)
    if said is None:
        return False
    if not any(map(str.isdigit, said)) or any(map(str.isalpha, said)):
        row.at.warn("unknown_column", "it holds no amount, and is no part", path=row.path(name))
        return False
    return True


def _broken_down(rows: Sequence[Cells], at: Context) -> list[Document]:
    """The parts of each payout. Of one action there are several, each of its own type."""
    groups = by(
        numbered(rows, _name),
        lambda it: (it[0].text("Payout ID"), it[0].needed("Holding Currency").upper()),
    )
    found: list[Document] = []
    for (payout, currency), own in groups.items():
        lines = [_line(row, name, at) for row, name in own]
        number = f"{payout or currency}-{content_id(lines)}"
        of = (payout, "financial actions")
        found.append(report(at, "checkout", number, currency, lines, of=of))
    return found


def _name(row: Cells) -> str:
    parts = (row.text("Action ID", "Payment ID"), folded(row.needed("Breakdown Type")))
    return "-".join(part for part in parts if part)


def _line(row: Cells, name: str, at: Context) -> SettlementLine:
    word, payment = row.needed("Breakdown Type"), row.text("Payment ID")
    kind = _kind(folded(word), row.path("Breakdown Type"), at)
    return line(
        row.place,
        reference=name,
        channel_order_id=row.text("Reference", "Payment Reference"),
        kind=kind,
        gross=row.amount("Holding Currency Amount"),
        currency=row.needed("Holding Currency"),
        at=row.moment(*_DATES),
        provider_kind=word,
        transaction=row.text("Action ID") or payment,
        original=payment if kind in {"refund", "chargeback"} else None,
        batch=row.text("Payout ID"),
    )


def _kind(name: str, path: str, at: Context) -> Kind:
    """What has a fee in its name is one."""
    fee = name.endswith(("fee", "fees", "premium", "premiums"))
    return "fee" if fee else kind_of(at, name, path)


DECODE: Decoders = {"report": reports}
