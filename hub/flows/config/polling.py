"""Have a partner asked what changed, now: whoever wants it, by whatever door."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from hub.flows.unit import Unit
from hub.model.errors import IllegalTransition
from hub.store.config.snapshot import Connection
from hub.store.messages import polls
from hub.store.messages.lanes import POLL
from hub.store.messages.polls import Planned
from hub.store.people import audit_trail


def poll_by(unit: Unit, partner: Connection, who: str, since: datetime | None) -> list[str]:
    """A person wants it asked for now, all that changed `since` where that is said; the audit says
    so. Returns the topics. IllegalTransition where it is paused, or nothing is asked of it.
    """
    current = unit.directory.connections[partner.code]
    if current.status == "paused":
        raise IllegalTransition("connection", "paused", "poll")
    topics = polls.ask(unit.db, partner.code, since)
    if not topics:
        raise IllegalTransition("connection", "not polled", "poll")
    detail = {"topics": topics, "since": since.isoformat() if since else None}
    subject = f"connection:{partner.code}"
    audit_trail.record(unit.db, partner.merchant, who, "connection.poll", subject, detail, unit.at)
    unit.rings.add((POLL, partner.code, 0))
    return topics


def plan(unit: Unit, codes: Collection[str], wanted: Sequence[Planned]) -> None:
    """Make these the topics that these connections are asked for; what is new is due now."""
    polls.plan(unit.db, wanted, codes)
    unit.rings |= {(POLL, topic.connection, 0) for topic in wanted}


def ask_anew(unit: Unit, codes: Iterable[str]) -> None:
    """What kept these connections from answering may be mended: nobody waits for the next time."""
    for code in codes:
        if polls.ask(unit.db, code, None):
            unit.rings.add((POLL, code, 0))
