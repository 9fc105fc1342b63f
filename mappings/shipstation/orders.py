"""ShipStation's orders -> `fulfilment_status`: how far the warehouse is."""

from dataclasses import replace
from typing import Any

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.fulfilment import FulfilmentStatus
from mappings.kit import Context, shape
from mappings.kit.fields import needed
from mappings.kit.readers.envelope import resources
from mappings.kit.times import revision
from mappings.shipstation.contents import by_order
from mappings.shipstation.wire import PACIFIC, Order, is_of

_MARKS = frozenset({"orderId", "orderKey"})
_ENDS = frozenset({"shipped", "cancelled"})


def here(at: Context) -> Context:
    """The context with the place of ShipStation's clock, wherever the connection is."""
    return replace(at, zone=PACIFIC)


def fetched(tree: dict[str, Any]) -> bool:
    """Whether it is a resource. Ignored where it is an address, at which nobody looked."""
    if "resource_url" in tree:
        raise Ignored("nothing_in_it", "it names the place of what happened, and nothing else")
    return True


def progress(raw: bytes, at: Context, *, store_id: int | None = None) -> list[Document]:
    """How orders stand. What left is told by shipments alone."""
    at = here(at)
    trees = resources(raw, at.warn, around=("orders", "order", "data"), marks=_MARKS)
    orders = [shape(Order, tree, at) for tree in trees if fetched(tree)]
    ours = (order for order in orders if is_of(store_id, order.advanced_options))
    documents: list[Document] = [it for order in ours for it in _statuses(order, at)]
    if not documents:
        raise Ignored("no_consequence", "nothing is said of progress")
    return documents


def _statuses(order: Order, at: Context) -> list[FulfilmentStatus]:
    """A word for each of our orders in it. Where the warehouse put orders together or took one
    apart, the end of this one is not the end of ours.
    """
    told = needed(order.order_status, "orderStatus")
    word: Any = at.ours("fulfilment_statuses", told, path="orderStatus")
    reason = None
    if word in _ENDS and not order.is_whole:
        word, reason = ("none", None) if word == "shipped" else ("exception", "part_cancelled")
    if word == "none":
        return []
    usual, when = order.order_key or order.order_number, order.changed_at
    numbers = [usual] if order.is_whole else list(by_order(order.items, usual)) or [usual]
    return [
        FulfilmentStatus(
            source=at.source(f"{order.order_id}:{number}:{word}:{revision(when)}", None, when),
            fulfilment_order_id=needed(number, "orderKey"),
            status=word,
            at=when,
            reason=reason,
            message=told if word == "exception" else None,
            warehouse_reference=order.order_id if number == usual else None,
        )
        for number in numbers
    ]
