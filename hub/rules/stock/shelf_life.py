"""Batches of one level: what of them expires too soon to be sold, and which pieces an order should
get: those that expire first, of those that may still be sold (FEFO).

Pieces that left a warehouse without a batch being named are taken for those that expired first, as
a warehouse is to send them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Batch:
    """Pieces of a level that bear one batch. `expires_on` None: never, as far as is known."""

    name: str
    pieces: Decimal
    expires_on: date | None = None


def there(batches: Sequence[Batch], on_hand: Decimal) -> list[Batch]:
    """What of the batches is still there, what expires first coming first: never more together
    than is on hand.
    """
    known = sorted((it for it in batches if it.pieces > 0), key=_by_expiry)
    gone = max(sum((it.pieces for it in known), _ZERO) - max(on_hand, _ZERO), _ZERO)
    left = []
    for it in known:
        off = min(gone, it.pieces)
        gone -= off
        if it.pieces > off:
            left.append(Batch(it.name, it.pieces - off, it.expires_on))
    return left


def too_soon(batch: Batch, today: date, days: int | None) -> bool:
    """Whether a batch has fewer days left than it must have; without a rule, none has."""
    if days is None or batch.expires_on is None:
        return False
    return batch.expires_on < today + timedelta(days=days)


def expiring(batches: Sequence[Batch], on_hand: Decimal, today: date, days: int | None) -> Decimal:
    """Pieces of a level that expire too soon to be sold."""
    return sum((it.pieces for it in there(batches, on_hand) if too_soon(it, today, days)), _ZERO)


def wished(
    batches: Sequence[Batch], on_hand: Decimal, taken: Decimal, pieces: Decimal, soon: Decimal
) -> list[Batch]:
    """The batches that an order should get, in that order: `soon` pieces expire too soon, and
    `taken` of the others are promised already. What bears no batch is left over.
    """
    skip, want, chosen = soon + taken, pieces, []
    for it in there(batches, on_hand):
        passed = min(skip, it.pieces)
        skip -= passed
        mine = min(it.pieces - passed, want)
        want -= mine
        if mine > 0:
            chosen.append(Batch(it.name, mine, it.expires_on))
    return chosen


def _by_expiry(batch: Batch) -> tuple[date, str]:
    return (batch.expires_on or date.max, batch.name)
