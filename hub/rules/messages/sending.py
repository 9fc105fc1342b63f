"""What an attempt to tell a partner comes to: one table from fate to status, for every adapter
alike.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from hub.model.document import NOT_TEXT
from hub.model.errors import (
    AlreadyDone,
    BadData,
    EndpointMissing,
    NeedsPerson,
    NotAuthorised,
    NotUnderstood,
    OutcomeUnknown,
    Overtaken,
    Rejected,
    TryLater,
    UnknownCode,
)
from hub.rules.messages import retry


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: what was raised, or what was found. `attempts` counts this one, `asks` the
    questions before this one.

    `denied_at`: when the partner first said that it does not know the document.
    """

    error: Exception | None
    receipt: bool
    asked: bool
    attempts: int
    asks: int
    denied_at: datetime | None
    deadline: datetime | None
    at: datetime
    honours_keys: bool
    ask_after_s: float
    settle_s: float
    connection: str
    newest_wins_age_s: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the message goes. `healthy` is what the breaker hears: None where it says nothing of
    the partner. `missing`: nothing was at its address.
    """

    status: str
    fate: str
    error: dict[str, str] | None = None
    wait_s: float = 0.0
    waits_for: str | None = None
    counted: bool = True
    denied: bool = False
    reference: str | None = None
    healthy: bool | None = True
    retry_after: float | None = None
    missing: bool = False
    pause: str | None = None


def decide(attempt: Attempt, rng: Random) -> Decision:
    """The status after an attempt."""
    if attempt.error is not None:
        return next(rule for kind, rule in _FATES if isinstance(attempt.error, kind))(attempt, rng)
    if attempt.receipt:
        return Decision("delivered", "found" if attempt.asked else "delivered")
    return _not_found(attempt, rng)


def _not_found(attempt: Attempt, rng: Random) -> Decision:
    """The partner does not know it. Once is no answer: it may still be working on what we gave up
    on.
    """
    since = (
        (attempt.at - attempt.deadline).total_seconds() if attempt.deadline else attempt.settle_s
    )
    if attempt.denied_at is not None and since >= attempt.settle_s:
        if attempt.attempts > len(retry.SCHEDULE_S):
            return _unknown_outcome("sent again and again, and never found there")
        return Decision("retry", "not_found_there", counted=False)
    wait = retry.next_ask(attempt.asks + 1, rng)
    settle = max(attempt.settle_s - since, 0.0) if attempt.denied_at is not None else 0.0
    if wait is None:
        return _unknown_outcome("the partner does not say whether it has it")
    return Decision(
        "unknown", "not_found_yet", wait_s=max(min(wait, 60.0), settle), counted=False, denied=True
    )


def _already(attempt: Attempt, _: Random) -> Decision:
    error = attempt.error
    reference = error.reference if isinstance(error, AlreadyDone) else None
    return Decision("delivered", "already_done", reference=reference)


def _later(attempt: Attempt, rng: Random) -> Decision:
    after = attempt.error.retry_after if isinstance(attempt.error, TryLater) else None
    if attempt.asked:
        wait = retry.next_ask(attempt.asks + 1, rng)
        if wait is None:
            return _unknown_outcome("the partner could not be asked")
        wait = max(wait, retry.bounded(after)) if after is not None else wait
        return Decision(
            "unknown",
            "try_later",
            _error("try_later", attempt),
            wait_s=wait,
            counted=False,
            healthy=False,
            retry_after=after,
        )
    wait = retry.next_try(
        attempt.attempts, rng, retry_after=after, latest_wins_age_s=attempt.newest_wins_age_s
    )
    if wait is None:
        return Decision("parked", "gave_up", _error("gave_up", attempt), healthy=False)
    return Decision(
        "retry",
        "try_later",
        _error("try_later", attempt),
        wait_s=wait,
        healthy=False,
        retry_after=after,
    )


def _unknown(attempt: Attempt, rng: Random) -> Decision:
    if attempt.asked:
        return _later(attempt, rng)
    error = _error("outcome_unknown", attempt)
    if attempt.honours_keys:
        wait = retry.next_try(attempt.attempts, rng)
        if wait is None:
            return Decision("parked", "gave_up", error | {"code": "gave_up"}, healthy=False)
        return Decision("retry", "outcome_unknown", error, wait_s=wait, healthy=False)
    wait = retry.next_ask(attempt.asks, rng, first_s=attempt.ask_after_s)
    if wait is None:
        return _unknown_outcome("the partner does not say whether it has it")
    return Decision("unknown", "outcome_unknown", error, wait_s=wait, healthy=False)


def _not_understood(attempt: Attempt, rng: Random) -> Decision:
    """Of the partner's health it says nothing: the fault may be ours."""
    return replace(_unknown(attempt, rng), healthy=None)


def _unauthorised(attempt: Attempt, _: Random) -> Decision:
    return Decision(
        "waiting",
        "not_authorised",
        _error("not_authorised", attempt),
        waits_for=f"connection:{attempt.connection}",
        counted=False,
        healthy=None,
        pause="not_authorised",
    )


def _unmapped(attempt: Attempt, _: Random) -> Decision:
    fact = attempt.error.waits_for if isinstance(attempt.error, UnknownCode) else ""
    return Decision(
        "waiting",
        "unknown_code",
        _error("unknown_code", attempt),
        waits_for=f"{fact}:{attempt.connection}",
        counted=False,
        healthy=None,
    )


def _refused(attempt: Attempt, _: Random) -> Decision:
    error = attempt.error
    code = error.code if isinstance(error, NeedsPerson) else "rejected"
    missing = isinstance(error, EndpointMissing)
    healthy = None if isinstance(error, BadData) or missing else True
    return Decision("parked", code, _error(code, attempt), healthy=healthy, missing=missing)


def _overtaken(attempt: Attempt, _: Random) -> Decision:
    """It was not called for: of the partner it says nothing."""
    error = _error("overtaken", attempt)
    return Decision("superseded", "overtaken", error, counted=False, healthy=None)


def _our_bug(attempt: Attempt, _: Random) -> Decision:
    """Nobody knows how far it got: where a repeat is not safe, ask before the next try."""
    error = _error("internal_error", attempt)
    if attempt.attempts > len(retry.BUG_SCHEDULE_S):
        return Decision("parked", "internal_error", error, healthy=None)
    wait = retry.BUG_SCHEDULE_S[attempt.attempts - 1]
    status = "retry" if attempt.honours_keys else "unknown"
    return Decision(status, "internal_error", error, wait_s=wait, healthy=None)


def _unknown_outcome(why: str) -> Decision:
    message = f"{why}: look there, then say whether it arrived"
    return Decision(
        "parked", "unknown_outcome", {"code": "unknown_outcome", "path": "", "message": message}
    )


def _error(code: str, attempt: Attempt) -> dict[str, str]:
    error = attempt.error
    ours = code == "internal_error"
    message = "an error of our own; the attempt says where" if ours else str(error)
    shown = NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", message[:2000])
    return {"code": code, "path": getattr(error, "path", "") or "", "message": shown}


Rule = Callable[[Attempt, Random], Decision]
_FATES: tuple[tuple[type[Exception], Rule], ...] = (
    (AlreadyDone, _already),
    (TryLater, _later),
    (NotUnderstood, _not_understood),
    (OutcomeUnknown, _unknown),
    (NotAuthorised, _unauthorised),
    (UnknownCode, _unmapped),
    (Overtaken, _overtaken),
    (Rejected, _refused),
    (NeedsPerson, _refused),
    (Exception, _our_bug),
)
"""Fate -> what follows, the first that fits."""
