"""Inbound notices and goods receipts: who announces goods, the warehouse that fetches and receives
them, and whoever decides about what differs.
"""

from dataclasses import replace
from typing import Any, cast

from hub.flows.inbound import announce, requests
from hub.flows.unit import Told
from hub.gateway.api import telling
from hub.gateway.api.inbound_shown import shown_difference, shown_notice, whole_notice
from hub.gateway.api.order_requests import Nothing, Reason
from hub.gateway.description.answers import Said
from hub.gateway.description.answers import inbound as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, choice, text
from hub.model.document import OptId, OptText, Value
from hub.model.errors import NotFound
from hub.model.merchant import OPERATOR
from hub.model.stock import GoodsReceipt, InboundNotice
from hub.rules.inbound.deciding import CODES, Decision
from hub.states.inbound_notice import State
from hub.store.base.ids import new_id
from hub.store.config.snapshot import Connection
from hub.store.inbound import differences as stored_differences
from hub.store.inbound import notices as stored_notices
from hub.store.views.inbound import notices, receipts
from hub.store.views.inbound.notices import NoticeItem
from mappings.reading import read_json_object


class Deciding(Value):
    """What is decided about a difference. `sku`: what an unknown article turned out to be."""

    decision: Decision
    sku: OptId = None
    note: OptText = None


def listed(ask: Ask) -> Any:
    """Inbound notices, oldest first."""
    wanted = notices.Wanted(
        warehouse=_warehouse(ask),
        status=ask.query.get("status"),
        kind=ask.query.get("kind"),
        merchant=ask.query.get("merchant"),
        number=ask.query.get("inbound_notice_id"),
    )
    there = notices.listed(ask.db, ask.store.vault, wanted, after=ask.after(), limit=ask.limit())
    return ask.listed(there, shown_notice)


def one(ask: Ask) -> Any:
    """One inbound notice, with its receipts and differences."""
    return whole_notice(ask.db, _seen(ask))


def post(ask: Ask) -> Reply:
    """Announce goods to a warehouse, or change what was announced by a newer `revision`. Without an
    `inbound_notice_id` it gets a number of ours; a `draft` is told to nobody yet. Of kind
    `transfer`, the goods leave `from_warehouse` at once and are in transit until they arrive.
    """
    tree = read_json_object(ask.body)
    raw = ask.body
    if "inbound_notice_id" not in tree:
        number = stored_notices.id_text(new_id())
        raw = telling.completed(raw, "inbound_notice_id", number)
    teller = _teller(ask, tree)
    draft = ask.query.get("draft") == "true"

    def flow(told: Told) -> Any:
        return announce.keep(ask.unit, [told], is_draft=draft)[0]

    heard = telling.tell(ask, "inbound_notice", raw, teller, flow=flow)
    document = cast("InboundNotice", heard.document)
    wanted = notices.Wanted(merchant=document.merchant, number=document.inbound_notice_id)
    (item,) = notices.listed(ask.db, ask.store.vault, wanted, limit=1).items
    status = 201 if heard.verdict.status == "done" and item.document.revision == 1 else 200
    return Reply(status, {**heard.shown(), "inbound_notice": whole_notice(ask.db, item)})


def receive(ask: Ask) -> Any:
    """Goods of this notice came in; staged until `complete`. The same receipt again changes
    nothing.
    """
    item = _seen(ask)
    partner = _partner(ask, item.warehouse)
    raw = telling.completed(ask.body, "inbound_notice_id", item.number)
    heard = telling.tell(ask, "goods_receipt", raw, partner, item.number)
    return {**heard.shown(), "inbound_notice": whole_notice(ask.db, _seen(ask))}


def receive_any(ask: Ask) -> Any:
    """Goods came in, announced or not: `inbound_notice_id` is what stands on their papers."""
    named = ask.query.get("warehouse")
    partner = telling.partner_of(ask, named, "warehouse", "warehouse")
    return telling.tell(ask, "goods_receipt", ask.body, partner).shown()


def notify(ask: Ask) -> Any:
    """Tell a draft to its warehouse."""
    ask.read(Nothing)
    item = _seen(ask)
    requests.notify(ask.unit, item.id, ask.caller.actor)
    return whole_notice(ask.db, _seen(ask))


def cancel(ask: Ask) -> Any:
    """Cancel a notice of which nothing came yet; the warehouse is told."""
    reason, item = ask.read(Reason).reason, _seen(ask)
    requests.cancel(ask.unit, item.id, ask.caller.actor, reason)
    return whole_notice(ask.db, _seen(ask))


def close(ask: Ask) -> Any:
    """Close a notice: what did not come is missing, and what comes later goes to a person."""
    reason, item = ask.read(Nothing).reason or "", _seen(ask)
    requests.close(ask.unit, item.id, ask.caller.actor, reason)
    return whole_notice(ask.db, _seen(ask))


def differences(ask: Ask) -> Any:
    """How what came differs from what was announced, oldest first: what waits for a decision,
    unless `open` is false.
    """
    wanted = receipts.Wanted(
        warehouse=_warehouse(ask),
        merchant=ask.query.get("merchant"),
        code=ask.query.get("code"),
        number=ask.query.get("inbound_notice_id"),
        is_open=ask.query.get("open") != "false",
    )
    there = receipts.differences(ask.db, wanted, after=ask.after(), limit=ask.limit())
    return ask.listed(there, shown_difference)


def decide(ask: Ask) -> Any:
    """Decide about a difference: the stock follows, and the audit names who decided."""
    said = ask.read(Deciding)
    number = stored_differences.id_of(ask.ids["id"])
    item = None if number is None else receipts.one(ask.db, number)
    if item is None:
        raise NotFound
    who = ask.caller.actor
    requests.decide(ask.unit, item.id, who, said.decision, said.sku, said.note or "")
    return shown_difference(receipts.one(ask.db, item.id) or item)


def _seen(ask: Ask) -> NoticeItem:
    """The notice, where the caller may know of it."""
    number = stored_notices.id_of(ask.ids["id"])
    item = None if number is None else notices.one(ask.db, ask.store.vault, number)
    own = ask.caller.connection
    if item is None or (own is not None and own.code != item.warehouse):
        raise NotFound
    return item


def _warehouse(ask: Ask) -> str | None:
    """The warehouse that is asked about; a warehouse asks about itself."""
    named, own = ask.query.get("warehouse"), ask.caller.connection
    if own is None:
        return None if named is None else str(named)
    if named not in (None, own.code):
        raise NotFound
    return own.code


def _partner(ask: Ask, warehouse: str) -> Connection:
    """The warehouse that speaks. A merchant does not speak for a warehouse that serves others."""
    partner = ask.directory.connections.get(warehouse)
    if partner is None or not ask.caller.sees(partner):
        raise Stop(403, "not_your_warehouse", "only the warehouse or the operator may say so")
    return partner


def _teller(ask: Ask, tree: dict[str, Any]) -> Connection:
    """The notice is kept as a message of the warehouse that is told, in the name of the merchant
    whose goods come.
    """
    merchant = tree.get("merchant")
    own = ask.caller.merchant
    if merchant not in ask.directory.merchants or own not in (None, merchant):
        raise Stop(422, "unknown_merchant", "the code of a merchant is expected", path="merchant")
    named = ask.directory.connections.get(str(tree.get("warehouse")))
    if named is None or named.kind != "warehouse" or named.merchant not in (OPERATOR, merchant):
        message = "the code of a warehouse connection is expected"
        raise Stop(422, "unknown_warehouse", message, path="warehouse")
    return replace(named, merchant=str(merchant))


_FILTERS = (
    Param("warehouse", "the connection that receives", text),
    choice("status", "where it stands", *State),
    choice("kind", "why goods come", "purchase", "transfer", "return", "other"),
    Param("merchant", "whose goods they are", text),
    Param("inbound_notice_id", "its merchant's number of it", text),
    *PAGED,
)
_OF_DIFFERENCES = (
    Param("warehouse", "the connection that received", text),
    Param("merchant", "whose goods they are", text),
    choice("code", "how it differs", *CODES),
    Param("inbound_notice_id", "the number that was received for", text),
    choice("open", "whether only what waits for a decision", "true", "false"),
    *PAGED,
)
_DRAFT = choice("draft", "whether a new one is told to nobody yet", "true", "false")
_N = "inbound-notices"
_READ, _WRITE, _TAKE = "inbound:read", "inbound:write", "inbound:receive"

# fmt: off
ROUTES = (
    Route("GET", _N, _READ, listed, answers.NoticePage, _FILTERS),
    Route("POST", _N, _WRITE, post, answers.NoticeSaid, (_DRAFT,), body=InboundNotice, status=201),
    Route("GET", f"{_N}/{{id}}", _READ, one, answers.NoticeWhole),
    Route("POST", f"{_N}/{{id}}/receipts", _TAKE, receive, answers.NoticeSaid, body=GoodsReceipt),
    Route("POST", f"{_N}/{{id}}/notify", _WRITE, notify, answers.NoticeWhole, body=Nothing,
          body_optional=True),
    Route("POST", f"{_N}/{{id}}/cancel", _WRITE, cancel, answers.NoticeWhole, body=Reason),
    Route("POST", f"{_N}/{{id}}/close", _WRITE, close, answers.NoticeWhole, body=Nothing,
          body_optional=True),
    Route("POST", "goods-receipts", _TAKE, receive_any, Said,
          (Param("warehouse", "the connection that received", text),), body=GoodsReceipt),
    Route("GET", "receipt-differences", _READ, differences, answers.DifferencePage,
          _OF_DIFFERENCES),
    Route("POST", "receipt-differences/{id}/decide", _WRITE, decide, answers.DifferenceItem,
          body=Deciding),
)
# fmt: on
