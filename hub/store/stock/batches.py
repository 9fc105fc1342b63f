"""Which pieces of a level bear which batch or expiry, and how many of them expire too soon to be
sold: `stock_level.expiring`, so that promising stays one conditional UPDATE.

A batch is the sum of the ledger lines that name it; where a line names none, its expiry stands for
it. Levels that no batch was ever told of have no row here and pay for none of this.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.merchant import OPERATOR
from hub.model.stock import batch_of, day_of
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.stock.levels_touched import ARTICLES, GROWN, LEVEL, Level, noted


@dataclass(frozen=True, slots=True)
class Batch:
    """Pieces of a level that bear one batch. `name`: its number, else the day that it expires."""

    merchant: str
    warehouse: str
    sku: str
    quality: str
    name: str
    expires_on: date | None
    on_hand: Decimal


Line = tuple[Level, Decimal, str | None, str | None]
"""A movement: its level, pieces, batch and expiry as they were told."""


def book(db: Connection, lines: Iterable[Line], followed: Collection[Level]) -> None:
    """Add what moved to the batches it names, and see what of their levels may be sold; also of
    those levels, `followed`, of which some batch is known. Their rows are locked by the caller.
    """
    sums: dict[tuple[Level, str], tuple[date | None, Decimal]] = {}
    for level, pieces, batch, expiry in lines:
        name = batch_of(batch, expiry) if batch or expiry else None
        if name is not None and pieces:
            day, had = sums.get((level, name), (None, Decimal(0)))
            sums[level, name] = (day_of(expiry) or day, had + pieces)
    if sums:
        rows = ((*level, name, *its) for (level, name), its in sorted(sums.items()))
        write(db, _BOOK, _BATCHES.of(rows))
    touched = sorted({*(level for level, _ in sums), *followed})
    if touched:
        write(db, _JUDGE_LEVELS, _LEVELS.of(touched))


def judge(db: Connection, articles: Iterable[tuple[str, str]]) -> None:
    """See anew what of these articles (merchant, SKU) expires too soon: their rule changed."""
    if wanted := sorted(set(articles)):
        db.execute(_JUDGE_ARTICLES, ARTICLES.of(wanted))


def judge_merchant(db: Connection, merchant: str) -> None:
    """The same of all that a merchant has."""
    db.execute(_JUDGE_MERCHANT, {"merchant": merchant})


def judge_all(db: Connection) -> None:
    """The same of all that there is: as days pass, pieces cross their limit."""
    db.execute(_JUDGE_ALL)


def of(
    db: Connection, articles: Iterable[tuple[str, str]], warehouse: str | None = None
) -> Sequence[Batch]:
    """What there is of these articles (merchant, SKU) by batch, what expires first coming first."""
    wanted = sorted(set(articles))
    if not wanted:
        return []
    rows = db.execute(_OF, {**ARTICLES.of(wanted), "warehouse": warehouse})
    return [Batch(*row) for row in rows]


def ruled(db: Connection, places: Iterable[tuple[str, str, str]]) -> Sequence[Any]:
    """The good levels of (warehouse, merchant, SKU), of these, whose goods must last for some time,
    on some channel at least:
    rows of those three, on_hand, safety, expiring.
    """
    wanted = {**_PLACES.of(sorted(places)), "operator": OPERATOR}
    return db.execute(_RULED, wanted).all()


_PLACES = Rows(warehouse="text", merchant="text", sku="text")
_LEVELS = Rows(**LEVEL)
_BATCHES = Rows(**LEVEL, batch="text", expires_on="date", pieces="numeric")
_BOOK = sa.text(
    f"""INSERT INTO stock_batch AS its
      (warehouse, sku, quality, merchant_id, batch, expires_on, on_hand)
    SELECT * FROM {_BATCHES.arrays}
    ON CONFLICT (warehouse, sku, quality, merchant_id, batch) DO UPDATE
    SET on_hand = its.on_hand + excluded.on_hand,
      expires_on = coalesce(excluded.expires_on, its.expires_on)"""  # noqa: S608  # ours
)
_OF = sa.text(
    f"""SELECT merchant_id, warehouse, sku, quality, batch, expires_on, on_hand FROM stock_batch
    WHERE (merchant_id, sku) IN (SELECT * FROM {ARTICLES.arrays}) AND on_hand <> 0
      AND warehouse = coalesce(:warehouse, warehouse)
    ORDER BY warehouse, sku, quality, merchant_id, expires_on NULLS LAST, batch"""  # noqa: S608
)
_DAYS = """SELECT coalesce(
        (SELECT CAST(document ->> 'min_shelf_life_days' AS int) FROM product
          WHERE product.merchant_id = level.merchant_id AND product.sku = level.sku),
        (SELECT CAST(rule ->> 'min_shelf_life_days' AS int)
          FROM stock_share CROSS JOIN LATERAL jsonb_array_elements(rules) AS rule
          WHERE stock_share.merchant_id = level.merchant_id
            AND rule ->> 'min_shelf_life_days' IS NOT NULL
            AND rule ->> 'channel' IS NULL AND coalesce(rule ->> 'sku', level.sku) = level.sku
          ORDER BY rule ->> 'sku' NULLS LAST LIMIT 1)
      ) AS least"""
"""The article's own rule, else its merchant's for it, else its merchant's for all. NULL: none."""


_RULED = sa.text(
    f"""SELECT level.warehouse, level.merchant_id, level.sku, on_hand, safety, expiring
    FROM stock_level AS level CROSS JOIN LATERAL ({_DAYS}) AS rule
    WHERE (level.warehouse, level.merchant_id, level.sku) IN (SELECT * FROM {_PLACES.arrays})
      AND level.quality = 'good' AND (rule.least IS NOT NULL OR EXISTS (
        SELECT FROM stock_share CROSS JOIN LATERAL jsonb_array_elements(rules) AS one
        WHERE stock_share.merchant_id IN (level.merchant_id, :operator)
          AND one ->> 'min_shelf_life_days' IS NOT NULL AND one ->> 'channel' IS NOT NULL))"""  # noqa: S608  # ours
)


def _judging(which: str) -> sa.TextClause:
    """Set what of levels expires too soon, in the order in which levels are locked. Pieces that
    left unnamed are taken for those that expired first (`hub/rules/stock/shelf_life.py`).
    """
    return sa.text(
        f"""WITH due AS (
      SELECT level.warehouse, level.sku, level.quality, level.merchant_id, level.expiring AS was,
        found.expiring
      FROM stock_level AS level
      CROSS JOIN LATERAL ({_DAYS}) AS rule
      CROSS JOIN LATERAL (
        SELECT greatest(
          coalesce(sum(on_hand) FILTER (
            WHERE expires_on < CAST(now() AT TIME ZONE 'UTC' AS date) + rule.least), 0)
          - greatest(coalesce(sum(on_hand), 0) - greatest(level.on_hand, 0), 0), 0) AS expiring
        FROM stock_batch AS its WHERE its.warehouse = level.warehouse AND its.sku = level.sku
          AND its.quality = level.quality AND its.merchant_id = level.merchant_id
          AND its.on_hand > 0
      ) AS found
      WHERE {which} AND level.quality = 'good'
        AND (level.expiring <> found.expiring OR NOT level.by_batch)
      ORDER BY level.warehouse, level.sku, level.quality, level.merchant_id FOR UPDATE OF level
    ), changed AS (
      UPDATE stock_level AS level SET expiring = due.expiring, by_batch = true FROM due
      WHERE level.warehouse = due.warehouse AND level.sku = due.sku
        AND level.quality = due.quality AND level.merchant_id = due.merchant_id
      RETURNING level.merchant_id, level.sku, level.quality, due.was > level.expiring AS more,
        level.on_hand - level.reserved - level.safety - level.expiring AS free
    ), grown AS (
      SELECT merchant_id, sku, quality, free FROM changed WHERE more
    ), told AS (
      {GROWN}
    )
    {noted("changed")}"""  # noqa: S608  # ours
    )


_JUDGE_LEVELS = _judging(
    f"""(level.warehouse, level.sku, level.quality, level.merchant_id) IN (
        SELECT * FROM {_LEVELS.arrays}
      )"""  # noqa: S608  # ours
)
_JUDGE_ARTICLES = _judging(
    f"""level.by_batch AND (level.merchant_id, level.sku) IN (SELECT * FROM {ARTICLES.arrays})"""  # noqa: S608
)
_JUDGE_MERCHANT = _judging("level.by_batch AND level.merchant_id = :merchant")
_JUDGE_ALL = _judging("level.by_batch")
