"""What becomes of a poll that failed: by one table, as of what is told to a partner."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom

from sqlalchemy.engine import Connection as Db

from hub import logs
from hub.flows.config import pause
from hub.flows.ops import pace
from hub.flows.unit import Unit
from hub.model.errors import (
    CursorExpired,
    EndpointMissing,
    NeedsPerson,
    NotAuthorised,
    OutcomeUnknown,
    TryLater,
)
from hub.model.looks import masked
from hub.rules.messages import polling as rule
from hub.store.messages import lanes, polls
from hub.store.messages.lanes import Lane
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from workers import counts
from workers.context import Context
from workers.faults import where
from workers.polling.terms import Terms

log = logs.get("polling")
_CHANCE = SystemRandom()
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class _Fate:
    """What a failure says: a code, of the partner's health (None: nothing), what else follows."""

    code: str
    healthy: bool | None
    pauses: bool = False
    missing: bool = False
    anew: bool = False


# fmt: off
_FATES: tuple[tuple[type[Exception], Callable[[Exception], _Fate]], ...] = (
    (NotAuthorised,   lambda _: _Fate("not_authorised", None, pauses=True)),
    (CursorExpired,   lambda _: _Fate("cursor_expired", healthy=True, anew=True)),
    (EndpointMissing, lambda _: _Fate("endpoint_missing", None, missing=True)),
    (NeedsPerson,     lambda error: _Fate(getattr(error, "code", ""), healthy=True)),
    (TryLater,        lambda _: _Fate("try_later", healthy=False)),
    (OutcomeUnknown,  lambda _: _Fate("try_later", healthy=False)),  # a question changes nothing
    (Exception,       lambda _: _Fate("internal_error", None)),
)
"""Error -> fate, the first that fits."""
# fmt: on


def keep_failure(context: Context, lane: Lane, terms: Terms, error: Exception) -> bool:
    """Write why a poll broke off and when it goes on, under the lane's fence. True where the next
    topic may be asked for at once.
    """
    due, code = terms.due, terms.partner.code
    fate = next(of(error) for kind, of in _FATES if isinstance(error, kind))
    after = error.retry_after if isinstance(error, TryLater) else None
    anew = fate.anew and due.failures == 0
    every_s = terms.poll.every_s
    wait = 0.0 if anew else rule.wait_s(due.failures + 1, every_s, _CHANCE, after)
    said = "an error of our own" if fate.code == "internal_error" else masked(str(error))
    problem = {"code": fate.code, "message": said[:_LONGEST]}

    def write(db: Db) -> None:
        lanes.guard(db, lane)
        unit = Unit(db, context.vault, terms.directory, datetime.now(UTC))
        polls.failed(db, due, problem, wait, terms.anew() if fate.anew else None)
        sign = pace.Sign(
            f"poll:{due.topic}:{due.failures}", fate.healthy, after, missing=fate.missing
        )
        lost = pace.record(db, code, [sign], unit.at)
        if fate.pauses or lost:
            pause.pause(unit, code, fate.code)
        if anew:
            incidents.open_new(db, [_expired(terms)])

    context.database.unit(write)
    if after is not None:
        context.quiet.ask(code, after)
    counts.polled(code, due.topic, fate.code)
    log.warning("poll_failed", connection=code, topic=due.topic, code=fate.code, where=where(error))
    return fate.healthy is True


def _expired(terms: Terms) -> Incident:
    """For a person: what changed before the look-back, and was not listed, is not known."""
    code, since = terms.partner.code, terms.anew_at
    detail = {"topic": terms.due.topic, "since": since.isoformat(timespec="seconds")}
    sentence = rule.EXPIRED % {"what": code, **detail}
    subject = f"connection:{code}"
    return Incident(terms.partner.merchant, "cursor_expired", subject, sentence, detail=detail)
