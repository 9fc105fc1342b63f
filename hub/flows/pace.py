"""Breaker and pace of each connection, for all workers alike: the rules decide, the store keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from hub.flows.unit import Unit
from hub.rules import breaker as rule
from hub.rules.breaker import Breaker, Mode
from hub.rules.pace import Bucket, grant
from hub.store import connections_state, partner_state, timeline
from hub.store.partner_state import PartnerState
from hub.store.timeline import Incident

_BREAKER = TypeAdapter(Breaker)


def permit(db: Connection, connection: str, most: int, limits: Mapping[str, Any]) -> int:
    """How many calls may go now: none while the breaker is open, one as a probe, else what the
    rate has left.
    """
    row = partner_state.lock(db, connection)
    breaker, bucket = _breaker(row), Bucket(row.tokens, row.refilled_at)
    if not rule.may_call(breaker, row.at):
        return 0
    if breaker.mode is not Mode.CLOSED:
        _save(db, connection, rule.called(breaker, row.at), bucket)
        return 1
    rate = float(limits.get("rate_per_s", 0)) * rule.rate_share(breaker, row.at)
    if rate <= 0:
        return most
    granted = grant(bucket, rate, float(limits.get("burst", rate)), row.at, urgent=most)
    _save(db, connection, breaker, granted.bucket)
    return granted.urgent


def give_back(db: Connection, connection: str, calls: int, limits: Mapping[str, Any]) -> None:
    """Calls that were permitted and not needed; one of them may have been the probe."""
    if calls > 0 and float(limits.get("rate_per_s", 0)) > 0:
        partner_state.give_back(db, connection, calls)
    if calls == 1:
        row = partner_state.lock(db, connection)
        breaker, bucket = _breaker(row), Bucket(row.tokens, row.refilled_at)
        if breaker.mode is Mode.HALF_OPEN:
            _save(db, connection, replace(breaker, probe_until=None), bucket)


def record(
    db: Connection,
    connection: str,
    signs: Sequence[tuple[bool | None, float | None]],
    at: datetime,
) -> None:
    """What calls said of the partner's health: (healthy or None, Retry-After).

    Nothing is written while a healthy partner stays so.
    """
    heard = [(ok, after) for ok, after in signs if ok is not None]
    if all(ok for ok, _ in heard) and _is_calm(_breaker(partner_state.read(db, connection))):
        return
    row = partner_state.lock(db, connection)
    breaker = _breaker(row)
    for ok, after in heard:
        breaker = rule.succeeded(breaker, at) if ok else rule.failed(breaker, at, after)
    if not heard and breaker.mode is Mode.HALF_OPEN:
        breaker = rule.failed(breaker, at)
    _save(db, connection, breaker, Bucket(row.tokens, row.refilled_at))


def of(db: Connection, connection: str) -> Breaker:
    """A connection's breaker, for people to look at."""
    return _breaker(partner_state.read(db, connection))


def watch(unit: Unit) -> None:
    """Partners that have been away for an hour are an incident; for three days, they are paused."""
    for code, kept in partner_state.troubled(unit.db):
        breaker, partner = _BREAKER.validate_python(kept), unit.directory.partners.get(code)
        if partner is None or not rule.is_incident(breaker, unit.at):
            continue
        sentence = f"{code} has not answered for an hour: what is to be told waits"
        if rule.is_to_pause(breaker, unit.at) and connections_state.pause(unit.db, code, "away"):
            sentence = f"{code} has not answered for three days and is paused: resume it by hand"
        incident = Incident(partner.merchant, "partner_away", f"connection:{code}", sentence)
        timeline.open_incidents(unit.db, [incident])


def _is_calm(breaker: Breaker) -> bool:
    return breaker.mode is Mode.CLOSED and not breaker.in_a_row and not any(breaker.recent)


def _breaker(row: PartnerState) -> Breaker:
    return _BREAKER.validate_python(row.breaker) if row.breaker else Breaker()


def _save(db: Connection, connection: str, breaker: Breaker, bucket: Bucket) -> None:
    text = _BREAKER.dump_json(breaker).decode()
    partner_state.save(db, connection, text, bucket.tokens, bucket.at)
