"""The shop's rules for what may be done to an order and to stock; both APIs end up here.

The messages are those recorded from the Admin API where a recording shows them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.shopify.store import (
    Fulfilment,
    FulfilmentOrder,
    Groups,
    Item,
    Line,
    Order,
    Refused,
    Store,
    zulu,
)

Note = Callable[[str, str, dict[str, Any]], object]  # kind, key, document

GROUP = "lineItemsByFulfillmentOrder"
PIECES = "fulfillmentOrderLineItems"


def fulfil(store: Store, note: Note, groups: Groups, tracking: Mapping[str, Any]) -> Fulfilment:
    """Ships what the groups name (None: all that is open). All of it, or nothing and Refused."""
    with store.lock:
        chosen = [choose(store, index, *group) for index, group in enumerate(groups)]
        planned = [fulfilment_order for fulfilment_order, _ in chosen]
        if not planned:
            raise Refused("Line items by fulfillment order can't be blank", ["fulfillment"])
        if len({it.order_id for it in planned}) > 1:
            raise Refused("All fulfillment orders must belong to the same order.", ["fulfillment"])
        if len({it.location_id for it in planned}) > 1:
            raise Refused(
                "All fulfillment orders must be assigned to the same location.", ["fulfillment"]
            )
        order = store.orders[planned[0].order_id]
        lines = [pair for _, pairs in chosen for pair in pairs]
        for line, pieces in lines:
            line.remaining -= pieces
        made = record_fulfilment(store, order, planned[0].location_id, lines, tracking)
        note("fulfilment", str(order.id), fulfilment_note(made))
    return made


def choose(
    store: Store, index: int, number: int, wanted: Sequence[tuple[int, int]] | None
) -> tuple[FulfilmentOrder, list[tuple[Line, int]]]:
    planned = store.fulfilment_orders.get(number)
    if planned is None:
        raise Refused("Fulfillment order does not exist.", ["fulfillment"])
    if planned.status == "closed":
        raise Refused(
            f"Fulfillment order {number} has an unfulfillable status= closed.", ["fulfillment"]
        )
    if wanted is None:
        return planned, [(line, line.remaining) for line in planned.lines if line.remaining]
    lines = {line.id: line for line in planned.lines}
    pairs: list[tuple[Line, int]] = []
    for place, (line_id, pieces) in enumerate(wanted):
        if pieces <= 0:
            path = ["fulfillment", GROUP, str(index), PIECES, str(place), "quantity"]
            raise Refused("Quantity must be greater than 0", path)
        line = lines.get(line_id)
        if line is None:
            raise Refused("Fulfillment order line item does not exist.", ["fulfillment"])
        if sum(n for it, n in pairs if it is line) + pieces > line.remaining:
            raise Refused(
                "Invalid fulfillment order line item quantity requested.", ["fulfillment"]
            )
        pairs.append((line, pieces))
    return planned, pairs


def record_fulfilment(
    store: Store,
    order: Order,
    location_id: int,
    lines: list[tuple[Line, int]],
    tracking: Mapping[str, Any],
) -> Fulfilment:
    made = Fulfilment(
        id=next(store.next_id),
        order_id=order.id,
        location_id=location_id,
        lines=lines,
        company=tracking.get("company"),
        numbers=several(tracking, "number"),
        urls=several(tracking, "url"),
        name=f"{order.name}.{len(order.fulfilments) + 1}",
        created_at=zulu(datetime.now(UTC)),
    )
    order.fulfilments.append(made)
    store.fulfilments[made.id] = made
    store.touch(order)
    return made


def several(tracking: Mapping[str, Any], name: str) -> list[str]:
    many = tracking.get(f"{name}s")
    one = tracking.get(name)
    return list(many) if many else [one] if one else []


def fulfilment_note(made: Fulfilment) -> dict[str, Any]:
    return {
        "fulfilment_id": str(made.id),
        "location_id": str(made.location_id),
        "company": made.company,
        "numbers": list(made.numbers),
        "urls": list(made.urls),
        "lines": [
            {"line_item_id": str(line.line_item_id), "sku": line.sku, "quantity": pieces}
            for line, pieces in made.lines
        ],
    }


def update_tracking(
    store: Store, note: Note, fulfilment_id: int, tracking: Mapping[str, Any]
) -> Fulfilment:
    with store.lock:
        made = known_fulfilment(store, fulfilment_id, "fulfillmentId")
        made.company = tracking.get("company", made.company)
        made.numbers = several(tracking, "number") or made.numbers
        made.urls = several(tracking, "url") or made.urls
        store.touch(store.orders[made.order_id])
        note("tracking", str(made.order_id), fulfilment_note(made))
    return made


def cancel_fulfilment(store: Store, note: Note, fulfilment_id: int) -> Fulfilment:
    """Undoes a fulfilment: its pieces are open again."""
    with store.lock:
        made = known_fulfilment(store, fulfilment_id, "id")
        if made.status == "cancelled":
            raise Refused("Fulfillment has already been cancelled.", ["id"])
        made.status = "cancelled"
        for line, pieces in made.lines:
            line.remaining += pieces
        store.touch(store.orders[made.order_id])
        note("fulfilment_cancelled", str(made.order_id), {"fulfilment_id": str(made.id)})
    return made


def known_fulfilment(store: Store, fulfilment_id: int, argument: str) -> Fulfilment:
    made = store.fulfilments.get(fulfilment_id)
    if made is None:
        raise Refused("Fulfillment does not exist.", [argument])
    return made


def set_stock(store: Store, note: Note, item: Item, location_id: int, quantity: int) -> int:
    """Sets a level and tells by how much it changed."""
    with store.lock:
        delta = quantity - item.levels.get(location_id, 0)
        item.levels[location_id] = quantity
        document = {
            "inventory_item_id": str(item.id), "location_id": str(location_id),
            "quantity": quantity, "delta": delta,
        }  # fmt: skip
        note("stock", item.sku, document)
    return delta


def refund(store: Store, note: Note, order_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Pays back and takes lines back. `told`, with plain ids: lines, transactions, note."""
    with store.lock:
        order = known_order(store, order_id, "orderId")
        amount = sum((Decimal(str(it["amount"])) for it in given["transactions"]), Decimal(0))
        check_refund(order, given["lines"], amount)
        made = {"id": next(store.next_id), "created_at": zulu(datetime.now(UTC)), **given}
        made["amount"] = amount
        order.refunds.append(made)
        take_out(order, given["lines"])
        order.refunded += amount
        if amount:
            full = order.refunded >= order.paid
            order.financial_status = "refunded" if full else "partially_refunded"
        store.touch(order)
        note("refund", str(order_id), json.loads(json.dumps(made, default=str)))
    return made


def take_out(order: Order, lines: Sequence[Mapping[str, Any]]) -> None:
    """Pieces refunded before they were sent are no longer to be sent."""
    for row in lines:
        left = 0 if row["restock_type"] == "return" else row["quantity"]
        for line in (line for planned in order.fulfilment_orders for line in planned.lines):
            if line.line_item_id == row["line_item_id"]:
                taken = min(left, line.remaining)
                line.remaining -= taken
                left -= taken


def check_refund(order: Order, lines: Sequence[Mapping[str, Any]], amount: Decimal) -> None:
    taken: dict[int, int] = {}
    for earlier in [*order.refunds, {"lines": lines}]:
        for line in earlier["lines"]:
            taken[line["line_item_id"]] = taken.get(line["line_item_id"], 0) + line["quantity"]
    for line_id, pieces in taken.items():
        if line_id not in order.prices:
            raise Refused("Line item does not exist on the order.", ["refundLineItems"])
        if pieces > order.prices[line_id][1]:
            raise Refused(
                "Refund line items quantity cannot be more than the quantity that was purchased.",
                ["refundLineItems"],
            )
    if order.refunded + amount > order.paid:
        raise Refused("Refund amount cannot be greater than the net payment.", ["transactions"])


def cancel(store: Store, note: Note, order_id: int, given: Mapping[str, Any]) -> Order:
    with store.lock:
        order = known_order(store, order_id, "orderId")
        if order.cancelled_at:
            message = "Cannot cancel an order that has already been canceled"
            raise Refused(message, ["orderId"], "INVALID")
        if any(it.status == "success" for it in order.fulfilments):
            message = "Cannot cancel an order that has outstanding fulfillments"
            raise Refused(message, ["orderId"], "INVALID")
        order.cancelled_at = order.closed_at = zulu(datetime.now(UTC))
        order.cancel_reason = str(given.get("reason", "OTHER")).lower()
        for planned in order.fulfilment_orders:
            planned.cancelled = True
        if given.get("refund"):
            order.refunded, order.financial_status = order.paid, "refunded"
        store.touch(order)
        note("cancel", str(order_id), dict(given))
    return order


def known_order(store: Store, order_id: int, argument: str) -> Order:
    order = store.orders.get(order_id)
    if order is None:
        raise Refused("Order does not exist", [argument], "NOT_FOUND")
    return order
