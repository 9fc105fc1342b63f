"""Which telling of a document is newer: by revision, else by the partner's time, else by content.

Partners repeat, delay and reorder. What is older than stored never overwrites it, and two tellings
that claim the same moment are ordered by their content, so that any order of arrival ends alike.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from hub.model.catalogue import freeze
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
    by_revision = _by_revision(stored.revision, new.revision)
    if by_revision is not None:
        return by_revision
    return _by_time(stored.at, new.at) if stored.at and new.at else Age.LEVEL


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
    source = b'"source":' + order.source.model_dump_json().encode() + b","
    return sha256(freeze(order).replace(source, b"", 1)).hexdigest()


def _by_revision(stored: str | None, new: str | None) -> Age | None:
    """By whole numbers or by times, whichever both revisions are. None where they are opaque."""
    if stored is None or new is None:
        return None
    if stored == new:
        return Age.LEVEL
    if _is_number(stored) and _is_number(new):
        return _compared(int(new) - int(stored))
    before, after = _instant(stored), _instant(new)
    return _by_time(before, after) if before and after else None


def _by_time(stored: datetime, new: datetime) -> Age:
    return _compared((new - stored).total_seconds())


def _compared(difference: float) -> Age:
    if difference == 0:
        return Age.LEVEL
    return Age.NEWER if difference > 0 else Age.OLDER


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
