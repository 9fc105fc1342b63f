"""What the shop's GraphQL does when told to."""

from collections.abc import Callable
from typing import Any

from sandbox.shopify import actions, views
from sandbox.shopify.queries import number
from sandbox.shopify.store import Order, Refused
from sandbox.shopify.world import World

Payload = dict[str, Any]
MOST = 1_000_000_000
NAMES = {"available", "on_hand"}
REASONS = (
    "correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created",
    "movement_received", "movement_updated", "other", "promotion", "quality_control", "received",
    "reservation_created", "reservation_deleted", "reservation_updated", "restock", "safety_stock",
    "shrinkage",
)  # fmt: skip
# what each mutation answers beside its user errors when it refuses
EMPTY: dict[str, Payload] = {
    "fulfillmentCreate": {"fulfillment": None},
    "fulfillmentTrackingInfoUpdate": {"fulfillment": None},
    "fulfillmentCancel": {"fulfillment": None},
    "inventorySetQuantities": {"inventoryAdjustmentGroup": None},
    "refundCreate": {"refund": None, "order": None},
    "orderCancel": {"job": None},
}


def refusal(name: str, *refused: Refused) -> Payload:
    errors = [{"field": it.path or None, "message": it.message} for it in refused]
    coded = [{**error, "code": it.code} for error, it in zip(errors, refused, strict=True)]
    payload = {**EMPTY[name.removesuffix("V2")], "userErrors": errors}
    if name == "orderCancel":
        payload["orderCancelUserErrors"] = coded
    elif name == "inventorySetQuantities":
        payload["userErrors"] = coded
    return payload


def fulfillment_create(world: World, _version: str, given: Payload) -> Payload:
    told = given["fulfillment"]
    groups = [group(it) for it in told["lineItemsByFulfillmentOrder"]]
    try:
        made = actions.fulfil(world.store, world.note, groups, told.get("trackingInfo") or {})
    except Refused as refused:
        return refusal("fulfillmentCreate", refused)
    return {"fulfillment": views.fulfilment_node(made), "userErrors": []}


def group(told: Payload) -> tuple[int, list[tuple[int, int]] | None]:
    lines = told.get("fulfillmentOrderLineItems")
    pairs = [(number(it["id"]), it["quantity"]) for it in lines] if lines else None
    return number(told["fulfillmentOrderId"]), pairs


def fulfillment_tracking_info_update(world: World, _version: str, given: Payload) -> Payload:
    wanted = number(given["fulfillmentId"])
    try:
        made = actions.update_tracking(world.store, world.note, wanted, given["trackingInfoInput"])
    except Refused as refused:
        return refusal("fulfillmentTrackingInfoUpdate", refused)
    return {"fulfillment": views.fulfilment_node(made), "userErrors": []}


def fulfillment_cancel(world: World, _version: str, given: Payload) -> Payload:
    try:
        made = actions.cancel_fulfilment(world.store, world.note, number(given["id"]))
    except Refused as refused:
        return refusal("fulfillmentCancel", refused)
    return {"fulfillment": views.fulfilment_node(made), "userErrors": []}


def inventory_set_quantities(world: World, version: str, given: Payload) -> Payload:
    wanted = given["input"]
    with world.store.lock:
        refused = why_not_set(world, version, wanted)
        if refused:
            return refusal("inventorySetQuantities", *refused)
        changes = [set_row(world, row) for row in wanted["quantities"]]
    group = {
        "id": views.gid("InventoryAdjustmentGroup", next(world.store.next_id)),
        "reason": wanted["reason"],
        "referenceDocumentUri": wanted.get("referenceDocumentUri"),
        "changes": [
            {**change, "name": name} for name in ("available", "on_hand") for change in changes
        ],
    }
    return {"inventoryAdjustmentGroup": group, "userErrors": []}


def set_row(world: World, row: Payload) -> Payload:
    item, place = world.store.items[number(row["inventoryItemId"])], number(row["locationId"])
    delta = actions.set_stock(world.store, world.note, item, place, row["quantity"])
    return {
        "delta": delta, "quantityAfterChange": None,
        "item": {"id": row["inventoryItemId"]},
        "location": {"id": row["locationId"], "name": world.store.locations[place]},
    }  # fmt: skip


def why_not_set(world: World, version: str, wanted: Payload) -> list[Refused]:
    refused: list[Refused] = []
    if wanted["name"] not in NAMES:
        message = "The quantity name must be either 'available' or 'on_hand'."
        refused.append(Refused(message, ["input", "name"], "INVALID_NAME"))
    if wanted["reason"] not in REASONS:
        message = f"The specified reason is invalid. Valid values are: {', '.join(REASONS)}."
        refused.append(Refused(message, ["input", "reason"], "INVALID_REASON"))
    rows = wanted["quantities"]
    pairs = [(row["inventoryItemId"], row["locationId"]) for row in rows]
    for index, row in enumerate(rows):
        if pairs.count(pairs[index]) > 1:
            message = "The combination of inventoryItemId and locationId must be unique."
            code = "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"
            refused.append(Refused(message, at_row(index, "locationId"), code))
        refused += why_not_row(world, version, wanted, index, row)
    return refused


def why_not_row(
    world: World, version: str, wanted: Payload, index: int, row: Payload
) -> list[Refused]:
    item = world.store.items.get(number(row["inventoryItemId"]))
    if item is None:
        message = "The specified inventory item could not be found."
        return [Refused(message, at_row(index, "inventoryItemId"), "INVALID_INVENTORY_ITEM")]
    place = number(row["locationId"])
    if place not in world.store.locations:
        message = "The specified location could not be found."
        return [Refused(message, at_row(index, "locationId"), "INVALID_LOCATION")]
    if row["quantity"] < 0:
        message = "The quantity can't be negative."
        return [Refused(message, at_row(index, "quantity"), "INVALID_QUANTITY_NEGATIVE")]
    if row["quantity"] > MOST:
        message = "The quantity can't be higher than 1,000,000,000."
        return [Refused(message, at_row(index, "quantity"), "INVALID_QUANTITY_TOO_HIGH")]
    return why_not_compared(version, wanted, index, row, item.levels.get(place, 0))


def why_not_compared(
    version: str, wanted: Payload, index: int, row: Payload, level: int
) -> list[Refused]:
    """The caller says which level it wants to replace, or that it does not care."""
    name = "changeFromQuantity" if version >= "2026-04" else "compareQuantity"
    expected = row.get(name)
    if version < "2026-04":
        if wanted.get("ignoreCompareQuantity"):
            return []
        if expected is None:
            message = (
                "The compareQuantity argument must be given to each quantity or ignored using "
                "ignoreCompareQuantity."
            )
            path = ["input", "ignoreCompareQuantity"]
            return [Refused(message, path, "COMPARE_QUANTITY_REQUIRED")]
    if expected is None or expected == level:
        return []
    message = f"The {name} argument no longer matches the persisted quantity."
    code = "CHANGE_FROM_QUANTITY_STALE" if version >= "2026-04" else "COMPARE_QUANTITY_STALE"
    return [Refused(message, at_row(index, name), code)]


def at_row(index: int, name: str) -> list[str]:
    return ["input", "quantities", str(index), name]


def refund_create(world: World, _version: str, given: Payload) -> Payload:
    wanted = given["input"]
    plain = {
        "note": wanted.get("note"),
        "shipping": (wanted.get("shipping") or {}).get("amount"),
        "transactions": wanted.get("transactions") or [],
        "lines": [
            {
                "line_item_id": number(it["lineItemId"]), "quantity": it["quantity"],
                "restock_type": str(it.get("restockType") or "NO_RESTOCK").lower(),
            }
            for it in wanted.get("refundLineItems") or []
        ],
    }  # fmt: skip
    try:
        made = actions.refund(world.store, world.note, number(wanted["orderId"]), plain)
    except Refused as refused:
        return refusal("refundCreate", Refused(refused.message, ["input", *refused.path]))
    order = world.store.orders[number(wanted["orderId"])]
    return {
        "refund": views.refund_node(order, made),
        "order": views.order_node(world.store, order),
        "userErrors": [],
    }


def order_cancel(world: World, _version: str, given: Payload) -> Payload:
    told = {**given, "refund": bool(given.get("refund") or pays_back(given.get("refundMethod")))}
    try:
        order: Order = actions.cancel(world.store, world.note, number(told.pop("orderId")), told)
    except Refused as refused:
        return refusal("orderCancel", refused)
    job = {"id": views.gid("Job", f"cancel-{order.id}"), "done": False}
    return {"job": job, "orderCancelUserErrors": [], "userErrors": []}


def pays_back(method: Payload | None) -> bool:
    return bool(method and method.get("originalPaymentMethodsRefund"))


FIELDS: dict[str, Callable[[World, str, Payload], Payload]] = {
    "fulfillmentCreate": fulfillment_create,
    "fulfillmentCreateV2": fulfillment_create,
    "fulfillmentTrackingInfoUpdate": fulfillment_tracking_info_update,
    "fulfillmentTrackingInfoUpdateV2": fulfillment_tracking_info_update,
    "fulfillmentCancel": fulfillment_cancel,
    "inventorySetQuantities": inventory_set_quantities,
    "refundCreate": refund_create,
    "orderCancel": order_cancel,
}
