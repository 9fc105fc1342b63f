"""Contracts with merchants: terms by version, only ever added to.

The terms that are kept say how the payee's account ends; the account itself is sealed beside them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.settlement import masked
from hub.store.base import sealed_accounts
from hub.store.base.sealing import Vault


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
    """All versions of these merchants' contracts, accounts masked."""
    rows = db.execute(_OF, {"merchants": list(merchants)})
    return [
        Version(row.merchant_id, row.version, row.valid_from, _shown(row.terms), row.author, row.at)
        for row in rows
    ]


def newest(db: Connection, merchants: Sequence[str]) -> dict[str, tuple[int, datetime]]:
    """Merchant -> number of the newest version, and when it was agreed; without terms."""
    rows = db.execute(_NEWEST, {"merchants": list(merchants)})
    return {row.merchant_id: (row.version, row.at) for row in rows}


def add(
    db: Connection,
    vault: Vault,
    merchant: str,
    valid_from: datetime,
    terms: str,
    account: str | None,
    author: str,
) -> int:
    """Add a version. `terms`: JSON in which the account is masked; `account`: the whole of it.
    Returns the version's number.
    """
    db.execute(_LOCK, {"merchant": merchant})
    number = int(db.execute(_NEXT, {"merchant": merchant}).scalar_one())
    values = {
        "merchant": merchant, "version": number, "valid_from": valid_from,
        "terms": json.dumps(json.loads(terms)), "author": author,
        "account": account and sealed_accounts.seal(vault, merchant, number, account),
    }  # fmt: skip
    db.execute(_ADD, values)
    return number


def accounts(db: Connection, vault: Vault, merchants: Sequence[str]) -> dict[tuple[str, int], str]:
    """(merchant, version) -> the payee's account, of the versions that name one."""
    return {
        (row.merchant_id, row.version): sealed_accounts.whole(
            vault, row.merchant_id, row.version, row.account
        )
        for row in db.execute(_ACCOUNTS, {"merchants": list(merchants)})
    }


def _shown(terms: Any) -> Any:
    payee = terms.get("payee")
    return {**terms, "payee": {**payee, "iban": masked(payee["iban"])}} if payee else terms


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
_NEXT = sa.text("SELECT coalesce(max(version), 0) + 1 FROM contract WHERE merchant_id = :merchant")
_ADD = sa.text(
    """INSERT INTO contract (merchant_id, version, valid_from, terms, author, account)
    VALUES (:merchant, :version, :valid_from, CAST(:terms AS jsonb), :author, :account)"""
)
_ACCOUNTS = sa.text(
    """SELECT merchant_id, version, account FROM contract
    WHERE merchant_id = ANY (:merchants) AND account IS NOT NULL ORDER BY merchant_id, version"""
)
_MERCHANTS = sa.text("SELECT DISTINCT merchant_id FROM contract ORDER BY merchant_id")
