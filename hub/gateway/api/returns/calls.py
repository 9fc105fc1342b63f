"""Returns: asked for, approved or refused, received, inspected, settled."""

from typing import Any, cast

from pydantic import Field

from hub.flows.returns import request, requests
from hub.flows.returns.owed import RefundWish
from hub.flows.returns.requests import Found
from hub.flows.unit import Told
from hub.gateway.api import telling
from hub.gateway.api.order_requests import Nothing, Reason
from hub.gateway.api.returns.shown import shown_parcel, shown_return, whole_return
from hub.gateway.description.answers import Said
from hub.gateway.description.answers import returns as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, choice, text
from hub.model.document import Id, OptId, OptText, Text, Value
from hub.model.errors import NotFound
from hub.model.returns import ExchangeLine, Return, ReturnKind, ReturnReceipt
from hub.states.returns import State
from hub.store.base.ids import new_id
from hub.store.config.snapshot import Connection
from hub.store.returns import receipts as stored_receipts
from hub.store.returns import returns as stored_returns
from hub.store.views.returns import cases, parcels
from hub.store.views.returns.cases import CaseItem
from mappings.reading import read_json_object


class Approving(Value):
    """Who shall take it, where that is not as the terms say."""

    warehouse: OptId = None


class OnItsWay(Value):
    """The parcel's number."""

    tracking_number: Id
    carrier: OptText = None


class Question(Value):
    """What somebody is to decide."""

    question: Text


class Inspecting(Value):
    """What pieces turned out to be that nobody had looked at."""

    lines: tuple[Found, ...] = Field(min_length=1, max_length=1000)


class Confirming(Value):
    """How it is settled, where that is another way than was asked for."""

    kind: ReturnKind | None = None


class Exchanging(Value):
    """What goes out; without it what was asked for, or the same goods."""

    lines: tuple[ExchangeLine, ...] = Field(default=(), max_length=1000)


class Matching(Value):
    """The return that a parcel is of."""

    return_: Id = Field(alias="return")


def listed(ask: Ask) -> Any:
    """Returns, oldest first."""
    query = ask.query
    own = ask.caller.connection
    wanted = cases.Wanted(
        status=query.get("status"),
        kind=query.get("kind"),
        merchant=query.get("merchant"),
        channel=query.get("channel"),
        warehouse=query.get("warehouse"),
        number=query.get("return_id"),
        order=query.get("channel_order_id"),
        asked=query.get("asked") == "true",
    )
    if own is not None and getattr(wanted, own.kind, None) not in (None, own.code):
        raise NotFound
    there = cases.listed(ask.db, ask.store.vault, wanted, after=ask.after(), limit=ask.limit())
    return ask.listed(there, shown_return)


def one(ask: Ask) -> Any:
    """One return, with what came of it, its money, and what went out for it."""
    return whole_return(ask, _seen(ask))


def post(ask: Ask) -> Reply:
    """A customer wants to send something back. Without a `return_id` it gets a number of ours;
    `source.connection` names the order's channel. After the window it is refused unless
    `late=true`.
    """
    raw = ask.body
    if "return_id" not in read_json_object(raw):
        raw = telling.completed(raw, "return_id", stored_returns.id_text(new_id()))
    late = ask.query.get("late") == "true"

    def flow(told: Told) -> Any:
        return request.keep(ask.unit, [told], is_own=True, allow_late=late)[0]

    partner = telling.channel_of(ask)
    heard = telling.tell(ask, "return", raw, partner, flow=flow)
    document = cast("Return", heard.document)
    wanted = cases.Wanted(merchant=None, number=document.return_id, channel=partner.code)
    (item,) = cases.listed(ask.db, ask.store.vault, wanted, limit=1).items
    status = 201 if heard.verdict.status == "done" else 200
    return Reply(status, {**heard.shown(), "case": whole_return(ask, item)})


def receive(ask: Ask) -> Any:
    """Goods of this return came in, each piece with what it is. The same receipt again changes
    nothing.
    """
    item = _seen(ask)
    raw = telling.completed(ask.body, "return_id", item.number)
    heard = telling.tell(ask, "return_receipt", raw, _partner(ask, raw), item.number)
    return {**heard.shown(), "case": whole_return(ask, _seen(ask))}


def receive_any(ask: Ask) -> Any:
    """A parcel came in, announced or not: it is matched by what stands on it, or kept."""
    return telling.tell(ask, "return_receipt", ask.body, _partner(ask, ask.body)).shown()


def unmatched(ask: Ask) -> Any:
    """Parcels that belong to no return so far, oldest first."""
    merchant = ask.query.get("merchant")
    there = parcels.unmatched(ask.db, merchant=merchant, after=ask.after(), limit=ask.limit())
    return ask.listed(there, shown_parcel)


def match(ask: Ask) -> Any:
    """Say which return a parcel is of: its pieces are booked."""
    wanted = ask.read(Matching).return_
    parcel, number = stored_receipts.id_of(ask.ids["id"]), stored_returns.id_of(wanted)
    if parcel is None or number is None:
        raise NotFound
    requests.match(ask.unit, parcel, number, ask.caller.actor)
    item = cases.one(ask.db, ask.store.vault, number)
    if item is None:
        raise NotFound
    return whole_return(ask, item)


def approve(ask: Ask) -> Any:
    """Approve a return; the warehouse that shall take it is told."""
    said, item = ask.read(Approving), _seen(ask)
    requests.approve(ask.unit, item.id, ask.caller.actor, said.warehouse)
    return whole_return(ask, _seen(ask))


def reject(ask: Ask) -> Any:
    """Refuse a return; goods that are there go back to the customer."""
    reason, item = ask.read(Reason).reason, _seen(ask)
    requests.reject(ask.unit, item.id, ask.caller.actor, reason)
    return whole_return(ask, _seen(ask))


def cancel(ask: Ask) -> Any:
    """The customer keeps the goods, and nothing is paid back."""
    reason, item = ask.read(Reason).reason, _seen(ask)
    requests.cancel(ask.unit, item.id, ask.caller.actor, reason)
    return whole_return(ask, _seen(ask))


def waive(ask: Ask) -> Any:
    """The goods need not come, or are lost: it goes on without them."""
    reason, item = ask.read(Reason).reason, _seen(ask)
    requests.waive(ask.unit, item.id, ask.caller.actor, reason)
    return whole_return(ask, _seen(ask))


def question(ask: Ask) -> Any:
    """Put a return before others, with a question."""
    said, item = ask.read(Question), _seen(ask)
    requests.ask(ask.unit, item.id, ask.caller.actor, said.question)
    return whole_return(ask, _seen(ask))


def parcel(ask: Ask) -> Any:
    """The return is on its way under a number; the warehouse hears of it."""
    said, item = ask.read(OnItsWay), _seen(ask)
    who = ask.caller.actor
    requests.on_its_way(ask.unit, item.id, who, said.tracking_number, said.carrier)
    return whole_return(ask, _seen(ask))


def inspect(ask: Ask) -> Any:
    """Say what pieces turned out to be that nobody had looked at: the stock follows."""
    said, item = ask.read(Inspecting), _seen(ask)
    requests.inspect(ask.unit, item.id, ask.caller.actor, said.lines)
    return whole_return(ask, _seen(ask))


def confirm(ask: Ask) -> Any:
    """The second word on what came back; then it is settled."""
    said, item = ask.read(Confirming), _seen(ask)
    requests.confirm(ask.unit, item.id, ask.caller.actor, said.kind)
    return whole_return(ask, _seen(ask))


def refund(ask: Ask) -> Any:
    """Give money back. Without `lines`: all pieces that came back and were not paid back yet."""
    said, item = ask.read(RefundWish), _seen(ask)
    requests.refund(ask.unit, item.id, ask.caller.actor, said)
    return whole_return(ask, _seen(ask))


def exchange(ask: Ask) -> Any:
    """Send other goods, the same anew, or mended ones, under a linked order that what came back
    pays for.
    """
    said, item = ask.read(Exchanging), _seen(ask)
    requests.exchange(ask.unit, item.id, ask.caller.actor, said.lines)
    return whole_return(ask, _seen(ask))


def close(ask: Ask) -> Any:
    """Nothing more is expected of it."""
    reason, item = ask.read(Nothing).reason or "", _seen(ask)
    requests.close(ask.unit, item.id, ask.caller.actor, reason)
    return whole_return(ask, _seen(ask))


def _seen(ask: Ask) -> CaseItem:
    """The return, where the caller may know of it."""
    number = stored_returns.id_of(ask.ids["id"])
    item = None if number is None else cases.one(ask.db, ask.store.vault, number)
    own = ask.caller.connection
    if item is None or (own is not None and own.code not in (item.channel, item.warehouse)):
        raise NotFound
    return item


def _partner(ask: Ask, raw: bytes) -> Connection:
    """The warehouse that speaks. A merchant does not speak for a warehouse that serves others."""
    named = read_json_object(raw).get("warehouse")
    code = named if isinstance(named, str) else None
    partner = ask.directory.connections.get(code or "")
    if partner is None or partner.kind != "warehouse":
        message = "the code of a warehouse connection is expected"
        raise Stop(422, "unknown_warehouse", message, path="warehouse")
    if not ask.caller.sees(partner):
        raise Stop(403, "not_your_warehouse", "only the warehouse or the operator may say so")
    return partner


_FILTERS = (
    choice("status", "where it stands", *State),
    choice("kind", "what the customer gets", "refund", "exchange", "resend", "repair"),
    Param("merchant", "whose goods they are", text),
    Param("channel", "the connection the order came from", text),
    Param("warehouse", "the connection that shall take it", text),
    Param("return_id", "its number", text),
    Param("channel_order_id", "the channel's own id of the order", text),
    choice("asked", "whether only what waits for a person's word", "true", "false"),
    *PAGED,
)
_LATE = choice("late", "whether it may be asked for after the window", "true", "false")
_R = "returns"
_READ, _WRITE = "returns:read", "returns:write"
_TAKE, _PAY = "returns:receive", "returns:refund"
_W = answers.ReturnWhole

# fmt: off
ROUTES = (
    Route("GET", _R, _READ, listed, answers.ReturnPage, _FILTERS),
    Route("POST", _R, _WRITE, post, answers.ReturnSaid, (_LATE,), body=Return, status=201),
    Route("GET", f"{_R}/{{id}}", _READ, one, _W),
    Route("POST", f"{_R}/{{id}}/approve", _WRITE, approve, _W, body=Approving, body_optional=True),
    Route("POST", f"{_R}/{{id}}/reject", _WRITE, reject, _W, body=Reason),
    Route("POST", f"{_R}/{{id}}/cancel", _WRITE, cancel, _W, body=Reason),
    Route("POST", f"{_R}/{{id}}/waive", _WRITE, waive, _W, body=Reason),
    Route("POST", f"{_R}/{{id}}/ask", _WRITE, question, _W, body=Question),
    Route("POST", f"{_R}/{{id}}/parcel", _WRITE, parcel, _W, body=OnItsWay),
    Route("POST", f"{_R}/{{id}}/receipts", _TAKE, receive, answers.ReturnSaid, body=ReturnReceipt),
    Route("POST", f"{_R}/{{id}}/inspect", _TAKE, inspect, _W, body=Inspecting),
    Route("POST", f"{_R}/{{id}}/confirm", _WRITE, confirm, _W, body=Confirming,
          body_optional=True),
    Route("POST", f"{_R}/{{id}}/refund", _PAY, refund, _W, body=RefundWish, body_optional=True),
    Route("POST", f"{_R}/{{id}}/exchange", _PAY, exchange, _W, body=Exchanging,
          body_optional=True),
    Route("POST", f"{_R}/{{id}}/close", _WRITE, close, _W, body=Nothing, body_optional=True),
    Route("POST", "return-receipts", _TAKE, receive_any, Said, body=ReturnReceipt),
    Route("GET", "return-parcels", _READ, unmatched, answers.ParcelPage,
          (Param("merchant", "whose goods they are", text), *PAGED)),
    Route("POST", "return-parcels/{id}/match", _TAKE, match, _W, body=Matching),
)
# fmt: on
