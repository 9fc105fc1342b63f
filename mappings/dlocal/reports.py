"""dLocal's settlement files: a head with its totals, then rows by the names of their columns; and
the older reports of transactions. Source: dLocal docs, "Settlement report".

Rows tell both what was paid, in the local currency, and what is settled, with six decimals.
"""

import io
from collections.abc import Sequence

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.settlement import Payout, SettlementLine
from mappings.kit import Context, Decoders
from mappings.kit.readers.csv import Form, Row, folded, rows
from mappings.kit.reports.bodies import bodies, encoding
from mappings.kit.reports.cells import (
    Cells,
    Table,
    cells,
    check_whole,
    delimiter,
    marked,
    numbered,
)
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
)

_NEEDED = (("Type",), ("Amount (USD)",), ("Reference",), ("Creation date",))
_AMOUNTS = ("grossamount", "netamount", "feeamount", "nettotalamount")
_GIVEN = frozenset({"chargeback reversal", "credit note"})
_UNMOVED = frozenset({"cancelled", "in process", "reimbursed", "waiting details"})
SETTLED = Table((), lambda name: name in _AMOUNTS)
LISTED = Table(_NEEDED, lambda name: name in {"amount(usd)", "fee", "iof"})


def reports(raw: bytes, at: Context) -> list[Document]:
    """A report for each settlement, or of all that is listed."""
    found: list[Document] = []
    for body in bodies(raw):
        found += (
            _settled(body.raw, at) if b"ROW_TYPE" in body.raw[:65_536] else _listed(body.raw, at)
        )
    return found


def _settled(raw: bytes, at: Context) -> list[Document]:
    form = Form(encoding(raw), delimiter(raw), header=False, even=False)
    read = list(rows(io.BytesIO(raw), form))
    check_whole(read)
    heads, table = _parted(read)
    if not heads:
        message = "a head with the totals is expected"
        raise BadData(message, path="HEADER", code="missing_field")
    head, *parts = marked([heads[0], *table], SETTLED, at)
    if not parts:
        raise Ignored("no_consequence", "the report has no rows")
    currency = head.needed("SETTLEMENT_CURRENCY").upper()
    lines = [_line(row, name, head, currency, at) for row, name in numbered(parts, _name)]
    if head.text("NET_TOTAL_AMOUNT"):
        told = head.amount("NET_TOTAL_AMOUNT")
        lines += rounding(head.place, told, lines, currency, head.moment("TRANSFER_DATE"))
        check([Total(head.path("NET_TOTAL_AMOUNT"), told, net_of(lines))])
    number = head.text("TRANSFER_ID", "SETTLEMENT_ID") or content_id(lines)
    paid = Payout(
        reference=number,
        amount=head.amount("NET_TOTAL_AMOUNT"),
        at=head.moment_or_none("TRANSFER_DATE"),
    )
    payout = paid if head.text("NET_TOTAL_AMOUNT") else None
    return [report(at, "dlocal", f"{number}-{currency}", currency, lines, payout=payout)]


def _parted(told: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The head, and the rows, each by the names that stand above them."""
    heads, table, names = list[Row](), list[Row](), list[str]()
    for row in told:
        said = [text.strip("\ufeff ") for text in row.cells.values()]
        named = Row(row.line, dict(zip(names, said, strict=False)))
        if said[0] in {"ROW_TYPE", "HEADER_TYPE"} or not names:
            names = [folded(name) for name in said]
        elif len(said) != len(names):
            message = f"{len(names)} columns are expected, it has {len(said)}"
            raise BadData(message, path=f"line {row.line}", code="bad_data")
        else:
            (heads if said[0] == "HEADER" else table).append(named)
    return heads, table


def _name(row: Cells) -> str:
    parts = (row.text("DLOCAL_TRANSACTION_ID", "TRANSACTION_ID"), row.text("ROW_TYPE"))
    return "-".join(part for part in parts if part) or "row"


def _line(row: Cells, name: str, head: Cells, currency: str, at: Context) -> SettlementLine:
    """What is left decides; the rest of its gross was taken."""
    word, net, gross = row.needed("ROW_TYPE"), row.amount("NET_AMOUNT"), row.amount("GROSS_AMOUNT")
    said = row.text("TRANSACTION_TYPE", "TYPE") if word.upper() == "TRANSACTION" else None
    kind = kind_of(at, said or word, row.path("ROW_TYPE"))
    paid = (row.text("LOCAL_AMOUNT"), row.text("LOCAL_CURRENCY"))
    return line(
        row.place,
        reference=name,
        channel_order_id=row.text("ORDER_ID", "INVOICE", "TRANSACTION_ID"),
        kind="refund" if kind == "sale" and net < 0 else kind,
        gross=gross or net,
        fee=(gross or net) - net,
        net=net,
        currency=currency,
        at=row.moment_or_none("APPROVED_DATE", "CREATION_DATE") or head.moment("TRANSFER_DATE"),
        provider_kind=said or word,
        transaction=row.text("DLOCAL_TRANSACTION_ID"),
        original=row.text("ORIGINAL_TRANSACTION_ID", "DLOCAL_PAYMENT_ID"),
        description=" ".join(part for part in paid if part) or None,
    )


def _listed(raw: bytes, at: Context) -> list[Document]:
    """The older report: gross and fees in dollars, refunds by their type. What its type says was
    given is above zero, all else that is no sale below.
    """
    table = [row for row in cells(raw, LISTED, at) if _has_amount(row) and _is_done(row)]
    lines = [
        line(
            row.place,
            reference=name,
            channel_order_id=row.text("Transaction Invoice", "Invoice"),
            kind=(kind := kind_of(at, row.needed("Type"), row.path("Type"))),
            gross=gross if kind == "sale" else abs(gross) if _is_given(row) else -abs(gross),
            fee=row.amount("Fee"),
            currency="USD",
            at=row.moment("Settlement date", "Creation date"),
            provider_kind=row.needed("Type"),
            transaction=row.needed("Reference"),
            original=row.text("Transaction Reference"),
        )
        for row, name in numbered(table, lambda it: f"{it.needed('Reference')}-{it.needed('Type')}")
        for gross in [row.amount("Amount (USD)")]
    ]
    if not lines:
        raise Ignored("no_consequence", "the report has no rows that move money")
    return [
        report(at, "dlocal", content_id(own), currency, own)
        for currency, own in by(lines, lambda each: each.currency).items()
    ]


def _is_given(row: Cells) -> bool:
    return row.needed("Type").casefold() in _GIVEN


def _is_done(row: Cells) -> bool:
    """Whether it came about: a refund may be waiting, a chargeback in dispute or won."""
    state = (row.text("Status") or "").casefold()
    if state in _UNMOVED:
        row.at.warn("moves_nothing", f"in state {state} it moves no money", path=row.path("Status"))
    return state not in _UNMOVED


def _has_amount(row: Cells) -> bool:
    """Whether it says what it is in dollars: one that is not settled yet does not."""
    told = row.text("Amount (USD)") is not None
    if not told:
        message = "it names no amount in dollars, and moves none yet"
        row.at.warn("moves_nothing", message, path=row.path("Amount (USD)"))
    return told


DECODE: Decoders = {"report": reports}
