"""The mark on a session's scope: which merchants it sees, said by a process that knows the secrets.

A setting can be changed by any statement. So row-level security takes a scope only with a keyed
digest over it and the session's own number; a statement that was smuggled into a session can
neither make one nor use one of another session.
"""

from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection


class Secrets(NamedTuple):
    """What the mark is made with."""

    inward: bytes
    outward: bytes


def secrets(db: Connection) -> Secrets | None:
    """The secrets, for a login that may read them; None before the migration that makes them."""
    if db.scalar(_THERE) is None:
        return None
    row = db.execute(_SECRETS).one()
    return Secrets(bytes(row.inward), bytes(row.outward))


def marked(known: Secrets | None, scope: str, session: int) -> str:
    """A scope as a session's setting takes it; `session` is its backend's number."""
    if known is None:
        return scope
    inner = sha256(known.inward + f"{session}:{scope}".encode()).digest()
    return f"{sha256(known.outward + inner).hexdigest()}:{scope}"


def enforce(db: Connection) -> None:
    """Take no scope without a mark any more. Before it, processes of the version before still work
    beside those that make marks.
    """
    db.execute(_ENFORCE)


_THERE = sa.text("SELECT to_regclass('scope_key')")
_SECRETS = sa.text("SELECT inward, outward FROM scope_key")
_ENFORCE = sa.text("UPDATE scope_key SET enforced = true WHERE NOT enforced")
SET_SCOPE = "SELECT set_config('orderhub.scope', %s, false)"
