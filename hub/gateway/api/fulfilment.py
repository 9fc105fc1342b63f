"""Fulfilment orders: the side of a warehouse that fetches its work and tells how far it is."""

import json
from dataclasses import replace
from typing import Any, cast

from hub.gateway.api import telling
from hub.gateway.description.answers import fulfilment as answers
from hub.gateway.http.problems import Stop, Trouble
from hub.gateway.routes import PAGED, Ask, Param, Route, choice, text
from hub.model.document import Instant, OptId, OptText, Value, pieces
from hub.model.errors import NotFound
from hub.model.fulfilment import Shipment
from hub.rules.fulfilment import shipping
from hub.rules.fulfilment.matching import KnownLine
from hub.rules.routing import merging
from hub.states.fulfilment_order import SHIPPABLE, State
from hub.store.config.snapshot import Connection
from hub.store.orders import fulfilments
from hub.store.views import fulfilment
from hub.store.views.fulfilment import FulfilmentItem, Wanted
from mappings.generic import tree_of


class Word(Value):
    """What a warehouse says of its work. Without a time it is now."""

    at: Instant | None = None
    operator: OptText = None
    reason: OptText = None
    message: OptText = None
    warehouse_reference: OptId = None


def listed(ask: Ask) -> Any:
    """Fulfilment orders, oldest first."""
    warehouse = ask.query.get("warehouse")
    if ask.caller.connection is not None:
        if warehouse not in (None, ask.caller.connection.code):
            raise NotFound
        warehouse = ask.caller.connection.code
    is_warehouse = ask.caller.connection is not None
    wanted = Wanted(warehouse=warehouse, status=ask.query.get("status"), told=is_warehouse)
    page = fulfilment.fulfilment_orders(
        ask.db, ask.store.vault, wanted, after=ask.after(), limit=ask.limit()
    )
    return ask.listed(page, lambda item: _shown(ask, item))


def one(ask: Ask) -> Any:
    """One fulfilment order."""
    return _shown(ask, _seen(ask))


def accept(ask: Ask) -> Any:
    """The warehouse takes it on."""
    return _say(ask, "accepted")


def reject(ask: Ask) -> Any:
    """The warehouse will not ship it: it is planned anew elsewhere."""
    return _say(ask, "rejected")


def cancelled(ask: Ask) -> Any:
    """The warehouse has let go of it."""
    return _say(ask, "cancelled")


def ship(ask: Ask) -> Any:
    """Goods have left."""
    item = _seen(ask)
    partner = _partner(ask, item)
    raw = telling.completed(ask.body, "fulfilment_order_id", item.number)
    before = _as_told(ask, item)
    heard = telling.tell(ask, "shipment", raw, partner, item.number)
    if heard.verdict.status == "done":
        _check_fits(before, cast("Shipment", heard.document))
    return {**heard.shown(), "fulfilment_order": _shown(ask, _seen(ask))}


def _shown(ask: Ask, item: FulfilmentItem) -> dict[str, Any]:
    """A warehouse sees what it was told: with the lines of all that leaves in the parcel."""
    is_warehouse = ask.caller.connection is not None
    return shown_fulfilment(_as_told(ask, item) if is_warehouse else item)


def _as_told(ask: Ask, item: FulfilmentItem) -> FulfilmentItem:
    """With the lines of all that its notice tells of."""
    if not item.merged_with or item.merged_into:
        return item
    others = (fulfilment.one(ask.db, ask.store.vault, it.id) for it in item.merged_with)
    parts = [item, *(it for it in others if it is not None)]
    places = [0, *(it.offset for it in item.merged_with)]
    lines = [
        replace(line, line_no=line.line_no + place)
        for part, place in zip(parts, places, strict=True)
        for line in part.lines
    ]
    document = merging.notice([part.document for part in parts])
    return replace(item, document=document, lines=lines)


def shown_fulfilment(item: FulfilmentItem) -> dict[str, Any]:
    """A fulfilment order: its document, and how far it is."""
    return {
        **tree_of(item.document),
        "id": item.number,
        "order_id": item.order_id,
        "status": item.status,
        "warehouse_reference": item.warehouse_reference,
        "reason": item.reason,
        "updated_at": item.updated_at,
        "progress": [
            {
                "line_no": line.line_no,
                "sku": line.sku,
                "ordered": pieces(line.ordered),
                "shipped": pieces(line.shipped),
                "short": pieces(line.short),
            }
            for line in item.lines
        ],
        "merged_into": item.merged_into,
        "merged_with": [
            {
                "fulfilment_order": it.number,
                "order_id": it.order_id,
                "order_number": it.order_number,
            }
            for it in item.merged_with
        ],
        "sealed": item.sealed,
    }


def _check_fits(item: FulfilmentItem, shipment: Shipment) -> None:
    """Stop with 409 where more is told than was ordered: whoever tells it here can still mend it.
    Goods that left after the order was settled are a fact, and go to a person.
    """
    state = State(item.status)
    if state not in SHIPPABLE:
        return
    lines = tuple(
        KnownLine(line.line_no, line.sku, line.ordered, line.shipped, line.short, line.item_code)
        for line in item.lines
    )
    flags = shipping.decide(shipping.FulfilmentKnown(lines), state, shipment).flags
    wrong = [flag for flag in flags if flag.code in _MENDABLE]
    if wrong:
        raise Stop.of(Trouble(409, wrong))


_MENDABLE = frozenset({"bad_quantity", "over_shipped", "never_ordered", "short_beyond_open"})


def _say(ask: Ask, word: str) -> dict[str, Any]:
    item = _seen(ask)
    partner = _partner(ask, item)
    said = ask.read(Word)
    tree = {
        **said.model_dump(mode="json", exclude_none=True),
        "at": (said.at or ask.at).isoformat(),
        "status": word,
        "fulfilment_order_id": item.number,
    }
    raw = json.dumps(tree, ensure_ascii=False).encode()
    heard = telling.tell(ask, "fulfilment_status", raw, partner, item.number)
    return {**heard.shown(), "fulfilment_order": _shown(ask, _seen(ask))}


def _seen(ask: Ask) -> FulfilmentItem:
    """The fulfilment order, where the caller may know of it."""
    number = fulfilments.id_of(ask.ids["id"])
    item = None if number is None else fulfilment.one(ask.db, ask.store.vault, number)
    own = ask.caller.connection
    if item is None or (own is not None and (own.code != item.warehouse or item.merged_into)):
        raise NotFound
    return item


def _partner(ask: Ask, item: FulfilmentItem) -> Connection:
    """The warehouse that speaks. A merchant does not speak for a warehouse that serves others."""
    partner = ask.directory.connections.get(item.warehouse)
    if partner is None or not ask.caller.sees(partner):
        raise Stop(403, "not_your_warehouse", "only the warehouse or the operator may say so")
    return partner


_FILTERS = (
    Param("warehouse", "the connection that ships", text),
    choice("status", "where it stands", *State),
    *PAGED,
)

ROUTES = (
    Route(
        "GET",
        "fulfilment-orders",
        "fulfilment:read",
        listed,
        answers.FulfilmentPage,
        _FILTERS,
    ),
    Route("GET", "fulfilment-orders/{id}", "fulfilment:read", one, answers.FulfilmentItem),
    Route(
        "POST",
        "fulfilment-orders/{id}/accept",
        "fulfilment:write",
        accept,
        answers.FulfilmentSaid,
        body=Word,
        body_optional=True,
    ),
    Route(
        "POST",
        "fulfilment-orders/{id}/reject",
        "fulfilment:write",
        reject,
        answers.FulfilmentSaid,
        body=Word,
        body_optional=True,
    ),
    Route(
        "POST",
        "fulfilment-orders/{id}/shipments",
        "fulfilment:write",
        ship,
        answers.FulfilmentSaid,
        body=Shipment,
    ),
    Route(
        "POST",
        "fulfilment-orders/{id}/cancelled",
        "fulfilment:write",
        cancelled,
        answers.FulfilmentSaid,
        body=Word,
        body_optional=True,
    ),
)
