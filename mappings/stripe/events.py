"""What a webhook of Stripe says of itself."""

from typing import NamedTuple

from hub.model.document import OptId
from hub.model.errors import BadData
from mappings.kit import Context, wire
from mappings.kit.fields import Part

PAID = ("payout.paid", "payout.reconciliation_completed")
"""What says that a payout can be accounted for."""


class _Object(Part):
    id: OptId = None


class _Data(Part):
    object: _Object = _Object()


class _Event(Part):
    id: OptId = None
    type: OptId = None
    data: _Data = _Data()


class Event(NamedTuple):
    """Its topic, its own id, and that of the object which it is about."""

    topic: str
    id: str | None
    about: str | None


def event(raw: bytes) -> Event:
    """A webhook, whatever else is in it; one that cannot be read has no topic."""
    try:
        told = wire(_Event, raw, Context("webhook"))
    except BadData:
        return Event("", None, None)
    return Event(told.type or "", told.id, told.data.object.id)
