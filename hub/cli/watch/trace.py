"""`orderhub trace`: one order through all partners, as one timeline."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import click

from hub.cli import kit
from hub.doors import present
from hub.model.document import pieces
from hub.model.errors import BadData, NotFound, Problem
from hub.store.views import order_view, orders
from hub.store.views.fulfilment import LineItem
from hub.store.views.order_view import OrderView


class Step(NamedTuple):
    """One line of the timeline. `way`: in, out, or hub for what was decided here."""

    at: datetime
    way: str
    who: str
    what: str
    more: str


@click.command(short_help="follow one order through all partners")
@click.argument("order")
@kit.json_option
def trace(*, order: str, as_json: bool) -> None:
    """Follow ORDER through all partners: what came, what was decided, who was told, who answered.

    ORDER is its number, the channel's id, our id, or a fulfilment order's.

    \b
    Example:
      orderhub trace "#1001"
    """
    with kit.store() as store, kit.unit(store) as unit:
        ids = orders.find(unit.db, order)
        if not ids:
            raise NotFound(f"no order {kit.shown(order)}")
        views = [order_view.of(unit.db, store.vault, order_id) for order_id in dict.fromkeys(ids)]
    seen = [view for view in views if view is not None]
    if len(seen) > 1:
        raise _several(order, [(view.order.id, view.order.channel) for view in seen])
    (view,) = seen
    steps = sorted(_steps(view), key=lambda step: step.at)
    kit.say(_data(view, steps), _text(view, steps), as_json=as_json)


def _several(order: str, found: list[tuple[UUID, str]]) -> BadData:
    more = tuple(Problem("order", "ambiguous", f"{id_} of {channel}") for id_, channel in found)
    message = f"{kit.shown(order)} names {len(found)} orders; take one of their ids"
    return BadData(message, path="order", code="ambiguous", more=more)


def _steps(view: OrderView) -> Iterator[Step]:
    for message in view.messages:
        tries = "1 try" if message.attempts == 1 else f"{message.attempts} tries"
        why = (message.error or {}).get("message", "")
        more = " ".join(filter(None, (message.status, f"({tries})", message.reference, why)))
        yield Step(message.received_at, message.direction, message.connection, message.topic, more)
    for event in view.timeline:
        detail = ", ".join(f"{name} {_short(value)}" for name, value in event.detail.items())
        yield Step(event.at, "hub", event.actor, event.event, detail)
    for shipment in view.shipments:
        numbers = [
            package.tracking_number
            for package in shipment.document.packages
            if package.tracking_number
        ]
        what = f"left {shipment.fulfilment_order_id}"
        yield Step(shipment.received_at, "hub", "hub", "shipment", f"{what} {kit.shown(numbers)}")
    for incident in view.incidents:
        yield Step(incident.opened_at, "hub", "hub", f"incident {incident.kind}", incident.sentence)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "/".join(_short(one) for one in value.values())
    if isinstance(value, list):
        return " ".join(_short(one) for one in value)
    return str(value)


def _shipped(lines: Sequence[LineItem]) -> str:
    shipped = sum((line.shipped for line in lines), Decimal(0))
    ordered = sum((line.ordered for line in lines), Decimal(0))
    return f"{pieces(shipped)} of {pieces(ordered)}"


def _data(view: OrderView, steps: list[Step]) -> dict[str, Any]:
    order = view.order
    return {
        "order": {
            "id": order.id,
            "merchant": order.merchant,
            "channel": order.channel,
            "channel_order_id": order.channel_order_id,
            "order_number": order.order_number,
            "status": order.status,
            "hold_reasons": order.hold_reasons,
            "open_incidents": len(order.attention.incidents),
            "standing_messages": len(order.attention.messages),
            "currency": order.currency,
            "grand_total": order.grand_total,
            "received_at": order.received_at,
            "correlation_id": order.correlation_id,
        },
        "fulfilment_orders": [
            {
                "id": each.number,
                "warehouse": each.warehouse,
                "status": each.status,
                "warehouse_reference": each.warehouse_reference,
                "reason": each.reason,
                "lines": [
                    {
                        "line_no": line.line_no,
                        "sku": line.sku,
                        "ordered": line.ordered,
                        "shipped": line.shipped,
                        "short": line.short,
                    }
                    for line in each.lines
                ],
            }
            for each in view.fulfilment_orders
        ],
        "messages": [present.message(each) for each in view.messages],
        "routing": [
            {
                "at": each.at,
                "reasoning": each.reasoning,
                "rules_of": each.rules_owner,
                "rules_version": each.rules_version,
            }
            for each in view.routing
        ],
        "timeline": [step._asdict() for step in steps],
    }


def _text(view: OrderView, steps: list[Step]) -> str:
    order = view.order
    head = (
        f"order {kit.shown(order.order_number)} of {order.channel} "
        f"({kit.shown(order.channel_order_id)}) is {order.status}, "
        f"{pieces(order.grand_total)} {order.currency}, merchant {order.merchant}\n"
        f"id {order.id}"
    )
    held = "\n".join(
        f"{'held' if order.status == 'held' else 'waits'}: {reason['code']}: "
        f"{kit.shown(reason['message'])}"
        for reason in order.hold_reasons
    )
    places = kit.table(
        ("fulfilment order", "warehouse", "status", "their number", "pieces shipped"),
        [
            (
                each.number,
                each.warehouse,
                each.status,
                each.warehouse_reference,
                _shipped(each.lines),
            )
            for each in view.fulfilment_orders
        ],
        "no fulfilment order",
    )
    line = kit.table(("when", "way", "who", "what", ""), steps, "nothing happened yet")
    return "\n\n".join(filter(None, (head, held, places, line)))
