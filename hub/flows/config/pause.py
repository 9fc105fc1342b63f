"""Pause and resume connections, whoever asks: people, the breaker, a partner's refusal.

Nothing is lost meanwhile: what it says is kept, what it is to be told waits.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection as Db

from hub.flows.config import polling
from hub.flows.unit import Unit
from hub.model.errors import IllegalTransition
from hub.rules.ops import breaker, condition
from hub.rules.ops.condition import Condition
from hub.store.config import call_limits, connection_status, secrets
from hub.store.config.snapshot import Connection
from hub.store.messages import message_waits
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.orders import order_waits
from hub.store.people import audit_trail
from hub.store.stock import levels_told, stock_levels
from hub.store.views import connections
from hub.store.views.connections import ConnectionItem

BY_ITSELF: Mapping[str, str] = {
    "not_authorised": "the partner does not accept its credentials: renew them, then resume it",
    "endpoint_missing": "nothing is at its address: correct it, then resume it",
    "away": "it has not answered for three days: resume it by hand",
}
"""Why the hub pauses a connection by itself. People give reasons of their own."""


def conditions(
    db: Db, at: datetime, code: str | None = None
) -> list[tuple[ConnectionItem, Condition]]:
    """All connections in scope, or one, each with how it does."""
    return [
        (connection, condition.of(connection, at))
        for connection in connections.connections(db, code)
    ]


def pause(unit: Unit, code: str, because: str) -> bool:
    """Let everything of a connection wait until it is resumed. False where it does already.

    Where the hub does it by itself, an incident tells a person.
    """
    if not connection_status.pause(unit.db, code, because):
        return False
    partner = unit.directory.connections.get(code)
    if partner is not None and because in BY_ITSELF:
        sentence = f"{code} is paused: {BY_ITSELF[because]}"
        subject = f"connection:{code}"
        incident = Incident(
            partner.merchant, "connection_paused", subject, sentence, detail={"because": because}
        )
        incidents.open_new(unit.db, [incident])
    return True


def resume(unit: Unit, code: str) -> bool:
    """Let it go on, its messages, and the orders that wait because the warehouse was paused. False
    where it is not paused.
    """
    polling.ask_anew(unit, [code])
    merchant, fact = connection_status.resume(unit.db, code), f"connection:{code}"
    if merchant is not None:
        order_waits.appeared(unit.db, [(merchant, f"warehouse:{code}")])
        stock_levels.resumed(unit.db, code)
        call_limits.probe_next(unit.db, code)
        levels_told.forget(unit.db, code)  # nobody knows what became of its stock meanwhile
        incidents.close(unit.db, [fact], ("connection_paused", "partner_away"))
    woken = message_waits.wake(unit.db, [fact])
    unit.rings |= {(row.direction, row.connection, row.shard) for row in woken}
    return merchant is not None


def pause_the_lost(unit: Unit) -> None:
    """Pause connections whose partners have been away for three days: what waits, waits, until
    somebody resumes them.
    """
    for code, kept in call_limits.troubled(unit.db):
        if code in unit.directory.connections and breaker.is_to_pause(breaker.read(kept), unit.at):
            pause(unit, code, "away")


def pause_by(
    unit: Unit, partner: Connection, who: str, reason: str | None, unsaid: str = "by a person"
) -> None:
    """A person pauses it, by whatever door, and the audit says so. `unsaid` stands in for a reason
    that nobody gave. IllegalTransition where it is paused already.
    """
    if not pause(unit, partner.code, reason or unsaid):
        raise IllegalTransition("connection", "paused", "pause")
    record(unit, partner, who, "connection.pause", reason)


def resume_by(unit: Unit, partner: Connection, who: str, reason: str | None) -> None:
    """A person lets it go on, and the audit says so. IllegalTransition where it is not paused."""
    if not resume(unit, partner.code):
        raise IllegalTransition("connection", "active", "resume")
    record(unit, partner, who, "connection.resume", reason)


def record(unit: Unit, partner: Connection, who: str, action: str, reason: str | None) -> None:
    """Write into the audit what a person did with a connection, and why."""
    subject, detail = f"connection:{partner.code}", {"reason": reason}
    audit_trail.record(unit.db, partner.merchant, who, action, subject, detail, unit.at)


def answers(unit: Unit, partner: Connection) -> None:
    """Somebody called the partner and it answered: where it was away, a probe may go at once."""
    call_limits.probe_next(unit.db, partner.code)
    unit.rings |= {("out", partner.code, shard) for shard in range(partner.shards)}


def replace_secret(
    unit: Unit, partner: Connection, name: str, secret: str, *, beside: Sequence[str] = ()
) -> str:
    """Seal a new secret in the place of the old. `beside`: older ones that hold as well, while the
    partner changes over. Returns the reference that is stored.
    """
    whole = "\n".join([secret, *(older for older in beside if older != secret)])
    reference = secrets.seal(unit.vault, whole, (partner.merchant, partner.code))
    connection_status.keep_secret(unit.db, partner.code, name, reference)
    return reference
