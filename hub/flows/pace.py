"""Breaker and pace of each connection, for all workers alike: the rules decide, the store keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from hub.flows.unit import Unit
from hub.rules import breaker as rule
from hub.rules.breaker import Breaker, Mode
from hub.rules.pace import RAMP_PER_CALL_S, Bucket, Granted, Waiting, grant, grant_all
from hub.store import connections_state, partner_state, timeline
from hub.store.partner_state import PartnerState
from hub.store.timeline import Incident

_BREAKER = TypeAdapter(Breaker)
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
    row = partner_state.lock(db, connection)
    breaker, bucket = _breaker(row), Bucket(row.tokens, row.refilled_at, row.bulk_due)
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
    row = partner_state.lock(db, connection)
    breaker = _breaker(row)
    if breaker.mode is Mode.HALF_OPEN:
        breaker = replace(breaker, probe_until=None)
    _save(db, connection, breaker, Bucket(row.tokens + calls, row.refilled_at, row.bulk_due))


def record(db: Connection, connection: str, signs: Sequence[Sign], at: datetime) -> bool:
    """Hear what calls said of the partner's health. True where the connection is to be paused,
    because nothing is at its address.

    Nothing is written while a healthy partner stays so.
    """
    heard = [one for one in signs if one.healthy is not None or one.missing]
    healthy = all(one.healthy for one in heard)
    if healthy and _is_calm(_breaker(partner_state.read(db, connection))):
        return False
    row = partner_state.lock(db, connection)
    breaker = _breaker(row)
    for one in heard:
        if one.missing:
            breaker = rule.missed(breaker, one.message)
        elif one.healthy:
            breaker = rule.succeeded(breaker, at)
        else:
            breaker = rule.failed(breaker, at, one.retry_after)
    proved = any(one.healthy is not None for one in heard)
    if not proved and breaker.mode is Mode.HALF_OPEN:
        breaker = rule.failed(breaker, at)
    lost = rule.is_misdirected(breaker)
    if lost:
        breaker = replace(breaker, missing=())
    _save(db, connection, breaker, Bucket(row.tokens, row.refilled_at, row.bulk_due))
    return lost


def of(db: Connection, connection: str) -> Breaker:
    """A connection's breaker, for people to look at."""
    return _breaker(partner_state.read(db, connection))


def watch(unit: Unit) -> None:
    """Pause connections whose partners have been away for three days: what waits, waits, until
    somebody resumes them.
    """
    for code, kept in partner_state.troubled(unit.db):
        breaker, partner = _BREAKER.validate_python(kept), unit.directory.partners.get(code)
        if partner is None or not rule.is_to_pause(breaker, unit.at):
            continue
        if connections_state.pause(unit.db, code, "away"):
            sentence = f"{code} has not answered for three days and is paused: resume it by hand"
            subject = f"connection:{code}"
            incident = Incident(partner.merchant, "connection_paused", subject, sentence)
            timeline.open_incidents(unit.db, [incident])


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


def _breaker(row: PartnerState) -> Breaker:
    return _BREAKER.validate_python(row.breaker) if row.breaker else Breaker()


def _save(db: Connection, connection: str, breaker: Breaker, bucket: Bucket) -> None:
    text = _BREAKER.dump_json(breaker).decode()
    until = rule.blocked_until(breaker)
    partner_state.save(db, connection, text, bucket.tokens, bucket.at, bucket.bulk_due, until)
