"""Look after the hub itself: what is stuck becomes an incident, and closes when it is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.flows.unit import Unit
from hub.rules import detectors
from hub.store import incidents
from hub.store.timeline import Incident
from hub.store.views import health
from hub.store.views.health import Seen


@dataclass(frozen=True, slots=True)
class Changes:
    """(kind, subject) of the trouble that began and that is over, and the kinds there are now."""

    began: list[tuple[str, str]]
    over: list[tuple[str, str]]
    kinds: set[str]


def look(unit: Unit, host: str, elsewhere: Sequence[Seen], of_host: Sequence[Seen]) -> Changes:
    """Compare what is measured with what is usual. `elsewhere`: what was measured outside of this
    transaction; `of_host`: what this host says of itself.
    """
    seen = [*health.look(unit.db), *_channels(unit), *elsewhere]
    everywhere = detectors.BY_KIND.keys() - detectors.OF_A_HOST
    began, over = incidents.settle(unit.db, everywhere, _troubles(seen))
    mine = incidents.settle(
        unit.db, detectors.OF_A_HOST, _troubles(of_host), subject=f"host:{host}"
    )
    kinds = {one.kind for one in _troubles([*seen, *of_host])}
    return Changes([*began, *mine[0]], [*over, *mine[1]], kinds)


def _channels(unit: Unit) -> list[Seen]:
    return [
        Seen(
            "orders_silent",
            f"connection:{one.channel}",
            detectors.missed(one.orders, one.days, one.last, unit.at),
            merchant=one.merchant,
        )
        for one in health.rhythms(unit.db)
    ]


def _troubles(seen: Sequence[Seen]) -> list[Incident]:
    return [
        Incident(one.merchant, one.kind, one.subject, detectors.sentence(one.kind, one.subject))
        for one in seen
        if detectors.BY_KIND[one.kind].is_trouble(one.value, one.usual)
    ]
