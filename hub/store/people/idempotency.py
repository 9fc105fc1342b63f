"""The same key and the same body get the same answer, for 48 hours.

The answer is written in the transaction of the effect: either both are there or neither. While the
first request runs it holds a lock that ends with its transaction, however that ends.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault

KEPT = "48 hours"


class StillRunning(Exception):
    """The first request with this key has not ended yet."""


class OtherBody(Exception):
    """The key was used for another request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def earlier(db: Connection, vault: Vault, caller: str, key: str, digest: bytes) -> Answer | None:
    """The answer of the first request with this key; None where this is the first.

    StillRunning where that one has not ended, OtherBody where it asked for something else. Holds
    the key until the transaction ends.
    """
    if not db.scalar(_LOCK, {"lock": _lock(caller, key)}):
        raise StillRunning
    row = db.execute(_FIND, {"caller": caller, "key": key}).one_or_none()
    if row is None:
        return None
    if bytes(row.digest) != digest:
        raise OtherBody
    head, _, body = vault.open(row.answer, _PLACE, "", _row(caller, key)).partition(b"\n")
    return Answer(row.status, json.loads(head), body)


def remember(  # the columns of a row
    db: Connection, vault: Vault, caller: str, key: str, digest: bytes, answer: Answer
) -> None:
    """Keep an answer. One that is older than it is kept for gives way."""
    plain = json.dumps(dict(answer.headers)).encode() + b"\n" + answer.body
    values = {
        "caller": caller,
        "key": key,
        "digest": digest,
        "status": answer.status,
        "answer": vault.seal(plain, _PLACE, "", _row(caller, key)),
    }
    db.execute(_REMEMBER, values)


def forget_naming(db: Connection, vault: Vault, texts: Sequence[str]) -> int:
    """Drop the answers that hold one of these texts: a repeat of the call is answered anew. Returns
    how many.
    """
    spelt = {it.encode() for text in texts for it in (text, json.dumps(text)[1:-1])}
    gone = [
        (row.caller, row.key)
        for row in db.execute(_ALL)
        if any(it in _opened(vault, row) for it in spelt)
    ]
    if gone:
        db.execute(_DROP, _CALLS.of(gone))
    return len(gone)


def _opened(vault: Vault, row: Any) -> bytes:
    return vault.open(row.answer, _PLACE, "", _row(row.caller, row.key))


def forget_old(db: Connection) -> int:
    """Drop the answers that nobody can ask for any more."""
    return db.execute(_FORGET).rowcount


_PLACE = "idempotency.answer"


def _row(caller: str, key: str) -> UUID:
    return UUID(bytes=sha256(f"{caller}\x00{key}".encode()).digest()[:16])


def _lock(caller: str, key: str) -> int:
    found = sha256(f"idempotency\x00{caller}\x00{key}".encode()).digest()
    return int.from_bytes(found[:8], signed=True)


_LOCK = sa.text("SELECT pg_try_advisory_xact_lock(:lock)")
_FIND = sa.text(
    f"""SELECT digest, status, answer FROM idempotency
    WHERE caller = :caller AND key = :key AND at > now() - interval '{KEPT}'"""  # noqa: S608  # a constant
)
_REMEMBER = sa.text(
    """INSERT INTO idempotency (caller, key, digest, status, answer)
    VALUES (:caller, :key, :digest, :status, :answer)
    ON CONFLICT (caller, key) DO UPDATE SET digest = excluded.digest, status = excluded.status,
      answer = excluded.answer, at = now()"""
)
_ALL = sa.text("SELECT caller, key, answer FROM idempotency WHERE answer IS NOT NULL")
_CALLS = Rows(caller="text", key="text")
_DROP = sa.text(
    f"DELETE FROM idempotency WHERE (caller, key) IN (SELECT * FROM {_CALLS.arrays})"  # noqa: S608
)
_FORGET = sa.text(f"DELETE FROM idempotency WHERE at <= now() - interval '{KEPT}'")  # noqa: S608  # a constant
