"""Articles of which something else may be sold than channels were told: noted by whatever changes a
level, taken up by whoever tells the newest. And levels that grew: orders may wait for them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.merchant import OPERATOR
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows

Level = tuple[str, str, str, str]
"""One level: warehouse, SKU, quality, merchant. Levels are locked in this order."""


def touch(db: Connection, skus: Iterable[tuple[str, str]]) -> None:
    """Note that what may be sold of (merchant, SKU) changed: channels will be told the newest
    level. So of kits that hold it.
    """
    rows = sorted(set(skus))
    if rows:
        write(db, _TOUCH, ARTICLES.of(rows))


def touch_all(db: Connection, merchant: str, skus: Iterable[str] | None = None) -> None:
    """Note it of all that a merchant has, or of these; of the operator, of all that there is."""
    whose = {"merchant": merchant, "operator": OPERATOR}
    if skus is None:
        db.execute(_TOUCH_ALL, whose)
    elif which := sorted(set(skus)):
        db.execute(_TOUCH_THESE, {**whose, "skus": which})


def take(db: Connection, most: int) -> Sequence[Any]:
    """Take up to `most` (merchant_id, sku) whose level changed, so that they are told once."""
    return db.execute(_TAKE, {"most": most}).all()


def noted(which: str) -> str:
    """The statement that notes the articles of a query (merchant_id, sku), the kits that hold them,
    and the kits that hold those: all in one order, so that nobody waits in a circle.
    """
    return f"""INSERT INTO stock_dirty (merchant_id, sku)
    WITH its AS (SELECT DISTINCT merchant_id, sku FROM {which}), kits AS (
      SELECT kit_part.merchant_id, kit AS sku FROM its JOIN kit_part
        ON kit_part.merchant_id = its.merchant_id AND kit_part.part = its.sku
    )
    SELECT * FROM its UNION SELECT * FROM kits
    UNION SELECT kit_part.merchant_id, kit FROM kits JOIN kit_part
      ON kit_part.merchant_id = kits.merchant_id AND kit_part.part = kits.sku
    ORDER BY 1, 2 ON CONFLICT DO NOTHING"""  # noqa: S608  # ours


ARTICLES = Rows(merchant="text", sku="text")
LEVEL = {"warehouse": "text", "sku": "text", "quality": "text", "merchant_id": "text"}
"""The columns of `Level`."""
GROWN = """INSERT INTO fact_due (id, merchant_id, fact, first, due)
      SELECT gen_random_uuid(), merchant_id, fact, '00000000-0000-0000-0000-000000000000', now()
      FROM (
        SELECT DISTINCT merchant_id, 'stock:' || merchant_id || ':' || sku AS fact FROM grown
        WHERE quality = 'good' AND free > 0
      ) AS found
      WHERE '*' <> ALL ((SELECT orderhub_scope())::text[])
        OR EXISTS (SELECT FROM order_wait WHERE order_wait.fact = found.fact)"""
"""Have the orders looked at that wait for levels of `grown` (merchant_id, sku, quality, free).
Where a transaction sees some merchants only, others may wait that it does not see.
"""
_TOUCH = sa.text(noted(f"{ARTICLES.arrays} AS changed (merchant_id, sku)"))
_TOUCH_ALL = sa.text(noted("stock_level WHERE CAST(:merchant AS text) IN (merchant_id, :operator)"))
_TOUCH_THESE = sa.text(
    noted(
        """stock_level WHERE merchant_id = ANY (ARRAY(
      SELECT CAST(:merchant AS text)
      UNION SELECT code FROM merchant WHERE CAST(:merchant AS text) = :operator
    )) AND sku = ANY (:skus)"""
    )
)
"""By the index of merchant and SKU, also where the plan was made for a few and is kept."""
_TAKE = sa.text(
    """DELETE FROM stock_dirty WHERE (merchant_id, sku) IN (
      SELECT merchant_id, sku FROM stock_dirty ORDER BY merchant_id, sku
      LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING merchant_id, sku"""
)
