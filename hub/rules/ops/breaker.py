"""The breaker of a connection: stops calling a partner that is away, probes it, and ramps up again.

Only what leaves the partner's health in doubt counts as a failure (`TryLater`, `OutcomeUnknown`); a
refusal is an answer. States are plain values, so that all workers share one row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from hub.rules.messages.retry import bounded

IN_A_ROW = 5
WINDOW, SHARE_OF_WINDOW = 20, 0.5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
SUCCESSES_TO_CLOSE = 3
PROBE_LASTS = timedelta(seconds=60)
"""A probe of which nothing is heard for so long is lost: another may go."""
RAMP = (
    (timedelta(0), 0.10),
    (timedelta(seconds=40), 0.25),
    (timedelta(seconds=80), 0.50),
    (timedelta(seconds=120), 1.0),
)
"""Share of the connection's rate, by the time since it closed."""
PAUSE_AFTER = timedelta(hours=72)
MISSING_TO_PAUSE = 3
"""So many different messages in a row find nothing at the partner's address: it is not there."""


class Mode(StrEnum):
    """Closed lets calls through, open none, half open one probe at a time."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """All that is known of a connection's health. The start is closed.

    `away_since`: the partner has not been healthy since then. `openings`: in a row, they double the
    wait. `not_before`: the partner named this time itself. `recent`: True for a failure. `missing`:
    the messages that found nothing at its address, since one found something.
    """

    mode: Mode = Mode.CLOSED
    in_a_row: int = 0
    recent: tuple[bool, ...] = ()
    openings: int = 0
    away_since: datetime | None = None
    retry_at: datetime | None = None
    not_before: datetime | None = None
    probe_until: datetime | None = None
    successes: int = 0
    closed_at: datetime | None = None
    missing: tuple[str, ...] = ()


_STORED = TypeAdapter(Breaker)


def read(stored: Mapping[str, Any] | None) -> Breaker:
    """A breaker as it is kept; closed where nothing is."""
    return _STORED.validate_python(stored) if stored else Breaker()


def written(breaker: Breaker) -> str:
    """The JSON that `read` understands."""
    return _STORED.dump_json(breaker).decode()


def may_call(breaker: Breaker, at: datetime) -> bool:
    """Whether one call may go now. Where it goes, tell `called`."""
    if breaker.not_before is not None and at < breaker.not_before:
        return False
    if breaker.mode is Mode.CLOSED:
        return True
    if breaker.mode is Mode.OPEN:
        return breaker.retry_at is None or at >= breaker.retry_at
    return breaker.probe_until is None or at >= breaker.probe_until


def called(breaker: Breaker, at: datetime) -> Breaker:
    """After a call was let through: while not closed it is the probe, and no other may go."""
    if breaker.mode is Mode.CLOSED:
        return breaker
    return replace(breaker, mode=Mode.HALF_OPEN, probe_until=at + PROBE_LASTS)


def succeeded(breaker: Breaker, at: datetime) -> Breaker:
    """After an answer. While open it comes from a call that was under way and proves nothing."""
    if breaker.mode is Mode.OPEN:
        return breaker
    breaker = replace(breaker, missing=())
    if breaker.mode is Mode.CLOSED:
        return replace(breaker, in_a_row=0, recent=(*breaker.recent, False)[-WINDOW:])
    if breaker.successes + 1 < SUCCESSES_TO_CLOSE:
        return replace(breaker, successes=breaker.successes + 1, probe_until=None)
    return Breaker(openings=breaker.openings, closed_at=at)


def failed(breaker: Breaker, at: datetime, retry_after: float | None = None) -> Breaker:
    """After `TryLater` or `OutcomeUnknown`. `retry_after` in seconds slows the whole connection."""
    if retry_after is not None:
        until = at + timedelta(seconds=bounded(retry_after))
        breaker = replace(breaker, not_before=max(until, breaker.not_before or until))
    if breaker.mode is Mode.OPEN:
        return breaker
    if breaker.mode is Mode.HALF_OPEN:
        return _opened(breaker, at)
    recent = (*breaker.recent, True)[-WINDOW:]
    breaker = replace(breaker, in_a_row=breaker.in_a_row + 1, recent=recent)
    half = len(recent) == WINDOW and sum(recent) >= WINDOW * SHARE_OF_WINDOW
    return _opened(breaker, at) if breaker.in_a_row >= IN_A_ROW or half else breaker


def missed(breaker: Breaker, message: str) -> Breaker:
    """After an answer that nothing is at this address."""
    if message in breaker.missing:
        return breaker
    return replace(breaker, missing=(*breaker.missing, message)[-MISSING_TO_PAUSE:])


def is_misdirected(breaker: Breaker) -> bool:
    """Whether the address is wrong or gone: the connection is to be paused."""
    return len(breaker.missing) >= MISSING_TO_PAUSE


def blocked_until(breaker: Breaker) -> datetime | None:
    """Before this time nothing may go; None where it may go now."""
    mine = {Mode.OPEN: breaker.retry_at, Mode.HALF_OPEN: breaker.probe_until}.get(breaker.mode)
    return max((at for at in (mine, breaker.not_before) if at is not None), default=None)


def rate_share(breaker: Breaker, at: datetime) -> float:
    """The part of the connection's rate that may be used: it ramps up after an outage."""
    if breaker.closed_at is None:
        return 1.0
    since = at - breaker.closed_at
    return max((share for after, share in RAMP if since >= after), default=RAMP[0][1])


def is_to_pause(breaker: Breaker, at: datetime) -> bool:
    """Whether the connection is to be paused: its messages wait instead of being retried."""
    return breaker.away_since is not None and at - breaker.away_since >= PAUSE_AFTER


def _opened(breaker: Breaker, at: datetime) -> Breaker:
    recovered = breaker.mode is Mode.CLOSED and rate_share(breaker, at) == 1
    openings = 0 if recovered else breaker.openings
    wait = min(FIRST_WAIT * 2 ** min(openings, 10), LONGEST_WAIT)
    return Breaker(
        mode=Mode.OPEN,
        openings=openings + 1,
        away_since=breaker.away_since or at,
        retry_at=at + wait,
        not_before=breaker.not_before,
    )
