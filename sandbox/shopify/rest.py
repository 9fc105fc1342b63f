"""The shop's Admin REST, as far as fulfilment, stock, refunds and reconciliation need it.

Legacy at Shopify, yet answering. Lists page by the `Link` header; the bucket is only reported.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sandbox.http import Answer, Request, json_answer
from sandbox.shopify import actions, queries
from sandbox.shopify.store import Fulfilment, FulfilmentOrder, Groups, Order, Refused, zulu
from sandbox.shopify.views import fulfilment_status, shipped_pieces
from sandbox.shopify.world import World

LIMIT = {"X-Shopify-Shop-Api-Call-Limit": "1/40"}
NUMBER = re.compile(r"/(\d+)(?=/|$)")
REST_STATUS = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial", "UNFULFILLED": None}


class NotFound(Exception):
    """No such resource, or none by that number."""


class Unprocessable(Exception):
    """The body lacks something or has it in a wrong form."""


def route(request: Request, resource: str) -> str:
    """The name of a call: its method and path with numbers left open."""
    return f"{request.method} {NUMBER.sub('/{id}', resource.removesuffix('.json'))}"


def answer(world: World, request: Request, resource: str) -> Answer:
    handler = ROUTES.get(route(request, resource))
    numbers = [int(number) for number in NUMBER.findall(resource.removesuffix(".json"))]
    if handler is None:
        return json_answer({"errors": "Not Found"}, 404)
    try:
        with world.store.lock:
            return handler(world, request, *numbers)
    except NotFound:
        return json_answer({"errors": "Not Found"}, 404)
    except Refused as refused:
        return json_answer({"errors": [refused.message]}, 422, LIMIT)
    except Unprocessable as error:
        return json_answer({"errors": {"base": [str(error)]}}, 422, LIMIT)
    except ValueError:
        return json_answer({"errors": {"json": "is not valid"}}, 400, LIMIT)


def told(request: Request, envelope: str | None) -> dict[str, Any]:
    body = request.json
    inner = body.get(envelope) if envelope and isinstance(body, dict) else body
    if not isinstance(inner, dict):
        raise Unprocessable(f"Required parameter missing or invalid: {envelope or 'body'}")
    return inner


def need(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unprocessable(f"{name} must be an integer, got {value!r}")
    return value


def found_order(world: World, number: int) -> Order:
    order = world.store.orders.get(number)
    if order is None:
        raise NotFound
    return order


def order_view(order: Order) -> dict[str, Any]:
    """The body as placed, with what has happened since."""
    body, shipped = order.body(), shipped_pieces(order)
    for refunded in (line for refund in order.refunds for line in refund["lines"]):
        for line in body.get("line_items") or []:
            if line["id"] == refunded["line_item_id"]:
                current = line.get("current_quantity", line.get("quantity") or 0)
                line["current_quantity"] = max(0, int(current) - refunded["quantity"])
    for line in body.get("line_items") or []:
        if line["id"] in shipped:
            left = max(0, int(line.get("fulfillable_quantity") or 0) - shipped[line["id"]])
            line["fulfillable_quantity"] = left
            line["fulfillment_status"] = "partial" if left else "fulfilled"
    made = [fulfilment_view(it) for it in order.fulfilments]
    if made:
        body["fulfillment_status"] = REST_STATUS[fulfilment_status(order)]
        body["fulfillments"] = [*(body.get("fulfillments") or []), *made]
    return {
        **body,
        "financial_status": order.financial_status,
        "updated_at": zulu(order.updated),
        "cancelled_at": order.cancelled_at,
        "cancel_reason": order.cancel_reason,
        "closed_at": order.closed_at,
    }


def fulfilment_view(made: Fulfilment) -> dict[str, Any]:
    return {
        "id": made.id, "admin_graphql_api_id": f"gid://shopify/Fulfillment/{made.id}",
        "order_id": made.order_id, "status": made.status, "created_at": made.created_at,
        "updated_at": made.created_at, "location_id": made.location_id, "name": made.name,
        "service": "manual", "shipment_status": None, "receipt": {},
        "tracking_company": made.company, "tracking_number": next(iter(made.numbers), None),
        "tracking_numbers": made.numbers, "tracking_url": next(iter(made.urls), None),
        "tracking_urls": made.urls,
        "line_items": [
            {"id": line.line_item_id, "sku": line.sku, "title": line.title, "quantity": pieces}
            for line, pieces in made.lines
        ],
    }  # fmt: skip


def fulfilment_order_view(world: World, planned: FulfilmentOrder) -> dict[str, Any]:
    place = planned.location_id
    return {
        "id": planned.id, "order_id": planned.order_id, "assigned_location_id": place,
        "request_status": "unsubmitted", "status": planned.status,
        "supported_actions": ["create_fulfillment"], "fulfillment_holds": [],
        "assigned_location": {"location_id": place, "name": world.store.locations.get(place)},
        "line_items": [
            {
                "id": line.id, "fulfillment_order_id": planned.id, "quantity": line.total,
                "line_item_id": line.line_item_id, "fulfillable_quantity": line.remaining,
                "variant_id": line.variant_id,
            }
            for line in planned.lines
        ],
    }  # fmt: skip


def list_orders(world: World, request: Request) -> Answer:
    query = request.query
    wanted = [("status", "", query.get("status", "open"))]
    wanted += [
        (of, operator, query[f"{of}_{name}"].replace(" ", "+"))  # a plus sent bare is a blank
        for name, operator in (("min", ">="), ("max", "<="))
        for of in ("updated_at", "created_at")
        if f"{of}_{name}" in query
    ]
    orders = [it for it in world.store.orders.values() if queries.fits(it, wanted)]
    if "ids" in query:
        ids = query["ids"].split(",")
        orders = [it for it in orders if str(it.id) in ids]
    by_updated = query.get("order", "").startswith("updated_at")
    sort = queries.SORTS["UPDATED_AT" if by_updated else "ID"]
    orders.sort(key=sort)
    after = queries.uncursor(query["page_info"]) if "page_info" in query else None
    if after is not None:
        orders = [it for it in orders if list(sort(it)) > after]
    orders = [it for it in orders if it.id > int(query.get("since_id", 0))]
    size = min(int(query.get("limit", 50)), 250)
    headers = dict(LIMIT)
    if len(orders) > size:
        following = {**query, "limit": size, "page_info": queries.cursor(sort(orders[size - 1]))}
        host = request.headers.get("host", world.domain)
        link = f"http://{host}{request.path}?{urlencode(following)}"
        headers["Link"] = f'<{link}>; rel="next"'
    return json_answer({"orders": [order_view(it) for it in orders[:size]]}, 200, headers)


def show_order(world: World, _request: Request, number: int) -> Answer:
    return json_answer({"order": order_view(found_order(world, number))}, 200, LIMIT)


def list_fulfilment_orders(world: World, _request: Request, number: int) -> Answer:
    planned = found_order(world, number).fulfilment_orders
    views = [fulfilment_order_view(world, it) for it in planned]
    return json_answer({"fulfillment_orders": views}, 200, LIMIT)


def list_fulfilments(world: World, _request: Request, number: int) -> Answer:
    views = [fulfilment_view(it) for it in found_order(world, number).fulfilments]
    return json_answer({"fulfillments": views}, 200, LIMIT)


def create_fulfilment(world: World, request: Request) -> Answer:
    body = told(request, "fulfillment")
    groups = body.get("line_items_by_fulfillment_order")
    if not isinstance(groups, list) or not groups:
        raise Unprocessable("line_items_by_fulfillment_order must be a list")
    chosen: Groups = [rest_group(it) for it in groups]
    made = actions.fulfil(world.store, world.note, chosen, body.get("tracking_info") or {})
    return json_answer({"fulfillment": fulfilment_view(made)}, 201, LIMIT)


def rest_group(it: Mapping[str, Any]) -> tuple[int, list[tuple[int, int]] | None]:
    lines = it.get("fulfillment_order_line_items")
    pairs = [(need(line, "id"), need(line, "quantity")) for line in lines] if lines else None
    return need(it, "fulfillment_order_id"), pairs


def update_tracking(world: World, request: Request, number: int) -> Answer:
    tracking = told(request, "fulfillment").get("tracking_info") or {}
    made = actions.update_tracking(world.store, world.note, known(world, number), tracking)
    return json_answer({"fulfillment": fulfilment_view(made)}, 200, LIMIT)


def cancel_fulfilment(world: World, _request: Request, number: int) -> Answer:
    made = actions.cancel_fulfilment(world.store, world.note, known(world, number))
    return json_answer({"fulfillment": fulfilment_view(made)}, 200, LIMIT)


def known(world: World, number: int) -> int:
    if number not in world.store.fulfilments:
        raise NotFound
    return number


def set_level(world: World, request: Request) -> Answer:
    body = told(request, None)
    item = world.store.items.get(need(body, "inventory_item_id"))
    place, pieces = need(body, "location_id"), need(body, "available")
    if item is None or place not in world.store.locations:
        raise NotFound
    actions.set_stock(world.store, world.note, item, place, pieces)
    level = {"inventory_item_id": item.id, "location_id": place, "available": pieces}
    return json_answer({"inventory_level": level}, 200, LIMIT)


def create_refund(world: World, request: Request, number: int) -> Answer:
    body = told(request, "refund")
    lines = [
        {
            "line_item_id": need(it, "line_item_id"),
            "quantity": need(it, "quantity"),
            "restock_type": it.get("restock_type") or "no_restock",
        }
        for it in body.get("refund_line_items") or []
    ]
    transactions = body.get("transactions") or []
    plain = {"note": body.get("note"), "lines": lines, "transactions": transactions}
    found_order(world, number)
    made = actions.refund(world.store, world.note, number, plain)
    view = {"id": made["id"], "order_id": number, "created_at": made["created_at"]}
    view |= {"note": plain["note"], "refund_line_items": lines, "transactions": transactions}
    return json_answer({"refund": view}, 201, LIMIT)


def calculate_refund(world: World, request: Request, number: int) -> Answer:
    """What could be paid back at most; the shop keeps one payment per order."""
    order = found_order(world, number)
    lines = told(request, "refund").get("refund_line_items") or []
    left = f"{order.paid - order.refunded:.2f}"
    transactions = [{"kind": "suggested_refund", "amount": left, "maximum_refundable": left}]
    made = {"currency": order.currency, "refund_line_items": lines, "transactions": transactions}
    return json_answer({"refund": made}, 200, LIMIT)


def cancel_order(world: World, request: Request, number: int) -> Answer:
    body = request.json if request.body else {}
    found_order(world, number)
    paid_back = bool(Decimal(str(body.get("amount") or "0")))
    reason = {"reason": str(body.get("reason") or "other"), "refund": paid_back}
    order = actions.cancel(world.store, world.note, number, reason)
    return json_answer({"order": order_view(order)}, 200, LIMIT)


def show_shop(world: World, _request: Request) -> Answer:
    name = world.domain.partition(".")[0]
    shop = {"id": 1, "name": name, "myshopify_domain": world.domain, "currency": world.currency}
    return json_answer({"shop": {**shop, "iana_timezone": "Etc/UTC"}}, 200, LIMIT)


def list_locations(world: World, _request: Request) -> Answer:
    made = [{"id": it, "name": name, "active": True} for it, name in world.store.locations.items()]
    return json_answer({"locations": made}, 200, LIMIT)


ROUTES: dict[str, Callable[..., Answer]] = {
    "GET shop": show_shop,
    "GET locations": list_locations,
    "GET orders": list_orders,
    "GET orders/{id}": show_order,
    "GET orders/{id}/fulfillment_orders": list_fulfilment_orders,
    "GET orders/{id}/fulfillments": list_fulfilments,
    "POST orders/{id}/refunds": create_refund,
    "POST orders/{id}/refunds/calculate": calculate_refund,
    "POST orders/{id}/cancel": cancel_order,
    "POST fulfillments": create_fulfilment,
    "POST fulfillments/{id}/update_tracking": update_tracking,
    "POST fulfillments/{id}/cancel": cancel_fulfilment,
    "POST inventory_levels/set": set_level,
}
