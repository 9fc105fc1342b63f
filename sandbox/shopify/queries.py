"""What the shop's GraphQL answers to questions."""

import base64
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sandbox.shopify import views
from sandbox.shopify.store import Item, Order, moment
from sandbox.shopify.world import World

TERM = re.compile(
    r"(?P<name>\w+):(?P<op>>=|<=|>|<)?(?P<value>'[^']*'|\"[^\"]*\"|[^\s()]+)|(?P<word>[^\s()]+)"
)
COMPARE: dict[str, Callable[[datetime, datetime], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "": lambda a, b: a == b,
}
SORTS: dict[str, Callable[[Order], Any]] = {
    "ID": lambda it: (it.id,),
    "ORDER_NUMBER": lambda it: (it.id,),
    "CREATED_AT": lambda it: (it.created, it.id),
    "PROCESSED_AT": lambda it: (it.created, it.id),
    "UPDATED_AT": lambda it: (it.updated, it.id),
}
STATUSES: dict[str, Callable[[Order], bool]] = {
    "any": lambda _: True,
    "open": lambda it: it.closed_at is None and it.cancelled_at is None,
    "closed": lambda it: it.closed_at is not None,
    "cancelled": lambda it: it.cancelled_at is not None,
}


def number(gid: str) -> int:
    return int(gid.rsplit("/", 1)[-1].partition("?")[0])


def terms(text: str | None) -> list[tuple[str, str, str]]:
    """A search text as (name, operator, value); a bare word has no name. AND is understood."""
    terms = []
    for match in TERM.finditer(text or ""):
        if match["word"]:
            if match["word"] not in {"AND", "OR"}:
                terms.append(("", "", match["word"]))
        else:
            terms.append((match["name"], match["op"] or "", match["value"].strip("'\"")))
    return terms


MATCHES: dict[str, Callable[[Order, str, str], bool]] = {
    "updated_at": lambda it, op, value: compared(it.updated, op, value),
    "created_at": lambda it, op, value: compared(it.created, op, value),
    "status": lambda it, _, value: STATUSES.get(value, STATUSES["any"])(it),
    "financial_status": lambda it, _, value: it.financial_status == value,
    "name": lambda it, _, value: it.name.lstrip("#") == value.lstrip("#"),
    "": lambda it, _, value: it.name.lstrip("#") == value.lstrip("#"),
    "id": lambda it, _, value: str(it.id) == value,
}


def compared(at: datetime, operator: str, value: str) -> bool:
    bound = moment(value)
    return bound is not None and COMPARE[operator](at, bound)


def fits(order: Order, wanted: Iterable[tuple[str, str, str]]) -> bool:
    """All terms hold; a term that this shop does not know holds nothing back."""
    return all(
        MATCHES[name](order, operator, value) for name, operator, value in wanted if name in MATCHES
    )


def orders(world: World, _version: str, given: dict[str, Any]) -> Any:
    """Sorted as asked; a cursor holds the sort value, so changes between pages lose no order."""
    wanted = terms(given.get("query"))
    sort, backwards = SORTS[given.get("sortKey") or "ID"], bool(given.get("reverse"))
    with world.store.lock:
        orders = [it for it in world.store.orders.values() if fits(it, wanted)]
    orders.sort(key=sort, reverse=backwards)
    marks = [cursor(sort(it)) for it in orders]
    start = 0
    if given.get("after"):
        after = uncursor(given["after"])
        start = sum(1 for mark in marks if (uncursor(mark) <= after) != backwards)
    end = start + min(given.get("first") or 50, 250)
    nodes = (views.order_node(world.store, it) for it in orders[start:end])
    return views.connection(nodes, marks[start:end], more=end < len(orders))


def cursor(value: tuple[Any, ...]) -> str:
    plain = [it.isoformat() if isinstance(it, datetime) else it for it in value]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()


def uncursor(mark: str) -> list[Any]:
    """The sort value again, comparable: times as times."""
    plain = json.loads(base64.urlsafe_b64decode(mark))
    return [datetime.fromisoformat(it) if isinstance(it, str) else it for it in plain]


def order(world: World, _version: str, given: dict[str, Any]) -> Any:
    found = world.store.orders.get(number(given["id"]))
    return found and views.order_node(world.store, found)


def fulfillment_order(world: World, _version: str, given: dict[str, Any]) -> Any:
    found = world.store.fulfilment_orders.get(number(given["id"]))
    return found and views.fulfilment_order_node(world.store, found)


def fulfillment(world: World, _version: str, given: dict[str, Any]) -> Any:
    found = world.store.fulfilments.get(number(given["id"]))
    return found and views.fulfilment_node(found)


def shop(world: World, _version: str, _given: dict[str, Any]) -> Any:
    return {
        "id": views.gid("Shop", 1), "name": world.domain.partition(".")[0],
        "myshopifyDomain": world.domain, "currencyCode": world.currency, "ianaTimezone": "Etc/UTC",
    }  # fmt: skip


def locations(world: World, _version: str, _given: dict[str, Any]) -> Any:
    return views.connection(views.location_node(world.store, it) for it in world.store.locations)


def location(world: World, _version: str, given: dict[str, Any]) -> Any:
    wanted = number(given["id"]) if given.get("id") else next(iter(world.store.locations))
    known = wanted in world.store.locations
    return views.location_node(world.store, wanted) if known else None


def inventory_item(world: World, _version: str, given: dict[str, Any]) -> Any:
    found = world.store.items.get(number(given["id"]))
    return found and views.item_node(world.store, found)


def inventory_items(world: World, _version: str, given: dict[str, Any]) -> Any:
    page, more = items_page(world, given, lambda it: it.id)
    return views.connection((views.item_node(world.store, it) for it in page), more=more)


def product_variants(world: World, _version: str, given: dict[str, Any]) -> Any:
    page, more = items_page(world, given, lambda it: it.variant_id)
    return views.connection((views.variant_node(world.store, it) for it in page), more=more)


def items_page(
    world: World, given: dict[str, Any], ident: Callable[[Item], int]
) -> tuple[list[Item], bool]:
    """Articles by `sku:`, `barcode:` or `id:` (several with OR), in the order of their ids."""
    wanted = terms(given.get("query"))
    with world.store.lock:
        skus = {value for name, _, value in wanted if name == "sku"}
        by_sku = [world.store.skus[sku] for sku in skus if sku in world.store.skus]
        items = by_sku if skus else list(world.store.items.values())
    rest = [(name, value) for name, _, value in wanted if name != "sku"]
    if rest:
        items = [it for it in items if any(is_item(it, ident(it), *term) for term in rest)]
    after = int(given.get("after") or 0)
    items = sorted((it for it in items if ident(it) > after), key=ident)
    size = min(given.get("first") or 50, 250)
    return items[:size], len(items) > size


def is_item(item: Item, ident: int, name: str, value: str) -> bool:
    match name:
        case "barcode":
            return item.barcode == value
        case "id":
            return ident == int(value)
        case "":
            return value in {item.sku, item.title}
        case _:
            return False


FIELDS: dict[str, Callable[[World, str, dict[str, Any]], Any]] = {
    "shop": shop,
    "order": order,
    "orders": orders,
    "fulfillmentOrder": fulfillment_order,
    "fulfillment": fulfillment,
    "locations": locations,
    "location": location,
    "inventoryItem": inventory_item,
    "inventoryItems": inventory_items,
    "productVariants": product_variants,
}
