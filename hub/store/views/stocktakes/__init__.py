"""Stocktakes as people look at them: where each stands, and how much of it is counted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.tables import stocktake, stocktake_count, stocktake_line
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class StocktakeItem:
    """A stocktake; how many lines it has, and how many of them are counted. `skus`: what it is
    about, all where there are none; `position`: the newest ledger line in its snapshot; `steps`:
    who did what when.
    """

    id: UUID
    number: str
    merchant: str
    warehouse: str
    status: str
    blind: bool
    skus: list[str]
    note: str | None
    position: UUID | None
    round: int
    steps: list[dict[str, Any]]
    counted_by: list[str]
    decided_by: str | None
    opened_at: datetime
    updated_at: datetime
    lines: int
    counted: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which ones."""

    warehouse: str | None = None
    status: str | None = None
    merchant: str | None = None


def listed(
    db: Connection, wanted: Wanted, *, after: Position | None = None, limit: int = 50
) -> Page[StocktakeItem]:
    """Stocktakes, newest first."""
    table = stocktake.c
    pairs = (
        (table.warehouse, wanted.warehouse),
        (table.status, wanted.status),
        (table.merchant_id, wanted.merchant),
    )
    query = _QUERY.where(*(column == value for column, value in pairs if value is not None))
    if after is not None:
        query = query.where(table.id < id_of(after))
    rows = db.execute(query.order_by(table.id.desc()).limit(limit + 1)).all()
    return page(rows, limit, _item, by_id)


def one(db: Connection, stocktake_id: UUID) -> StocktakeItem | None:
    """One of them."""
    row = db.execute(_QUERY.where(stocktake.c.id == stocktake_id)).one_or_none()
    return None if row is None else _item(row)


def _item(row: Any) -> StocktakeItem:
    names = (name for name in StocktakeItem.__slots__ if name != "merchant")
    return StocktakeItem(merchant=row.merchant_id, **{name: getattr(row, name) for name in names})


def _lines(*where: Any) -> Any:
    its = stocktake_line.c
    whose = (its.stocktake_id == stocktake.c.id, its.merchant_id == stocktake.c.merchant_id)
    return (
        sa.select(sa.func.count())
        .select_from(stocktake_line)
        .where(*whose, *where)
        .correlate(stocktake)
        .scalar_subquery()
    )


_IS_COUNTED = (
    sa.select(1)
    .select_from(stocktake_count)
    .where(
        stocktake_count.c.stocktake_id == stocktake_line.c.stocktake_id,
        stocktake_count.c.line_no == stocktake_line.c.line_no,
        stocktake_count.c.round == stocktake_line.c.round,
        stocktake_count.c.merchant_id == stocktake_line.c.merchant_id,
    )
    .correlate(stocktake_line)
    .exists()
)
_QUERY = sa.select(stocktake, _lines().label("lines"), _lines(_IS_COUNTED).label("counted"))
