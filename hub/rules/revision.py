"""Which telling of a document is newer: by revision, else by the partner's time, else by content.

Partners repeat, delay and reorder. What is older than stored never overwrites it, and two tellings
that claim the same moment are ordered by their content, so that any order of arrival ends alike.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from hub.model.document import Document
from hub.model.order import SalesOrder


class Age(StrEnum):
    """How a telling stands to the stored one. `level`: the same moment, the content must decide."""

    NEWER = "newer"
    LEVEL = "level"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Telling:
    """What says how new a document is: the partner's revision (or version) and time."""

    revision: str | None = None
    at: datetime | None = None


def telling(document: Document) -> Telling:
    """What a document says of its own age.

    A sales order's `updated_at` goes before the source's.
    """
    at = document.source.occurred_at
    if isinstance(document, SalesOrder):
        at = document.updated_at or at
    return Telling(document.source.revision, at)


def age(stored: Telling, new: Telling) -> Age:
    """Whether `new` is newer than `stored`. Where nothing comparable is known: level."""
    ranks = _ranks(stored.revision, new.revision)
    if ranks is None and stored.at and new.at:
        ranks = (stored.at, new.at)
    if ranks is None or ranks[0] == ranks[1]:
        return Age.LEVEL
    return Age.NEWER if ranks[1] > ranks[0] else Age.OLDER


def supersedes(stored: SalesOrder, new: SalesOrder) -> bool:
    """Whether `new` replaces `stored`. The same content does not.

    Within the same moment (channels stamp whole seconds) the telling that is further on wins: paid
    over pending, cancelled over open; what is equally far is ordered by digest.
    """
    verdict = age(telling(stored), telling(new))
    if verdict is not Age.LEVEL:
        return verdict is Age.NEWER
    return (*_progress(new), digest(new)) > (*_progress(stored), digest(stored))


def digest(order: SalesOrder) -> str:
    """The content of an order without the telling's own id, for comparison."""
    return sha256(order.model_dump_json(exclude={"source"}).encode()).hexdigest()


def _ranks(
    stored: str | None, new: str | None
) -> tuple[int, int] | tuple[datetime, datetime] | None:
    """Two revisions made comparable: whole numbers, or times. None where they are opaque."""
    if stored is None or new is None:
        return None
    if stored == new:
        return (0, 0)
    if _is_number(stored) and _is_number(new):
        return (int(stored), int(new))
    times = _instant(stored), _instant(new)
    return (times[0], times[1]) if times[0] and times[1] else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 40


def _instant(text: str) -> datetime | None:
    """A revision that is a time. Without a zone it counts as UTC: it is only compared."""
    if _is_number(text):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


_STATES = ("open", "closed", "cancelled")
_PAYMENTS = (
    "pending",
    "authorized",
    "partially_paid",
    "paid",
    "voided",
    "partially_refunded",
    "refunded",
)
_FULFILMENTS = ("unfulfilled", "partial", "fulfilled")


def _progress(order: SalesOrder) -> tuple[int, ...]:
    """How far an order has come in its channel. Each part only grows in an ordinary life."""
    return (
        _STATES.index(order.state),
        _PAYMENTS.index(order.payment_state),
        _FULFILMENTS.index(order.fulfilment_state),
        int(sum(line.cancelled_quantity for line in order.lines)),
        len(order.lines),
    )
