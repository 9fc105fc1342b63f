"""What arrived too late to be paid with a period.

Goods count as arrived when all of the order's were told to have been delivered, else some days
after they left. What an earlier statement paid is not held again, however late it is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows


@dataclass(frozen=True, slots=True)
class Cut:
    """How a merchant's turnover is held: what arrived later than `hold` before a period's end.
    `delivery_days`: how long a delivery counts to take where nobody tells; `since`: the end of the
    statement before, None where this is the first.
    """

    merchant: str
    hold: timedelta
    delivery_days: int
    since: datetime | None


def held(
    db: Connection, cuts: Iterable[Cut], currency: str, until: datetime
) -> dict[str, tuple[Decimal, Decimal]]:
    """Merchant -> what is held of a period that ends at `until`: what was told to have arrived,
    and what counts as arrived.
    """
    rows = [
        (cut.merchant, until - cut.hold, cut.delivery_days, cut.since,
         cut.since and cut.since - cut.hold)
        for cut in cuts
    ]  # fmt: skip
    if not rows:
        return {}
    values = {**_CUTS.of(rows), "currency": currency, "until": until}
    return {row.merchant_id: (row.told, row.assumed) for row in db.execute(_HELD, values)}


_CUTS = Rows(
    merchant="text", cut="timestamptz", days="int", since="timestamptz", earlier="timestamptz"
)
_LONGEST = "interval '120 days'"
"""What left so long before and was not told to have arrived is not waited for."""
_ASSUMED = "i.at + make_interval(days => c.days)"
_TOLD = "greatest(f.delivered, i.at)"
_HELD = sa.text(
    f"""SELECT i.merchant_id,
      coalesce(sum(i.amount) FILTER (WHERE f.delivered IS NOT NULL), 0) AS told,
      coalesce(sum(i.amount) FILTER (WHERE f.delivered IS NULL), 0) AS assumed
    FROM charge_item AS i
    JOIN {_CUTS.named("c")} ON c.merchant = i.merchant_id
    JOIN entry ON entry.id = i.entry_id AND entry.merchant_id = i.merchant_id
    LEFT JOIN LATERAL (
      SELECT CASE WHEN bool_and(delivered_at IS NOT NULL OR status IN ('cancelled', 'rejected'))
        THEN max(delivered_at) END AS delivered
      FROM fulfilment_order WHERE order_id = entry.order_id
    ) AS f ON true
    WHERE i.at >= c.cut - {_LONGEST} AND i.settle_at < :until AND i.currency = :currency
      AND i.kind IN ('sale', 'refund', 'shipping', 'fee', 'rounding')
      AND CASE WHEN f.delivered IS NULL THEN {_ASSUMED} ELSE {_TOLD} END >= c.cut
      AND NOT coalesce(
        i.settle_at < c.since
          AND CASE WHEN f.delivered < c.since THEN {_TOLD} ELSE {_ASSUMED} END < c.earlier,
        false)
    GROUP BY 1"""  # noqa: S608  # ours
)
