"""Breaker and pace of each connection, for all workers alike: the rules decide, the store keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from hub.rules.ops import breaker as rule
from hub.rules.ops.breaker import Breaker, Mode
from hub.rules.ops.pace import RAMP_PER_CALL_S, Bucket, Granted, Waiting, grant, grant_all
from hub.store.config import call_limits

CONCURRENCY = 4
"""Calls at the same time where a connection names no number."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What one call said of the partner. `healthy` is None where it says nothing."""

    message: str
    healthy: bool | None
    retry_after: float | None = None
    missing: bool = False


def permit(
    db: Connection, connection: str, waiting: Waiting, most: int, limits: Mapping[str, Any]
) -> Granted:
    """How many calls may go now, at most `most` of each class: none while the breaker is open, one
    as a probe, else what the rate has left. While a partner recovers its rate is a part of the
    whole.
    """
    row = call_limits.lock(db, connection)
    breaker, bucket = rule.read(row.breaker), Bucket(row.tokens, row.refilled_at, row.bulk_due)
    if not rule.may_call(breaker, row.at) or not waiting.urgent + waiting.bulk:
        return Granted(0, 0, bucket, 0.0)
    if breaker.mode is not Mode.CLOSED:
        _save(db, connection, rule.called(breaker, row.at), bucket)
        probe = min(waiting.urgent, 1)
        return Granted(probe, 1 - probe, bucket, 0.0)
    rate, burst = _rate(breaker, row.at, limits)
    if rate > 0:
        granted = grant(bucket, rate, burst, row.at, waiting, most)
    else:
        granted = grant_all(bucket, most, waiting)
    if granted.bucket != bucket:
        _save(db, connection, breaker, granted.bucket)
    return granted


def give_back(db: Connection, connection: str, calls: int) -> None:
    """Calls that were permitted and not made; one of them may have been the probe."""
    if calls <= 0:
        return
    row = call_limits.lock(db, connection)
    breaker = rule.read(row.breaker)
    if breaker.mode is Mode.HALF_OPEN:
        breaker = replace(breaker, probe_until=None)
    _save(db, connection, breaker, Bucket(row.tokens + calls, row.refilled_at, row.bulk_due))


def record(db: Connection, connection: str, signs: Sequence[Sign], at: datetime) -> bool:
    """Hear what calls said of the partner's health. True where the connection is to be paused,
    because nothing is at its address.

    Nothing is written while a healthy partner stays so.
    """
    heard = [sign for sign in signs if sign.healthy is not None or sign.missing]
    healthy = all(sign.healthy for sign in heard)
    if healthy and _is_calm(rule.read(call_limits.read(db, connection).breaker)):
        return False
    row = call_limits.lock(db, connection)
    breaker = rule.read(row.breaker)
    for sign in heard:
        if sign.missing:
            breaker = rule.missed(breaker, sign.message)
        elif sign.healthy:
            breaker = rule.succeeded(breaker, at)
        else:
            breaker = rule.failed(breaker, at, sign.retry_after)
    proved = any(sign.healthy is not None for sign in heard)
    if not proved and breaker.mode is Mode.HALF_OPEN:
        breaker = rule.failed(breaker, at)
    lost = rule.is_misdirected(breaker)
    if lost:
        breaker = replace(breaker, missing=())
    _save(db, connection, breaker, Bucket(row.tokens, row.refilled_at, row.bulk_due))
    return lost


def of(db: Connection, connection: str) -> Breaker:
    """A connection's breaker, for people to look at."""
    return rule.read(call_limits.read(db, connection).breaker)


def _rate(breaker: Breaker, at: datetime, limits: Mapping[str, Any]) -> tuple[float, float]:
    """Calls a second, and how many may gather; 0 where it goes as fast as it answers."""
    share, rate = rule.rate_share(breaker, at), float(limits.get("rate_per_s", 0))
    if rate > 0:
        return rate * share, float(limits.get("burst", rate)) * share
    if share >= 1:
        return 0.0, 0.0
    calls = float(limits.get("concurrency", CONCURRENCY)) * share
    return calls * RAMP_PER_CALL_S, calls


def _is_calm(breaker: Breaker) -> bool:
    failing = breaker.in_a_row or any(breaker.recent) or breaker.missing
    return breaker.mode is Mode.CLOSED and not failing


def _save(db: Connection, connection: str, breaker: Breaker, bucket: Bucket) -> None:
    text = rule.written(breaker)
    until = rule.blocked_until(breaker)
    call_limits.save(db, connection, text, bucket.tokens, bucket.at, bucket.bulk_due, until)
