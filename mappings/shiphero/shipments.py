"""ShipHero's shipments -> `shipment`, by webhook or among the orders of a list.

That a shipment is completed is said of the order by the warehouse; where the order was asked for
beside, it has the last word on whether anything more will come.
"""

from collections.abc import Iterator
from typing import Any

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.fulfilment import Cost, FulfilmentStatus, Shipment
from mappings.kit import Context, shape
from mappings.kit.fields import needed
from mappings.kit.readers.envelope import resources
from mappings.kit.times import revision
from mappings.reading import read_json_object
from mappings.shiphero import listed, wire
from mappings.shiphero.parcels import Units, parcels

_FULFILLED = frozenset({"fulfilled", "shipped"})
_CANCELLED = frozenset({"canceled", "cancelled"})


def shipment(raw: bytes, at: Context, *, units: Units) -> list[Document]:
    """What left, as `Shipment Update` says it."""
    body = read_json_object(raw, at.warn)
    check_test(body)
    it = shape(wire.Fulfillment, _fulfillment(body), at)
    beside = body.get("order")
    order = shape(wire.Order, beside, at) if isinstance(beside, dict) else None
    whole = bool(it.completed)
    if order and order.fulfillment_status:
        whole = order.fulfillment_status in _FULFILLED
    return [_shipment(it, units, at, complete=whole, order=order)]


def _fulfillment(body: dict[str, Any]) -> dict[str, Any]:
    """The shipment; some put its packages beside it."""
    tree = body.get("fulfillment", body)
    if not isinstance(tree, dict):
        return {}
    return tree if tree.get("packages") else {**tree, "packages": body.get("packages")}


def orders(raw: bytes, at: Context, *, units: Units, currency: str) -> list[Document]:
    """What left for the orders of a list, and which were cancelled."""
    trees = resources(
        raw, at.warn, around=("data", "orders", "order"), marks=frozenset({"partner_order_id"})
    )
    documents: list[Document] = []
    for tree in trees:
        documents += _of_order(shape(listed.ListedOrder, tree, at), units, currency, at)
    if not documents:
        raise Ignored("no_consequence", "nothing left")
    return documents


def check_test(body: dict[str, Any]) -> None:
    """Ignored where it is sent to see whether anybody is there."""
    if str(body.get("test") or "0").lower() not in {"0", "false"}:
        raise Ignored("no_consequence", "a test of the webhook")


def _of_order(
    order: listed.ListedOrder, units: Units, currency: str, at: Context
) -> Iterator[Document]:
    left = [it for it in order.shipments if not it.refunded]
    left.sort(key=lambda it: needed(it.created_date, "shipments.created_date"))
    done = order.fulfillment_status in _FULFILLED
    for place, it in enumerate(left):
        last = place == len(left) - 1
        yield _shipment(
            _as_told(it, order), units, at, complete=done and last, costs=_costs(it, currency)
        )
    if order.fulfillment_status in _CANCELLED and not left:
        when = needed(order.updated_at, "updated_at")
        yield FulfilmentStatus(
            source=at.source(f"{order.legacy_id or order.id}:cancelled:{revision(when)}"),
            fulfilment_order_id=needed(order.ours, "partner_order_id"),
            status="cancelled",
            at=when,
            warehouse_reference=order.id,
        )


def _as_told(it: listed.Shipment, order: listed.ListedOrder) -> wire.Fulfillment:
    """A shipment of the API as the webhook tells it."""
    labels = [label for label in it.shipping_labels if not label.refunded]
    return wire.Fulfillment(
        shipment_id=it.legacy_id,
        shipment_uuid=it.id,
        order_uuid=order.id,
        partner_order_id=order.partner_order_id,
        order_number=order.order_number,
        created_at=it.created_date,
        packages=tuple(_package(label) for label in labels),
        line_items=tuple(_item(packed) for packed in it.line_items),
    )


def _package(label: listed.Label) -> wire.Package:
    size = label.dimensions or wire.Package()
    return size.model_copy(
        update={
            "name": label.id,
            "tracking_number": label.tracking_number,
            "tracking_url": label.tracking_url,
            "carrier": label.carrier,
            "shipping_method": label.shipping_method,
            "line_items": tuple(_item(packed) for packed in label.shipment_line_items),
        }
    )


def _item(packed: listed.Packed) -> wire.Item:
    return (packed.line_item or wire.Item()).model_copy(update={"quantity": packed.quantity})


def _costs(it: listed.Shipment, currency: str) -> tuple[Cost, ...]:
    told = [label.cost for label in it.shipping_labels if label.cost and not label.refunded]
    return (Cost(code="shipping", amount=sum(told), currency=currency),) if told else ()


def _shipment(
    it: wire.Fulfillment,
    units: Units,
    at: Context,
    *,
    complete: bool,
    order: wire.Order | None = None,
    costs: tuple[Cost, ...] = (),
) -> Shipment:
    number = it.partner_order_id or (order.ours if order else None) or it.order_number
    return Shipment(
        source=at.source(it.number, occurred_at=it.left_at),
        fulfilment_order_id=needed(number, "fulfillment.partner_order_id"),
        warehouse_reference=it.order_uuid or (order.id if order else None),
        shipped_at=it.left_at,
        complete=complete,
        packages=tuple(parcels(it, units, at)),
        costs=costs,
        attributes={"order_number": it.order_number} if it.order_number else {},
    )
