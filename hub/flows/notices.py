"""From a routing plan to fulfilment orders: what each warehouse is told, and how it is asked to
let go.
"""

from decimal import Decimal
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.document import Source, built
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentDelivery, FulfilmentOrder
from hub.rules import splitting
from hub.rules.sourcing import Plan
from hub.rules.splitting import Draft
from hub.states.fulfilment_order import FULFILMENT_ORDER, Event, State
from hub.states.machine import step
from hub.store.fulfilments import FulfilmentRow, LineRow
from hub.store.ids import long, new_id, short
from hub.store.orders import OrderRow

_PREFIX = "F"
_source, _delivery, _order = built(Source), built(FulfilmentDelivery), built(FulfilmentOrder)
"""What they are given was read as part of the order, or is ours."""


def number(id: UUID) -> str:  # noqa: A002
    """A fulfilment order's number as partners see it."""
    return short(_PREFIX, id)


def id_of(number: str) -> UUID | None:
    """The id behind a number; None where it is none of ours."""
    return long(_PREFIX, number)


def plan(unit: Unit, order: OrderRow, routed: Plan, cash: Decimal | None) -> list[FulfilmentRow]:
    """One fulfilment order for each merchant and warehouse, on its way to being told."""
    drafts = splitting.drafts(
        order.document, routed.to_reserve, unfilled=routed.unfilled, cash=cash
    )
    return [_row(unit, order, draft) for draft in drafts]


def cancellation(unit: Unit, row: FulfilmentRow, reason: str) -> FulfilmentCancellation:
    """The wish that the warehouse does not ship it after all."""
    return FulfilmentCancellation(
        source=Source(connection=row.warehouse, id=number(row.id), occurred_at=unit.at),
        fulfilment_order_id=number(row.id),
        warehouse=row.warehouse,
        warehouse_reference=row.warehouse_reference,
        requested_at=unit.at,
        reason=reason,
    )


def _row(unit: Unit, order: OrderRow, draft: Draft) -> FulfilmentRow:
    id_ = new_id()
    return FulfilmentRow(
        id=id_,
        merchant=draft.merchant,
        order_id=order.id,
        warehouse=draft.warehouse,
        status=step(FULFILMENT_ORDER, State.PLANNED, Event.NOTIFY).state,
        document=_document(unit, order, number(id_), draft),
        lines=[
            LineRow(line.line_no, line.sku, line.quantity, item_code=line.item_code)
            for line in draft.lines
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
