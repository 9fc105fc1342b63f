"""Signatures of calls that were used: each counts once, at whichever gateway it comes in.

Kept for as long as a signed time is taken, and a little longer.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

KEPT = "15 minutes"


def use(db: Connection, digest: bytes, key: str) -> bool:
    """Use a signature for what is done under this idempotency key. False where it was used for
    something else, or for what is done under none.
    """
    if db.execute(_USE, {"digest": digest, "key": key}).rowcount:
        return True
    return bool(key) and db.scalar(_USED, {"digest": digest}) == key


def forget_old(db: Connection) -> int:
    """Drop those whose signed time is over."""
    return db.execute(_FORGET).rowcount


_USE = sa.text(
    "INSERT INTO used_signature (digest, key) VALUES (:digest, :key) ON CONFLICT DO NOTHING"
)
_USED = sa.text("SELECT key FROM used_signature WHERE digest = :digest")
_FORGET = sa.text(f"DELETE FROM used_signature WHERE at <= now() - interval '{KEPT}'")  # noqa: S608  # a constant
