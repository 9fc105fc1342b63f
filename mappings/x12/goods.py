"""944, 947 and 846: what came in, what was adjusted, what is there."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal, cast

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.stock import (
    ChangedLine,
    GoodsReceipt,
    ReceivedLine,
    ReportedLine,
    StockChange,
    StockReport,
)
from mappings.kit import Context
from mappings.kit.readers.segments import Group, groups
from mappings.x12.envelope import Segment, Transaction
from mappings.x12.segments import (
    article,
    dated,
    day,
    identified,
    is_day,
    listed,
    lot,
    moment,
    needed_quantity,
    not_negative,
    notes,
    quantity,
    told_first,
    written_at,
)
from mappings.x12.terms import Terms

_Reason = Literal["adjustment", "stocktake", "transfer", "damage", "return", "other"]
DAMAGED = frozenset({"D", "DM", "01", "04", "08", "09", "10"})
"""Conditions (412) of pieces that came and are not to be sold: damaged, of bad quality, rejected,
on hold, scrapped. Short (02), over (03) and the like say how many came, which the line itself does.
"""


def receipt(told: Transaction, terms: Terms, at: Context) -> list[Document]:
    """944: what a warehouse received. Without a notice of ours it is one all the same."""
    head = _with_report_code(told.first("W17"))
    when = moment(head, 2, 7, at) or written_at(told, at) or terms.clock()
    number = head.at(3) or f"{told.envelope.number}-{told.number}"
    refers = notes(told.segments)
    announced = [it for it in (head.at(4), head.at(5), refers.one("PO", "WR"), number) if it]
    ours = next((it for it in announced if terms.is_ours(it)), announced[0])
    lines = [
        line
        for row in groups(told.segments, "W07", "W14", "LX")
        for line in _received(row, terms, at)
    ]
    if not lines:
        raise BadData("at least one line is expected", path="W07", code="no_lines")
    return [
        GoodsReceipt(
            source=at.source(number, occurred_at=when),
            inbound_notice_id=terms.order_of(ours),
            receipt_id=number,
            warehouse_reference=head.at(5),
            received_at=when,
            complete=head.at(1) != "P",
            lines=tuple(lines),
        )
    ]


def _with_report_code(head: Segment) -> Segment:
    """Some leave out the report code, and the day stands in its place; some put the day behind the
    number of the receipt.
    """
    if is_day(head.at(1)):
        return Segment((head.name, "", *head[1:]))
    if is_day(head.at(3)) and not is_day(head.at(2)):
        return Segment((*head[:2], head[3], head[2], *head[4:]))
    return head


def _received(row: Group[Segment], terms: Terms, at: Context) -> Iterator[ReceivedLine]:
    """A line, parted by what its exceptions say of it: so many good, so many damaged."""
    segment, under = row
    which = article(segment, 3, (4, 6, 10), terms.sku_qualifiers)
    below = notes(under)
    whole = not_negative(needed_quantity(segment, 1), segment, 1)
    damaged = sum(
        (quantity(it, 1) or ZERO for it in under if it.name == "W13" and it.at(3) in DAMAGED), ZERO
    )
    good = whole - damaged if terms.damaged_is_included else whole
    if good < 0:
        message = f"at most the {whole} received can be damaged, not {damaged}"
        raise BadData(message, path="W1301", code="bad_number")
    told_no = below.one("LI")
    line_no = int(told_no) if told_no and told_no.isdecimal() and int(told_no) else None
    which = which if line_no else identified(which, segment)
    line = ReceivedLine(
        line_no=line_no,
        sku=which.sku,
        item_code=which.item_code,
        quantity=good,
        batch=lot(segment, 8) or which.batch or below.one("LT"),
        expires_on=day(under, "36", at),
        produced_on=day(under, "94", at),
        serials=tuple(below.all("SE")),
    )
    if good > 0 or not damaged:
        yield line
    if damaged:
        yield line.model_copy(update={"quantity": damaged, "quality": "defective"})


def adjustment(told: Transaction, terms: Terms, at: Context) -> list[Document]:
    """947: pieces more or fewer, a document for each reason."""
    head = _without_code(told.first("W15"))
    when = moment(head, 1, None, at) or written_at(told, at) or terms.clock()
    number = head.at(2) or head.at(3) or f"{told.envelope.number}-{told.number}"
    by_reason: dict[_Reason, list[ChangedLine]] = {}
    for segment, under in groups(told.segments, "W19", "LX"):
        which = identified(article(segment, 4, (5, 7, 17), terms.sku_qualifiers), segment)
        line = ChangedLine(
            sku=which.sku,
            item_code=which.item_code,
            delta=needed_quantity(segment, 2),
            batch=lot(segment, 9) or which.batch or notes(under).one("LT"),
        )
        by_reason.setdefault(_reason(segment.at(1), at), []).append(line)
    if not by_reason:
        raise BadData("at least one line is expected", path="W19", code="no_lines")
    return [
        StockChange(
            source=at.source(_part(number, place), occurred_at=when),
            warehouse=at.connection,
            at=when,
            change_id=_part(number, place),
            reason=reason,
            lines=tuple(lines),
        )
        for place, (reason, lines) in enumerate(by_reason.items())
    ]


def _without_code(head: Segment) -> Segment:
    """Some write a code and the number before the day."""
    if is_day(head.at(1)) or not is_day(head.at(3)):
        return head
    return Segment((head.name, head[3], head[2], *head[4:]))


def _reason(told: str | None, at: Context) -> _Reason:
    return cast("_Reason", at.ours_or_none("stock_reasons", told) or "adjustment")


def _part(number: str, place: int) -> str:
    return f"{number}:{place + 1}" if place else number


def inventory(told: Transaction, terms: Terms, at: Context) -> list[Document]:
    """846: what is there, article by article. What is not in it is not known to be zero."""
    head = _with_number(next((it for it in told.segments if it.name == "BIA"), Segment(("BIA",))))
    told_first(head, 1, "04", "05")  # a level stands for the one before
    when = dated(told.segments, ("366", "007", "018"), at) or moment(head, 4, 5, at)
    when = when or written_at(told, at) or terms.clock()
    number = f"{head.at(3) or told.number}:{when:%Y%m%d%H%M%S}"
    lines = [
        line for row in groups(told.segments, "LIN", "CTT") if (line := _counted(row, terms, at))
    ]
    if not lines:
        raise BadData("a quantity on hand is expected", path="QTY", code="no_lines")
    return [
        StockReport(
            source=at.source(number, occurred_at=when),
            warehouse=at.connection,
            at=when,
            report_id=number,
            lines=tuple(_together(lines)),
        )
    ]


def _with_number(head: Segment) -> Segment:
    """Some leave out the number of the report, and the day stands in its place."""
    if is_day(head.at(3)) and not is_day(head.at(4)):
        return Segment((*head[:3], "", *head[3:]))
    return head


def _counted(row: Group[Segment], terms: Terms, at: Context) -> ReportedLine | None:
    """The sum of the first kind of quantity that is told and means what is there."""
    segment, under = row
    which = listed(segment, terms.sku_qualifiers)
    told: dict[str, list[Decimal]] = {}
    for it in under:
        if it.name == "QTY":
            told.setdefault(it.at(1) or "", []).append(needed_quantity(it, 2))
    on_hand = next((sum(told[kind], ZERO) for kind in terms.on_hand if kind in told), None)
    if on_hand is None:
        at.warn("no_quantity", "it tells no quantity on hand: it was left out", path="QTY01")
        return None
    return ReportedLine(sku=which.sku, item_code=which.item_code, on_hand=on_hand)


def _together(lines: Sequence[ReportedLine]) -> list[ReportedLine]:
    """One line for each article: places and lots of one are added up."""
    by_article: dict[tuple[str | None, str | None], ReportedLine] = {}
    for line in lines:
        key = (line.sku, line.item_code)
        known = by_article.get(key)
        on_hand = line.on_hand + (known.on_hand if known else ZERO)
        by_article[key] = line.model_copy(update={"on_hand": on_hand})
    return list(by_article.values())
