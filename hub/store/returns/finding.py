"""Which returns there are of orders, and which a parcel may be of."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.sealing import Vault
from hub.store.returns.returns import COLUMNS, ReturnRow, with_lines


def quoted(
    db: Connection, vault: Vault, numbers: Iterable[str], merchants: Sequence[str] | None
) -> dict[str, list[ReturnRow]]:
    """Lock and load the returns that papers of a parcel name by number, of these merchants (None:
    of all).
    """
    rows = db.execute(_QUOTED, {"numbers": sorted(set(numbers)), "merchants": merchants})
    by_number: dict[str, list[ReturnRow]] = {}
    for row in with_lines(db, vault, rows):
        by_number.setdefault(row.number, []).append(row)
    return by_number


def awaiting(
    db: Connection,
    vault: Vault,
    signs: tuple[Sequence[str], Sequence[bytes], Sequence[str]],
    merchants: Sequence[str] | None,
) -> list[ReturnRow]:
    """Lock and load the returns still open to goods that any of these signs names: tracking
    numbers, phones, numbers of orders.
    """
    tracking, phones, orders = sorted(set(signs[0])), sorted(set(signs[1])), sorted(set(signs[2]))
    wanted = {"tracking": tracking, "phones": phones, "orders": orders, "merchants": merchants}
    if not (tracking or phones or orders):
        return []
    return with_lines(db, vault, db.execute(_AWAITING, wanted))


def of_orders(db: Connection, vault: Vault, orders: Iterable[UUID]) -> list[ReturnRow]:
    """Lock and load all returns of these orders; lock the orders before."""
    return with_lines(db, vault, db.execute(_OF_ORDERS, {"ids": sorted(set(orders))}))


def recent(
    db: Connection, vault: Vault, merchant: str, since: datetime, most: int
) -> list[ReturnRow]:
    """A merchant's newest returns that were asked for since then, to look at only."""
    wanted = {"merchant": merchant, "since": since, "most": most}
    return with_lines(db, vault, db.execute(_RECENT, wanted))


_RECENT = sa.text(
    f"""{COLUMNS} WHERE r.merchant_id = :merchant AND r.requested_at >= :since
    ORDER BY r.id DESC LIMIT :most"""
)
_OURS = "(CAST(:merchants AS text[]) IS NULL OR r.merchant_id = ANY (:merchants))"
_QUOTED = sa.text(f"{COLUMNS} WHERE r.number = ANY (:numbers) AND {_OURS} ORDER BY r.id FOR UPDATE")
_AWAITING = sa.text(
    f"""{COLUMNS} WHERE r.status IN ('requested', 'approved', 'awaiting_goods', 'received')
      AND {_OURS} AND (r.tracking = ANY (:tracking) OR r.phone = ANY (:phones)
        OR r.channel_order_id = ANY (:orders) OR r.order_id IN (
          SELECT o.id FROM sales_order AS o WHERE o.order_number = ANY (:orders)
        ))
    ORDER BY r.id FOR UPDATE"""  # noqa: S608  # ours
)
_OF_ORDERS = sa.text(f"{COLUMNS} WHERE r.order_id = ANY (:ids) ORDER BY r.id FOR UPDATE")
