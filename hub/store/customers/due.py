"""Orders whose customer is to be looked at: noted with each order that is stored or cancelled, in
the same statement, and taken up by whoever collects customers.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_ONE_AT_A_TIME = 0x637573746F6D
"""Advisory lock: whoever joins customers does it alone, so that nobody is made twice."""


def lock(db: Connection) -> None:
    """Wait until nobody else changes who is one; until the transaction ends nobody does."""
    db.execute(_LOCK, {"lock": _ONE_AT_A_TIME})


def try_lock(db: Connection) -> bool:
    """Whether nobody else does; then as `lock`."""
    return bool(db.scalar(_TRY_LOCK, {"lock": _ONE_AT_A_TIME}))


def take(db: Connection, most: int) -> list[UUID]:
    """Take the oldest that are due, in the order in which they came, each order once."""
    return list(dict.fromkeys(db.scalars(_TAKE, {"most": most})))


_LOCK = sa.text("SELECT pg_advisory_xact_lock(:lock)")
_TRY_LOCK = sa.text("SELECT pg_try_advisory_xact_lock(:lock)")
_TAKE = sa.text(
    """WITH taken AS (
      DELETE FROM customer_due WHERE number IN (
        SELECT number FROM customer_due ORDER BY number LIMIT :most FOR UPDATE SKIP LOCKED
      ) RETURNING number, order_id
    ) SELECT order_id FROM taken ORDER BY number"""
)
