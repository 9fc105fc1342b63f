"""What a warehouse says of a fulfilment order in a word, and the event that it stands for."""

from hub.model.fulfilment import WarehouseWord
from hub.rules.fulfilment.shipping import FulfilmentKnown
from hub.states.fulfilment_order import Event

_HEARD: dict[WarehouseWord, Event] = {
    "accepted": Event.ACCEPT,
    "rejected": Event.REJECT,
    "picking": Event.PICK,
    "packed": Event.PACK,
    "shipped": Event.LEAVE,
    "delivered": Event.DELIVER,
    "short": Event.EXCEPT,
    "cancelled": Event.CANCEL,
    "cancel_refused": Event.REFUSE_CANCEL,
    "exception": Event.EXCEPT,
}
"""A bare word names no pieces: `shipped` waits for its papers, `short` goes to a person."""


def heard(word: WarehouseWord, known: FulfilmentKnown) -> Event:
    """The event that a warehouse's status word stands for.

    A refusal or cancellation after part of it left can only mean the rest: that ends it short.
    """
    if word in {"rejected", "cancelled"} and known.anything_shipped:
        return Event.SHORT
    return _HEARD[word]
