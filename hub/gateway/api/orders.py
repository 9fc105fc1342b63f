"""Orders: post them and their refunds, read them with everything that hangs on them, ask where one
would go.
"""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from hub.doors import present
from hub.flows.orders import order_requests, refunds
from hub.flows.stock import promising
from hub.flows.stock.promising import Promised
from hub.gateway.api import telling
from hub.gateway.api.fulfilment import shown_fulfilment
from hub.gateway.api.returns.shown import shown_return
from hub.gateway.description.answers import orders as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, choice, text
from hub.model.document import pieces
from hub.model.errors import NotFound
from hub.model.order import Refund, SalesOrder
from hub.states.order import State
from hub.store.views import order_view, orders
from hub.store.views.order_view import OrderView, RefundItem, ShipmentItem
from hub.store.views.orders import OrderItem, Wanted
from hub.store.views.returns import cases
from hub.store.views.returns.cases import CaseItem
from mappings.generic import tree_of


def post(ask: Ask) -> Reply:
    """A channel's order, new or changed."""
    partner = telling.channel_of(ask)
    heard = telling.tell(ask, "sales_order", ask.body, partner)
    if heard.verdict.order_id is None:
        raise Stop(409, heard.verdict.code or "not_taken", heard.verdict.message or "not taken")
    body = {**item_of(ask, heard.verdict.order_id), "verdict": heard.shown()}
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
    page = orders.orders(ask.db, wanted, vault=vault, after=ask.after(), limit=ask.limit())
    return ask.listed(page, shown_order)


def one(ask: Ask) -> Any:
    """One order with everything that hangs on it."""
    found = order_view.of(ask.db, ask.store.vault, ask.uuid())
    if found is None or not _may_see(ask, found.order.channel):
        raise NotFound
    wanted = cases.Wanted(order_id=found.order.id)
    returns = cases.listed(ask.db, ask.store.vault, wanted).items
    return _whole(found, returns, promising.of_order(ask.db, found.order.id))


def refund(ask: Ask) -> Any:
    """Money was given back elsewhere: the books hear of it, and so does the order's channel."""
    order_id = seen(ask)
    item = orders.item(ask.db, ask.store.vault, order_id)
    partner = ask.directory.connections.get(item.channel) if item is not None else None
    if item is None or partner is None:
        raise NotFound
    document = cast("Refund", telling.read("refund", ask.body, partner))
    if document.channel_order_id != item.channel_order_id:
        message = f"the order is {item.channel_order_id} at its channel"
        raise Stop(422, "contradiction", message, path="channel_order_id")
    heard = telling.tell(ask, "refund", ask.body, partner, item.channel_order_id)
    if heard.verdict.status == "done" and ask.caller.connection is None:
        refunds.tell_channel(ask.unit, order_id, document.refund_id, heard.message_id)
    return {**heard.shown(), "order": item_of(ask, order_id)}


def what_if(ask: Ask) -> Any:
    """Where an order would go now. Touches nothing."""
    partner = telling.channel_of(ask)
    order = telling.read("sales_order", ask.body, partner)
    return order_requests.what_if(ask.unit, cast("SalesOrder", order), partner.merchant)


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
        "sealed": item.sealed,
        "open_incidents": len(item.attention.incidents),
        "standing_messages": len(item.attention.messages),
    }


def _whole(
    view: OrderView, returns: Sequence[CaseItem], promised: Sequence[Promised]
) -> dict[str, Any]:
    return {
        **shown_order(view.order),
        "promised": [
            {"sku": it.sku, "quantity": pieces(it.pieces), "expected_at": it.at} for it in promised
        ],
        "fulfilment_orders": [shown_fulfilment(item) for item in view.fulfilment_orders],
        "shipments": [_document(row) for row in view.shipments],
        "refunds": [_document(row) for row in view.refunds],
        "returns": [shown_return(item) for item in returns],
        "timeline": [
            {
                "at": event.at,
                "event": event.event,
                "detail": event.detail,
                "actor": event.actor,
                "message_id": event.message_id,
            }
            for event in view.timeline
        ],
        "routing": [
            {
                "at": decision.at,
                "reasoning": decision.reasoning,
                "rules_of": decision.rules_owner,
                "rules_version": decision.rules_version,
            }
            for decision in view.routing
        ],
        "incidents": [
            {
                "id": incident.id,
                "kind": incident.kind,
                "sentence": incident.sentence,
                "status": incident.status,
                "opened_at": incident.opened_at,
            }
            for incident in view.incidents
        ],
        "messages": [present.message(row) for row in view.messages],
    }


def _document(row: ShipmentItem | RefundItem) -> dict[str, Any]:
    return {
        **tree_of(row.document),
        "id": row.id,
        "received_at": row.received_at,
        "sealed": row.sealed,
    }


def item_of(ask: Ask, order_id: UUID) -> dict[str, Any]:
    found = orders.item(ask.db, ask.store.vault, order_id)
    if found is None:
        raise NotFound
    return shown_order(found)


def seen(ask: Ask) -> UUID:
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
    Route("POST", "orders/{id}/refunds", "orders:write", refund, answers.RefundSaid, body=Refund),
    Route(
        "POST",
        "routing/what-if",
        "orders:manage",
        what_if,
        answers.Plan,
        body=SalesOrder,
        slow=True,
    ),
)
