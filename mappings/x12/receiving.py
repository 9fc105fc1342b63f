"""861, receiving advice: what came in, as those write it who have no 944. Source: the 4010 set 861
(BRA, RCD, LIN, SN1).

`RCD` counts what was received, what goes back and what is in question; the article stands in the
`LIN` beneath it.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.stock import GoodsReceipt, ReceivedLine
from mappings.kit import Context
from mappings.kit.readers.segments import Group, groups
from mappings.x12.envelope import Segment, Transaction
from mappings.x12.goods import DAMAGED
from mappings.x12.segments import (
    dated,
    day,
    identified,
    is_day,
    listed,
    moment,
    needed,
    not_negative,
    notes,
    quantity,
    told_first,
    written_at,
)
from mappings.x12.terms import Terms

_RETURNED = 4
_IN_QUESTION = ((6, 8), (9, 11), (12, 14), (15, 17), (18, 20))
"""RCD: how many, and in which condition (412)."""
_REFERENCES = ("PO", "WR", "MA", "SI", "BM")
"""Kinds of references to what was announced, the likeliest first."""


def advice(told: Transaction, terms: Terms, at: Context) -> list[Document]:
    """What a warehouse received. Without a notice of ours it is one all the same."""
    head = _with_purpose_behind(told.first("BRA"))
    told_first(head, 3)
    number = head.at(1) or f"{told.envelope.number}-{told.number}"
    when = dated(told.segments, ("050", "370"), at) or moment(head, 2, 5, at)
    when = when or written_at(told, at) or terms.clock()
    refers = notes(told.segments)
    orders = (it.at(1) for it in told.segments if it.name == "PRF")
    announced = [it for it in (*orders, *map(refers.one, _REFERENCES), number) if it]
    ours = next((it for it in announced if terms.is_ours(it)), announced[0])
    lines = [
        line for row in groups(told.segments, "RCD", "CTT") for line in _received(row, terms, at)
    ]
    if not lines:
        raise BadData("at least one line is expected", path="RCD", code="no_lines")
    return [
        GoodsReceipt(
            source=at.source(number, occurred_at=when),
            inbound_notice_id=terms.order_of(ours),
            receipt_id=number,
            received_at=when,
            complete=True,
            lines=tuple(lines),
        )
    ]


def _with_purpose_behind(head: Segment) -> Segment:
    """Some write the purpose before the number, as other sets do."""
    if is_day(head.at(3)) and not is_day(head.at(2)):
        return Segment((head.name, head[2], head[3], head[1], *head[4:]))
    return head


def _received(row: Group[Segment], terms: Terms, at: Context) -> Iterator[ReceivedLine]:
    """A line, parted by what is in question of it: so many good, so many damaged. What goes back
    at once did not come in.
    """
    segment, under = row
    article = next((it for it in under if it.name == "LIN"), Segment(("LIN",)))
    which = identified(listed(article, terms.sku_qualifiers), article)
    whole = _counted(segment, under)
    damaged = _damaged(segment)
    good = whole - damaged if terms.damaged_is_included else whole
    if good < 0:
        message = f"at most the {whole} received can be damaged, not {damaged}"
        raise BadData(message, path="RCD06", code="bad_number")
    below = notes(under)
    line = ReceivedLine(
        line_no=_line_no(article),
        sku=which.sku,
        item_code=which.item_code,
        quantity=good,
        batch=which.batch or below.one("LT"),
        expires_on=day(under, "036", at) or day(under, "36", at),
        produced_on=day(under, "094", at) or day(under, "94", at),
        serials=tuple(below.all("SE")),
    )
    if good > 0 or not damaged:
        yield line
    if damaged:
        yield line.model_copy(update={"quantity": damaged, "quality": "defective"})


def _counted(segment: Segment, under: Sequence[Segment]) -> Decimal:
    """How many were received. Where only what goes back, or is in question, is told: none."""
    told = quantity(segment, 2)
    if told is None:
        others = [quantity(segment, at) for at in (_RETURNED, *(it for it, _ in _IN_QUESTION))]
        shipped = next((it for it in under if it.name == "SN1"), Segment(("SN1",)))
        if not any(others) and quantity(shipped, 2) is None:
            needed(segment, 2)
        told = ZERO if any(others) else quantity(shipped, 2)
    return not_negative(told or ZERO, segment, 2)


def _damaged(segment: Segment) -> Decimal:
    return sum(
        (quantity(segment, at) or ZERO for at, why in _IN_QUESTION if segment.at(why) in DAMAGED),
        ZERO,
    )


def _line_no(article: Segment) -> int | None:
    told = article.at(1)
    return int(told) if told and told.isdecimal() and 0 < int(told) < 100_000 else None
