"""What kits are made of: kept beside the products that say so, to be found by part."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows
from hub.store.stock.levels_touched import ARTICLES

Article = tuple[str, str]
"""Merchant and SKU."""
Kits = dict[str, dict[str, dict[str, Decimal]]]
"""Merchant -> kit -> part -> pieces of it in one kit."""


def save(db: Connection, made: Mapping[Article, Mapping[str, Decimal]]) -> set[Article]:
    """Keep the parts of these articles; none, where it is no kit. Returns those that are kits or
    were.
    """
    if not made:
        return set()
    gone = db.execute(_FORGET, ARTICLES.of(sorted(made)))
    were = {(row.merchant_id, row.kit) for row in gone}
    rows = [
        (*kit, part, pieces) for kit, its in sorted(made.items()) for part, pieces in its.items()
    ]
    if rows:
        db.execute(_KEEP, _PARTS.of(rows))
    return were | {(merchant, kit) for merchant, kit, _, _ in rows}


def below(db: Connection, articles: Iterable[Article]) -> Kits:
    """The parts of these articles, and of the kits among those."""
    return _read(db, _BELOW, articles)


def around(db: Connection, articles: Iterable[Article]) -> Kits:
    """The same, with the kits that hold them, as far as one level beyond what is allowed."""
    return _read(db, _AROUND, articles)


def made_to_order(db: Connection, articles: Iterable[Article]) -> set[Article]:
    """Of these articles the kits that are made of their parts when they are ordered."""
    wanted = sorted(set(articles))
    rows = db.execute(_TO_ORDER, ARTICLES.of(wanted)) if wanted else ()
    return {(row.merchant_id, row.sku) for row in rows}


def _read(db: Connection, statement: Any, articles: Iterable[Article]) -> Kits:
    kits: Kits = {}
    wanted = sorted(set(articles))
    for row in db.execute(statement, ARTICLES.of(wanted)) if wanted else ():
        kits.setdefault(row.merchant_id, {}).setdefault(row.kit, {})[row.part] = row.pieces
    return kits


_PARTS = Rows(merchant="text", kit="text", part="text", pieces="numeric")
_FORGET = sa.text(
    f"""DELETE FROM kit_part WHERE (merchant_id, kit) IN (SELECT * FROM {ARTICLES.arrays})
    RETURNING merchant_id, kit"""  # noqa: S608  # ours
)
_KEEP = sa.text(
    f"""INSERT INTO kit_part (merchant_id, kit, part, pieces) SELECT * FROM {_PARTS.arrays}
    ON CONFLICT (merchant_id, kit, part) DO UPDATE SET pieces = excluded.pieces"""  # noqa: S608
)
_TO_ORDER = sa.text(
    f"""SELECT merchant_id, sku FROM product
    WHERE (merchant_id, sku) IN (SELECT * FROM {ARTICLES.arrays})
      AND document -> 'made_to_order' = 'true'"""  # noqa: S608  # ours
)
_DOWN = """down (merchant, sku, deep) AS (
      SELECT merchant, sku, 0 FROM wanted
      UNION
      SELECT merchant, part, deep + 1 FROM down
      JOIN kit_part ON merchant_id = merchant AND kit = sku WHERE deep < 3
    )
    SELECT merchant_id, kit, part, pieces FROM kit_part
    WHERE (merchant_id, kit) IN (SELECT merchant, sku FROM down) ORDER BY 1, 2, 3"""
_BELOW = sa.text(
    f"""WITH RECURSIVE wanted AS (SELECT * FROM {ARTICLES.named("a")}), {_DOWN}"""  # noqa: S608
)
_AROUND = sa.text(
    f"""WITH RECURSIVE up (merchant, sku, high) AS (
      SELECT merchant, sku, 0 FROM {ARTICLES.named("a")}
      UNION
      SELECT merchant, kit, high + 1 FROM up
      JOIN kit_part ON merchant_id = merchant AND part = sku WHERE high < 3
    ), wanted AS (SELECT DISTINCT merchant, sku FROM up), {_DOWN}"""  # noqa: S608  # ours
)
