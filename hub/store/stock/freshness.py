"""How old what is known of a level may be: a warehouse that is to confirm its stock again and
again, and did not, is believed no more. `stock_level.stale` says so; a count of the level ends it.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.stock.levels_touched import noted


def judge(db: Connection, warehouse: str, before: datetime | None) -> int:
    """Mark the good levels of a warehouse that were not counted since then, unmark the others (all,
    where no age is set), and have channels told. Returns how many are not fresh now.
    """
    return int(db.scalar(_JUDGE, {"warehouse": warehouse, "before": before}) or 0)


_JUDGE = sa.text(
    f"""WITH due AS (
      SELECT warehouse, sku, quality, merchant_id, NOT stale AS late FROM stock_level
      WHERE warehouse = :warehouse AND quality = 'good' AND stale IS DISTINCT FROM (
        CAST(:before AS timestamptz) IS NOT NULL
        AND coalesce(counted_at, '-infinity') < CAST(:before AS timestamptz)
      )
      ORDER BY warehouse, sku, quality, merchant_id FOR UPDATE
    ), judged AS (
      UPDATE stock_level AS level SET stale = due.late FROM due
      WHERE level.warehouse = due.warehouse AND level.sku = due.sku
        AND level.quality = due.quality AND level.merchant_id = due.merchant_id
      RETURNING level.merchant_id, level.sku, level.stale
    ), told AS (
      {noted("judged")}
    )
    SELECT (SELECT count(*) FROM stock_level
        WHERE warehouse = :warehouse AND quality = 'good' AND stale)
      + (SELECT coalesce(sum(CASE WHEN stale THEN 1 ELSE -1 END), 0) FROM judged)"""  # noqa: S608  # ours
)
"""The first count sees the levels as they were before."""
