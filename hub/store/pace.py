"""Breaker and pace of each connection, one row that all workers share. The rules decide, this
keeps their state.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from hub.rules import breaker as rule
from hub.rules.breaker import Breaker, Mode
from hub.rules.pace import Bucket, grant

_BREAKER = TypeAdapter(Breaker)


def permit(db: Connection, connection: str, most: int, limits: Mapping[str, Any]) -> int:
    """How many calls may go now: none while the breaker is open, one as a probe, else what the
    rate has left.
    """
    row = _row(db, connection)
    breaker, at = row.breaker, row.at
    if not rule.may_call(breaker, at):
        return 0
    if breaker.mode is not Mode.CLOSED:
        _save(db, connection, rule.called(breaker, at), row.bucket)
        return 1
    rate = float(limits.get("rate_per_s", 0)) * rule.rate_share(breaker, at)
    if rate <= 0:
        return most
    granted = grant(row.bucket, rate, float(limits.get("burst", rate)), at, urgent=most)
    _save(db, connection, breaker, granted.bucket)
    return granted.urgent


def give_back(db: Connection, connection: str, calls: int, limits: Mapping[str, Any]) -> None:
    """Calls that were permitted and not needed."""
    if calls > 0 and float(limits.get("rate_per_s", 0)) > 0:
        db.execute(_GIVE_BACK, {"connection": connection, "calls": calls})


def record(
    db: Connection,
    connection: str,
    healthy: Sequence[tuple[bool | None, float | None]],
    at: datetime,
) -> None:
    """What calls said of the partner's health: (healthy or None, Retry-After). Written only where
    it changes anything.
    """
    signs = [(ok, after) for ok, after in healthy if ok is not None]
    row = _row(db, connection, lock=any(not ok for ok, _ in signs))
    calm = (
        row.breaker.mode is Mode.CLOSED and not row.breaker.in_a_row and not any(row.breaker.recent)
    )
    if calm and all(ok for ok, _ in signs):
        return
    row = _row(db, connection)
    breaker = row.breaker
    for ok, after in signs:
        breaker = rule.succeeded(breaker, at) if ok else rule.failed(breaker, at, after)
    if not signs and breaker.mode is Mode.HALF_OPEN:
        breaker = rule.failed(breaker, at)
    _save(db, connection, breaker, row.bucket)


def of(db: Connection, connection: str) -> Breaker:
    """A connection's breaker, for people to look at."""
    return _row(db, connection, lock=False).breaker


class _Row:
    def __init__(self, breaker: Breaker, bucket: Bucket, at: datetime) -> None:
        self.breaker, self.bucket, self.at = breaker, bucket, at


def _row(db: Connection, connection: str, *, lock: bool = True) -> _Row:
    found = db.execute(_LOCKED if lock else _READ, {"connection": connection}).one_or_none()
    if found is None:
        if lock:
            db.execute(_MAKE, {"connection": connection})
            return _row(db, connection)
        return _Row(Breaker(), Bucket(0.0, datetime.now(UTC)), datetime.now(UTC))
    breaker = _BREAKER.validate_python(found.breaker) if found.breaker else Breaker()
    return _Row(breaker, Bucket(found.tokens, found.refilled_at), found.at)


def _save(db: Connection, connection: str, breaker: Breaker, bucket: Bucket) -> None:
    db.execute(
        _SAVE,
        {
            "connection": connection,
            "breaker": _BREAKER.dump_json(breaker).decode(),
            "tokens": bucket.tokens,
            "refilled_at": bucket.at,
        },
    )


_READ = sa.text(
    "SELECT breaker, tokens, refilled_at, now() AS at FROM partner_state WHERE connection = :connection"
)
_LOCKED = sa.text(f"{_READ.text} FOR UPDATE")
_MAKE = sa.text(
    "INSERT INTO partner_state (connection) VALUES (:connection) ON CONFLICT DO NOTHING"
)
_SAVE = sa.text(
    """UPDATE partner_state SET breaker = CAST(:breaker AS jsonb), tokens = :tokens,
      refilled_at = :refilled_at
    WHERE connection = :connection"""
)
_GIVE_BACK = sa.text(
    "UPDATE partner_state SET tokens = tokens + :calls WHERE connection = :connection"
)
