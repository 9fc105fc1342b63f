"""A report in CSV as settings describe it: its columns, marks, words and the row of its totals. A
carrier's invoice is one, of which each row is a parcel.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.money import add
from hub.model.settlement import Payout
from mappings.csv_report.layout import PLAIN, Layout, described
from mappings.csv_report.rows import row_of
from mappings.kit import Context, Decoders
from mappings.kit.readers.csv import folded
from mappings.kit.reports.bodies import bodies
from mappings.kit.reports.cells import Cells, Table, cells, numbered
from mappings.kit.reports.told import Total, by, check, content_id, net_of, report

_AMOUNTS = ("gross", "fee", "net", "credit", "debit", "unit_price")


def decoders(layout: Layout = PLAIN) -> Decoders:
    """The decode table of a report that is laid out so."""
    return {"report": partial(_reports, layout)}


def _reports(layout: Layout, raw: bytes, at: Context) -> list[Document]:
    """A report for each number and currency of a delivery."""
    return [document for body in bodies(raw) for document in _report(layout, body.raw, at)]


def _report(layout: Layout, raw: bytes, at: Context) -> list[Document]:
    rows = cells(raw, _table(layout), at)
    sums = [row for row in rows if layout.is_total(row)]
    if layout.total is not None and not sums:
        message = f"a row of {layout.total.word} is expected: this may be half of a report"
        raise BadData(message, path=layout.total.column, code="missing_field")
    own = _named(layout, [row for row in rows if not layout.is_total(row)])
    read = [(row, row_of(layout, row, name, at)) for row, name in own]
    for row in sums:
        _check(layout, row, [each for each, _ in read])
    groups = by(read, lambda it: (layout.text(it[0], "report_id"), it[1].currency))
    found: list[Document] = []
    for (number, currency), pairs in groups.items():
        lines = [each for _, each in pairs]
        outs = [each for each in lines if each.kind == "payout"]
        payout = None
        if layout.pays_out_all and outs:
            paid = ZERO - net_of(outs)
            check([Total("payout", paid, net_of(it for it in lines if it.kind != "payout"))])
            payout = Payout(reference=outs[0].reference, amount=paid, at=outs[0].at)
        name = f"{number or content_id(lines)}-{currency}"
        found.append(report(at, layout.provider, name, currency, lines, payout=payout))
    return found


def _named(layout: Layout, rows: Sequence[Cells]) -> list[tuple[Cells, str]]:
    """Rows with what names them. Of one reference there may be several that differ, such as a
    payment and what is charged for it; a row that says the very same again stands there twice.
    """
    twice = Counter(layout.whole(row) for row in rows)
    again = [row for row in rows if layout.text(row, "reference") and twice[layout.whole(row)] > 1]
    if again:
        message = f"one line of this reference is expected, not {twice[layout.whole(again[0])]}"
        raise BadData(message, path=again[-1].place, code="duplicate_line")
    return numbered(rows, layout.name)


def _table(layout: Layout) -> Table:
    written = (*_AMOUNTS, "weight")
    names = {folded(name) for field in written for name in layout.columns.get(field, ())}
    return Table(
        [layout.columns[field] for field in layout.needed],
        names.__contains__,
        layout.delimiter,
        other=layout.encoding,
        usual=layout.decimal,
    )


def _check(layout: Layout, total: Cells, rows: Sequence[Cells]) -> None:
    """Each column of amounts that the row of totals says something in adds up to it."""
    columns = [layout.columns[field] for field in _AMOUNTS[:-1] if field in layout.columns]
    for names in columns:
        if total.text(*names) is not None:
            found = add(*(row.amount(*names) for row in rows)) + ZERO
            check([Total(total.path(names[0]), total.amount(*names), found)])


DECODE: Decoders = decoders()

__all__ = ["DECODE", "Layout", "decoders", "described"]
