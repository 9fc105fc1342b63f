"""What the shop knows of returns: asked for by customers, decided, closed; GraphQL and webhooks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.shopify import views
from sandbox.shopify.queries import number
from sandbox.shopify.store import Order, Refused, zulu
from sandbox.shopify.world import World

Payload = dict[str, Any]
STEPS = {
    "returnApproveRequest": ("REQUESTED", "OPEN"),
    "returnDeclineRequest": ("REQUESTED", "DECLINED"),
    "returnCancel": ("OPEN", "CANCELED"),
    "returnClose": ("OPEN", "CLOSED"),
}


@dataclass(slots=True)
class Return:
    id: int
    order: Order
    name: str
    status: str
    created_at: str
    lines: list[Payload]
    tracking: Payload | None = None
    exchange: Sequence[Payload] = ()
    decline: Payload | None = None
    approved_at: str | None = None
    closed_at: str | None = None


def ask(world: World, order_id: int, lines: Mapping[int, int], why: str, note: str) -> Return:
    """A customer asks to send back pieces (order line -> how many)."""
    with world.store.lock:
        order = world.store.orders[order_id]
        rows = [
            {"line": line_id, "quantity": pieces, "reason": why.upper(), "note": "", "said": note}
            for line_id, pieces in lines.items()
        ]
        return _keep(world, order, rows, "REQUESTED")


def _keep(world: World, order: Order, rows: list[Payload], status: str) -> Return:
    made = Return(
        next(world.store.next_id),
        order,
        f"{order.name}-R{len(order.returns) + 1}",
        status,
        zulu(datetime.now(UTC)),
        rows,
    )
    order.returns.append(made)
    world.store.returns[made.id] = made
    world.note("return", str(order.id), {"id": made.id, "status": status, "lines": rows})
    return made


def webhook(made: Return) -> Payload:
    """The body of `returns/request` and `returns/approve`."""
    return {
        "id": made.id,
        "admin_graphql_api_id": views.gid("Return", made.id),
        "name": made.name,
        "status": made.status.lower(),
        "order": {"id": made.order.id, "admin_graphql_api_id": views.gid("Order", made.order.id)},
        "total_return_line_items": len(made.lines),
        "return_line_items": [_told(made, place, row) for place, row in enumerate(made.lines)],
        "return_shipping_fees": [],
        "exchange_line_items": [{"id": 1, "line_item": None} for _ in made.exchange],
        "total_exchange_line_items": len(made.exchange),
    }


def _told(made: Return, place: int, row: Payload) -> Payload:
    line = {"id": row["line"], "admin_graphql_api_id": views.gid("LineItem", row["line"])}
    return {
        "id": made.id + place,
        "fulfillment_line_item": {"id": row["line"], "line_item": line},
        "quantity": row["quantity"],
        "return_reason": row["reason"].lower(),
        "return_reason_note": row["note"],
        "customer_note": row["said"],
        "restocking_fee": None,
    }


def node(made: Return) -> Payload:
    skus = {line["id"]: line.get("sku") for line in made.order.body().get("line_items") or []}
    parcels = [{"deliverable": {"tracking": made.tracking}}] if made.tracking else []
    return {
        "id": views.gid("Return", made.id), "name": made.name, "status": made.status,
        "createdAt": made.created_at, "requestApprovedAt": made.approved_at,
        "closedAt": made.closed_at, "order": {"id": views.gid("Order", made.order.id)},
        "decline": made.decline, "returnShippingFees": [],
        "returnLineItems": {"nodes": [
            {
                "id": views.gid("ReturnLineItem", made.id + place), "quantity": row["quantity"],
                "returnReason": row["reason"], "returnReasonNote": row["note"],
                "customerNote": row["said"], "restockingFee": None,
                "fulfillmentLineItem": {
                    "id": views.gid("FulfillmentLineItem", row["line"]),
                    "lineItem": {
                        "id": views.gid("LineItem", row["line"]), "sku": skus.get(row["line"]),
                    },
                },
            }
            for place, row in enumerate(made.lines)
        ]},
        "exchangeLineItems": {"nodes": list(made.exchange)},
        "reverseFulfillmentOrders": {"nodes": [{"reverseDeliveries": {"nodes": parcels}}]},
    }  # fmt: skip


def shown(world: World, _version: str, given: Payload) -> Any:
    found = world.store.returns.get(number(given["id"]))
    return found and node(found)


def returnable(world: World, _version: str, given: Payload) -> Payload:
    """What left and is not on its way back."""
    order = world.store.orders[number(given["orderId"])]
    rows = [
        {
            "quantity": pieces - _back(order, line_id),
            "fulfillmentLineItem": {
                "id": views.gid("FulfillmentLineItem", line_id),
                "lineItem": {"id": views.gid("LineItem", line_id)},
            },
        }
        for line_id, pieces in views.shipped_pieces(order).items()
    ]
    sent: Payload = {"id": views.gid("ReturnableFulfillment", order.id)}
    sent["returnableFulfillmentLineItems"] = {"nodes": rows}
    return {"nodes": [sent]}


def _back(order: Order, line_id: int) -> int:
    live = [it for it in order.returns if it.status not in {"DECLINED", "CANCELED"}]
    return sum(row["quantity"] for it in live for row in it.lines if row["line"] == line_id)


def create(world: World, _version: str, given: Payload) -> Payload:
    wanted = given["returnInput"]
    order = world.store.orders.get(number(wanted["orderId"]))
    if order is None:
        return _refused(Refused("Order does not exist", ["orderId"], "NOT_FOUND"))
    rows = []
    with world.store.lock:
        for it in wanted["returnLineItems"]:
            line_id = number(it["fulfillmentLineItemId"])
            left = views.shipped_pieces(order).get(line_id, 0) - _back(order, line_id)
            if it["quantity"] > left:
                message = "Return line item quantity cannot be more than what was fulfilled."
                return _refused(Refused(message, ["returnLineItems"], "INVALID"))
            rows.append({
                "line": line_id, "quantity": it["quantity"], "reason": it["returnReason"],
                "note": it.get("returnReasonNote") or "", "said": None,
            })  # fmt: skip
        return {"return": node(_keep(world, order, rows, "OPEN")), "userErrors": []}


def step(name: str) -> Callable[[World, str, Payload], Payload]:
    """One of the steps by its mutation."""
    before, after = STEPS[name]

    def take(world: World, _version: str, given: Payload) -> Payload:
        wanted = given.get("input") or given
        made = world.store.returns.get(number(wanted["id"]))
        if made is None:
            return _refused(Refused("Return not found.", ["id"], "NOT_FOUND"))
        with world.store.lock:
            if made.status != before:
                message = f"Return is {made.status.lower()}."
                return _refused(Refused(message, ["id"], "INVALID_STATE"))
            made.status, now = after, zulu(datetime.now(UTC))
            made.approved_at = now if after == "OPEN" else made.approved_at
            made.closed_at = now if after == "CLOSED" else made.closed_at
            if after == "DECLINED":
                made.decline = {
                    "reason": wanted["declineReason"],
                    "note": wanted.get("declineNote"),
                }
            note = {"id": made.id, "status": after, "decline": made.decline}
            world.note("return", str(made.order.id), note)
        return {"return": node(made), "userErrors": []}

    return take


def _refused(why: Refused) -> Payload:
    error = {"field": why.path, "message": why.message, "code": why.code}
    return {"return": None, "userErrors": [error]}


QUERIES: dict[str, Callable[[World, str, Payload], Any]] = {
    "return": shown,
    "returnableFulfillments": returnable,
}
MUTATIONS: dict[str, Callable[[World, str, Payload], Payload]] = {
    "returnCreate": create,
    **{name: step(name) for name in STEPS},
}
