"""Breaker and bucket of each connection: one row that all workers share."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class PartnerState:
    """The row as it stands; `at` is the database's time of reading it."""

    breaker: dict[str, Any]
    tokens: float
    refilled_at: datetime
    bulk_due: float
    at: datetime


def lock(db: Connection, connection: str) -> PartnerState:
    """Lock a connection's row, made where it is missing."""
    found = db.execute(_LOCKED, {"connection": connection}).one_or_none()
    if found is None:
        db.execute(_MAKE, {"connection": connection})
        found = db.execute(_LOCKED, {"connection": connection}).one()
    return _state(found)


def read(db: Connection, connection: str) -> PartnerState:
    """A connection's row, not locked; as new where it is missing."""
    found = db.execute(_READ, {"connection": connection}).one_or_none()
    if found is None:
        now = datetime.now(UTC)
        return PartnerState({}, 0.0, now, 0.0, now)
    return _state(found)


def troubled(db: Connection) -> list[tuple[str, dict[str, Any]]]:
    """Connections whose breaker is not closed."""
    return [(row.connection, row.breaker) for row in db.execute(_TROUBLED)]


def save(
    db: Connection,
    connection: str,
    breaker_json: str,
    tokens: float,
    refilled_at: datetime,
    bulk_due: float,
    blocked_until: datetime | None,
) -> None:
    """Store a locked row. `blocked_until`: nothing may go before that."""
    row = {
        "connection": connection,
        "breaker": breaker_json,
        "tokens": tokens,
        "refilled_at": refilled_at,
        "bulk_due": bulk_due,
        "blocked_until": blocked_until,
    }
    db.execute(_SAVE, row)


def probe_next(db: Connection, connection: str) -> None:
    """Where a partner was away, forget since when: a probe may go at once."""
    db.execute(_PROBE_NEXT, {"connection": connection})


def _state(row: Any) -> PartnerState:
    return PartnerState(row.breaker, row.tokens, row.refilled_at, row.bulk_due, row.at)


_READ = sa.text(
    """SELECT breaker, tokens, refilled_at, bulk_due, clock_timestamp() AS at FROM partner_state
    WHERE connection = :connection"""
)
_LOCKED = sa.text(f"{_READ.text} FOR UPDATE")
_MAKE = sa.text(
    "INSERT INTO partner_state (connection) VALUES (:connection) ON CONFLICT DO NOTHING"
)
_SAVE = sa.text(
    """UPDATE partner_state SET breaker = CAST(:breaker AS jsonb), tokens = :tokens,
      refilled_at = :refilled_at, bulk_due = :bulk_due, blocked_until = :blocked_until
    WHERE connection = :connection"""
)
_TROUBLED = sa.text(
    """SELECT connection, breaker FROM partner_state
    WHERE breaker ->> 'mode' IN ('open', 'half_open') ORDER BY connection"""
)
_PROBE_NEXT = sa.text(
    """UPDATE partner_state SET breaker = '{"mode": "open"}', blocked_until = NULL
    WHERE connection = :connection AND breaker ->> 'mode' IN ('open', 'half_open')"""
)
