"""Money that is expected is noted where it arises: orders paid, refunds borne, parcels sent."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.fulfilment import Shipment
from hub.model.order import Refund
from hub.rules.reconciliation import expecting
from hub.rules.reconciliation.expecting import Expected
from hub.store.orders.orders import OrderRow
from hub.store.reconciliation import expected
from hub.store.reconciliation.expected import ExpectedRow


def paid(unit: Unit, orders: Sequence[OrderRow]) -> None:
    """Expect what was paid for new orders."""
    expected.add(unit.db, [it for order in orders for it in _rows(order, _paid(order))])


def paid_otherwise(unit: Unit, orders: Sequence[OrderRow]) -> None:
    """Expect what is left of what was paid for orders that were told anew."""
    known: dict[UUID, OrderRow] = {order.id: order for order in orders}
    came = expected.matched(unit.db, known)
    expected.forget_open(unit.db, known)
    rows = []
    for order in orders:
        left = expecting.changed(_paid(order), came.get(order.id, {}), _prefix(order))
        rows += _rows(order, left)
    expected.add(unit.db, rows)


def paid_back(unit: Unit, refunds: Iterable[tuple[Refund, OrderRow]]) -> None:
    """Expect that providers take back what was refunded."""
    rows = []
    for refund, order in refunds:
        rows += _rows(order, expecting.of_refund(refund, order.channel))
    expected.add(unit.db, rows)


def carried(unit: Unit, shipments: Iterable[tuple[Shipment, OrderRow]]) -> None:
    """Expect carriers' invoices for parcels."""
    rows: dict[tuple[str, str], ExpectedRow] = {}
    for shipment, order in shipments:
        for row in _rows(order, expecting.of_shipment(shipment, order.document.currency)):
            rows[row.merchant, row.key] = row
    expected.add(unit.db, list(rows.values()))


def _paid(order: OrderRow) -> list[Expected]:
    return [] if order.document.test else expecting.of_order(order.document, _prefix(order))


def _prefix(order: OrderRow) -> str:
    return f"{order.channel}:{order.channel_order_id}"


def _rows(order: OrderRow, money: Iterable[Expected]) -> list[ExpectedRow]:
    return [
        ExpectedRow(
            *(order.merchant, it.kind, it.key, it.reference, order.id, order.channel_order_id),
            *(order.document.order_number, it.amount, it.currency, it.due_at, it.weight_kg),
        )
        for it in money
    ]
