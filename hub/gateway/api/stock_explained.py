"""Why a channel is told so many pieces of an article."""

from typing import Any

from hub.flows.stock import explaining
from hub.flows.stock.explaining import Explanation, Step
from hub.gateway.description.answers import stock as answers
from hub.gateway.routes import Ask, Param, Route, text
from hub.model.document import pieces
from hub.model.errors import NotFound
from hub.model.merchant import OPERATOR
from hub.store.orders.fulfilments import number
from hub.store.stock import articles
from hub.store.stock.explained import LastTold, Promise


def explain(ask: Ask) -> dict[str, Any]:
    """Explain the stock that a channel is told of: the parts add up to `published`.

    Without a channel: what there is for all channels together.
    """
    sku, code = ask.ids["sku"], ask.query.get("channel")
    merchant = _owner(ask, sku)
    channels = {
        partner.code
        for partner in ask.directory.connections.values()
        if partner.kind == "channel" and partner.merchant in (merchant, OPERATOR)
    }
    if ask.caller.connection is not None or (code is not None and code not in channels):
        raise NotFound
    return shown(explaining.explain(ask.unit, merchant, sku, code))


def shown(it: Explanation) -> dict[str, Any]:
    """An explanation as it is answered."""
    return {
        "merchant": it.merchant,
        "sku": it.sku,
        "channel": it.channel,
        "published": pieces(it.published),
        "available": pieces(it.available),
        "parts": [_step(step) for step in it.steps],
        "not_fresh": list(it.stale),
        "told": _told(it.told) if it.told else None,
        "at": it.at,
    }


def _told(last: LastTold) -> dict[str, Any]:
    return {
        "available": pieces(last.available),
        "at": last.at,
        "message_id": last.message_id,
        "status": last.status,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "quantity": pieces(step.quantity),
        "of": step.of,
        "confirmed_at": step.confirmed_at,
        "moved_at": step.moved_at,
        "arrives_at": step.arrives_at,
        "orders": [_promise(promise) for promise in step.promises],
        "more": pieces(step.more),
        "made_of": [
            {"sku": part.sku, "free": pieces(part.free), "each": pieces(part.each)}
            for part in step.made_of
        ],
        "batches": [
            {"name": it.name, "expires_on": it.expires_on, "on_hand": pieces(it.on_hand)}
            for it in step.batches
        ],
    }


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "order_id": promise.order_id,
        "order_number": promise.order_number,
        "fulfilment_order_id": number(promise.fulfilment_order_id),
        "quantity": pieces(promise.quantity),
    }


def _owner(ask: Ask, sku: str) -> str:
    """Whose article it is, in the caller's reach. NotFound where there is none, or where several
    merchants have it and none is named.
    """
    owners = articles.owners(ask.db, [sku]).get(sku, ())
    named = ask.query.get("merchant")
    mine = [owner for owner in owners if named in (None, owner)]
    if len(mine) != 1 or ask.caller.merchant not in (None, mine[0]):
        raise NotFound
    return mine[0]


ROUTES = (
    Route(
        "GET",
        "stock/{sku}/explain",
        "stock:read",
        explain,
        answers.ExplanationItem,
        (
            Param("channel", "the channel that is told", text),
            Param("merchant", "whose article it is, where several have it", text),
        ),
    ),
)
