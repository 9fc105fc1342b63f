"""Write what became of a batch's calls, under the lane's fence: the partner's receipt or the reason
it has none, what follows for the order, what it says of the partner's health.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from random import SystemRandom
from uuid import UUID

from sqlalchemy.engine import Connection

from hub import flows, logs
from hub.flows.after import Settled
from hub.flows.config import pause
from hub.flows.messages import overtaking
from hub.flows.ops import pace
from hub.flows.unit import Unit
from hub.model.document import Document
from hub.model.errors import Overtaken
from hub.rules.messages import retry, sending
from hub.rules.messages.overtaking import OF_GOODS
from hub.rules.messages.sending import Attempt, Decision
from hub.states.message import FINAL
from hub.store.base.failures import DatabaseAway, is_passing
from hub.store.base.ids import moment_of
from hub.store.messages import ending, finish, lanes
from hub.store.messages.claimed import Ended
from hub.store.messages.lanes import Lane, LeaseLost
from hub.store.messages.overtaking import told_before
from workers import counts
from workers.context import Context
from workers.faults import where
from workers.outbound.calls import Outcome
from workers.outbound.redaction import hush
from workers.outbound.terms import Terms

log = logs.get("outbound")
_CHANCE = SystemRandom()


def keep(context: Context, lane: Lane, terms: Terms, outcomes: Sequence[Outcome]) -> None:
    """Write what became of the calls; alone, one by one, where writing them together fails. An
    answer that cannot be taken in at all is parked for a person to look at.
    """

    def write(db: Connection, some: Sequence[Outcome]) -> set[tuple[str, str, int]]:
        lanes.guard(db, lane, terms.lease_s)
        unit = Unit(db, context.vault, terms.directory, datetime.now(UTC))
        hush(db, context.vault, some)
        decided = [
            (outcome, sending.decide(_attempt(outcome, terms, unit.at), _CHANCE))
            for outcome in some
        ]
        flows.after(unit, terms.partner, _settlements(db, decided))
        refused = next(
            (its.pause for outcome, its in decided if outcome.document and its.pause), None
        )
        if refused is not None:
            pause.pause(unit, terms.partner.code, refused)
        keys = [outcome.message.key for outcome in some]
        finish.lock_keys(db, lane.direction, lane.connection, keys)
        standing = [outcome.message for outcome, its in decided if _stands(outcome, its)]
        over = overtaking.overtaken(unit, standing)
        ended = [
            _closed(_ended(outcome, its), over.get(outcome.message.id)) for outcome, its in decided
        ]
        ending.end(db, context.vault, lane, ended)
        counts.ended(lane, ended)
        if pace.record(db, terms.partner.code, _signs(decided), unit.at):
            pause.pause(unit, terms.partner.code, "endpoint_missing")
        return unit.rings

    try:
        context.bell.ring(context.database.unit(partial(write, some=outcomes)))
    except (LeaseLost, DatabaseAway):
        raise
    except Exception as error:  # an answer's fate must not be that of the lane
        if is_passing(error):
            raise
        if len(outcomes) > 1:
            for outcome in outcomes:
                keep(context, lane, terms, [outcome])
            return
        message = outcomes[0].message
        log.error("outcome_not_kept", message=str(message.id), where=where(error))
        context.database.unit(partial(_park, context=context, lane=lane, outcome=outcomes[0]))
    context.identity.progress()


def _park(db: Connection, context: Context, lane: Lane, outcome: Outcome) -> None:
    error = {
        "code": "internal_error",
        "path": "",
        "message": "what the partner answered could not be taken in: our own fault",
    }
    lanes.guard(db, lane)
    finish.lock_keys(db, lane.direction, lane.connection, [outcome.message.key])
    ended = Ended(outcome.message, "parked", "internal_error", error, exchange=outcome.exchange)
    ending.end(db, context.vault, lane, [ended])
    counts.ended(lane, [ended])


def _stands(one: Outcome, decided: Decision) -> bool:
    """Whether it would be told once more. Whether it arrived is asked first, but of goods whose
    fulfilment order has ended: there the warehouse has spoken.
    """
    asks = decided.status == "unknown" and one.message.topic not in OF_GOODS
    return decided.status not in FINAL and not asks


def _closed(ended: Ended, over: Overtaken | None) -> Ended:
    """What became of an attempt whose subject has gone on without it."""
    if over is None:
        return ended
    return replace(
        ended,
        status="superseded",
        error={"code": over.code, "path": "", "message": str(over)},
        said=ended.error["message"] if ended.error else None,
        successor=over.successor,
    )


def _attempt(outcome: Outcome, terms: Terms, at: datetime) -> Attempt:
    partner, manifest = terms.partner, terms.manifest
    message = outcome.message
    age = at - moment_of(message.id)
    return Attempt(
        error=outcome.error,
        receipt=outcome.receipt is not None,
        asked=outcome.asked,
        attempts=message.attempts,
        asks=message.asked,
        denied_at=message.denied_at,
        deadline=message.deadline,
        at=at,
        honours_keys=manifest.honours_keys,
        ask_after_s=float(manifest.ask_after_s),
        settle_s=float(partner.limits.get("settle_s", manifest.settle_s)),
        connection=partner.code,
        newest_wins_age_s=age.total_seconds() if message.topic in retry.NEWEST_WINS else None,
    )


def _signs(decided: Sequence[tuple[Outcome, sending.Decision]]) -> list[pace.Sign]:
    """What the calls said of the partner. One that told several documents says it once, not once
    for each of them: what came of them was seen in one exchange.
    """
    calls = {
        (id(outcome.exchange or outcome), its.healthy, its.missing): (outcome, its)
        for outcome, its in decided
    }
    return [
        pace.Sign(str(outcome.message.id), its.healthy, its.retry_after, missing=its.missing)
        for outcome, its in calls.values()
    ]


def _settlements(db: Connection, decided: Sequence[tuple[Outcome, Decision]]) -> list[Settled]:
    refused = [outcome.message.id for outcome, its in decided if its.fate == "rejected"]
    before = told_before(db, refused)
    return [
        _settled(outcome, outcome.document, its, before)
        for outcome, its in decided
        if outcome.document
    ]


def _settled(
    outcome: Outcome, document: Document, decided: sending.Decision, before: set[UUID]
) -> Settled:
    receipt = outcome.receipt
    return Settled(
        document=document,
        message_id=outcome.message.id,
        correlation_id=outcome.message.correlation_id,
        order_id=outcome.message.order_id,
        status=decided.status,
        fate=decided.fate,
        sentence=(decided.error or {}).get("message", ""),
        reference=receipt.reference if receipt else decided.reference,
        facts=receipt.documents if receipt else (),
        kept=receipt is None or receipt.kept,
        was_told=outcome.message.id in before,
    )


def _ended(outcome: Outcome, decided: sending.Decision) -> Ended:
    return Ended(
        outcome.message,
        decided.status,
        decided.fate,
        decided.error,
        wait_s=decided.wait_s,
        waits_for=decided.waits_for,
        counted=decided.counted,
        reference=outcome.receipt.reference if outcome.receipt else decided.reference,
        asked=outcome.asked,
        denied=decided.denied,
        exchange=outcome.exchange,
        successor=getattr(outcome.error, "successor", None),
    )
