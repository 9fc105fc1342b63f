"""Pause and resume a connection: its messages wait, none is lost, and resuming lets them go."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store import directory, incidents, partner_state, waking

Ring = tuple[str, str, int]


def pause(db: Connection, code: str, because: str) -> bool:
    """Stop telling a connection. False where it is paused already."""
    done = db.execute(_PAUSE, {"code": code, "because": because}).rowcount
    if done:
        directory.changed(db)
    return bool(done)


def resume(db: Connection, code: str, rings: set[Ring]) -> bool:
    """Let a connection's messages go again. `rings` gets the lanes to ring after the commit."""
    done = db.execute(_RESUME, {"code": code}).rowcount
    if done:
        directory.changed(db)
        partner_state.probe_next(db, code)
        incidents.close(db, f"connection:{code}", ("connection_paused", "partner_away"))
    for row in waking.wake(db, [f"connection:{code}"]):
        rings.add((row.direction, row.connection, row.shard))
    return bool(done)


_PAUSE = sa.text(
    """UPDATE connection SET status = 'paused', paused_because = :because, version = version + 1,
      updated_at = now()
    WHERE code = :code AND status <> 'paused'"""
)
_RESUME = sa.text(
    """UPDATE connection SET status = 'active', paused_because = NULL, version = version + 1,
      updated_at = now()
    WHERE code = :code AND status = 'paused'"""
)
