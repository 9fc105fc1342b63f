"""Who there is: merchants, connections, routing rules, networks. Read as one snapshot, kept until
it changes.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection as Db

from hub.model.merchant import OPERATOR, ReturnTerms
from hub.store.config import return_terms

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured connection. `options` are the hub's own words about it (`release_on`,
    `hold_on_note`, …); `changed_at`: when somebody changed what it is, not whether it is paused.
    """

    code: str
    merchant: str
    kind: str
    adapter: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, Any]
    limits: Mapping[str, Any]
    options: Mapping[str, Any]
    gives: frozenset[str]
    takes: frozenset[str]
    status: str
    shards: int
    version: int
    codes: Mapping[str, Mapping[str, str]]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Directory:
    """A snapshot. `version` rises with every change. `ruled_at`: since when a merchant's rules are
    as they are; `rules_version`: how often they were written. `shares`: how channels share a
    merchant's stock. `review`: the review rules of merchants that have any; `returns`: all
    versions of their terms for what comes back.
    """

    version: int
    connections: Mapping[str, Connection]
    merchants: Mapping[str, Mapping[str, str]]
    rules: Mapping[str, Sequence[Mapping[str, Any]]]
    network: Mapping[str, Any]
    ruled_at: Mapping[str, datetime] = field(default_factory=dict)
    shares: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    review: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    rules_version: Mapping[str, int] = field(default_factory=dict)
    returns: Mapping[str, Sequence[ReturnTerms]] = field(default_factory=dict)

    def listeners(self, kind: str, document: str, merchant: str) -> list[Connection]:
        """The connections of a kind that take a document of a merchant: its own and the
        operator's.
        """
        return [
            partner
            for partner in self.connections.values()
            if partner.kind == kind
            and document in partner.takes
            and partner.merchant in (merchant, OPERATOR)
        ]

    def warehouses(self, merchant: str) -> list[Connection]:
        """The warehouses that may hold a merchant's goods."""
        return self.listeners("warehouse", "fulfilment_order", merchant)

    def makes_kits(self, warehouse: str) -> bool:
        """Whether a warehouse ships parts for kits that do not lie there ready."""
        partner = self.connections.get(warehouse)
        return partner is None or partner.options.get("kits") != "whole"

    def is_active(self, merchant: str) -> bool:
        """Whether a merchant may sell. The operator always may."""
        return merchant == OPERATOR or self.merchants.get(merchant, {}).get("status") == "active"


class DirectoryCache:
    """Holds the newest snapshot; asks the database only for its version."""

    def __init__(self) -> None:
        self._held: Directory | None = None
        self._lock = threading.Lock()

    def read(self, db: Db) -> Directory:
        """The snapshot as of now."""
        version = version_of(db)
        with self._lock:
            if self._held is None or self._held.version != version:
                self._held = load(db, version)
            return self._held


def version_of(db: Db) -> int:
    """How often the directory changed."""
    return int(db.scalar(_VERSION) or 0)


def changed(db: Db) -> None:
    """Note that the directory changed, in the transaction that changes it."""
    db.execute(_CHANGED)


def load(db: Db, version: int) -> Directory:
    """Read the whole directory."""
    codes: dict[str, dict[str, dict[str, str]]] = {}
    for row in db.execute(sa.text("SELECT connection, codes, theirs, ours FROM code_override")):
        codes.setdefault(row.connection, {}).setdefault(row.codes, {})[row.theirs] = row.ours
    partners = {row.code: _partner(row, codes.get(row.code, {})) for row in db.execute(_PARTNERS)}
    merchants = {
        row.code: {"name": row.name, "currency": row.currency, "status": row.status}
        for row in db.execute(
            sa.text("SELECT code, name, currency, status FROM merchant ORDER BY code")
        )
    }
    routing = db.execute(_ROUTING).all()
    rules = {row.merchant_id: row.rules for row in routing}
    ruled_at = {row.merchant_id: row.updated_at for row in routing}
    review = {
        row.merchant_id: row.rules
        for row in db.execute(sa.text("SELECT merchant_id, rules FROM review"))
        if row.rules
    }
    versions = {row.merchant_id: row.version for row in routing}
    network = db.scalar(sa.text("SELECT value FROM setting WHERE name = 'network'")) or {}
    shares = {
        row.merchant_id: row.rules
        for row in db.execute(sa.text("SELECT merchant_id, rules FROM stock_share"))
    }
    returns = return_terms.load(db)
    return Directory(
        version, partners, merchants, rules, network, ruled_at, shares, review, versions, returns
    )


def shares_and_returns(db: Db, directory: Directory, merchant: str) -> Directory:
    """A directory that may be some moments old, with what a merchant has set of these by now."""
    shares = db.scalar(_SHARES, {"merchant": merchant})
    return replace(
        directory,
        shares=_with(directory.shares, merchant, shares),
        returns=_with(directory.returns, merchant, return_terms.load(db, merchant).get(merchant)),
    )


def _with(known: Mapping[str, V], merchant: str, own: V | None) -> dict[str, V]:
    others = {code: it for code, it in known.items() if code != merchant}
    return {**others, merchant: own} if own else others


def merchant_codes(db: Db) -> list[str]:
    """The codes of all merchants."""
    return list(db.scalars(sa.text("SELECT code FROM merchant ORDER BY code")))


def _partner(row: Any, codes: Mapping[str, Mapping[str, str]]) -> Connection:
    return Connection(
        code=row.code,
        merchant=row.merchant_id,
        kind=row.kind,
        adapter=row.adapter,
        settings=row.settings,
        secrets=row.secrets,
        limits=row.limits,
        options=row.options,
        gives=frozenset(row.gives),
        takes=frozenset(row.takes),
        status=row.status,
        shards=row.shards,
        version=row.version,
        codes=codes,
        changed_at=row.updated_at,
    )


_ROUTING = sa.text("SELECT merchant_id, rules, updated_at, version FROM routing")
_VERSION = sa.text(
    "SELECT CAST(value ->> 'version' AS bigint) FROM setting WHERE name = 'directory'"
)
_SHARES = sa.text("SELECT rules FROM stock_share WHERE merchant_id = :merchant")
_CHANGED = sa.text(
    """INSERT INTO setting (name, value) VALUES ('directory', '{"version": 1}')
    ON CONFLICT (name) DO UPDATE
    SET value = jsonb_build_object('version', CAST(setting.value ->> 'version' AS bigint) + 1)"""
)
_PARTNERS = sa.text(
    """SELECT code, merchant_id, kind, adapter, settings, secrets, limits, options, gives, takes,
      status, shards, version, updated_at
    FROM connection ORDER BY code"""
)
