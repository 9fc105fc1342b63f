"""180, return merchandise authorization and notification: what is to come back, and what did, under
which number.

Reasons and dispositions (RDR) are agreed from partner to partner: the code list `return_qualities`
says what a disposition means. Pieces without one, or with one that no list has, are not yet looked
at: they are there and are not sold.
"""

from collections.abc import Iterator
from typing import cast

from hub.model.document import Document, pieces
from hub.model.errors import BadData
from hub.model.returns import Return, ReturnQuality, ReturnReceipt, ReturnReceiptLine
from mappings.kit import Context
from mappings.kit.fields import needed as needed_text
from mappings.kit.readers.segments import Group, groups
from mappings.x12.envelope import Segment, Transaction
from mappings.x12.segments import (
    article,
    dated,
    moment,
    needed,
    needed_quantity,
    notes,
    quantity,
    told_first,
    written_at,
)
from mappings.x12.terms import Terms
from mappings.x12.told import Told
from mappings.x12.writing import number_of, short

_PAIRS = (1, 8, 10, 12)
"""BLI: qualifier and number of the article."""
_SERIAL = "SN"
PURPOSES = {"approved": "00", "awaiting_goods": "00", "cancelled": "01", "rejected": "01"}
"""State of a return -> BGN01: original, cancellation. In others it is not the warehouse's."""


def returned(told: Transaction, terms: Terms, at: Context) -> list[Document]:
    """What a warehouse received of a return."""
    head = told.first("BGN")
    told_first(head, 1)
    number = needed(head, 2)
    when = dated(told.segments, ("050", "035"), at) or moment(head, 3, 4, at)
    when = when or written_at(told, at) or terms.clock()
    lines = [_line(row, terms, at) for row in groups(told.segments, "BLI", "SE")]
    if not lines:
        raise BadData("at least one line is expected", path="BLI", code="no_lines")
    receipt = f"{number}:{told.envelope.number}-{told.number}"
    return [
        ReturnReceipt(
            source=at.source(receipt, occurred_at=when),
            return_id=terms.order_of(number),
            receipt_id=receipt,
            warehouse=at.connection,
            received_at=when,
            lines=tuple(lines),
            attributes={"reason": reason} if (reason := _reason(told)) else {},
        )
    ]


def _reason(told: Transaction) -> str | None:
    return next((it.at(1) for it in told.segments if it.name == "RDR"), None)


def _line(row: Group[Segment], terms: Terms, at: Context) -> ReturnReceiptLine:
    segment, under = row
    which = article(segment, None, _PAIRS, terms.sku_qualifiers)
    if which.sku is None:
        raise BadData("an article number is expected", path="BLI02", code="missing_field")
    rdr = next((it for it in under if it.name == "RDR"), Segment(("RDR",)))
    quality = at.ours_or_none("return_qualities", rdr.at(2))
    if rdr.at(2) and quality is None:
        at.warn("unknown_code", f"what {rdr.at(2)} means is in no list", path="RDR02")
    return ReturnReceiptLine(
        sku=which.sku,
        quantity=quantity(segment, 3) or needed_quantity(segment, 3),
        quality=cast("ReturnQuality", quality or "uninspected"),
        inspector_note=" ".join(filter(None, (rdr.at(1), rdr.at(2), rdr.at(3)))) or None,
        batch=notes(under).one("LT"),
        serials=tuple(notes(under).all(_SERIAL)),
    )


def returning(document: Return, told: Told, terms: Terms, at: Context) -> Iterator[Segment]:
    """The body of the set: an approved return, or one that is to be expected no more."""
    if document.status not in PURPOSES:
        message = f"an approved return is expected, it is {document.status}"
        raise BadData(message, path="status", code="not_approved")
    day = f"{told.at.astimezone(at.zone):%Y%m%d}"
    yield Segment(("BGN", PURPOSES[document.status], number_of(told.order), day))
    if document.reason:
        yield Segment(("RDR", "", "", short(document.reason, 80)))
    yield Segment(("N9", "CO", short(document.channel_order_id, 30)))
    if document.tracking_number:
        yield Segment(("N9", "2I", short(document.tracking_number, 30)))
    for role, who in (("DE", terms.depositor), ("WH", terms.warehouse)):
        if who is not None:
            yield Segment(("N1", role, "", *who))
    for place, line in enumerate(document.lines, start=1):
        sku = needed_text(line.sku, f"lines.{place - 1}.sku")
        yield Segment(("BLI", terms.sku_qualifiers[0], sku, pieces(line.quantity), terms.unit))
        yield Segment(("N9", "LI", str(line.line_no or place)))
        if line.reason:
            yield Segment(("RDR", "", "", short(line.reason, 80)))
