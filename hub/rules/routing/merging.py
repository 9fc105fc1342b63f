"""Which fulfilment orders may leave as one parcel, and what their warehouse is told of all of them.

Each stays one of its own order: only the notice is one. Its lines are numbered through, those of
the first, who leads, as they are.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from hub.model.fulfilment import FulfilmentLine, FulfilmentOrder
from hub.model.order import SalesOrder
from hub.rules.customers.marks import email, telephone

_NO_LETTER = re.compile(r"[\W_]+")
MOST_LINES = 1000
"""Lines of one notice: more is no parcel."""


def recipient(order: SalesOrder, part: FulfilmentOrder) -> str | None:
    """What is equal of all that may leave as one parcel: whose goods, whence, to whom and how. None
    of what must stay alone: money is to be collected, a gift has a card, or nobody can be reached
    by whom two people of one name would be told apart.
    """
    to, contact = part.ship_to, _contact(order, part)
    if to is None or contact is None or not to.lines or part.cash_on_delivery or part.gift_message:
        return None
    whence = (part.merchant, part.warehouse, str(order.test))
    who = (to.name, to.company, *to.lines, to.district, to.city, to.region, to.postal_code)
    delivery = part.delivery
    how = (delivery.method, delivery.service, delivery.carrier, delivery.pickup_point)
    said = (*who, to.country, *how, delivery.instructions)
    return "|".join((*whence, contact, *(_plain(word or "") for word in said)))


def offsets(parts: Sequence[FulfilmentOrder]) -> list[int]:
    """What is added to the line numbers of each in the notice of all."""
    found, last = [], 0
    for part in parts:
        found.append(last)
        last += max(line.line_no for line in part.lines)
    return found


def notice(parts: Sequence[FulfilmentOrder]) -> FulfilmentOrder:
    """What the warehouse is told: the first, with the lines of all, each named by its order."""
    first = parts[0]
    if len(parts) == 1:
        return first
    lines = [
        _line(line, part, offset)
        for part, offset in zip(parts, offsets(parts), strict=True)
        for line in part.lines
    ]
    insured = [part.insured_value for part in parts if part.insured_value is not None]
    notes = [f"{part.order_number}: {part.note}" for part in parts if part.note]
    numbers = list(dict.fromkeys(part.order_number for part in parts))
    return first.model_copy(
        update={
            "lines": tuple(lines),
            "ship_by": min((it.ship_by for it in parts if it.ship_by is not None), default=None),
            "insured_value": sum(insured, Decimal(0)) if insured else None,
            "note": "; ".join(notes) or None,
            "documents": tuple(document for part in parts for document in part.documents),
            "attributes": {**first.attributes, "order_numbers": numbers},
        }
    )


def _line(line: FulfilmentLine, part: FulfilmentOrder, offset: int) -> FulfilmentLine:
    named = {"order_number": part.order_number, "channel_order_id": part.channel_order_id}
    whose = {"line_no": line.line_no + offset, "attributes": {**line.attributes, **named}}
    return line.model_copy(update=whose)


def _contact(order: SalesOrder, part: FulfilmentOrder) -> str | None:
    """The e-mail of who gets it, or of who bought it, else the telephone number."""
    to, buyer = part.ship_to, order.customer
    mails = (to and to.email, buyer and buyer.email)
    phones = (to and to.phone, buyer and buyer.phone)
    country = to.country if to else None
    marks = [mark for text in mails if text and (mark := email(text))]
    marks += [mark for text in phones if text and (mark := telephone(text, country))]
    return marks[0].text if marks else None


def _plain(text: str) -> str:
    """As it is compared: no matter how it is spelt, spaced and dotted."""
    return _NO_LETTER.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
