"""What happened that is to be booked: orders with events that committed, and what is known of them.

Events are read in the order of their ids up to a moment before which every transaction has ended,
so that none is passed over that commits late.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.product import Kit, Product, Served
from hub.store.base.ids import floor_id
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault

_START = UUID(int=0)


@dataclass(slots=True)
class Known:
    """An order and what became of it. `left`: the pieces that did; `owners`: line -> whose
    pieces they are.
    """

    id: UUID
    merchant: str
    channel: str
    document: SalesOrder
    left: list[Served] = field(default_factory=list)
    owners: dict[int, str] = field(default_factory=dict)
    shipments: list[tuple[UUID, str, Shipment]] = field(default_factory=list)
    refunds: list[tuple[UUID, Refund]] = field(default_factory=list)


def lock(db: Connection) -> None:
    """One at a time books or closes periods, to the end of the transaction."""
    db.execute(_LOCK)


def after(db: Connection, name: str) -> UUID:
    """How far a pass has come."""
    return db.scalar(_AFTER, {"name": name}) or _START


def came_to(db: Connection, name: str, id_: UUID) -> None:
    """Note how far a pass has come."""
    db.execute(_CAME_TO, {"name": name, "after": id_})


def horizon(db: Connection, margin_s: float) -> UUID:
    """Ids below this one are of transactions that have ended; clocks may differ by `margin_s`."""
    return floor_id(db.execute(_HORIZON, {"margin": margin_s}).scalar_one())


def touched(
    db: Connection, after_: UUID, until: UUID, most: int
) -> tuple[dict[UUID, UUID | None], UUID | None]:
    """Orders that something happened to, each with the newest message that led to it; and the id
    of the last event that was looked at, None where there is none.
    """
    rows = db.execute(_TOUCHED, {"after": after_, "until": until, "most": most}).all()
    orders: dict[UUID, UUID | None] = {}
    for row in rows:
        orders[row.order_id] = row.message_id or orders.get(row.order_id)
    return orders, rows[-1].id if rows else None


def missed(db: Connection, since: datetime, most: int) -> list[UUID]:
    """Orders of which something left that is in the ledger with nothing."""
    return list(db.scalars(_MISSED, {"low": floor_id(since), "most": most}))


def known(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, Known]:
    """Orders with all that is to be booked of them."""
    wanted = {"ids": sorted(set(ids))}
    orders = {}
    for row in db.execute(_ORDERS, wanted):
        raw = vault.open(row.document, "sales_order.document", row.merchant_id, row.id)
        order = SalesOrder.model_validate_json(raw)
        orders[row.id] = Known(row.id, row.merchant_id, row.channel, order)
    for row in db.execute(_SHIPPED, wanted):
        order_ = orders[row.order_id]
        kit = Kit.read(row.kit)
        order_.left.append(Served(row.line_no, row.sku, row.shipped, kit))
        if row.merchant_id != order_.merchant:
            order_.owners[row.line_no] = row.merchant_id
    for row in db.execute(_SHIPMENTS, wanted):
        raw = vault.open(row.document, "shipment.document", row.merchant_id, row.id)
        shipment = (row.id, row.merchant_id, Shipment.model_validate_json(raw))
        orders[row.order_id].shipments.append(shipment)
    for row in db.execute(_REFUNDS, wanted):
        raw = vault.open(row.document, "refund.document", row.merchant_id, row.id)
        orders[row.order_id].refunds.append((row.id, Refund.model_validate_json(raw)))
    return orders


def products(db: Connection, pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, Product]]:
    """Merchant -> SKU -> article, of these (merchant, SKU)."""
    found: dict[str, dict[str, Product]] = {}
    for row in db.execute(_PRODUCTS, _ARTICLES.of(sorted(set(pairs)))):
        found.setdefault(row.merchant_id, {})[row.sku] = Product.model_validate(row.document)
    return found


def closed_until(db: Connection, merchants: Sequence[str]) -> Mapping[tuple[str, str], datetime]:
    """(merchant, currency) -> up to when its periods are closed."""
    rows = db.execute(_CLOSED_UNTIL, {"merchants": list(merchants)})
    return {(row.merchant_id, row.currency): row.until for row in rows}


_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext('orderhub settlement'))")
_AFTER = sa.text("SELECT after FROM posting WHERE name = :name")
_CAME_TO = sa.text(
    """INSERT INTO posting (name, after) VALUES (:name, :after)
    ON CONFLICT (name) DO UPDATE SET after = excluded.after, looked_at = now()"""
)
_HORIZON = sa.text(
    """SELECT least(now(), min(xact_start)) - make_interval(secs => :margin)
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'"""
)
_TOUCHED = sa.text(
    """SELECT id, order_id, message_id FROM timeline
    WHERE id > :after AND id < :until
      AND event IN ('shipped', 'shipped_in_part', 'refunded', 'changed', 'completed', 'cancelled',
        'recorded')
    ORDER BY id LIMIT :most"""
)
_MISSED = sa.text(
    """SELECT DISTINCT shipment.order_id FROM shipment
    WHERE shipment.id > :low AND NOT shipment.withheld AND NOT EXISTS (
      SELECT FROM entry WHERE entry.order_id = shipment.order_id
    ) LIMIT :most"""
)
_ORDERS = sa.text(
    "SELECT id, merchant_id, channel, document FROM sales_order WHERE id = ANY (:ids)"
)
_SHIPPED = sa.text(
    """SELECT o.order_id, coalesce(line.order_line, line.line_no) AS line_no, line.sku, line.kit,
      min(o.merchant_id) AS merchant_id, sum(line.shipped) AS shipped
    FROM fulfilment_order AS o JOIN fulfilment_line AS line ON line.fulfilment_order_id = o.id
    WHERE o.order_id = ANY (:ids) GROUP BY 1, 2, 3, 4"""
)
_SHIPMENTS = sa.text(
    """SELECT id, merchant_id, order_id, document FROM shipment WHERE order_id = ANY (:ids)
    ORDER BY id"""
)
_REFUNDS = sa.text(
    """SELECT id, merchant_id, order_id, document FROM refund WHERE order_id = ANY (:ids)
    ORDER BY id"""
)
_ARTICLES = Rows(merchant="text", sku="text")
_PRODUCTS = sa.text(
    f"""SELECT merchant_id, sku, document FROM product
    WHERE (merchant_id, sku) IN (SELECT * FROM {_ARTICLES.arrays})"""  # noqa: S608  # ours
)
_CLOSED_UNTIL = sa.text(
    """SELECT merchant_id, currency, max(period_to) AS until FROM statement
    WHERE merchant_id = ANY (:merchants) AND approved_at IS NOT NULL GROUP BY 1, 2"""
)
