"""Trustly's reconciliation (P11KREC) and funding (P11KFUN) files. Source: Trustly docs (Americas),
"Reporting". They have no names of columns: a row's first cell says what it is, and its place what a
cell is.

H heads a file, T is a transaction, I one that was funded, F a payment to the bank; L counts rows
and adds up their amounts.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.money import add
from hub.model.settlement import Payout, SettlementLine
from mappings.kit import Context, Decoders
from mappings.kit.readers.csv import Form, Row, rows
from mappings.kit.reports.bodies import bodies, encoding
from mappings.kit.reports.cells import Cells, check_whole, numbered
from mappings.kit.reports.told import Total, by, check, content_id, kind_of, line, net_of, report

_BOTH = (
    *("type", "transaction", "created", "original", "merchant", "payment", "providertype"),
    *("provider", "account", "reference", "kind", "status"),
)
_NAMES: Mapping[str, Sequence[str]] = {
    "H": ("type", "report", "version", "from", "to", "merchant", "file"),
    "T": (*_BOTH, "processed", "currency", "amount"),
    "I": (
        *(*_BOTH, "updated", "processed", "currency", "amount", "trace", "reason", "batch"),
        *("kindofbatch", "orderreference", "providertransaction", "fee"),
    ),
    "F": ("type", "funder", "account", "trace", "currency", "amount", "processed"),
    "L": ("type", "count", "sum", "settledcount", "settledsum"),
}
_SETTLED, _RETURNED = "AC118", "R"
_UNMOVED = frozenset({"failed", "denied", "canceled", "cancelled", "pending", "voided", "expired"})


def reports(raw: bytes, at: Context) -> list[Document]:
    """A report for each currency of a file, or for each batch that was funded."""
    found = [document for body in bodies(raw) for document in _file(body.raw, at)]
    if not found:
        raise Ignored("no_consequence", "the report has no rows that move money")
    return found


def _file(raw: bytes, at: Context) -> Iterator[Document]:
    told = list(rows(io.BytesIO(raw), Form(encoding(raw), header=False, even=False)))
    check_whole(told)
    named = [Cells(_named(row), at) for row in told]
    parts = [row for row in named if row.needed("type") in {"T", "I"}]
    paid = [row for row in named if row.needed("type") == "F"]
    feet = [row for row in named if row.needed("type") == "L"]
    if not feet:
        message = "a row L behind the others is expected: this is half of a file"
        raise BadData(message, path="L", code="missing_field")
    for foot in feet:
        total = add(*(row.amount("amount") for row in parts)) + ZERO
        check(
            [
                Total(foot.path("count"), foot.amount("count"), Decimal(len(parts))),
                Total(foot.path("sum"), foot.amount("sum"), total),
            ]
        )
    moved = [row for row in parts if (row.text("status") or "").casefold() not in _UNMOVED]
    lines = [(row, _line(row, name, at)) for row, name in numbered(moved, _name)]
    groups = by(lines, lambda it: (it[0].text("batch"), it[1].currency))
    for (batch, currency), own in groups.items():
        found = _report(batch, currency, own, paid, at)
        if found is not None:
            yield found


def _report(
    batch: str | None,
    currency: str,
    own: Sequence[tuple[Cells, SettlementLine]],
    paid: Sequence[Cells],
    at: Context,
) -> Document | None:
    """A batch is what one payment to the bank holds, which names it by its trace. What is not
    settled yet may stand among it; None where nothing is.
    """
    traces = {row.text("trace") for row, _ in own}
    out = next((row for row in paid if row.needed("trace") in traces), None)
    amount = out.amount("amount") if out is not None and batch is not None else None
    lines = [each for _, each in own]
    if amount is None or amount != net_of(lines):
        lines = [each for row, each in own if _is_settled(row)]
    if not lines:
        return None
    if out is None or amount is None:
        return report(at, "trustly", f"{batch or currency}-{content_id(lines)}", currency, lines)
    check([Total(out.path("amount"), amount, net_of(lines))])
    payout = Payout(reference=out.text("trace"), amount=amount, at=out.moment("processed"))
    return report(at, "trustly", f"{batch}-{currency}", currency, lines, payout=payout)


def _is_settled(row: Cells) -> bool:
    """By its reason, where it gives one: settled, or returned by the buyer's bank."""
    reason = row.text("reason")
    if reason is None or reason == _SETTLED or reason.startswith(_RETURNED):
        return True
    message = f"for reason {reason[:20]} it moves no money yet"
    row.at.warn("moves_nothing", message, path=row.path("reason"))
    return False


def _named(row: Row) -> Row:
    cells = list(row.cells.values())
    names = _NAMES.get(cells[0].strip("\ufeff ").upper())
    if names is None:
        message = f"a row of {', '.join(_NAMES)} is expected"
        raise BadData(message, path=f"line {row.line}", code="bad_data")
    if cells[0].strip("\ufeff ").upper() in {"T", "F"} and len(cells) < len(names):
        message = f"{len(names)} columns are expected, it has {len(cells)}"
        raise BadData(message, path=f"line {row.line}", code="bad_data")
    return Row(row.line, dict(zip(names, [cells[0].strip("\ufeff "), *cells[1:]], strict=False)))


def _name(row: Cells) -> str:
    parts = (row.needed("transaction"), row.text("kindofbatch", "kind"))
    return "-".join(part for part in parts if part)


def _line(row: Cells, name: str, at: Context) -> SettlementLine:
    """What went back is below zero, or is not and its kind tells it."""
    word = row.text("kindofbatch", "kind") or ""
    kind = kind_of(at, word, row.path("kind"))
    amount = row.amount("amount")
    back = kind in {"refund", "chargeback"} and row.needed("type") == "T"
    return line(
        row.place,
        reference=name,
        channel_order_id=row.text("orderreference", "reference"),
        kind=kind,
        gross=-abs(amount) if back else amount,
        fee=ZERO - row.amount("fee"),
        currency=row.needed("currency"),
        at=row.moment("processed", "created"),
        provider_kind=word or None,
        transaction=row.needed("transaction"),
        original=row.text("original"),
        batch=row.text("batch"),
    )


DECODE: Decoders = {"report": reports}
