"""Tells a shipment: reads the order's fulfilment orders and fulfilments, then makes what is
missing.

Shopify gives a fulfilment no place for our own number, so what it has is recognised by tracking
numbers and pieces (`mappings.shopify.outward.untold`). The same read answers `find`, and lets a
shipment of several parcels go on where it broke off.
"""

from collections.abc import Sequence
from typing import Any

from adapters.ports import Receipt
from adapters.shopify.admin import OPERATIONS, Admin
from hub.model.errors import OutcomeUnknown, Rejected
from hub.model.fulfilment import Shipment
from mappings.kit import Context
from mappings.kit.marks import order_of
from mappings.shopify import outward
from mappings.shopify.values import identity

ORDER = OPERATIONS["OrderToFulfil"]
MORE_LINES = OPERATIONS["MoreLinesToFulfil"]
CREATE = OPERATIONS["Fulfil"]


def send(admin: Admin, shipment: Shipment, at: Context, *, notify: bool) -> Receipt:
    """Make the fulfilments that the shop does not have yet."""
    order = _order(admin, shipment)
    there, wanted = outward.told_fulfilments(order, at), outward.parcels(shipment, at)
    left = outward.untold(wanted, there, shipment.shipped_at)
    if not left:
        return _receipt(there, wanted)
    rows = [row for planned in _planned(admin, order) for row in outward.open_lines(planned)]
    inputs = [
        fulfilment
        for parcel in left
        for fulfilment in outward.fulfilments(parcel, rows, notify=notify)
    ]
    made = [
        _made(admin.tell("fulfillmentCreate", CREATE, {"fulfillment": fulfilment}))
        for fulfilment in inputs
    ]
    return Receipt(made[-1])


def find(admin: Admin, shipment: Shipment, at: Context) -> Receipt | None:
    """The last of the shipment's fulfilments, where the shop has them all."""
    there, wanted = (
        outward.told_fulfilments(_order(admin, shipment), at),
        outward.parcels(shipment, at),
    )
    left = outward.untold(wanted, there, shipment.shipped_at)
    return None if left else _receipt(there, wanted)


def _receipt(told: Sequence[outward.Told], wanted: Sequence[outward.Parcel]) -> Receipt:
    numbers = {frozenset(parcel.numbers) for parcel in wanted}
    return Receipt([one.id for one in told if one.numbers in numbers][-1])


def _order(admin: Admin, shipment: Shipment) -> dict[str, Any]:
    number = order_of(shipment).channel_order_id
    order = admin.ask(ORDER, {"id": f"gid://shopify/Order/{number}"}).get("order")
    if not isinstance(order, dict):
        raise Rejected("the shop does not know the order")
    return order


def _planned(admin: Admin, order: dict[str, Any]) -> list[dict[str, Any]]:
    """The fulfilment orders with all their lines: those beyond the first page are fetched."""
    planned: list[dict[str, Any]] = order["fulfillmentOrders"]["nodes"]
    for ordered in planned:
        lines = ordered["lineItems"]
        while lines["pageInfo"]["hasNextPage"] and outward.is_open(ordered):
            after = {"id": ordered["id"], "after": lines["pageInfo"]["endCursor"]}
            lines = admin.ask(MORE_LINES, after)["fulfillmentOrder"]["lineItems"]
            ordered["lineItems"]["nodes"] += lines["nodes"]
    return planned


def _made(answer: dict[str, Any]) -> str:
    made = answer.get("fulfillment")
    number = identity(None, made.get("id")) if isinstance(made, dict) else None
    if number is None:
        raise OutcomeUnknown("fulfillmentCreate answered without the fulfilment")
    return number
