"""Writes of who there is: merchants, connections, routing, networks.

Everything takes a list and the caller's transaction; the rest of the hub reads it by `directory`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection as Db

from hub.store.base.rows import Rows
from hub.store.messages import lanes


@dataclass(frozen=True, slots=True)
class MerchantRow:
    """A merchant as it is to be. Without a status it keeps the one it has."""

    code: str
    name: str
    currency: str
    status: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection as it is to be. `gives` and `takes` are document types."""

    code: str
    merchant: str
    kind: str
    adapter: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    limits: Mapping[str, Any]
    options: Mapping[str, Any]
    gives: Sequence[str]
    takes: Sequence[str]


def lock(db: Db) -> None:
    """One change of who there is at a time."""
    db.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('directory', 0))"))


def save_merchants(db: Db, rows: Sequence[MerchantRow]) -> None:
    """Add merchants, or change them."""
    for row in rows:
        at = {"code": row.code, "name": row.name, "currency": row.currency, "status": row.status}
        db.execute(_SAVE_MERCHANT, at)


def save_connections(db: Db, rows: Sequence[ConnectionRow]) -> None:
    """Add connections with their lanes, or change them; a change raises the version."""
    for row in rows:
        values = {
            "code": row.code,
            "merchant": row.merchant,
            "kind": row.kind,
            "adapter": row.adapter,
            "settings": json.dumps(row.settings),
            "secrets": json.dumps(row.secrets),
            "limits": json.dumps(row.limits),
            "options": json.dumps(row.options),
            "gives": sorted(row.gives),
            "takes": sorted(row.takes),
            "shards": _shards(row.kind, row.limits),
        }
        shards = db.scalar(_SAVE_CONNECTION, values)
        lanes.ensure(db, row.code, int(shards or 0))


def _shards(kind: str, limits: Mapping[str, Any]) -> int:
    """Lanes of a new connection, one a call at a time; they stay as they are for its life. Books
    take one call at a time unless told otherwise: an ERP only queues what comes beside it.
    """
    usual = 4 if kind in {"channel", "warehouse"} else 1
    return max(1, min(_MOST_LANES, int(limits.get("concurrency", usual))))


def override(db: Db, connection: str, codes: str, theirs: str, ours: str, author: str) -> None:
    """One entry of a code list, for one connection, over the built-in ones."""
    row = {
        "connection": connection,
        "codes": codes,
        "theirs": theirs,
        "ours": ours,
        "author": author,
    }
    db.execute(_OVERRIDE, row)


def save_routing(db: Db, rules: Mapping[str, Sequence[Mapping[str, Any]]], author: str) -> None:
    """Replace the rules of these merchants; every version is kept."""
    for merchant, wanted in rules.items():
        values = {"merchant": merchant, "rules": json.dumps(list(wanted)), "author": author}
        db.execute(_SAVE_ROUTING, values)


def save_shares(db: Db, rules: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Replace how channels share the stock of these merchants."""
    for merchant, wanted in rules.items():
        db.execute(_SAVE_SHARES, {"merchant": merchant, "rules": json.dumps(list(wanted))})


def save_review(db: Db, rules: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Replace the review rules of these merchants."""
    for merchant, wanted in rules.items():
        db.execute(_SAVE_REVIEW, {"merchant": merchant, "rules": json.dumps(list(wanted))})


def save_network(db: Db, network: Mapping[str, Any]) -> None:
    """Replace the operator's word on networks."""
    db.execute(_SAVE_NETWORK, {"value": json.dumps(dict(network))})


def products(db: Db, pairs: Iterable[tuple[str, str]] | None = None) -> list[Any]:
    """Products by (merchant, SKU), or all: rows of merchant_id, sku, title, gtin, document."""
    if pairs is None:
        return list(db.execute(sa.text(f"{_PRODUCT} ORDER BY merchant_id, sku")))
    return list(db.execute(_PRODUCTS_OF, _PAIRS.of(sorted(set(pairs)))))


_MOST_LANES = 8
_SAVE_MERCHANT = sa.text(
    """INSERT INTO merchant (code, name, currency, status)
    VALUES (:code, :name, :currency, coalesce(CAST(:status AS text), 'active'))
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, currency = excluded.currency,
      status = coalesce(CAST(:status AS text), merchant.status)"""
)
_SAVE_CONNECTION = sa.text(
    """INSERT INTO connection AS known
      (code, merchant_id, kind, adapter, settings, secrets, limits, options, gives, takes, shards)
    VALUES (:code, :merchant, :kind, :adapter, CAST(:settings AS jsonb), CAST(:secrets AS jsonb),
      CAST(:limits AS jsonb), CAST(:options AS jsonb), CAST(:gives AS text[]),
      CAST(:takes AS text[]), :shards)
    ON CONFLICT (code) DO UPDATE SET adapter = excluded.adapter, settings = excluded.settings,
      secrets = excluded.secrets, limits = excluded.limits, options = excluded.options,
      gives = excluded.gives, takes = excluded.takes, version = known.version + 1,
      updated_at = now()
    RETURNING shards"""
)
_OVERRIDE = sa.text(
    """INSERT INTO code_override (connection, codes, theirs, ours, author)
    VALUES (:connection, :codes, :theirs, :ours, :author)
    ON CONFLICT (connection, codes, theirs) DO UPDATE
    SET ours = excluded.ours, author = excluded.author, at = now()"""
)
_SAVE_ROUTING = sa.text(
    """WITH saved AS (
      INSERT INTO routing (merchant_id, rules) VALUES (:merchant, CAST(:rules AS jsonb))
      ON CONFLICT (merchant_id) DO UPDATE SET rules = excluded.rules, updated_at = now(),
        version = routing.version + 1
      RETURNING merchant_id, version, rules
    )
    INSERT INTO routing_version (merchant_id, version, rules, author)
    SELECT merchant_id, version, rules, :author FROM saved"""
)
_SAVE_SHARES = sa.text(
    """INSERT INTO stock_share (merchant_id, rules) VALUES (:merchant, CAST(:rules AS jsonb))
    ON CONFLICT (merchant_id) DO UPDATE SET rules = excluded.rules, updated_at = now()"""
)
_SAVE_REVIEW = sa.text(
    """INSERT INTO review (merchant_id, rules) VALUES (:merchant, CAST(:rules AS jsonb))
    ON CONFLICT (merchant_id) DO UPDATE SET rules = excluded.rules, updated_at = now()"""
)
_SAVE_NETWORK = sa.text(
    """INSERT INTO setting (name, value) VALUES ('network', CAST(:value AS jsonb))
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
)
_PRODUCT = "SELECT merchant_id, sku, title, gtin, document FROM product"
_PAIRS = Rows(merchant="text", sku="text")
_PRODUCTS_OF = sa.text(
    f"""{_PRODUCT} WHERE (merchant_id, sku) IN (
      SELECT * FROM {_PAIRS.arrays}
    ) ORDER BY merchant_id, sku"""  # noqa: S608  # constants of this module
)
