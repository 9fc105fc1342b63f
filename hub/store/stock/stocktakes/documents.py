"""Stocktakes as documents: where each stands, what it is about, who did what."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import long, short

_PREFIX = "T"


def id_text(id: UUID) -> str:  # noqa: A002
    """A stocktake's id as the Open API and the ledger show it."""
    return short(_PREFIX, id)


def id_of(text: str) -> UUID | None:
    """The id behind such a text; None where it is none of ours."""
    return long(_PREFIX, text)


@dataclass(slots=True)
class StocktakeRow:
    """A stocktake as it stands. `skus`: what it is about, all where there are none; `position`:
    the newest ledger line in its snapshot; `round` rises with each recount; `steps`: who did what
    when.
    """

    id: UUID
    merchant: str
    warehouse: str
    status: str
    blind: bool
    skus: list[str]
    note: str | None
    opened_at: datetime
    updated_at: datetime
    position: UUID | None = None
    round: int = 1
    steps: list[dict[str, Any]] = field(default_factory=list)
    counted_by: list[str] = field(default_factory=list)
    decided_by: str | None = None

    @property
    def number(self) -> str:
        return id_text(self.id)


def alone(db: Connection, merchant: str, warehouse: str) -> None:
    """Let nobody else open a stocktake there until the end of the transaction."""
    db.execute(_ALONE, {"key": f"stocktake {merchant} {warehouse}"})


def under_way(db: Connection, merchant: str, warehouse: str, skus: Sequence[str]) -> UUID | None:
    """One that is not decided and is about any of these SKUs; without any, about whatever."""
    wanted = {"merchant": merchant, "warehouse": warehouse, "skus": list(skus)}
    there: UUID | None = db.scalar(_UNDER_WAY, wanted)
    return there


def insert(db: Connection, row: StocktakeRow) -> None:
    """Store a new one."""
    db.execute(_INSERT, _head(row))


def update(db: Connection, row: StocktakeRow) -> None:
    """Store one as it stands."""
    db.execute(_UPDATE, _head(row))


def load(db: Connection, stocktake_id: UUID) -> StocktakeRow | None:
    """Lock and load one."""
    row = db.execute(_LOAD, {"id": stocktake_id}).one_or_none()
    return None if row is None else StocktakeRow(**row._mapping)  # noqa: SLF001


def read(db: Connection, stocktake_id: UUID) -> StocktakeRow | None:
    """One as it stands, without a lock."""
    row = db.execute(_READ, {"id": stocktake_id}).one_or_none()
    return None if row is None else StocktakeRow(**row._mapping)  # noqa: SLF001


def _head(row: StocktakeRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in StocktakeRow.__slots__}
    return {**values, "number": row.number, "steps": json.dumps(row.steps)}


_ALONE = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_UNDER_WAY = sa.text(
    """SELECT id FROM stocktake WHERE merchant_id = :merchant AND warehouse = :warehouse
      AND status IN ('counting', 'counted')
      AND (skus = '{}' OR CAST(:skus AS text[]) = '{}' OR skus && CAST(:skus AS text[]))
    ORDER BY id LIMIT 1"""
)
_NAMES = """id, merchant_id, warehouse, status, blind, skus, note, opened_at, updated_at, position,
  round, steps, counted_by, decided_by"""
_ONE = f"""SELECT {_NAMES.replace("merchant_id", "merchant_id AS merchant")}
    FROM stocktake WHERE id = :id"""  # noqa: S608  # ours
_READ, _LOAD = sa.text(_ONE), sa.text(f"{_ONE} FOR UPDATE")
_INSERT = sa.text(
    f"""INSERT INTO stocktake (number, {_NAMES}) VALUES (:number, :id, :merchant, :warehouse,
      :status, :blind, :skus, :note, :opened_at, :updated_at, :position, :round,
      CAST(:steps AS jsonb), :counted_by, :decided_by)"""  # noqa: S608  # ours
)
_UPDATE = sa.text(
    """UPDATE stocktake SET status = :status, round = :round, steps = CAST(:steps AS jsonb),
      counted_by = :counted_by, decided_by = :decided_by, updated_at = :updated_at
    WHERE id = :id AND merchant_id = :merchant"""
)
