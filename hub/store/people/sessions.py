"""Sessions of the console: each by the digest of what its cookie holds, with what is known of the
visitor. How long one lasts is the console's to say.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it is kept. `data`: what is known of the visitor."""

    account_id: UUID
    data: Mapping[str, Any]
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """One open session of an account."""

    digest: str
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


def find(db: Connection, digest: bytes) -> Kept | None:
    """The session of a cookie, over or not; None where there is none."""
    row = db.execute(_FIND, {"digest": digest}).one_or_none()
    return None if row is None else Kept(*row)


def begin(
    db: Connection, digest: bytes, account_id: UUID, data: Mapping[str, Any], at: datetime
) -> None:
    """Begin a session, and drop those that began half a day ago: none lasts longer."""
    row = {"digest": digest, "account": account_id, "data": json.dumps(dict(data)), "at": at}
    db.execute(_DROP_THE_OLD, {"at": at})
    db.execute(_BEGIN, row)


def keep(db: Connection, digest: bytes, data: Mapping[str, Any]) -> None:
    """Keep what is known of the visitor by now."""
    db.execute(_KEEP, {"digest": digest, "data": json.dumps(dict(data))})


def touch(db: Connection, digest: bytes, at: datetime) -> None:
    """Note that a session is in use."""
    db.execute(_TOUCH, {"digest": digest, "at": at})


def end(db: Connection, digest: bytes) -> None:
    """End a session. Ended already is fine."""
    db.execute(_END, {"digest": digest})


def listed(db: Connection, account_id: UUID) -> list[Open]:
    """All open sessions of an account, the one used last first."""
    return [
        Open(
            bytes(row.digest).hex(),
            row.created_at,
            row.seen_at,
            str(row.data.get("address", "")),
            str(row.data.get("agent", "")),
        )
        for row in db.execute(_OF, {"account": account_id})
    ]


def revoke(db: Connection, account_id: UUID, digest: str) -> bool:
    """End one session of an account. False where it has none such."""
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        return False
    return bool(db.execute(_END_OF, {"digest": raw, "account": account_id}).rowcount)


def end_all(db: Connection, account_id: UUID) -> None:
    """End every session of an account."""
    db.execute(_END_ALL, {"account": account_id})


def forget_old(db: Connection) -> None:
    """Drop sessions that nobody used for half a day."""
    db.execute(sa.text("DELETE FROM session WHERE seen_at < now() - interval '12 hours'"))


_FIND = sa.text("SELECT account_id, data, created_at, seen_at FROM session WHERE digest = :digest")
_BEGIN = sa.text(
    """INSERT INTO session (digest, account_id, data, created_at, seen_at)
    VALUES (:digest, :account, CAST(:data AS jsonb), :at, :at)"""
)
_TOUCH = sa.text("UPDATE session SET seen_at = :at WHERE digest = :digest")
_KEEP = sa.text("UPDATE session SET data = CAST(:data AS jsonb) WHERE digest = :digest")
_END = sa.text("DELETE FROM session WHERE digest = :digest")
_END_OF = sa.text("DELETE FROM session WHERE digest = :digest AND account_id = :account")
_END_ALL = sa.text("DELETE FROM session WHERE account_id = :account")
_DROP_THE_OLD = sa.text(
    "DELETE FROM session WHERE created_at < CAST(:at AS timestamptz) - interval '12 hours'"
)
_OF = sa.text(
    """SELECT digest, data, created_at, seen_at FROM session WHERE account_id = :account
    ORDER BY seen_at DESC, created_at DESC, digest LIMIT 50"""
)
