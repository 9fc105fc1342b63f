"""A partner that posts nothing and is asked what changed: it commits late, says its last page again
and again, and remembers what it has handed out. What must hold of it: each change is one message,
none is missed, and the cursor is never ahead of what is kept.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from adapters.ports import Cursor, Delivery, Listed, Page
from hub.model.errors import CursorExpired, TryLater
from tests.simulation.partners import Partner

if TYPE_CHECKING:
    from tests.simulation.stage import Stage

EVERY_S, OVERLAP_S = 5.0, 120.0
TOPIC = "products"
PAGE = 3


class Change(NamedTuple):
    """One change: when, by the partner's clock, and whose it is. Sorts as it is listed."""

    at: datetime
    id: str


@dataclass(slots=True)
class Feed(Partner):
    """`handed`: cursor -> what it handed out in one listing up to there, the last time."""

    changes: list[Change] = field(default_factory=list)
    handed: dict[Change, frozenset[str]] = field(default_factory=dict)
    fetch: None = None
    spells: list[str] = field(default_factory=list)
    """How the next listings go: away, expired, repeating."""

    def change(self, number: str, late_s: float) -> None:
        """Something changes; it can be seen only so much later than its time says."""
        self.changes.append(Change(self.clock() - timedelta(seconds=late_s), number))

    def list(self, topic: str, since: Cursor) -> Iterator[Page]:
        """What changed at a cursor or later, the oldest first."""
        spell = self.spells.pop(0) if self.spells else ""
        if spell == "expired":
            raise CursorExpired("who are you talking about?")
        place, given = since, set[str]()
        while rows := self._after(place)[:PAGE]:
            given |= {row.id for row in rows}
            self.handed[rows[-1]] = frozenset(given)
            place = Cursor(rows[-1].at, rows[-1].id)
            page = Page([_listed(topic, row) for row in rows], place)
            self.pass_("listed")
            yield page
            if spell == "away":
                raise TryLater("not now")
            if spell == "repeating" and not self._after(place):
                yield from [page] * PAGE

    def _after(self, place: Cursor) -> Sequence[Change]:
        known = sorted(self.changes)
        if place.at is None:
            return known
        if not place.id:
            return [change for change in known if change.at >= place.at]
        return [change for change in known if change > (place.at, place.id)]


def _listed(topic: str, change: Change) -> Listed:
    source = {"connection": "feed", "id": change.id}
    tree = {"type": "customer", "source": source, "customer_id": change.id, "name": "Ada"}
    return Listed(Delivery("customer", change.id, change.id), json.dumps(tree).encode())


def always(stage: "Stage") -> Iterator[str]:
    """What must hold even while things go wrong."""
    kept, feed = _kept(stage), stage.feed
    if len(kept) != len(set(kept)):
        yield f"G07 {len(kept)} messages are kept of {len(set(kept))} changes"
    if stray := set(kept) - {change.id for change in feed.changes}:
        yield f"G07 the partner has no such changes: {sorted(stray)[:3]}"
    handed = {(at.at.isoformat(), at.id): given for at, given in feed.handed.items()}
    for row in stage.world.sql("SELECT run FROM poll WHERE run ->> 'at' IS NOT NULL"):
        given = handed.get((row.run["at"], row.run["id"]), frozenset())
        if ahead := given - set(kept):
            yield f"G03 the cursor stands at {row.run['id']}, not kept are {sorted(ahead)[:3]}"


def at_rest(stage: "Stage") -> Iterator[str]:
    """What must hold when nothing is left to do."""
    if missed := unheard(stage):
        yield f"G03 never heard of: {sorted(change.id for change in missed)[:3]}"


def unheard(stage: "Stage") -> set[Change]:
    """The changes of which no message is kept."""
    kept = set(_kept(stage)) if stage.feed.changes else set[str]()
    return {change for change in stage.feed.changes if change.id not in kept}


def _kept(stage: "Stage") -> list[str]:
    rows = stage.world.sql("SELECT key FROM message WHERE connection = :feed", feed=stage.feed.code)
    return [row.key for row in rows]
