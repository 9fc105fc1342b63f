"""Articles of which something else may be sold than channels were told: noted by whatever changes a
level, taken up by whoever tells the newest.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.merchant import OPERATOR
from hub.store.base.pipelining import write
from hub.store.stock.stock_levels import ARTICLES


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
