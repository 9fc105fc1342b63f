"""A connection's own row: paused, going again, with a secret kept elsewhere."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.config import snapshot


def pause(db: Connection, code: str, because: str) -> bool:
    """Stop telling a connection. False where it is paused already."""
    done = db.execute(_PAUSE, {"code": code, "because": because}).rowcount
    if done:
        snapshot.changed(db)
    return bool(done)


def resume(db: Connection, code: str) -> str | None:
    """Let a connection go again. Returns its merchant; None where it is not paused."""
    merchant: str | None = db.scalar(_RESUME, {"code": code})
    if merchant is not None:
        snapshot.changed(db)
    return merchant


def keep_secret(db: Connection, code: str, name: str, reference: str) -> None:
    """Keep a secret by another reference; every process makes its adapter anew."""
    db.execute(_KEEP, {"code": code, "name": name, "reference": reference})
    snapshot.changed(db)


_KEEP = sa.text(
    """UPDATE connection SET version = version + 1, updated_at = now(),
      secrets = jsonb_set(secrets, ARRAY[CAST(:name AS text)], to_jsonb(CAST(:reference AS text)))
    WHERE code = :code"""
)
_PAUSE = sa.text(
    """UPDATE connection SET status = 'paused', paused_because = :because, version = version + 1
    WHERE code = :code AND status <> 'paused'"""
)
_RESUME = sa.text(
    """UPDATE connection SET status = 'active', paused_because = NULL, version = version + 1
    WHERE code = :code AND status = 'paused' RETURNING merchant_id"""
)
