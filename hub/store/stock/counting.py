"""A long count of a warehouse against its levels, by sets: the lines go into a table of the
transaction by COPY, what they mean and where they differ is found there, and the difference is
booked as `stock_levels.move` would, a stretch of levels at a time so that no statement runs long.

It comes to what `hub/rules/stock/stocktake.py` says of a short one, without a row of it in memory.

Most counts name articles by the merchant's own numbers, of which levels are there already:
`book_as_named` looks for nothing else. Where that is not so, `first_unknown` and `book` find out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.merchant import OPERATOR
from hub.store.base.ids import new_id
from hub.store.base.pipelining import settle
from hub.store.stock.levels_touched import GROWN, noted

STRETCH = 50_000
"""Levels in one statement: far from any limit on how long one may run."""

Line = tuple[str, str, Decimal]
"""What the warehouse calls the article, its quality, and how many pieces it counted."""


@dataclass(frozen=True, slots=True)
class Count:
    """Whose count it is and how it is booked."""

    warehouse: str
    merchant: str
    at: datetime
    document: str
    actor: str


@dataclass(slots=True)
class Difference:
    """What it came to. `taken`: levels it was not too old for; `oversold`: rows of merchant_id,
    sku, counted, reserved.
    """

    taken: int
    oversold: list[Any]


def lay_out(db: Connection, lines: Iterable[Line]) -> int:
    """Put the lines into the table of this transaction. Returns how many."""
    settle(db)
    db.execute(_TABLES)
    db.execute(_EMPTY)
    driver: Any = db.connection.driver_connection
    number = 0
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(("int4", "text", "text", "numeric"))
        for number, line in enumerate(lines, start=1):  # it is how many there were
            copy.write_row((number, *line))
    return number


def book_as_named(db: Connection, count: Count) -> Difference | None:
    """Book the lines that were laid out as levels of the merchant's articles of just that name.
    None where one is not, is named twice, was counted later already, or is changed by somebody else
    at this very moment: take back what was booked then.
    """
    if count.merchant == OPERATOR:
        return None
    db.execute(_NAMED, _named(count))
    places = int(db.scalar(_PLACES) or 0)
    db.execute(_JOINS, {"may": "off"})  # they would read all levels of the warehouse
    difference = _book_all(db, count, places, _BOOK_AS_NAMED)
    db.execute(_JOINS, {"may": "on"})
    return difference if difference.taken == places else None


def first_unknown(db: Connection, count: Count) -> tuple[int, str] | None:
    """The first line, from 0, whose article nobody knows, and what it calls it."""
    db.execute(_MEANT_OPERATOR if count.merchant == OPERATOR else _MEANT, _named(count))
    row = db.execute(_UNKNOWN).one_or_none()
    return None if row is None else (row.place - 1, row.code)


def book(db: Connection, count: Count) -> Difference:
    """Book what differs, of the lines that were laid out and are all known: a stocktake."""
    places = int(db.scalar(_PLACES) or 0)
    db.execute(_ANALYZE)
    return _book_all(db, count, places, _BOOK)


def _book_all(db: Connection, count: Count, places: int, statement: sa.TextClause) -> Difference:
    all_of_it = Difference(0, [])
    for begin in range(0, places, STRETCH):
        stretch = {**_named(count), "begin": begin, "end": min(begin + STRETCH, places)}
        rows = _book(db, stretch, statement)
        all_of_it.taken += rows[0].taken
        all_of_it.oversold += [row for row in rows if row.sku is not None]
    return all_of_it


def _book(db: Connection, stretch: dict[str, Any], statement: sa.TextClause) -> Sequence[Any]:
    """Book a stretch. Levels that are not there yet are made, where the statement locks what it
    reads, and it is booked once more: what was counted differs no longer.
    """
    first = db.execute(statement, {**stretch, "ids": str(new_id())[:15]}).all()
    if statement is not _BOOK or first[0].held == stretch["end"] - stretch["begin"]:
        return first
    db.execute(_NEW_LEVELS, stretch)
    return db.execute(statement, {**stretch, "ids": str(new_id())[:15]}).all()


def _named(count: Count) -> dict[str, Any]:
    return {
        "warehouse": count.warehouse,
        "merchant": count.merchant,
        "at": count.at,
        "document": count.document,
        "actor": count.actor,
    }


_TABLES = sa.text("SELECT orderhub_scratch('counting')")
"""counted_line and counted_level: hub/store/migrations/versions/0034_scratch.sql."""
_NAMED = sa.text(
    """INSERT INTO counted_level (n, sku, quality, merchant_id, pieces, place, code)
    SELECT row_number() OVER (ORDER BY code, quality) - 1, code, quality, :merchant, on_hand, place,
      code FROM counted_line"""
)
_JOINS = sa.text(
    """SELECT set_config('enable_hashjoin', :may, true),
      set_config('enable_mergejoin', :may, true)"""
)
_EMPTY = sa.text("TRUNCATE counted_line, counted_level")
_COPY = "COPY counted_line (place, code, quality, on_hand) FROM STDIN (FORMAT BINARY)"


def _meant(product: str) -> sa.TextClause:
    """Lines by the article that they mean, as `articles.articles_of` finds it; summed up for each
    level, in the order in which levels are locked.
    """
    return sa.text(
        f"""INSERT INTO counted_level
    SELECT row_number() OVER (ORDER BY sku, quality, merchant_id) - 1 AS n, * FROM (
      SELECT coalesce(p.sku, r.sku) AS sku, line.quality,
        coalesce(p.merchant_id, r.merchant_id) AS merchant_id, sum(line.on_hand) AS pieces,
        min(line.place) AS place, min(line.code) AS code
      FROM counted_line AS line
      LEFT JOIN LATERAL ({product}) AS p ON true
      LEFT JOIN LATERAL (
        SELECT merchant_id, sku FROM sku_reference
        WHERE p.sku IS NULL AND connection = :warehouse AND code = line.code
        ORDER BY merchant_id LIMIT 1
      ) AS r ON true
      GROUP BY 1, 2, 3, CASE WHEN p.sku IS NULL AND r.sku IS NULL THEN line.place END
    ) AS summed"""  # noqa: S608  # ours
    )


_MEANT = _meant(
    "SELECT sku, merchant_id FROM product WHERE merchant_id = :merchant AND sku = line.code LIMIT 1"
)
_MEANT_OPERATOR = _meant(
    """SELECT min(sku) AS sku, min(merchant_id) AS merchant_id FROM product
    WHERE sku = line.code HAVING count(*) = 1"""
)
"""Each line is looked up by itself, and each level below: as one join, the whole catalogue or all
levels of the warehouse are read for every stretch.
"""
_UNKNOWN = sa.text("SELECT place, code FROM counted_level WHERE sku IS NULL ORDER BY place LIMIT 1")
_PLACES = sa.text("SELECT count(*) FROM counted_level")
_ANALYZE = sa.text("SELECT orderhub_scratch_analyzed('counted_level')")
_NEW_LEVELS = sa.text(
    f"""WITH made AS (
      INSERT INTO stock_level (warehouse, sku, quality, merchant_id, safety)
      SELECT :warehouse, c.sku, c.quality, c.merchant_id,
        CASE WHEN c.quality = 'good' THEN coalesce((
      SELECT pieces FROM safety_stock AS s WHERE s.merchant_id = c.merchant_id
        AND s.sku IN (c.sku, '') AND s.warehouse IN (:warehouse, '')
      ORDER BY s.sku DESC, s.warehouse DESC LIMIT 1
    ), 0) ELSE 0 END
      FROM counted_level AS c LEFT JOIN LATERAL (
        SELECT true AS there FROM stock_level AS level WHERE level.warehouse = :warehouse
          AND level.sku = c.sku AND level.quality = c.quality
          AND level.merchant_id = c.merchant_id LIMIT 1
      ) AS level ON true
      WHERE c.n >= :begin AND c.n < :end AND level.there IS NULL
      ORDER BY c.n ON CONFLICT DO NOTHING RETURNING merchant_id, sku
    )
    {noted("made")}"""  # noqa: S608  # ours
)


def _booking(held: str, is_it: str) -> sa.TextClause:
    """A stretch of levels as they are held, each now as it was counted."""
    return sa.text(
        f"""WITH held AS (
      SELECT level.ctid AS version, level.sku, level.quality, level.merchant_id, level.on_hand,
        c.pieces, level.counted_at
      FROM (
        SELECT * FROM counted_level WHERE n >= :begin AND n < :end ORDER BY n
      ) AS c CROSS JOIN LATERAL (
        SELECT level.ctid, * FROM stock_level AS level WHERE level.warehouse = :warehouse
          AND level.sku = c.sku AND level.quality = c.quality
          AND level.merchant_id = c.merchant_id {held}
      ) AS level
    ), counted AS (
      UPDATE stock_level AS level SET on_hand = held.pieces, counted_at = :at FROM held
      WHERE {is_it} AND (held.counted_at IS NULL OR held.counted_at <= :at)
      RETURNING level.sku, level.quality, level.merchant_id, level.on_hand, level.reserved,
        held.pieces - held.on_hand AS delta,
        level.on_hand - level.reserved - level.safety - level.expiring AS free
    ), booked AS (
      INSERT INTO ledger (id, warehouse, sku, quality, merchant_id, delta, balance_after, reason,
        document, actor, happened_at)
      SELECT CAST(overlay(CAST(gen_random_uuid() AS text) PLACING :ids FROM 1 FOR 15) AS uuid),
        :warehouse, sku, quality, merchant_id, delta, on_hand, 'stocktake', :document, :actor, :at
      FROM counted WHERE delta <> 0
    ), dirty AS (
      {noted("counted WHERE delta <> 0")}
    ), grown AS (
      SELECT merchant_id, sku, quality, free FROM counted WHERE delta > 0
    ), woken AS (
      {GROWN}
    ), sums AS (
      SELECT count(*) AS taken, (SELECT count(*) FROM held) AS held FROM counted
    )
    SELECT sums.taken, sums.held, short.merchant_id, short.sku, short.on_hand AS counted,
      short.reserved
    FROM sums LEFT JOIN (
      SELECT * FROM counted WHERE on_hand < reserved
    ) AS short ON true"""  # noqa: S608  # ours
    )


_BOOK = _booking(
    "FOR UPDATE",
    """level.warehouse = :warehouse AND level.sku = held.sku
        AND level.quality = held.quality AND level.merchant_id = held.merchant_id""",
)
_BOOK_AS_NAMED = _booking("LIMIT 1", "level.ctid = held.version")
"""Locks nothing before: who was changed since it was read is another version, and is not booked."""
