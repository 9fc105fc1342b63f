"""Who changed what: one chain of entries a merchant, each bound to the one before it by its hash.

Entries are only ever added (the runtime role cannot change them). An entry's hash covers the hash
before it and the entry itself as canonical JSON (after RFC 8785), so an altered, deleted, inserted
or moved entry breaks the chain at a place that `audit_checks.verify` names. Each entry bears a mark
as well (`base/audit_marks.py`). A chain that was cut off at its end is whole in itself: that is
found against heads that were kept. Every minute the heads of what grew are signed, kept in a table
of their own and written to the security log, which leaves the machine.

Entries of before there were marks hold by their hashes alone, up to an entry `audit.keyed`.
"""

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base import audit_marks

KEYED = "audit.keyed"
"""The entry at which the marks of an older chain begin."""
START = bytes(32)
"""What the first entry of a chain follows."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain, to be kept where nobody who writes the chain can reach it."""

    chain: str
    number: int
    hash: bytes


def record(
    db: Connection,
    chain: str,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    at: datetime,
) -> None:
    """Add an entry in the caller's transaction. `chain` is the merchant, or `operator`.

    `detail` holds codes, numbers and references, never a secret or a personal value.
    """
    db.execute(_LOCK, {"chain": chain})
    last = head(db, chain)
    number, previous = (last.number + 1, last.hash) if last else (1, START)
    entry = {
        "chain": chain,
        "number": number,
        "at": at.astimezone(UTC),
        "actor": _clean(actor),
        "action": action,
        "subject": _clean(subject),
        "detail": _plain(detail),
    }
    row = {
        **entry,
        "detail": json.dumps(entry["detail"]),
        "previous": previous,
        "hash": chained(previous, entry),
        "mark": None,
    }
    keys = audit_marks.keys_of(db)
    if keys is not None:
        row["mark"] = keys.mark(chain, number, row["hash"])
    db.execute(_ADD, row)


def begin_marks(db: Connection, at: datetime) -> None:
    """Close what is without marks in every chain by an entry that bears one."""
    for chain in list(db.scalars(_UNMARKED)):
        record(db, chain, "hub", KEYED, "audit", {}, at)


def keep_heads(db: Connection, key: bytes) -> list[tuple[Head, bytes]]:
    """Sign and keep the heads that are new since the last time. Returns them, to be logged."""
    fresh = [Head(row.chain, row.number, bytes(row.hash)) for row in db.execute(_FRESH)]
    signed = [(one, sign(one, key)) for one in fresh]
    for one, signature in signed:
        row = {"chain": one.chain, "number": one.number, "hash": one.hash, "signature": signature}
        db.execute(_KEEP_HEAD, row)
    return signed


def sign(head: Head, key: bytes) -> bytes:
    """What shows that a head is the hub's own."""
    text = f"audit head\x00{head.chain}\x00{head.number}\x00".encode()
    return hmac.digest(key, text + head.hash, "sha256")


def head(db: Connection, chain: str) -> Head | None:
    """The chain's last entry; None where it has none."""
    last = db.execute(_LAST, {"chain": chain}).one_or_none()
    return Head(chain, last.number, bytes(last.hash)) if last else None


def chains(db: Connection) -> list[str]:
    """All chains there are, or were when their heads were kept."""
    return list(db.scalars(_CHAINS))


def canonical(value: Any) -> bytes:
    """JSON with one spelling only: keys in the order of their UTF-16 units, no blanks, UTF-8."""
    return json.dumps(
        _ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def chained(previous: bytes, entry: Mapping[str, Any]) -> bytes:
    """The hash of an entry that follows the one of this hash."""
    return sha256(previous + canonical({**entry, "at": entry["at"].isoformat()})).digest()


def entry_of(chain: str, row: Any) -> dict[str, Any]:
    """An entry as it was hashed, from its row."""
    return {
        "chain": chain,
        "number": row.number,
        "at": row.at.astimezone(UTC),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "detail": row.detail,
    }


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: str(key).encode("utf-16-be"))
        return {key: _ordered(value[key]) for key in keys}
    return [_ordered(one) for one in value] if isinstance(value, list | tuple) else value


def _plain(value: Any) -> Any:
    """As JSON that the database gives back unchanged: what is no text, whole number or truth value
    becomes text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {_clean(str(key)): _plain(each) for key, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(each) for each in value]
    return _clean(str(value))


_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def _clean(text: str) -> str:
    """What PostgreSQL cannot keep is marked as lost."""
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)


_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('audit:' || :chain, 0))")
_LAST = sa.text("SELECT number, hash FROM audit WHERE chain = :chain ORDER BY number DESC LIMIT 1")
_ADD = sa.text(
    """INSERT INTO audit (chain, number, at, actor, action, subject, detail, previous, hash, mark)
    VALUES (:chain, :number, :at, :actor, :action, :subject, CAST(:detail AS jsonb), :previous,
      :hash, :mark)"""
)
_UNMARKED = sa.text(
    """SELECT DISTINCT chain FROM audit WHERE NOT EXISTS (
      SELECT FROM audit AS marked WHERE marked.chain = audit.chain AND marked.mark IS NOT NULL
    ) ORDER BY chain"""
)
_CHAINS = sa.text("SELECT chain FROM audit UNION SELECT chain FROM audit_head ORDER BY chain")
_FRESH = sa.text(
    """SELECT audit.chain, audit.number, audit.hash FROM audit JOIN (
      SELECT chain, max(number) AS number FROM audit GROUP BY chain
    ) AS last USING (chain, number)
    WHERE NOT EXISTS (
      SELECT FROM audit_head WHERE audit_head.chain = audit.chain
        AND audit_head.number >= audit.number
    ) ORDER BY audit.chain"""
)
_KEEP_HEAD = sa.text(
    """INSERT INTO audit_head (chain, number, hash, signature)
    VALUES (:chain, :number, :hash, :signature) ON CONFLICT DO NOTHING"""
)
