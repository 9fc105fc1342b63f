"""One order through all partners, as one timeline."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import click

from hub.cli import kit
from hub.cli.messages import as_dict
from hub.model.errors import BadData, NotFound, Problem
from hub.store.views import orders
from hub.store.views.fulfilment import LineItem
from hub.store.views.orders import OrderView


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
        found = orders.find(unit.db, order)
        if not found:
            raise NotFound(f"no order {kit.shown(order)}")
        views = [orders.order(unit.db, store.vault, one) for one in dict.fromkeys(found)]
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
        numbers = [one.tracking_number for one in shipment.document.packages if one.tracking_number]
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
    shipped, ordered = sum(one.shipped for one in lines), sum(one.ordered for one in lines)
    return f"{_number(shipped)} of {_number(ordered)}"


def _number(value: Decimal | int) -> str:
    """Without the zeros that the database keeps behind the point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _data(view: OrderView, steps: list[Step]) -> dict[str, Any]:
    one = view.order
    return {
        "order": {
            "id": one.id,
            "merchant": one.merchant,
            "channel": one.channel,
            "channel_order_id": one.channel_order_id,
            "order_number": one.order_number,
            "status": one.status,
            "hold_reasons": one.hold_reasons,
            "currency": one.currency,
            "grand_total": one.grand_total,
            "received_at": one.received_at,
            "correlation_id": one.correlation_id,
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
        "messages": [as_dict(each) for each in view.messages],
        "routing": [{"at": each.at, "reasoning": each.reasoning} for each in view.routing],
        "timeline": [step._asdict() for step in steps],
    }


def _text(view: OrderView, steps: list[Step]) -> str:
    one = view.order
    head = (
        f"order {kit.shown(one.order_number)} of {one.channel} ({kit.shown(one.channel_order_id)})"
        f" is {one.status}, {_number(one.grand_total)} {one.currency}, merchant {one.merchant}\n"
        f"id {one.id}"
    )
    held = "\n".join(
        f"held: {reason['code']}: {kit.shown(reason['message'])}" for reason in one.hold_reasons
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
