"""How the shop shows what it knows: as GraphQL nodes and as REST resources."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sandbox.shopify.store import Fulfilment, FulfilmentOrder, Item, Line, Order, Store, zulu


def gid(kind: str, number: int | str | None) -> str:
    return f"gid://shopify/{kind}/{number}"


def connection(
    nodes: Iterable[dict[str, Any]], cursors: Sequence[str] = (), *, more: bool = False
) -> dict[str, Any]:
    """A page in both shapes that a query may ask for: `nodes` and `edges`."""
    listed = list(nodes)
    marks = cursors or [str(it["id"]).rsplit("/", 1)[-1] for it in listed]
    edges = [{"cursor": mark, "node": it} for mark, it in zip(marks, listed, strict=True)]
    ends = {
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }
    info = {"hasNextPage": more, "hasPreviousPage": False, **ends}
    return {"nodes": listed, "edges": edges, "pageInfo": info}


def amount(value: Decimal) -> str:
    """As GraphQL writes money: no needless zeros, yet one digit after the point."""
    text = f"{value.normalize():f}"
    return text if "." in text else f"{text}.0"


def bag(value: Decimal, currency: str) -> dict[str, Any]:
    one = {"amount": amount(value), "currencyCode": currency}
    return {"shopMoney": one, "presentmentMoney": one}


def fulfilment_status(order: Order) -> str:
    lines = [line for planned in order.fulfilment_orders for line in planned.lines]
    if lines and not any(line.remaining for line in lines):
        return "FULFILLED"
    return "PARTIALLY_FULFILLED" if shipped_pieces(order) else "UNFULFILLED"


def shipped_pieces(order: Order) -> dict[int, int]:
    pieces: dict[int, int] = {}
    for made in order.fulfilments:
        if made.status == "success":
            for line, count in made.lines:
                pieces[line.line_item_id] = pieces.get(line.line_item_id, 0) + count
    return pieces


def order_node(store: Store, order: Order) -> dict[str, Any]:
    body = order.body()
    total = Decimal(str(body.get("total_price") or "0"))
    shipped = shipped_pieces(order)
    return {
        "id": gid("Order", order.id), "legacyResourceId": str(order.id), "name": order.name,
        "email": body.get("email"), "phone": body.get("phone"), "note": body.get("note"),
        "tags": [tag.strip() for tag in str(body.get("tags") or "").split(",") if tag.strip()],
        "test": bool(body.get("test")), "currencyCode": order.currency,
        "createdAt": zulu(order.created), "updatedAt": zulu(order.updated),
        "processedAt": zulu(order.created), "cancelledAt": order.cancelled_at,
        "cancelReason": order.cancel_reason and order.cancel_reason.upper(),
        "closed": order.closed_at is not None, "closedAt": order.closed_at,
        "displayFinancialStatus": order.financial_status.upper(),
        "displayFulfillmentStatus": fulfilment_status(order),
        "totalPriceSet": bag(total, order.currency),
        "totalReceivedSet": bag(order.paid, order.currency),
        "totalRefundedSet": bag(order.refunded, order.currency),
        "lineItems": connection(line_node(it, shipped) for it in body.get("line_items") or []),
        "fulfillmentOrders": connection(
            fulfilment_order_node(store, it) for it in order.fulfilment_orders
        ),
        "fulfillments": [fulfilment_node(it) for it in order.fulfilments],
        "refunds": [refund_node(order, it) for it in order.refunds],
        "presentmentCurrencyCode": order.currency, "transactions": transactions(order),
        "returns": {"nodes": [
            {"id": gid("Return", it.id), "status": it.status, "returnLineItems": {"nodes": [
                {"id": gid("ReturnLineItem", it.id), "returnReasonNote": row["note"]}
                for row in it.lines
            ]}}
            for it in order.returns
        ]},
    }  # fmt: skip


def transactions(order: Order) -> list[dict[str, Any]]:
    """One payment of all that was paid, and what went back out of it."""
    paid = {"id": gid("OrderTransaction", order.id), "gateway": "shopify_payments"}
    rows = [
        {**paid, "kind": "SALE", "status": "SUCCESS", "parentTransaction": None,
         "amountSet": bag(order.paid, order.currency)},
    ] if order.paid else []  # fmt: skip
    for made in order.refunds:
        rows += [
            {
                "id": gid("OrderTransaction", f"{made['id']}{place}"), "kind": "REFUND",
                "status": "SUCCESS", "gateway": it.get("gateway"),
                "parentTransaction": {"id": it["parentId"]} if it.get("parentId") else None,
                "amountSet": bag(Decimal(str(it["amount"])), order.currency),
            }
            for place, it in enumerate(made["transactions"])
        ]  # fmt: skip
    return rows


def line_node(line: dict[str, Any], shipped: dict[int, int]) -> dict[str, Any]:
    pieces = int(line.get("quantity") or 0)
    open_pieces = int(line.get("fulfillable_quantity") or 0) - shipped.get(line["id"], 0)
    return {
        "id": gid("LineItem", line["id"]), "title": line.get("title"), "sku": line.get("sku"),
        "name": line.get("name"), "quantity": pieces, "fulfillableQuantity": max(0, open_pieces),
        "currentQuantity": line.get("current_quantity", pieces),
        "requiresShipping": bool(line.get("requires_shipping", True)),
    }  # fmt: skip


def fulfilment_order_node(store: Store, planned: FulfilmentOrder) -> dict[str, Any]:
    name = store.locations.get(planned.location_id, "")
    location = {"id": gid("Location", planned.location_id), "name": name}
    order = store.orders[planned.order_id]
    return {
        "id": gid("FulfillmentOrder", planned.id), "status": planned.status.upper(),
        "requestStatus": "UNSUBMITTED", "fulfillAt": None, "fulfillBy": None,
        "updatedAt": zulu(order.updated), "fulfillmentHolds": [],
        "assignedLocation": {"name": name, "location": location},
        "supportedActions": [{"action": "CREATE_FULFILLMENT"}],
        "order": {"id": gid("Order", order.id), "name": order.name},
        "orderId": gid("Order", order.id), "orderName": order.name,
        "lineItems": connection(planned_line_node(it) for it in planned.lines),
    }  # fmt: skip


def planned_line_node(line: Line) -> dict[str, Any]:
    return {
        "id": gid("FulfillmentOrderLineItem", line.id), "totalQuantity": line.total,
        "remainingQuantity": line.remaining, "sku": line.sku, "productTitle": line.title,
        "lineItem": {
            "id": gid("LineItem", line.line_item_id), "title": line.title, "sku": line.sku,
            "quantity": line.total, "fulfillableQuantity": line.remaining,
        },
    }  # fmt: skip


def fulfilment_node(made: Fulfilment) -> dict[str, Any]:
    done = made.status == "success"
    urls = [*made.urls, *[None] * len(made.numbers)]
    tracking = [
        {"number": number, "url": url, "company": made.company}
        for number, url in zip(made.numbers, urls, strict=False)
    ]
    return {
        "id": gid("Fulfillment", made.id), "legacyResourceId": str(made.id), "name": made.name,
        "status": made.status.upper(), "displayStatus": "FULFILLED" if done else "CANCELED",
        "createdAt": made.created_at, "updatedAt": made.created_at, "trackingInfo": tracking,
        "totalQuantity": sum(pieces for _, pieces in made.lines),
        "order": {"id": gid("Order", made.order_id)},
        "fulfillmentLineItems": connection(
            {
                "id": gid("FulfillmentLineItem", line.id), "quantity": pieces,
                "lineItem": {"id": gid("LineItem", line.line_item_id), "sku": line.sku},
            }
            for line, pieces in made.lines
        ),
    }  # fmt: skip


def refund_node(order: Order, made: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": gid("Refund", made["id"]), "note": made.get("note"), "createdAt": made["created_at"],
        "totalRefundedSet": bag(made["amount"], order.currency),
        "refundLineItems": connection(
            {
                "id": gid("RefundLineItem", f"{made['id']}{place}"), "quantity": line["quantity"],
                "restockType": str(line["restock_type"]).upper(),
                "lineItem": {"id": gid("LineItem", line["line_item_id"])},
            }
            for place, line in enumerate(made["lines"])
        ),
    }  # fmt: skip


def item_node(store: Store, item: Item) -> dict[str, Any]:
    return {
        "id": gid("InventoryItem", item.id), "legacyResourceId": str(item.id), "sku": item.sku,
        "tracked": True, "requiresShipping": True,
        "variant": {
            "id": gid("ProductVariant", item.variant_id), "sku": item.sku, "title": item.title,
        },
        "inventoryLevels": connection(
            {
                "id": gid("InventoryLevel", f"{place}?inventory_item_id={item.id}"),
                "location": {"id": gid("Location", place), "name": store.locations.get(place)},
                "quantities": [
                    {"name": "available", "quantity": pieces},
                    {"name": "on_hand", "quantity": pieces},
                ],
            }
            for place, pieces in item.levels.items()
        ),
    }  # fmt: skip


def variant_node(store: Store, item: Item) -> dict[str, Any]:
    return {
        "id": gid("ProductVariant", item.variant_id), "legacyResourceId": str(item.variant_id),
        "sku": item.sku, "title": item.title, "displayName": item.title, "barcode": item.barcode,
        "inventoryQuantity": sum(item.levels.values()),
        "product": {"id": gid("Product", item.product_id), "title": item.title},
        "inventoryItem": item_node(store, item),
    }  # fmt: skip


def location_node(store: Store, number: int) -> dict[str, Any]:
    named = {"id": gid("Location", number), "legacyResourceId": str(number)}
    return {**named, "name": store.locations[number], "isActive": True}
