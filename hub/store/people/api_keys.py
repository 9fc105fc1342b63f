"""API keys: 256 bits, shown once, kept as SHA-256; with scopes, perhaps bound to a merchant."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.errors import BadData
from hub.store.base.ids import new_id

PREFIX = "ohk_"
"""What every key begins with, so that scanners find one that leaked."""

ALL_SCOPES = "all"
SCOPES: dict[str, str] = {
    "orders:read": "read orders with everything that hangs on them",
    "orders:write": "post and cancel orders",
    "orders:manage": "hold, release and reroute orders; ask what routing would do",
    "fulfilment:read": "read fulfilment orders",
    "fulfilment:write": "accept, reject, ship and cancel fulfilment orders",
    "inbound:read": "read inbound notices, their receipts and differences",
    "inbound:write": "announce, change, cancel and close inbound notices; decide differences",
    "inbound:receive": "post goods receipts",
    "returns:read": "read returns, what came back and their money",
    "returns:write": "ask for returns; approve, refuse, cancel, confirm and close them",
    "returns:receive": "post what came back, inspect it, say whose a parcel is",
    "returns:refund": "give money back for returns, and send other goods",
    "returns:manage": "set what a merchant takes back, until when, and what is decided by itself",
    "customers:read": "read customers, with names and addresses",
    "customers:write": "merge customers and take them apart; say what they allow",
    "customers:erase": "forget a customer everywhere, for good",
    "stock:read": "read stock levels and the ledger",
    "stock:write": "post stock reports and adjustments",
    "stock:count": "open stocktakes, count, and hand them in",
    "stock:approve": "approve and cancel stocktakes, have lines counted once more",
    "stock:manage": "set what is kept back of stock and how channels share it",
    "invoices:read": "read invoices and credit notes",
    "invoices:write": "draw invoices and say who draws them",
    "reconciliation:read": "read what providers report and nothing matches, and chargebacks",
    "reconciliation:write": "match, explain, write off and undo; move chargebacks",
    "products:read": "read products",
    "products:write": "post products",
    "settlement:read": "read statements, contracts and the ledger of money",
    "settlement:write": "open, calculate and dispute statements; enter corrections",
    "settlement:approve": "approve and pay statements, decide corrections, fetch payout files",
    "contracts:write": "put terms of contracts in force",
    "books:read": "read the ledger, its exports, and what the books do not have yet",
    "books:write": "close books up to a day",
    "messages:read": "read messages, payloads masked",
    "messages:payload": "read payloads in clear",
    "messages:write": "replay, discard and edit messages",
    "connections:read": "read connections and their health",
    "connections:write": "test, pause and resume connections",
}
"""Every scope and what it allows. `all` stands for all of them."""

_LENGTH = len(PREFIX) + 43
_SHOWN = len(PREFIX) + 6


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept. `merchant` None: it sees every merchant. `owner`: the actor for whom it
    acts, such as `user:ann`; empty: nobody.
    """

    id: UUID
    name: str
    owner: str
    prefix: str
    scopes: frozenset[str]
    merchant: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def make(
    db: Connection,
    name: str,
    scopes: Sequence[str],
    merchant: str | None = None,
    expires_at: datetime | None = None,
    *,
    owner: str = "",
) -> tuple[ApiKey, str]:
    """A fresh key and its text, which is kept nowhere. BadData names a scope that is none."""
    text = PREFIX + secrets.token_urlsafe(32)
    values = {
        "id": new_id(),
        "name": name,
        "owner": owner,
        "prefix": text[:_SHOWN],
        "digest": _digest(text),
        "scopes": _checked(scopes),
        "merchant": merchant,
        "expires": expires_at,
    }
    return _key(db.execute(_MAKE, values).one()), text


def find(db: Connection, text: str) -> ApiKey | None:
    """The key of that text; None where it is unknown, expired or revoked. Notes its use."""
    if not looks_like_one(text):
        return None
    row = db.execute(_FIND, {"digest": _digest(text)}).one_or_none()
    if row is None:
        return None
    if row.stale:
        db.execute(_USED, {"id": row.id})
    return _key(row)


def looks_like_one(text: str) -> bool:
    """Whether a text has the form of a key."""
    return text.startswith(PREFIX) and len(text) == _LENGTH and text.isascii()


def revoke(db: Connection, key_id: UUID) -> bool:
    """End a key at once. False where there is none, or it ended already."""
    return bool(db.execute(_REVOKE, {"id": key_id}).rowcount)


def listed(db: Connection) -> list[ApiKey]:
    """All keys, newest first, also those that ended."""
    return [_key(row) for row in db.execute(_ALL)]


def _checked(scopes: Sequence[str]) -> list[str]:
    for scope in scopes:
        if scope not in SCOPES and scope != ALL_SCOPES:
            known = ", ".join((ALL_SCOPES, *SCOPES))
            raise BadData(f"one of {known} is expected, got {scope!r}", path="scopes")
    if not scopes:
        raise BadData("at least one scope is expected", path="scopes", code="missing_field")
    return sorted(SCOPES) if ALL_SCOPES in scopes else sorted(set(scopes))


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


def _key(row: Any) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        owner=row.owner,
        prefix=row.prefix,
        scopes=frozenset(row.scopes),
        merchant=row.merchant_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


_COLUMNS = """id, name, owner, prefix, scopes, merchant_id, created_at, expires_at, last_used_at,
  revoked_at"""
_MAKE = sa.text(
    f"""INSERT INTO api_key (id, name, owner, prefix, digest, scopes, merchant_id, expires_at)
    VALUES (:id, :name, :owner, :prefix, :digest, :scopes, :merchant, :expires)
    RETURNING {_COLUMNS}"""  # noqa: S608  # constants
)
_FIND = sa.text(
    f"""SELECT {_COLUMNS}, coalesce(last_used_at < now() - interval '1 min', true) AS stale
    FROM api_key WHERE digest = :digest AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > now())"""  # noqa: S608  # constants
)
_USED = sa.text("UPDATE api_key SET last_used_at = now() WHERE id = :id")
_REVOKE = sa.text("UPDATE api_key SET revoked_at = now() WHERE id = :id AND revoked_at IS NULL")
_ALL = sa.text(f"SELECT {_COLUMNS} FROM api_key ORDER BY id DESC")  # noqa: S608  # constants
