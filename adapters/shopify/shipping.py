"""Tells a shipment: reads the order's fulfilment orders and fulfilments, then makes what is
missing.

Shopify gives a fulfilment no place for our own number, so what it has is recognised by tracking
numbers and pieces (`mappings.shopify.outward.untold`). The same read answers `find`, and lets a
shipment of several parcels go on where it broke off.
"""

from collections.abc import Sequence
from typing import Any

from adapters.ports import Receipt
from adapters.shopify.admin import Admin
from hub.model.errors import OutcomeUnknown, Rejected
from hub.model.fulfilment import Shipment
from mappings.kit import Context
from mappings.shopify import outward
from mappings.shopify.values import identity

_LINES = "nodes { id remainingQuantity lineItem { id } } pageInfo { hasNextPage endCursor }"

ORDER = f"""
query OrderToFulfil($id: ID!) {{
  order(id: $id) {{
    id
    fulfillmentOrders(first: 20) {{
      nodes {{
        id status assignedLocation {{ location {{ id }} }}
        lineItems(first: 30) {{ {_LINES} }}
      }}
    }}
    fulfillments(first: 100) {{
      id status createdAt trackingInfo(first: 20) {{ number }}
      fulfillmentLineItems(first: 30) {{ nodes {{ quantity lineItem {{ id }} }} }}
    }}
  }}
}}
"""

MORE_LINES = f"""
query MoreLinesToFulfil($id: ID!, $after: String) {{
  fulfillmentOrder(id: $id) {{ lineItems(first: 200, after: $after) {{ {_LINES} }} }}
}}
"""

CREATE = """
mutation Fulfil($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status }
    userErrors { field message }
  }
}
"""


def send(admin: Admin, shipment: Shipment, at: Context, *, notify: bool) -> Receipt:
    """Make the fulfilments that the shop does not have yet."""
    order = _order(admin, shipment)
    told, wanted = outward.told_fulfilments(order), outward.parcels(shipment, at)
    left = outward.untold(wanted, told, shipment.shipped_at)
    if not left:
        return _receipt(told, wanted)
    rows = [row for planned in _planned(admin, order) for row in outward.open_lines(planned)]
    inputs = [one for parcel in left for one in outward.fulfilments(parcel, rows, notify=notify)]
    made = [_made(admin.tell("fulfillmentCreate", CREATE, {"fulfillment": one})) for one in inputs]
    return Receipt(made[-1])


def find(admin: Admin, shipment: Shipment, at: Context) -> Receipt | None:
    """The last of the shipment's fulfilments, where the shop has them all."""
    told, wanted = outward.told_fulfilments(_order(admin, shipment)), outward.parcels(shipment, at)
    left = outward.untold(wanted, told, shipment.shipped_at)
    return None if left else _receipt(told, wanted)


def _receipt(told: Sequence[outward.Told], wanted: Sequence[outward.Parcel]) -> Receipt:
    numbers = {frozenset(parcel.numbers) for parcel in wanted}
    return Receipt([one.id for one in told if one.numbers in numbers][-1])


def _order(admin: Admin, shipment: Shipment) -> dict[str, Any]:
    number = outward.order_of(shipment).channel_order_id
    order = admin.ask(ORDER, {"id": f"gid://shopify/Order/{number}"}).get("order")
    if not isinstance(order, dict):
        raise Rejected("the shop does not know the order")
    return order


def _planned(admin: Admin, order: dict[str, Any]) -> list[dict[str, Any]]:
    """The fulfilment orders with all their lines: those beyond the first page are fetched."""
    planned: list[dict[str, Any]] = order["fulfillmentOrders"]["nodes"]
    for one in planned:
        lines = one["lineItems"]
        while lines["pageInfo"]["hasNextPage"] and one["status"] in outward.OPEN:
            after = {"id": one["id"], "after": lines["pageInfo"]["endCursor"]}
            lines = admin.ask(MORE_LINES, after)["fulfillmentOrder"]["lineItems"]
            one["lineItems"]["nodes"] += lines["nodes"]
    return planned


def _made(answer: dict[str, Any]) -> str:
    made = answer.get("fulfillment")
    number = identity(None, made.get("id")) if isinstance(made, dict) else None
    if number is None:
        raise OutcomeUnknown("fulfillmentCreate answered without the fulfilment")
    return number
