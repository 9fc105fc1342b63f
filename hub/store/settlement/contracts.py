"""Contracts with merchants: terms by version, only ever added to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Version:
    """Terms as they were written, and from when on they are in force."""

    merchant: str
    version: int
    valid_from: datetime
    terms: Any
    author: str
    at: datetime


def of(db: Connection, merchants: Sequence[str]) -> list[Version]:
    """All versions of these merchants' contracts."""
    return [Version(*row) for row in db.execute(_OF, {"merchants": list(merchants)})]


def newest(db: Connection, merchants: Sequence[str]) -> dict[str, tuple[int, datetime]]:
    """Merchant -> number of the newest version, and when it was agreed; without terms."""
    rows = db.execute(_NEWEST, {"merchants": list(merchants)})
    return {row.merchant_id: (row.version, row.at) for row in rows}


def add(db: Connection, merchant: str, valid_from: datetime, terms: str, author: str) -> int:
    """Add a version. Returns its number."""
    values = {
        "merchant": merchant, "valid_from": valid_from, "terms": json.dumps(json.loads(terms)),
        "author": author,
    }  # fmt: skip
    db.execute(_LOCK, {"merchant": merchant})
    return int(db.execute(_ADD, values).scalar_one())


def merchants(db: Connection) -> list[str]:
    """Merchants that have a contract."""
    return list(db.scalars(_MERCHANTS))


_OF = sa.text(
    """SELECT merchant_id, version, valid_from, terms, author, at FROM contract
    WHERE merchant_id = ANY (:merchants) ORDER BY merchant_id, version"""
)
_NEWEST = sa.text(
    """SELECT merchant_id, max(version) AS version, max(at) AS at FROM contract
    WHERE merchant_id = ANY (:merchants) GROUP BY merchant_id"""
)
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('contract:' || :merchant, 0))")
_ADD = sa.text(
    """INSERT INTO contract (merchant_id, version, valid_from, terms, author)
    SELECT :merchant, coalesce(max(version), 0) + 1, :valid_from, CAST(:terms AS jsonb), :author
    FROM contract WHERE merchant_id = :merchant RETURNING version"""
)
_MERCHANTS = sa.text("SELECT DISTINCT merchant_id FROM contract ORDER BY merchant_id")
