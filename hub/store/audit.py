"""Who changed what: one chain of entries a merchant, each bound to the one before it by its hash.

Entries are only ever added (the runtime role cannot change them). An entry's hash covers the hash
before it and the entry itself as canonical JSON (after RFC 8785), so an altered, deleted, inserted
or moved entry breaks the chain at a place that `verify` names. A chain that was cut off at its end
is whole in itself: that is found against a head that was kept elsewhere.
"""

import json
import re
from collections.abc import Iterable, Mapping
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
    """Where a chain does not hold, and what is wrong: `missing`, `altered`, `unlinked`, `cut`."""

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


def verify(db: Connection, chain: str, known: Head | None = None) -> list[Break]:
    """Every place where the chain does not hold; none when it does. `known` finds a cut-off end."""
    breaks: list[Break] = []
    expected, previous = 1, START
    for row in db.execute(_ALL, {"chain": chain}, execution_options={"yield_per": 1000}):
        if row.number != expected:
            breaks.append(Break(chain, expected, "missing"))
        elif bytes(row.previous) != previous:
            breaks.append(Break(chain, row.number, "unlinked"))
        if bytes(row.hash) != _hash(bytes(row.previous), _entry(chain, row)):
            breaks.append(Break(chain, row.number, "altered"))
        if known is not None and row.number == known.number and bytes(row.hash) != known.hash:
            breaks.append(Break(chain, row.number, "altered"))
        expected, previous = row.number + 1, bytes(row.hash)
    if known is not None and known.number >= expected:
        breaks.append(Break(chain, expected, "cut"))
    return list(dict.fromkeys(breaks))


def head(db: Connection, chain: str) -> Head | None:
    """The chain's last entry; None where it has none."""
    last = db.execute(_LAST, {"chain": chain}).one_or_none()
    return Head(chain, last.number, bytes(last.hash)) if last else None


def chains(db: Connection) -> list[str]:
    """All chains there are."""
    return list(db.scalars(sa.text("SELECT DISTINCT chain FROM audit ORDER BY chain")))


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
