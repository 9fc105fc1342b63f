"""Stocktakes: opened, counted and handed in by who counts; counted anew, approved or cancelled by
somebody else.
"""

from typing import Any
from uuid import UUID

from hub.flows.stock import stocktake_booking as booking
from hub.flows.stock import stocktakes
from hub.flows.stock.stocktake_booking import Foreseen
from hub.gateway.api.order_requests import Nothing, Reason
from hub.gateway.description.answers import stocktakes as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, choice, text
from hub.model.document import pieces
from hub.model.errors import NotFound
from hub.model.stock import Counts, Recount, StocktakeOpening
from hub.rules.stock import shelf_count
from hub.states.stocktake import State
from hub.store.stock.stocktakes import documents
from hub.store.views import stocktakes as view
from hub.store.views.stocktakes import StocktakeItem


def listed(ask: Ask) -> Any:
    """Stocktakes, newest first."""
    own, named = ask.caller.connection, ask.query.get("warehouse")
    if own is not None and named not in (None, own.code):
        raise NotFound
    wanted = view.Wanted(
        warehouse=own.code if own is not None else named,
        status=ask.query.get("status"),
        merchant=ask.query.get("merchant"),
    )
    there = view.listed(ask.db, wanted, after=ask.after(), limit=ask.limit())
    return ask.listed(there, _item)


def one(ask: Ask) -> Any:
    """One stocktake with its lines. Of a blind one nobody sees what is expected while it is
    counted, and who counted not before it is decided about.
    """
    return _whole(ask, _seen(ask))


def open_(ask: Ask) -> Reply:
    """Open a stocktake: what the hub has of these SKUs, or of all, is frozen as lines to be counted
    by SKU, quality and batch. An article can stand in one at a time.
    """
    asked = ask.read(StocktakeOpening)
    ask.whose(asked.merchant)
    own = ask.caller.connection
    if own is not None and asked.warehouse != own.code:
        message = "the code of a warehouse connection is expected"
        raise Stop(422, "unknown_warehouse", message, path="warehouse")
    made = stocktakes.open_(ask.unit, asked, ask.caller.actor)
    return Reply(201, _whole(ask, _item_of(ask, made)))


def count(ask: Ask) -> Any:
    """Say what lies there. A line that was counted before is now as it is told here; what is found
    beside the lines becomes one. `counted_at`: when it was counted, where that was earlier.
    """
    item, said = _counting(ask), ask.read(Counts)
    stocktakes.count(ask.unit, item.id, said, ask.caller.actor)
    return _whole(ask, _seen(ask))


def submit(ask: Ask) -> Any:
    """Hand it in: all is counted that is going to be. Lines that are not stay as they are."""
    ask.read(Nothing)
    stocktakes.submit(ask.unit, _counting(ask).id, ask.caller.actor)
    return _whole(ask, _seen(ask))


def recount(ask: Ask) -> Any:
    """Have lines counted once more, by their numbers."""
    item, said = _seen(ask), ask.read(Recount)
    stocktakes.recount(ask.unit, item.id, said.lines, said.note, ask.caller.actor)
    return _whole(ask, _seen(ask))


def approve(ask: Ask) -> Any:
    """Approve it: each difference becomes a line of the ledger, once. Not by who counted."""
    ask.read(Nothing)
    stocktakes.approve(ask.unit, _seen(ask).id, ask.caller.actor)
    return _whole(ask, _seen(ask))


def cancel(ask: Ask) -> Any:
    """Cancel it: nothing of it is booked."""
    item, reason = _seen(ask), ask.read(Reason).reason
    stocktakes.cancel(ask.unit, item.id, ask.caller.actor, reason)
    return _whole(ask, _seen(ask))


def _seen(ask: Ask) -> StocktakeItem:
    """The stocktake, where the caller may know of it."""
    id_, own = documents.id_of(ask.ids["id"]), ask.caller.connection
    item = None if id_ is None else view.one(ask.db, id_)
    if item is None or (own is not None and own.code != item.warehouse):
        raise NotFound
    return item


def _item_of(ask: Ask, made: UUID) -> StocktakeItem:
    item = view.one(ask.db, made)
    if item is None:
        raise NotFound
    return item


def _counting(ask: Ask) -> StocktakeItem:
    """The same, for who counts. A merchant does not count in a warehouse that serves others."""
    item = _seen(ask)
    partner = ask.directory.connections.get(item.warehouse)
    if partner is None or not ask.caller.sees(partner):
        raise Stop(403, "not_your_warehouse", "only the warehouse or the operator may say so")
    return item


def _item(item: StocktakeItem) -> dict[str, Any]:
    names = (
        *("merchant", "warehouse", "status", "blind", "skus", "note", "round", "counted_by"),
        *("decided_by", "opened_at", "updated_at"),
    )
    return {
        "id": item.number,
        **{name: getattr(item, name) for name in names},
        "lines": item.lines,
        "counted": item.counted,
        "ledger_position": str(item.position) if item.position else None,
    }


def _whole(ask: Ask, item: StocktakeItem) -> dict[str, Any]:
    shown = shelf_count.shows_expected(
        item.status,
        blind=item.blind,
        actor=ask.caller.actor,
        counted_by=item.counted_by,
        may_approve=_APPROVE in ask.caller.scopes,
    )
    lines = booking.foresee(ask.unit, item.id)
    return {
        **_item(item),
        "positions": [_line(it, shown=shown) for it in lines],
        "steps": [{**step, "detail": step["detail"] if shown else {}} for step in item.steps],
    }


def _line(it: Foreseen, *, shown: bool) -> dict[str, Any]:
    row, its = it.row, it.comes_to
    numbers = {
        "expected": row.expected,
        "moved": its.moved,
        "difference": its.difference,
        "moved_since": it.since if row.counted is not None else None,
    }
    return {
        "line_no": row.line_no,
        "sku": row.sku,
        "quality": row.quality,
        "batch": row.batch or None,
        "expires_on": row.expires_on,
        "round": row.round,
        "counted": None if row.counted is None else pieces(row.counted),
        "counted_by": row.counted_by,
        "counted_at": row.counted_at,
        "outcome": its.outcome if shown else None,
        **{
            name: pieces(number) if shown and number is not None else None
            for name, number in numbers.items()
        },
    }


_FILTERS = (
    Param("warehouse", "the connection that is counted", text),
    choice("status", "where it stands", *State),
    Param("merchant", "whose goods they are", text),
    *PAGED,
)
_S, _READ, _COUNT, _APPROVE = "stocktakes", "stock:read", "stock:count", "stock:approve"
_WHOLE = answers.StocktakeWhole

# fmt: off
ROUTES = (
    Route("GET", _S, _READ, listed, answers.StocktakePage, _FILTERS),
    Route("POST", _S, _COUNT, open_, _WHOLE, body=StocktakeOpening, status=201),
    Route("GET", f"{_S}/{{id}}", _READ, one, _WHOLE),
    Route("POST", f"{_S}/{{id}}/counts", _COUNT, count, _WHOLE, body=Counts),
    Route("POST", f"{_S}/{{id}}/submit", _COUNT, submit, _WHOLE, body=Nothing, body_optional=True),
    Route("POST", f"{_S}/{{id}}/recount", _APPROVE, recount, _WHOLE, body=Recount),
    Route("POST", f"{_S}/{{id}}/approve", _APPROVE, approve, _WHOLE, body=Nothing,
          body_optional=True),
    Route("POST", f"{_S}/{{id}}/cancel", _APPROVE, cancel, _WHOLE, body=Reason),
)
# fmt: on
