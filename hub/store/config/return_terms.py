"""Merchants' terms for returns by version, only ever added to."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection as Db

from hub.model.merchant import ReturnTerms


def load(db: Db, merchant: str | None = None) -> dict[str, list[ReturnTerms]]:
    """Merchant -> all versions, of one merchant or of all."""
    found: dict[str, list[ReturnTerms]] = {}
    for row in db.execute(_LOAD, {"merchant": merchant}):
        version = ReturnTerms(row.version, row.valid_from, row.policy, row.author, row.at)
        found.setdefault(row.merchant_id, []).append(version)
    return found


def add(db: Db, merchant: str, version: ReturnTerms) -> None:
    """Add a version under its number; the directory is locked."""
    values: dict[str, Any] = {
        "merchant": merchant, "version": version.number, "valid_from": version.valid_from,
        "policy": json.dumps(dict(version.terms)), "author": version.author, "at": version.at,
    }  # fmt: skip
    db.execute(_ADD, values)


def following(
    known: list[ReturnTerms],
    terms: Mapping[str, Any],
    valid_from: datetime,
    by: tuple[str, datetime],
) -> ReturnTerms:
    """The version that comes after those that are known. `by`: who wrote it, and when."""
    number = max((it.number for it in known), default=0) + 1
    return ReturnTerms(number, valid_from, terms, *by)


_LOAD = sa.text(
    """SELECT merchant_id, version, valid_from, policy, author, at FROM return_policy
    WHERE CAST(:merchant AS text) IS NULL OR merchant_id = :merchant
    ORDER BY merchant_id, version"""
)
_ADD = sa.text(
    """INSERT INTO return_policy (merchant_id, version, valid_from, policy, author, at)
    VALUES (:merchant, :version, :valid_from, CAST(:policy AS jsonb), :author, :at)"""
)
