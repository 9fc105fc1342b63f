"""Write what became of a batch's messages, under the lane's fence: what a flow said of them, in the
transaction of its effect; why they failed, in one of their own.
"""

import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from random import SystemRandom
from uuid import UUID

from sqlalchemy.engine import Connection as Db

from hub import logs
from hub.flows.config import pause
from hub.flows.unit import Unit
from hub.model.errors import TryLater
from hub.rules.messages import receiving
from hub.rules.messages.receiving import Attempt, Decision, Verdict
from hub.store.base.failures import is_passing
from hub.store.base.sealing import Vault
from hub.store.config.snapshot import Connection
from hub.store.messages import ending, finish, lanes
from hub.store.messages.claimed import Claimed, Ended
from hub.store.messages.lanes import Lane
from workers import counts
from workers.context import Context
from workers.faults import where
from workers.inbound.reading import Outcome

log = logs.get("inbound")
_CHANCE = SystemRandom()
_LONGEST_TRACE = 20_000


def keep(
    context: Context, lane: Lane, partner: Connection | None, outcomes: Sequence[Outcome]
) -> None:
    """Write what became of messages that failed. A partner that refuses us has its connection
    paused.
    """
    decided = [(outcome, _decided(outcome)) for outcome in outcomes]
    ended = [_ended(outcome, its) for outcome, its in decided]
    because = next((its.pause for _, its in decided if its.pause), None)

    def write(db: Db) -> None:
        lanes.guard(db, lane)
        keys = [outcome.message.key for outcome in outcomes]
        finish.lock_keys(db, lane.direction, lane.connection, keys)
        _end(db, context.vault, lane, ended)
        if partner is not None and because is not None:
            unit = Unit(db, context.vault, context.directories.read(db), datetime.now(UTC))
            pause.pause(unit, partner.code, because)

    context.database.unit(write)


def keep_taken(
    unit: Unit, lane: Lane, outcomes: Sequence[Outcome], verdicts: Sequence[Sequence[Verdict]]
) -> None:
    """Write what flows said of messages, beside what they made of them. The keys are locked."""
    ended = [
        _ended(outcome, _decided(outcome, said), _order_of(said))
        for outcome, said in zip(outcomes, verdicts, strict=True)
    ]
    _end(unit.db, unit.vault, lane, ended)


def _order_of(verdicts: Sequence[Verdict]) -> UUID | None:
    return next((verdict.order_id for verdict in verdicts if verdict.order_id), None)


def _end(db: Db, vault: Vault, lane: Lane, ended: Sequence[Ended]) -> None:
    ending.end(db, vault, lane, ended)
    counts.ended(lane, ended)


def _decided(one: Outcome, verdicts: Sequence[Verdict] = ()) -> Decision:
    message, error = one.message, one.error
    if error is not None and is_passing(error):
        error = TryLater("the database had no time for it")
    attempt = Attempt(error, verdicts, message.attempts, message.connection)
    return receiving.decide(attempt, _CHANCE)


def _ended(outcome: Outcome, decided: Decision, order_id: UUID | None = None) -> Ended:
    ours = outcome.error if decided.fate == "internal_error" else None
    return Ended(
        outcome.message,
        decided.status,
        decided.fate,
        decided.error,
        wait_s=decided.wait_s,
        waits_for=decided.waits_for,
        counted=decided.counted,
        order_id=order_id,
        exchange=None if ours is None else _trace(outcome.message, ours),
        warnings=outcome.warnings,
    )


def _trace(message: Claimed, error: Exception) -> bytes:
    """Of an error of our own, where it happened and what it said; the log says only where."""
    reason = type(error).__name__
    log.error("internal_error", message=str(message.id), reason=reason, where=where(error))
    return "".join(traceback.format_exception(error, limit=-8)).encode()[:_LONGEST_TRACE]
