"""Who changed what: one chain of entries a merchant, each bound to the one before it by its hash.

Entries are only ever added (the runtime role cannot change them). An entry's hash covers the hash
before it and the entry itself as canonical JSON (after RFC 8785), so an altered, deleted, inserted
or moved entry breaks the chain at a place that `verify` names. A chain that was cut off at its end
is whole in itself: that is found against heads that were kept. Every hour the heads are signed,
kept in a table of their own and written to the security log, which leaves the machine.
"""

import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

START = bytes(32)
"""What the first entry of a chain follows."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain, to be kept where nobody who writes the chain can reach it."""

    chain: str
    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold, and what is wrong: `missing`, `altered`, `unlinked`, `cut`; or
    `forged`, where a kept head does not bear our signature.
    """

    chain: str
    number: int
    what: str


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
    last = db.execute(_LAST, {"chain": chain}).one_or_none()
    number = last.number + 1 if last else 1
    previous = bytes(last.hash) if last else START
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
        "hash": _hash(previous, entry),
    }
    db.execute(_ADD, row)


def verify(db: Connection, chain: str, known: Sequence[Head] = ()) -> list[Break]:
    """Every place where the chain does not hold; none when it does. `known`: heads that were kept
    of it; they find a cut-off end, and one that was written anew.
    """
    breaks: list[Break] = []
    kept = {one.number: one.hash for one in known}
    expected, previous = 1, START
    for row in db.execute(_ALL, {"chain": chain}, execution_options={"yield_per": 1000}):
        if row.number != expected:
            breaks.append(Break(chain, expected, "missing"))
        elif bytes(row.previous) != previous:
            breaks.append(Break(chain, row.number, "unlinked"))
        if bytes(row.hash) != _hash(bytes(row.previous), _entry(chain, row)):
            breaks.append(Break(chain, row.number, "altered"))
        if kept.get(row.number, bytes(row.hash)) != bytes(row.hash):
            breaks.append(Break(chain, row.number, "altered"))
        expected, previous = row.number + 1, bytes(row.hash)
    if kept and max(kept) >= expected:
        breaks.append(Break(chain, expected, "cut"))
    return list(dict.fromkeys(breaks))


def verify_all(db: Connection, key: bytes, logged: Sequence[Head] = ()) -> list[Break]:
    """The same for every chain, against the heads that were kept of it with our signature, and
    those that the log still has.
    """
    known: dict[str, list[Head]] = {chain: [] for chain in chains(db)}
    breaks = []
    for row in db.execute(_HEADS):
        one = Head(row.chain, row.number, bytes(row.hash))
        if hmac.compare_digest(sign(one, key), bytes(row.signature)):
            known[one.chain].append(one)
        else:
            breaks.append(Break(one.chain, one.number, "forged"))
    for one in logged:
        known.setdefault(one.chain, []).append(one)
    return breaks + [
        broken for chain, heads in sorted(known.items()) for broken in verify(db, chain, heads)
    ]


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


def _hash(previous: bytes, entry: Mapping[str, Any]) -> bytes:
    return sha256(previous + canonical({**entry, "at": entry["at"].isoformat()})).digest()


def _entry(chain: str, row: Any) -> dict[str, Any]:
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
        return {_clean(str(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(one) for one in value]
    return _clean(str(value))


_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def _clean(text: str) -> str:
    """What PostgreSQL cannot keep is marked as lost."""
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)


_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('audit:' || :chain, 0))")
_LAST = sa.text("SELECT number, hash FROM audit WHERE chain = :chain ORDER BY number DESC LIMIT 1")
_ADD = sa.text(
    """INSERT INTO audit (chain, number, at, actor, action, subject, detail, previous, hash)
    VALUES (:chain, :number, :at, :actor, :action, :subject, CAST(:detail AS jsonb), :previous,
      :hash)"""
)
_ALL = sa.text(
    """SELECT number, at, actor, action, subject, detail, previous, hash FROM audit
    WHERE chain = :chain ORDER BY number"""
)
_CHAINS = sa.text("SELECT chain FROM audit UNION SELECT chain FROM audit_head ORDER BY chain")
_HEADS = sa.text("SELECT chain, number, hash, signature FROM audit_head ORDER BY chain, number")
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
