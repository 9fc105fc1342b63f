"""RETANN, announcement for returns: what is to come back under which number, or is not.

Source: RETANN 001 of EANCOM 1997 (D.96A, where the message is GS1's own) and its segments in later
directories. Free text stands in the head from D.98A on; before that there is no place for reasons.
"""

import re
from collections.abc import Iterator

from hub.model.document import pieces
from hub.model.errors import BadData
from hub.model.returns import Return, ReturnLine
from mappings.edifact.syntax import Segment
from mappings.edifact.terms import Terms
from mappings.edifact.writing import dtm, free_text, number_of, segment, short
from mappings.kit import Context
from mappings.kit.fields import needed

KIND = "RETANN"
FUNCTIONS = {"approved": "9", "awaiting_goods": "9", "cancelled": "1", "rejected": "1"}
"""State of a return -> function of the message (1225): original, cancellation."""
_NAME = ("70E", "", "9")
"""The document's name (1001), a code of GS1's: announcement for returns."""
_RETURNED = "61"
_LONGEST_SKU = 35
_WITHOUT_TEXT = re.compile("D:9[0-7]")


def returning(document: Return, number: str, terms: Terms, at: Context) -> Iterator[Segment]:
    """The body of the message. BadData where a return is neither approved nor called off."""
    if document.status not in FUNCTIONS:
        message = f"an approved return is expected, it is {document.status}"
        raise BadData(message, path="status", code="not_approved")
    yield segment("BGM", _NAME, number_of(number), FUNCTIONS[document.status])
    yield dtm("137", document.requested_at, at)
    if document.reason and not _WITHOUT_TEXT.match(terms.return_version):
        yield free_text("AAI", document.reason)
    order = document.attributes.get("order_number")
    yield segment("RFF", ("ON", short(order or document.channel_order_id, 35)))
    if document.tracking_number:
        yield segment("RFF", (terms.tracking[0], short(document.tracking_number, 35)))
    for role, party in (("GO", terms.depositor), ("WH", terms.warehouse)):
        if party is not None:
            yield segment("NAD", role, (party[0], "", *party[1:2]))
    for place, line in enumerate(document.lines, start=1):
        yield from _line(line, place, terms)
    yield segment("UNS", "S")
    yield segment("CNT", ("2", str(len(document.lines))))


def _line(line: ReturnLine, place: int, terms: Terms) -> Iterator[Segment]:
    sku = needed(line.sku, f"lines.{place - 1}.sku")
    if len(sku) > _LONGEST_SKU:
        message = f"an article number has at most {_LONGEST_SKU} characters"
        raise BadData(message, path=f"lines.{place - 1}.sku", code="too_long")
    own = str(line.line_no or place)
    yield segment("LIN", own)
    yield segment("PIA", "5", (sku, terms.sku_qualifiers[0]))
    yield segment("QTY", (_RETURNED, pieces(line.quantity)))
    yield segment("RFF", ("LI", own))
