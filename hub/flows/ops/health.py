"""Look after the hub itself: what is stuck becomes an incident, and closes when it is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.flows.unit import Unit
from hub.rules.ops import detectors
from hub.rules.ops.condition import is_refused
from hub.store.config.snapshot import Connection
from hub.store.ops import incidents, measures
from hub.store.ops.incidents import Incident
from hub.store.ops.measures import Seen
from hub.store.views import connection_health


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
    seen = [
        *measures.look(unit.db),
        *_channels(unit),
        *_hindered(unit),
        *_refused(unit),
        *elsewhere,
    ]
    everywhere = detectors.BY_KIND.keys() - detectors.OF_A_HOST
    began, over = incidents.settle(unit.db, everywhere, _troubles(seen))
    mine = incidents.settle(
        unit.db, detectors.OF_A_HOST, _troubles(of_host), subject=f"host:{host}"
    )
    kinds = {trouble.kind for trouble in _troubles([*seen, *of_host])}
    return Changes([*began, *mine[0]], [*over, *mine[1]], kinds)


def _channels(unit: Unit) -> list[Seen]:
    return [
        Seen(
            "orders_silent",
            f"connection:{rhythm.channel}",
            detectors.missed(rhythm.orders, rhythm.days, rhythm.last, unit.at),
            merchant=rhythm.merchant,
        )
        for rhythm in measures.rhythms(unit.db)
    ]


def _hindered(unit: Unit) -> list[Seen]:
    """Active connections that a process cannot use, by the process that cannot for longest."""
    seen = []
    for code, some in connection_health.hindered(unit.db).items():
        partner = unit.directory.connections.get(code)
        first = min(some, key=lambda hindrance: hindrance.since)
        if partner is not None and partner.status == "active":
            seconds = (unit.at - first.since).total_seconds()
            detail = {"process": first.process, "lacks": first.lacks, "name": first.name}
            subject = f"connection:{code}"
            seen.append(
                Seen(
                    "connection_unusable",
                    subject,
                    seconds,
                    merchant=partner.merchant,
                    detail=detail,
                )
            )
    return seen


def _refused(unit: Unit) -> list[Seen]:
    """Connections whose deliveries held good once and fail again and again now."""
    seen = []
    for code, arriving in connection_health.deliveries(unit.db).items():
        partner = unit.directory.connections.get(code)
        if partner is None or arriving.accepted_at is None or not is_refused(arriving, unit.at):
            continue
        kept = [_kept(name, partner) for name in arriving.secrets.split(", ") if name]
        detail = {"code": arriving.unproved_code or "", "secret": ", ".join(kept)}
        seen.append(
            Seen(
                "deliveries_refused",
                f"connection:{code}",
                arriving.unproved,
                merchant=partner.merchant,
                detail=detail,
            )
        )
    return seen


def _kept(name: str, partner: Connection) -> str:
    """A secret with where it is kept, as far as that is no secret itself."""
    reference = str(partner.secrets.get(name, ""))
    return f"{name} ({reference})" if reference.startswith(("env:", "file:")) else name


def _troubles(seen: Sequence[Seen]) -> list[Incident]:
    return [
        Incident(
            measure.merchant,
            measure.kind,
            measure.subject,
            detectors.sentence(measure.kind, measure.subject, measure.detail),
            detail=measure.detail,
        )
        for measure in seen
        if detectors.BY_KIND[measure.kind].is_trouble(measure.value, measure.usual)
    ]
