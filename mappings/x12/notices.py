"""943, stock transfer shipment advice: what a warehouse is to expect.

Source: the 4010 element tables of W06, W27, W04 and W03. A 944 answers by its depositor's order
number (W1704).
"""

from collections.abc import Iterator

from hub.model.document import ZERO, pieces
from hub.model.errors import BadData, Rejected
from hub.model.stock import InboundLine, InboundNotice
from mappings.kit import Context
from mappings.x12.envelope import Segment
from mappings.x12.terms import Terms
from mappings.x12.told import Told
from mappings.x12.writing import number_of, short, trimmed

_EXPECTED = "17"
"""G62: estimated delivery."""
_LONGEST_SKU = 48


def notice(document: InboundNotice, told: Told, terms: Terms, at: Context) -> Iterator[Segment]:
    """The body of the set."""
    number = number_of(told.order)
    yield Segment(("W06", "N", number, f"{told.at.astimezone(at.zone):%Y%m%d}", number))
    if document.supplier:
        yield Segment(("N1", "SF", short(document.supplier, 60)))
    for role, who in (("DE", terms.depositor), ("WH", terms.warehouse)):
        if who is not None:
            yield Segment(("N1", role, "", *who))
    if terms.depositor is None and terms.warehouse is None and not document.supplier:
        yield Segment(("N1", "DE", short(document.merchant, 60)))  # one party is mandatory
    yield Segment(("N9", "PO", short(document.inbound_notice_id, 30)))
    if document.expected_at is not None:
        yield Segment(("G62", _EXPECTED, f"{document.expected_at.astimezone(at.zone):%Y%m%d}"))
    yield Segment(("W27", terms.transport))
    for line in document.lines:
        yield from _line(line, terms)
    total = sum((line.quantity for line in document.lines), ZERO)
    yield Segment(("W03", pieces(total)))


def _line(line: InboundLine, terms: Terms) -> Iterator[Segment]:
    if len(line.sku) > _LONGEST_SKU:
        message = f"an article number has at most {_LONGEST_SKU} characters"
        raise BadData(message, path="sku", code="too_long")
    kind = terms.sku_qualifiers[0]
    if line.quality == "defective" and terms.hold is None:
        message = "how it is said that pieces are defective was not agreed: set `hold`"
        raise Rejected(message, path="lines.quality", code="unknown_code")
    held = (*[""] * 7, terms.hold or "") if line.quality == "defective" else ()
    yield trimmed("W04", pieces(line.quantity), terms.unit, "", kind, line.sku, *held)
    yield Segment(("N9", "LI", str(line.line_no)))
    if line.batch:
        yield Segment(("N9", "LT", short(line.batch, 30)))
