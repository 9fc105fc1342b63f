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
    at: datetime


def lock(db: Connection, connection: str) -> PartnerState:
    """Lock a connection's row, made where it is missing."""
    found = db.execute(_LOCKED, {"connection": connection}).one_or_none()
    if found is None:
        db.execute(_MAKE, {"connection": connection})
        found = db.execute(_LOCKED, {"connection": connection}).one()
    return PartnerState(found.breaker, found.tokens, found.refilled_at, found.at)


def read(db: Connection, connection: str) -> PartnerState:
    """A connection's row, not locked; as new where it is missing."""
    found = db.execute(_READ, {"connection": connection}).one_or_none()
    if found is None:
        now = datetime.now(UTC)
        return PartnerState({}, 0.0, now, now)
    return PartnerState(found.breaker, found.tokens, found.refilled_at, found.at)


def troubled(db: Connection) -> list[tuple[str, dict[str, Any]]]:
    """Connections whose breaker is not closed."""
    return [(row.connection, row.breaker) for row in db.execute(_TROUBLED)]


def save(
    db: Connection, connection: str, breaker_json: str, tokens: float, refilled_at: datetime
) -> None:
    """Store a locked row."""
    row = {
        "connection": connection,
        "breaker": breaker_json,
        "tokens": tokens,
        "refilled_at": refilled_at,
    }
    db.execute(_SAVE, row)


def give_back(db: Connection, connection: str, calls: int) -> None:
    """Calls that were permitted and not needed."""
    db.execute(_GIVE_BACK, {"connection": connection, "calls": calls})


_READ = sa.text(
    """SELECT breaker, tokens, refilled_at, now() AS at FROM partner_state
    WHERE connection = :connection"""
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
_TROUBLED = sa.text(
    """SELECT connection, breaker FROM partner_state
    WHERE breaker ->> 'mode' IN ('open', 'half_open') ORDER BY connection"""
)
