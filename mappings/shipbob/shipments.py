"""ShipBob's order or shipment -> `shipment` for what left, `fulfilment_status` for the rest.

ShipBob may cut an order into several shipments. One left when it has a tracking number, or is
completed. Only with the whole order in view is it known that nothing more will come, that all has
arrived, or that the rest was cancelled.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.fulfilment import Cost, FulfilmentStatus, Shipment
from mappings.kit import Context, shape
from mappings.kit.fields import needed
from mappings.kit.readers.envelope import resources
from mappings.shipbob import wire
from mappings.shipbob.contents import Pieces, exploded, recipe
from mappings.shipbob.parcels import parcels

_AROUND = ("items", "data", "payload", "order", "shipment")
_KNOWN_BY = frozenset({"reference_id", "order_id", "order_number", "shipments"})
_STATUSES = "fulfilment_statuses"
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_STAYS = frozenset({"exception", "cancelled"})


@dataclass(frozen=True, slots=True)
class _Seen:
    """A shipment, with our number of its order and our word for how it stands."""

    it: wire.Shipment
    order: str
    word: str

    @property
    def left(self) -> bool:
        return self.word not in _STAYS and bool(self.word == "shipped" or self.it.way.numbers)


def decode(raw: bytes, at: Context, topic_word: str | None = None) -> list[Document]:
    """The documents of orders and shipments. `topic_word`: how the topic says that one stands."""
    trees = resources(raw, at.warn, around=_AROUND, marks=_KNOWN_BY)
    documents = [document for tree in trees for document in _documents(tree, at, topic_word)]
    if not documents:
        raise Ignored("no_consequence", "nothing left, and nothing is said of progress")
    return documents


def order_of(raw: bytes) -> str | None:
    """The order of a shipment that comes alone."""
    try:
        trees = resources(raw, around=_AROUND, marks=_KNOWN_BY)
    except (BadData, Ignored):
        return None
    number = trees[0].get("order_id") if len(trees) == 1 and "shipments" not in trees[0] else None
    return number if isinstance(number, str) and number.isascii() and number.isdigit() else None


def _documents(tree: dict[str, Any], at: Context, topic_word: str | None) -> Iterable[Document]:
    if "shipments" not in tree and "order_number" not in tree:
        shipment = shape(wire.Shipment, tree, at)
        return _told([_seen(shipment, None, at, topic_word)], {}, at, whole=False)
    order = shape(wire.Order, tree, at)
    if not order.shipments:
        return _of_order(order, at)
    seen = [_seen(shipment, order.reference_id, at) for shipment in order.shipments]
    return _told(seen, recipe(order), at, whole=True)


def _seen(it: wire.Shipment, order: str | None, at: Context, word: str | None = None) -> _Seen:
    told = "none" if it.status is None else at.ours_or_none(_STATUSES, it.status)
    number = needed(it.reference_id or order, "reference_id")
    seen = _Seen(it, number, word or told or "none")
    if told is None and not seen.left:
        at.ours(_STATUSES, it.status or "", path="status")
    return seen


def _told(seen: Sequence[_Seen], recipe: Pieces, at: Context, *, whole: bool) -> Iterator[Document]:
    left = sorted((one for one in seen if one.left), key=lambda one: one.it.left_at)
    cancelled = [one for one in seen if one.word == "cancelled"]
    waiting = [one for one in seen if not one.left and one.word != "cancelled"]
    for one in left:
        last = whole and not waiting and one is left[-1]
        yield _shipment(one, recipe, at, complete=last)
    for one in waiting:
        if one.word != "none":
            yield _status(one, one.word, one.it.changed_at, at)
    arrived = [one for one in left if one.it.delivery_date or one.word == "delivered"]
    if left and len(arrived) == len(left) and not waiting:
        latest = max(arrived, key=lambda one: one.it.arrived_at)
        yield _status(latest, "delivered", latest.it.arrived_at, at)
    if cancelled and not waiting and not left:  # beside what left it is what the order is short of
        yield _status(cancelled[-1], "cancelled", cancelled[-1].it.changed_at, at)


def _of_order(order: wire.Order, at: Context) -> Iterator[Document]:
    """An order that has no shipment yet."""
    word = order.status and at.ours(_STATUSES, order.status, path="status")
    if word and word != "none":
        bare = wire.Shipment(order_id=order.id, status=order.status)
        seen = _Seen(bare, needed(order.reference_id, "reference_id"), word)
        yield _status(seen, word, needed(order.created_date, "created_date"), at)


def _status(one: _Seen, word: Any, when: datetime, at: Context) -> FulfilmentStatus:
    details = one.it.status_details if word in _STAYS else ()
    number = one.it.id or needed(one.it.order_id, "id")
    return FulfilmentStatus(
        source=at.source(f"{number}:{word}:{when:%Y%m%d%H%M%S%f}", occurred_at=when),
        fulfilment_order_id=one.order,
        status=word,
        at=when,
        reason=_words(detail.name for detail in details),
        message=_words(text for detail in details for text in _texts(detail)),
        warehouse_reference=one.it.order_id,
        attributes={"shipment_id": one.it.id, "status": one.it.status},
    )


def _texts(detail: wire.Detail) -> tuple[str | None, ...]:
    extra = detail.extra_information
    return (detail.description, *(extra.validation_messages if extra else ()))


def _words(told: Iterable[str | None]) -> str | None:
    return "; ".join(dict.fromkeys(text for text in told if text)) or None


def _shipment(one: _Seen, recipe: Pieces, at: Context, *, complete: bool) -> Shipment:
    it = one.it
    said = {
        "order_id": it.order_id,
        "location": it.location and it.location.name,
        "ship_option": it.ship_option,
        "components": exploded(it.products),
    }
    return Shipment(
        source=at.source(needed(it.id, "id"), occurred_at=it.left_at),
        fulfilment_order_id=one.order,
        warehouse_reference=it.order_id,
        shipped_at=it.left_at,
        complete=complete,
        packages=tuple(parcels(it, recipe, at)),
        costs=_costs(it),
        attributes={name: value for name, value in said.items() if value},
    )


def _costs(it: wire.Shipment) -> tuple[Cost, ...]:
    currency = it.invoice_currency_code or ""
    if not it.invoice_amount or not _CURRENCY.fullmatch(currency):
        return ()
    return (Cost(code="fulfilment", amount=it.invoice_amount, currency=currency),)
