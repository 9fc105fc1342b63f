"""What becomes of a message that came in: one table from what its reading or its effect came to, to
its status, for every adapter and every flow alike. The twin of `sending.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal
from uuid import UUID

from hub.model.errors import (
    AlreadyDone,
    BadData,
    Contradiction,
    CursorExpired,
    EndpointMissing,
    Ignored,
    IllegalTransition,
    NeedsPerson,
    NotAuthentic,
    NotAuthorised,
    NotFound,
    NotUnderstood,
    OutcomeUnknown,
    Overtaken,
    PayloadGone,
    Rejected,
    SeveralConnections,
    TryLater,
    UnknownCode,
)
from hub.rules.messages import retry


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a flow says of one telling: done, ignored (with why), waiting (for which fact), or
    parked (with what is wrong).
    """

    status: Literal["done", "ignored", "waiting", "parked"] = "done"
    code: str = ""
    message: str = ""
    path: str = ""
    waits_for: str | None = None
    order_id: UUID | None = None


class Paused(Exception):
    """The connection is paused: nothing that comes in over it is read."""


class HalfApplied(Exception):
    """A message holds several documents and one of them cannot be applied: none of them is."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: what was raised, or what flows said of the documents. `attempts` counts this
    one.
    """

    error: Exception | None
    verdicts: Sequence[Verdict]
    attempts: int
    connection: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the message goes. `wait_s` is the time until it is due again, `waits_for` the fact that
    lets it go on; `counted` false gives the attempt back. `pause`: why its connection pauses.
    """

    status: str
    fate: str
    error: dict[str, str] | None = None
    wait_s: float = 0.0
    waits_for: str | None = None
    counted: bool = True
    pause: str | None = None


def decide(attempt: Attempt, rng: Random) -> Decision:
    """The status after an attempt. HalfApplied where only some of its documents could take effect:
    what they did is to be undone.
    """
    if attempt.error is not None:
        return next(rule for kind, rule in _FATES if isinstance(attempt.error, kind))(attempt, rng)
    return _taken(attempt.verdicts)


def _taken(verdicts: Sequence[Verdict]) -> Decision:
    """The worst that was said of one of its documents holds for the message."""
    if not verdicts:
        return Decision("ignored", "ignored", _error("nothing_in_it", "it holds no document"))
    worst = max(verdicts, key=lambda verdict: _RANK[verdict.status])
    half = any(verdict.status == "done" for verdict in verdicts)
    if half and _RANK[worst.status] >= _RANK["waiting"]:
        raise HalfApplied(f"{worst.code}: {worst.message}")
    return Decision(
        worst.status,
        worst.status,
        _error(worst.code, worst.message, worst.path) if worst.code else None,
        waits_for=worst.waits_for,
        counted=worst.status != "waiting",
    )


_RANK = {"ignored": 0, "done": 1, "waiting": 2, "parked": 3}


def _ignored(attempt: Attempt, _: Random) -> Decision:
    return Decision("ignored", "ignored", _named(attempt))


def _unmapped(attempt: Attempt, _: Random) -> Decision:
    fact = attempt.error.waits_for if isinstance(attempt.error, UnknownCode) else ""
    return Decision(
        "waiting",
        "waiting",
        _named(attempt),
        waits_for=f"{fact}:{attempt.connection}",
        counted=False,
    )


def _unauthorised(attempt: Attempt, _: Random) -> Decision:
    return Decision(
        "waiting",
        "not_authorised",
        _named(attempt),
        waits_for=f"connection:{attempt.connection}",
        counted=False,
        pause="not_authorised",
    )


def _paused(attempt: Attempt, _: Random) -> Decision:
    return Decision(
        "waiting",
        "waiting",
        _error("connection_paused", f"connection {attempt.connection} is paused"),
        waits_for=f"connection:{attempt.connection}",
        counted=False,
    )


def _for_a_person(attempt: Attempt, _: Random) -> Decision:
    return Decision("parked", "parked", _named(attempt))


def _contradicts(attempt: Attempt, _: Random) -> Decision:
    return Decision("parked", "parked", _error(Contradiction.code, str(attempt.error)))


def _later(attempt: Attempt, rng: Random) -> Decision:
    error = attempt.error
    after = error.retry_after if isinstance(error, TryLater) else None
    wait = retry.next_try(attempt.attempts, rng, retry_after=after)
    if wait is None:
        return Decision("parked", "gave_up", _error("gave_up", str(error)))
    return Decision("retry", "try_later", _error("try_later", str(error)), wait_s=wait)


def _our_bug(attempt: Attempt, _: Random) -> Decision:
    error = _error("internal_error", "an error of our own; the attempt says where")
    if attempt.attempts > len(retry.BUG_SCHEDULE_S):
        return Decision("parked", "internal_error", error)
    wait = retry.BUG_SCHEDULE_S[attempt.attempts - 1]
    return Decision("retry", "internal_error", error, wait_s=wait)


def _named(attempt: Attempt) -> dict[str, str]:
    """By the error's own code, with where it is."""
    error = attempt.error
    path = error.path if isinstance(error, NeedsPerson) else ""
    return _error(getattr(error, "code", ""), str(error), path)


def _error(code: str, message: str, path: str = "") -> dict[str, str]:
    return {"code": code, "path": path, "message": message[:2000]}


Rule = Callable[[Attempt, Random], Decision]
_FATES: tuple[tuple[type[Exception], Rule], ...] = (
    (Ignored, _ignored),
    (Paused, _paused),
    (UnknownCode, _unmapped),
    (NotAuthorised, _unauthorised),
    (BadData, _for_a_person),
    (Contradiction, _for_a_person),
    (EndpointMissing, _for_a_person),
    (Rejected, _for_a_person),
    (CursorExpired, _for_a_person),  # told to who polls; a document never asks
    (Overtaken, _for_a_person),
    (PayloadGone, _for_a_person),  # asked for by a person alone
    (SeveralConnections, _for_a_person),  # the same
    (NeedsPerson, _for_a_person),
    (IllegalTransition, _contradicts),
    (HalfApplied, _contradicts),
    (TryLater, _later),
    (NotUnderstood, _later),
    (OutcomeUnknown, _later),
    (AlreadyDone, _later),
    (NotAuthentic, _our_bug),  # told at the door, where nothing is stored yet
    (NotFound, _our_bug),  # told to whoever asks; a document never asks
    (Exception, _our_bug),
)
"""Fate -> what follows, the first that fits. Every class of `hub/model/errors.py` has its row."""
