"""Write what became of a batch's calls, under the lane's fence: the partner's receipt or the reason
it has none, what follows for the order, what it says of the partner's health.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from random import SystemRandom

from sqlalchemy.engine import Connection

from hub import flows, logs
from hub.flows import pace
from hub.flows.after import Settled
from hub.flows.unit import Unit
from hub.model.document import Document
from hub.rules import retry, sending
from hub.rules.sending import Attempt
from hub.store import ending, lanes
from hub.store.database import DatabaseAway, is_passing
from hub.store.ids import time_of
from hub.store.lanes import Lane, LeaseLost
from hub.store.work import Ended
from workers.calls import Outcome
from workers.discretion import hush
from workers.engine import Engine, where
from workers.pausing import pause
from workers.terms import Terms

log = logs.get("outbound")
_CHANCE = SystemRandom()


def keep(engine: Engine, lane: Lane, terms: Terms, outcomes: Sequence[Outcome]) -> None:
    """Write what became of the calls; alone, one by one, where writing them together fails. An
    answer that cannot be taken in at all is parked for a person to look at.
    """

    def write(db: Connection, some: Sequence[Outcome]) -> set[tuple[str, str, int]]:
        lanes.guard(db, lane, terms.lease_s)
        unit = Unit(db, engine.vault, terms.directory, datetime.now(UTC))
        hush(db, engine.vault, some)
        found = [(one, sending.decide(_attempt(one, terms, unit.at), _CHANCE)) for one in some]
        flows.after(
            unit,
            terms.partner,
            [_settled(one, one.document, decided) for one, decided in found if one.document],
        )
        ending.lock_keys(db, lane.direction, lane.connection, [one.message.key for one, _ in found])
        ending.end(db, engine.vault, lane, [_ended(one, decided) for one, decided in found])
        if pace.record(db, terms.partner.code, [_sign(*one) for one in found], unit.at):
            pause(db, terms.partner, "endpoint_missing")
        return unit.rings

    try:
        engine.bell.ring(engine.database.unit(partial(write, some=outcomes)))
    except (LeaseLost, DatabaseAway):
        raise
    except Exception as error:  # an answer's fate must not be that of the lane
        if is_passing(error):
            raise
        if len(outcomes) > 1:
            for one in outcomes:
                keep(engine, lane, terms, [one])
            return
        message = outcomes[0].message
        log.error("outcome_not_kept", message=str(message.id), where=where(error))
        engine.database.unit(partial(_park, engine=engine, lane=lane, outcome=outcomes[0]))
    engine.identity.progress()


def _park(db: Connection, engine: Engine, lane: Lane, outcome: Outcome) -> None:
    error = {
        "code": "internal_error",
        "path": "",
        "message": "what the partner answered could not be taken in: our own fault",
    }
    lanes.guard(db, lane)
    ending.lock_keys(db, lane.direction, lane.connection, [outcome.message.key])
    ended = Ended(outcome.message, "parked", "internal_error", error, exchange=outcome.exchange)
    ending.end(db, engine.vault, lane, [ended])


def _attempt(one: Outcome, terms: Terms, at: datetime) -> Attempt:
    partner, manifest = terms.partner, terms.manifest
    age = at - time_of(one.message.id)
    return Attempt(
        error=one.error,
        receipt=one.receipt is not None,
        asked=one.asked,
        attempts=one.message.attempts,
        asks=one.message.asked,
        denied_at=one.message.denied_at,
        deadline=one.message.deadline,
        at=at,
        honours_keys=manifest.honours_keys,
        settle_s=float(partner.limits.get("settle_s", manifest.settle_s)),
        connection=partner.code,
        newest_wins_age_s=age.total_seconds() if one.message.topic in retry.NEWEST_WINS else None,
    )


def _sign(one: Outcome, decided: sending.Decision) -> pace.Sign:
    return pace.Sign(
        str(one.message.id), decided.healthy, decided.retry_after, missing=decided.missing
    )


def _settled(one: Outcome, document: Document, decided: sending.Decision) -> Settled:
    receipt = one.receipt
    return Settled(
        document=document,
        message_id=one.message.id,
        correlation_id=one.message.correlation_id,
        order_id=one.message.order_id,
        status=decided.status,
        fate=decided.fate,
        sentence=(decided.error or {}).get("message", ""),
        reference=receipt.reference if receipt else decided.reference,
        facts=receipt.documents if receipt else (),
        pause=decided.pause,
    )


def _ended(one: Outcome, decided: sending.Decision) -> Ended:
    return Ended(
        one.message,
        decided.status,
        decided.fate,
        decided.error,
        wait_s=decided.wait_s,
        waits_for=decided.waits_for,
        counted=decided.counted,
        reference=one.receipt.reference if one.receipt else decided.reference,
        asked=one.asked,
        denied=decided.denied,
        exchange=one.exchange,
    )
