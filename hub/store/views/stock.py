"""Stock levels, the ledger behind them, and products, as people and partners look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.tables import inbound_line, product, stock_level
from hub.store.tables import ledger as ledger_table
from hub.store.views.page import Page, Position, by_id, id_of, like_prefix, page

IN_TRANSIT = "in_transit"
"""The quality of pieces that are on their way here from another warehouse."""
_ZERO = Decimal(0)
_MOST_WORDS = 6
"""Words of a search that count."""


@dataclass(frozen=True, slots=True)
class Level:
    """What a warehouse has of a SKU. `available` may be promised now; it may be negative.
    `expected`: pieces that open inbound notices still wait for.
    """

    merchant: str
    warehouse: str
    sku: str
    quality: str
    on_hand: Decimal
    reserved: Decimal
    safety: Decimal
    expiring: Decimal
    available: Decimal
    counted_at: datetime | None
    expected: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement."""

    id: UUID
    merchant: str
    warehouse: str
    sku: str
    quality: str
    delta: Decimal
    balance_after: Decimal
    reason: str
    document: str
    actor: str
    at: datetime
    batch: str | None
    expires_on: str | None


@dataclass(frozen=True, slots=True)
class ProductItem:
    """A product. `document` is the canonical one as JSON."""

    merchant: str
    sku: str
    title: str
    gtin: str | None
    document: dict[str, Any]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which levels, movements or products. `q` is the beginning of a SKU."""

    warehouse: str | None = None
    sku: str | None = None
    quality: str | None = None
    merchant: str | None = None
    q: str | None = None


def levels(
    db: Connection, wanted: Wanted, *, after: Position | None = None, limit: int = 50
) -> Page[Level]:
    """Levels by warehouse, SKU, quality and merchant."""
    table = stock_level.c
    key = (table.warehouse, table.sku, table.quality, table.merchant_id)
    query = sa.select(stock_level, _EXPECTED).where(*_conditions(table, wanted))
    if after is not None:
        query = query.where(sa.tuple_(*key) > _place(after, 4))
    rows = db.execute(query.order_by(*key).limit(limit + 1)).all()
    return page(
        rows, limit, _level, lambda row: (row.warehouse, row.sku, row.quality, row.merchant_id)
    )


def ledger(
    db: Connection, wanted: Wanted, *, after: Position | None = None, limit: int = 50
) -> Page[Entry]:
    """Movements, newest first."""
    table = ledger_table.c
    query = sa.select(ledger_table).where(*_conditions(table, wanted))
    if after is not None:
        query = query.where(table.id < id_of(after))
    rows = db.execute(query.order_by(table.id.desc()).limit(limit + 1)).all()
    return page(rows, limit, _entry, by_id)


def products(
    db: Connection, wanted: Wanted, *, after: Position | None = None, limit: int = 50
) -> Page[ProductItem]:
    """Products by merchant and SKU."""
    table = product.c
    key = (table.merchant_id, table.sku)
    pairs = ((table.merchant_id, wanted.merchant), (table.sku, wanted.sku))
    query = sa.select(product).where(
        *(column == value for column, value in pairs if value is not None)
    )
    if wanted.q:
        query = query.where(table.sku.like(like_prefix(wanted.q)))
    if after is not None:
        query = query.where(sa.tuple_(*key) > _place(after, 2))
    rows = db.execute(query.order_by(*key).limit(limit + 1)).all()
    return page(rows, limit, _product, lambda row: (row.merchant_id, row.sku))


def search(db: Connection, merchants: Sequence[str], text: str, limit: int) -> list[ProductItem]:
    """Products of these merchants whose SKU, title or GTIN has all the words in it."""
    table = product.c
    query = sa.select(product).where(table.merchant_id.in_(merchants))
    for word in text.split()[:_MOST_WORDS]:
        query = query.where(
            sa.or_(
                table.sku.icontains(word, autoescape=True),
                table.title.icontains(word, autoescape=True),
                table.gtin == word,
            )
        )
    rows = db.execute(query.order_by(table.sku, table.merchant_id).limit(limit))
    return [_product(row) for row in rows]


def alike(
    db: Connection, merchants: Sequence[str], title: str | None, code: str | None, limit: int
) -> list[ProductItem]:
    """Products of these merchants that a line may mean: of its title, or whose SKU is part of its
    code.
    """
    table = product.c
    is_part = sa.func.strpos((code or "").lower(), sa.func.lower(table.sku)) > 0
    is_meant = sa.or_(sa.func.lower(table.title) == (title or "").lower(), is_part)
    query = sa.select(product).where(table.merchant_id.in_(merchants), is_meant)
    rows = db.execute(query.order_by(sa.func.length(table.sku).desc(), table.sku).limit(limit))
    return [_product(row) for row in rows]


def _conditions(table: Any, wanted: Wanted) -> list[Any]:
    pairs = (
        (table.warehouse, wanted.warehouse),
        (table.sku, wanted.sku),
        (table.quality, wanted.quality),
        (table.merchant_id, wanted.merchant),
    )
    conditions: list[Any] = [column == value for column, value in pairs if value is not None]
    if wanted.q:
        conditions.append(table.sku.like(like_prefix(wanted.q)))
    return conditions


_LINE = inbound_line.c
_EXPECTED = (
    sa.select(sa.func.coalesce(sa.func.sum(_LINE.open), 0))
    .where(
        _LINE.warehouse == stock_level.c.warehouse,
        _LINE.sku == stock_level.c.sku,
        _LINE.quality == stock_level.c.quality,
        _LINE.merchant_id == stock_level.c.merchant_id,
        _LINE.open > 0,
    )
    .scalar_subquery()
    .label("expected")
)


def _place(after: Position, parts: int) -> Any:
    if len(after) != parts:
        raise ValueError("the position belongs to another list")
    return sa.tuple_(*(sa.literal(part) for part in after))


def _level(row: Any) -> Level:
    return Level(
        merchant=row.merchant_id,
        warehouse=row.warehouse,
        sku=row.sku,
        quality=row.quality,
        on_hand=row.on_hand,
        reserved=row.reserved,
        safety=row.safety,
        expiring=row.expiring,
        available=_ZERO if row.quality == IN_TRANSIT else _free(row),
        counted_at=row.counted_at,
        expected=row.expected,
    )


def _free(row: Any) -> Decimal:
    free: Decimal = row.on_hand - row.reserved - row.safety - row.expiring
    return free


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        merchant=row.merchant_id,
        warehouse=row.warehouse,
        sku=row.sku,
        quality=row.quality,
        delta=row.delta,
        balance_after=row.balance_after,
        reason=row.reason,
        document=row.document,
        actor=row.actor,
        at=row.at,
        batch=row.batch,
        expires_on=row.expires_on,
    )


def _product(row: Any) -> ProductItem:
    return ProductItem(
        merchant=row.merchant_id,
        sku=row.sku,
        title=row.title,
        gtin=row.gtin,
        document=row.document,
        updated_at=row.updated_at,
    )
