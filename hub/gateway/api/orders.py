"""Orders: post them, read them with everything that hangs on them, and what people ask of them."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from pydantic import Field

from hub.flows import desk
from hub.gateway import answers
from hub.gateway.api import telling
from hub.gateway.api.fulfilment import shown_fulfilment
from hub.gateway.api.messages import shown_message
from hub.gateway.problems import Stop
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, choice, text
from hub.model.document import OptText, Text, Value
from hub.model.errors import NotFound
from hub.model.order import SalesOrder
from hub.states.order import State
from hub.store.views import orders
from hub.store.views.orders import OrderItem, OrderView, Wanted
from mappings.generic import tree_of


class Reason(Value):
    """Why a person asks for it."""

    reason: Text


class Release(Value):
    """Which hold reasons no longer count."""

    waive: tuple[Text, ...] = Field(default=(), max_length=50)


class Nothing(Value):
    """No more is needed; a reason may be given."""

    reason: OptText = None


def post(ask: Ask) -> Reply:
    """A channel's order, new or changed."""
    partner = telling.channel_of(ask)
    heard = telling.tell(ask, "sales_order", ask.body, partner)
    if heard.verdict.order_id is None:
        raise Stop(409, heard.verdict.code or "not_taken", heard.verdict.message or "not taken")
    body = {**_item(ask, heard.verdict.order_id), "verdict": heard.shown()}
    new = heard.verdict.status == "done" and body["version"] == 1
    location = {"Location": f"/api/v1/orders/{heard.verdict.order_id}"}
    return Reply(201 if new else 200, body, location)


def listed(ask: Ask) -> Any:
    """Orders, newest first."""
    query = ask.query
    channel = query.get("channel")
    if ask.caller.connection is not None:
        channel = _own(ask, channel)
    wanted = Wanted(
        channel=channel,
        channel_order_id=query.get("channel_order_id"),
        order_number=query.get("order_number"),
        status=query.get("status"),
        merchant=query.get("merchant"),
        hold=query.get("hold"),
    )
    vault = ask.store.vault
    found = orders.orders(ask.db, wanted, vault=vault, after=ask.after(), limit=ask.limit())
    return ask.listed(found, shown_order)


def one(ask: Ask) -> Any:
    """One order with everything that hangs on it."""
    found = orders.order(ask.db, ask.store.vault, ask.uuid())
    if found is None or not _may_see(ask, found.order.channel):
        raise NotFound
    return _whole(found)


def cancel(ask: Ask) -> Any:
    """Cancel it: at once, or by asking the warehouses that were told."""
    reason = ask.read(Reason).reason
    desk.cancel(ask.unit, _seen(ask), ask.caller.actor, reason)
    return _item(ask, ask.uuid())


def hold(ask: Ask) -> Any:
    """Stop it before a warehouse works on it."""
    reason = ask.read(Reason).reason
    desk.hold(ask.unit, _seen(ask), ask.caller.actor, reason)
    return _item(ask, ask.uuid())


def release(ask: Ask) -> Any:
    """Let a held order go, waiving reasons."""
    waive: Sequence[str] = ask.read(Release).waive
    desk.release(ask.unit, _seen(ask), ask.caller.actor, waive)
    return _item(ask, ask.uuid())


def reroute(ask: Ask) -> Any:
    """Plan anew what no warehouse has accepted yet."""
    ask.read(Nothing)
    desk.reroute(ask.unit, _seen(ask), ask.caller.actor)
    return _item(ask, ask.uuid())


def what_if(ask: Ask) -> Any:
    """Where an order would go now. Touches nothing."""
    partner = telling.channel_of(ask)
    order = telling.read("sales_order", ask.body, partner)
    return desk.what_if(ask.unit, cast("SalesOrder", order), partner.merchant)


def shown_order(item: OrderItem) -> dict[str, Any]:
    """An order in a list: its document, and how it stands with us."""
    document = {} if item.document is None else tree_of(item.document)
    return {
        **document,
        "id": item.id,
        "merchant": item.merchant,
        "channel": item.channel,
        "status": item.status,
        "hold_reasons": item.hold_reasons,
        "overrides": item.overrides,
        "version": item.version,
        "received_at": item.received_at,
        "correlation_id": item.correlation_id,
    }


def _whole(found: OrderView) -> dict[str, Any]:
    return {
        **shown_order(found.order),
        "fulfilment_orders": [shown_fulfilment(one) for one in found.fulfilment_orders],
        "shipments": [
            {**tree_of(one.document), "id": one.id, "received_at": one.received_at}
            for one in found.shipments
        ],
        "refunds": [
            {**tree_of(one.document), "id": one.id, "received_at": one.received_at}
            for one in found.refunds
        ],
        "returns": [],
        "timeline": [
            {
                "at": one.at,
                "event": one.event,
                "detail": one.detail,
                "actor": one.actor,
                "message_id": one.message_id,
            }
            for one in found.timeline
        ],
        "routing": [{"at": one.at, "reasoning": one.reasoning} for one in found.routing],
        "incidents": [
            {
                "id": one.id,
                "kind": one.kind,
                "sentence": one.sentence,
                "status": one.status,
                "opened_at": one.opened_at,
            }
            for one in found.incidents
        ],
        "messages": [shown_message(one) for one in found.messages],
    }


def _item(ask: Ask, order_id: UUID) -> dict[str, Any]:
    found = orders.item(ask.db, ask.store.vault, order_id)
    if found is None:
        raise NotFound
    return shown_order(found)


def _seen(ask: Ask) -> UUID:
    """The order's id, once it is certain that the caller may know of it."""
    order_id = ask.uuid()
    channel = orders.channel_of(ask.db, order_id)
    if channel is None or not _may_see(ask, channel):
        raise NotFound
    return order_id


def _may_see(ask: Ask, channel: str) -> bool:
    return ask.caller.connection is None or ask.caller.connection.code == channel


def _own(ask: Ask, channel: str | None) -> str:
    """A channel that signs reads its own orders only."""
    own = ask.caller.connection.code if ask.caller.connection else ""
    if channel not in (None, own):
        raise NotFound
    return own


_FILTERS = (
    Param("channel", "the connection the order came from", text),
    Param("channel_order_id", "the channel's own id of it", text),
    Param("order_number", "what the customer sees", text),
    choice("status", "where it stands", *State),
    Param("merchant", "whose order it is", text),
    Param("hold", "a hold reason's code", text),
    *PAGED,
)

ROUTES = (
    Route(
        "POST",
        "orders",
        "orders:write",
        post,
        answers.OrderPosted,
        body=SalesOrder,
        status=201,
    ),
    Route("GET", "orders", "orders:read", listed, answers.OrderPage, _FILTERS),
    Route("GET", "orders/{id}", "orders:read", one, answers.OrderWhole),
    Route("POST", "orders/{id}/cancel", "orders:write", cancel, answers.OrderItem, body=Reason),
    Route("POST", "orders/{id}/hold", "orders:manage", hold, answers.OrderItem, body=Reason),
    Route(
        "POST",
        "orders/{id}/release",
        "orders:manage",
        release,
        answers.OrderItem,
        body=Release,
        body_optional=True,
    ),
    Route(
        "POST",
        "orders/{id}/reroute",
        "orders:manage",
        reroute,
        answers.OrderItem,
        body=Nothing,
        body_optional=True,
    ),
    Route("POST", "routing/what-if", "orders:manage", what_if, answers.Plan, body=SalesOrder),
)
