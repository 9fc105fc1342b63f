"""ShipStation's shipments and fulfillments -> `shipment` for each of our orders in them.

A shipment is a label: it may be voided, be one of several of an order, and hold pieces of orders
that were put together. A fulfillment is an order that somebody marked as shipped: it names no
articles, the order beside it does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.fulfilment import Cost, FulfilmentStatus, Package, Shipment, ShippedLine
from mappings.kit import Context, shape, tracking_numbers
from mappings.kit.fields import needed
from mappings.kit.readers.envelope import resources
from mappings.kit.units import GRAMS, MILLIMETRES, measured
from mappings.reading import read_json, silently
from mappings.shipstation.contents import by_order
from mappings.shipstation.orders import fetched, here
from mappings.shipstation.wire import Dimensions, Left, Order, is_of

_WEIGHTS = {
    "ounces": GRAMS["oz"],
    "ounce": GRAMS["oz"],
    "pounds": GRAMS["lb"],
    "pound": GRAMS["lb"],
    "grams": GRAMS["g"],
    "gram": GRAMS["g"],
}
_LENGTHS = {
    "inches": MILLIMETRES["in"],
    "inch": MILLIMETRES["in"],
    "centimeters": MILLIMETRES["cm"],
    "centimeter": MILLIMETRES["cm"],
}
_AROUND = ("shipments", "fulfillments", "shipment", "fulfillment", "data")
_MARKS = frozenset({"shipmentId", "fulfillmentId", "trackingNumber"})
_COSTS = ("shipment_cost", "insurance_cost", "fulfillment_fee")


def left(
    raw: bytes,
    at: Context,
    *,
    currency: str,
    clock: Callable[[], datetime],
    store_id: int | None = None,
    rejected: bool = False,
) -> list[Document]:
    """What left, what was voided, and what arrived. `rejected`: a provider does not ship these."""
    at = here(at)
    trees = resources(raw, at.warn, around=_AROUND, marks=_MARKS)
    told = [shape(Left, tree, at) for tree in trees if fetched(tree)]
    told = [it for it in told if is_of(store_id, it.advanced_options)]
    orders = _orders(raw, at)
    documents: list[Document] = []
    if rejected:
        documents += [_status(it, orders, "exception", clock(), at, "rejected") for it in told]
    else:
        alive = {it.order_id for it in told if not it.is_void}
        for it in told:
            documents += _documents(it, orders, alive, currency, at)
    if not documents:
        raise Ignored("no_consequence", "nothing left")
    return documents


def _orders(raw: bytes, at: Context) -> Mapping[str, Order]:
    """The orders that were fetched beside, by their id."""
    body = read_json(raw, silently)
    beside = body.get("orders") if isinstance(body, dict) else None
    trees = beside if isinstance(beside, list) else []
    found = [shape(Order, tree, at) for tree in trees if isinstance(tree, dict)]
    return {order.order_id: order for order in found if order.order_id}


def _documents(
    it: Left, orders: Mapping[str, Order], alive: set[str | None], currency: str, at: Context
) -> Iterator[Document]:
    if it.is_return_label:
        return
    if it.is_void:
        if it.order_id is None or it.order_id not in alive:  # else another label took its place
            yield _status(it, orders, "exception", it.void_date or it.left_at, at, "voided")
        return
    yield from _shipments(it, orders, currency, at)
    if it.delivery_date:
        yield _status(it, orders, "delivered", it.delivery_date, at)


def _shipments(
    it: Left, orders: Mapping[str, Order], currency: str, at: Context
) -> Iterator[Shipment]:
    order, usual = orders.get(it.order_id or ""), _number(it, orders)
    items = it.shipment_items or (order.items if order and it.fulfillment_id else ())
    held = by_order(items, usual) or {usual: []}
    whole = not it.shipment_items and (order is None or order.is_whole)
    for at_place, (number, lines) in enumerate(held.items()):
        yield Shipment(
            source=at.source(
                it.id if number == usual else f"{it.id}:{number}", occurred_at=it.left_at
            ),
            fulfilment_order_id=needed(number, "orderKey"),
            warehouse_reference=it.order_id if number == usual else None,
            shipped_at=it.left_at,
            complete=whole,
            packages=tuple(_packages(it, lines, at)),
            costs=() if at_place else _costs(it, currency),
            attributes={"order_number": it.order_number} if it.order_number else {},
        )


def _number(it: Left, orders: Mapping[str, Order]) -> str | None:
    """Our number of its order. A fulfillment does not bear it, the order does."""
    order = orders.get(it.order_id or "")
    return it.order_key or (order.order_key if order else None) or it.order_number


def _packages(it: Left, lines: Sequence[ShippedLine], at: Context) -> Iterator[Package]:
    first, *others = tracking_numbers(it.tracking_number) or (None,)
    carrier = at.carrier(it.carrier_code, path="carrierCode")
    known: dict[str, Any] = {
        "carrier": carrier,
        "carrier_name": it.carrier_code,
        "service": it.service_code,
    }
    size, weight = it.dimensions or Dimensions(), it.weight
    length = _LENGTHS.get(size.units or "inches")
    yield Package(
        **known,
        tracking_number=first,
        weight_kg=_in(GRAMS["kg"], weight.value, _WEIGHTS.get(weight.units or "ounces"))
        if weight
        else None,
        length_cm=_in(MILLIMETRES["cm"], size.length, length),
        width_cm=_in(MILLIMETRES["cm"], size.width, length),
        height_cm=_in(MILLIMETRES["cm"], size.height, length),
        lines=tuple(lines),
    )
    for number in others:
        yield Package(**known, tracking_number=number)


def _in(ours: Decimal, told: Decimal | None, unit: Decimal | None) -> Decimal | None:
    found = measured(told, unit)
    return found / ours if found else None


def _costs(it: Left, currency: str) -> tuple[Cost, ...]:
    told = {name: getattr(it, name) for name in _COSTS}
    return tuple(
        Cost(code=name, amount=amount, currency=currency) for name, amount in told.items() if amount
    )


def _status(
    it: Left,
    orders: Mapping[str, Order],
    word: Any,
    when: datetime,
    at: Context,
    reason: str | None = None,
) -> FulfilmentStatus:
    return FulfilmentStatus(
        source=at.source(f"{it.id}:{reason or word}", occurred_at=when),
        fulfilment_order_id=needed(_number(it, orders), "orderKey"),
        status=word,
        at=when,
        reason=reason,
        message=f"tracking number {it.tracking_number}" if reason and it.tracking_number else None,
        warehouse_reference=it.order_id,
    )
