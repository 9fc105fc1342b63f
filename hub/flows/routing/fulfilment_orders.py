"""From a routing plan to fulfilment orders: what each warehouse is told, and how it is asked to
let go.
"""

from decimal import Decimal
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.document import Source, built
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentDelivery, FulfilmentOrder
from hub.rules.routing import splitting
from hub.rules.routing.sourcing import Plan
from hub.rules.routing.splitting import Draft
from hub.states.fulfilment_order import State
from hub.store.base.ids import new_id
from hub.store.config.snapshot import Connection
from hub.store.messages.outbox import Telling
from hub.store.orders.fulfilments import FulfilmentRow, LineRow, number
from hub.store.orders.orders import OrderRow
from hub.store.stock.reservations import Reservation

_source, _delivery, _order = built(Source), built(FulfilmentDelivery), built(FulfilmentOrder)
"""What they are given was read as part of the order, or is ours."""


def plan(unit: Unit, order: OrderRow, routed: Plan, cash: Decimal | None) -> list[FulfilmentRow]:
    """One fulfilment order for each merchant and warehouse, planned and not told yet."""
    drafts = splitting.drafts(
        order.document, routed.to_reserve, unfilled=routed.unfilled, cash=cash
    )
    return [_row(unit, order, draft) for draft in drafts]


def reservations_of(row: FulfilmentRow) -> list[Reservation]:
    """The pieces that must be there for it."""
    return [
        Reservation(
            row.merchant,
            row.order_id,
            line.line_no,
            row.id,
            row.warehouse,
            line.sku,
            line.ordered,
        )
        for line in row.lines
    ]


def cancellation(unit: Unit, row: FulfilmentRow, reason: str) -> FulfilmentCancellation:
    """The wish that the warehouse does not ship it after all, nor what was told with it."""
    return FulfilmentCancellation(
        source=Source(connection=row.warehouse, id=row.told_as, occurred_at=unit.at),
        fulfilment_order_id=row.told_as,
        warehouse=row.warehouse,
        warehouse_reference=row.warehouse_reference,
        requested_at=unit.at,
        reason=reason,
    )


def telling_of(
    partner: Connection,
    document: FulfilmentOrder | FulfilmentCancellation,
    merchant: str,
    order: OrderRow,
    cause: UUID | None,
    revision: int = 1,
) -> Telling:
    """A notice, or the wish to take it back. Both run under the fulfilment order's key and its
    `merchant`, whose goods it ships, so never out of order.
    """
    return Telling(
        document=document,
        connection=partner.code,
        merchant=merchant,
        shards=partner.shards,
        key=document.fulfilment_order_id,
        revision=str(revision),
        correlation_id=order.correlation_id,
        cause_id=cause,
        order_id=order.id,
    )


def _row(unit: Unit, order: OrderRow, draft: Draft) -> FulfilmentRow:
    id_ = new_id()
    return FulfilmentRow(
        id=id_,
        merchant=draft.merchant,
        order_id=order.id,
        warehouse=draft.warehouse,
        status=State.PLANNED,
        document=_document(unit, order, number(id_), draft),
        lines=[
            LineRow(
                *(line.line_no, line.sku, line.quantity),
                item_code=line.item_code,
                order_line=serves if kit else None,
                kit=kit,
            )
            for line, serves, kit in zip(draft.lines, draft.order_lines, draft.kits, strict=True)
        ],
    )


def _document(unit: Unit, order: OrderRow, number: str, draft: Draft) -> FulfilmentOrder:
    sold = order.document
    return _order(
        source=_source(connection=order.channel, id=sold.channel_order_id, occurred_at=unit.at),
        fulfilment_order_id=number,
        order_number=sold.order_number,
        channel_order_id=sold.channel_order_id,
        merchant=draft.merchant,
        warehouse=draft.warehouse,
        created_at=unit.at,
        ship_by=sold.delivery.deliver_by,
        delivery=_delivery(
            method=draft.method,
            carrier=sold.delivery.carrier,
            pickup_point=sold.delivery.pickup_point,
            instructions=sold.delivery.instructions,
        ),
        ship_to=sold.ship_to,
        bill_to=sold.bill_to,
        lines=draft.lines,
        cash_on_delivery=draft.cash_on_delivery,
        insured_value=draft.insured_value,
        note=sold.note,
        attributes={"placed_at": sold.placed_at.isoformat()},
    )
