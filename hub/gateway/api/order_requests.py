"""What people ask of an order, or of many: cancel, hold, let go, plan anew; of many tried first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import Field

from hub.flows.orders import bulk, edits, order_requests
from hub.flows.orders.bulk import MOST, Outcome, Selection
from hub.flows.orders.bulk_steps import Asked
from hub.flows.orders.edits import Foreseen
from hub.gateway.api.orders import item_of, seen
from hub.gateway.description.answers import orders as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import Ask, Route, choice, uuid
from hub.model.document import Id, OptText, Text, Value, pieces
from hub.model.errors import BadData
from hub.rules.orders.bulk_asks import Action
from hub.rules.orders.editing import Edit
from hub.states.order import State
from hub.store.people import jobs
from hub.store.views.orders import Wanted


class Reason(Value):
    """Why a person asks for it."""

    reason: Text


class Release(Value):
    """Which hold reasons no longer count."""

    waive: tuple[Text, ...] = Field(default=(), max_length=50)


class Nothing(Value):
    """No more is needed; a reason may be given."""

    reason: OptText = None


def cancel(ask: Ask) -> Any:
    """Cancel it: at once, or by asking the warehouses that were told."""
    reason = ask.read(Reason).reason
    order_requests.cancel(ask.unit, seen(ask), ask.caller.actor, reason)
    return item_of(ask, ask.uuid())


def hold(ask: Ask) -> Any:
    """Stop it before a warehouse works on it."""
    reason = ask.read(Reason).reason
    order_requests.hold(ask.unit, seen(ask), ask.caller.actor, reason)
    return item_of(ask, ask.uuid())


def release(ask: Ask) -> Any:
    """Let a held order go, waiving reasons."""
    waive: Sequence[str] = ask.read(Release).waive
    order_requests.release(ask.unit, seen(ask), ask.caller.actor, waive)
    return item_of(ask, ask.uuid())


def reroute(ask: Ask) -> Any:
    """Plan anew what no warehouse has accepted yet."""
    ask.read(Nothing)
    order_requests.reroute(ask.unit, seen(ask), ask.caller.actor)
    return item_of(ask, ask.uuid())


class EditAsked(Edit):
    """What is to be otherwise. `seen`: as the preview answered it; without it nothing is applied
    that was not previewed.
    """

    seen: OptText = None


def edit(ask: Ask) -> Any:
    """Change address, lines, articles or warehouses of an order; with `preview=true` say what that
    would do at its warehouses, its channel and in the books, and change nothing.
    """
    order_id, wanted, actor = seen(ask), ask.read(EditAsked), ask.caller.actor
    if ask.query.get("preview") == "true":
        return _foreseen(edits.foresee(ask.unit, order_id, wanted, actor), applied=False)
    if wanted.seen is None:
        raise Stop(422, "missing_field", "what its preview answered is expected", path="seen")
    try:
        done = edits.apply(ask.unit, order_id, wanted, wanted.seen, actor)
    except edits.Changed:
        message = "the order looks otherwise by now: preview it again"
        raise Stop(409, "order_changed", message, path="seen") from None
    return _foreseen(done, applied=True)


def _foreseen(it: Foreseen, *, applied: bool) -> dict[str, Any]:
    return {
        "applied": applied,
        "seen": it.seen,
        "status": it.status,
        "hold_reasons": it.holds,
        "warehouses": [
            {
                "outcome": part.outcome,
                "warehouse": part.warehouse,
                "fulfilment_order": part.number,
                "lines": [{"sku": sku, "quantity": pieces(n)} for sku, n in part.lines],
            }
            for part in it.parts
        ],
        "told": [
            {"connection": notice.connection, "kind": notice.kind, "document": notice.document}
            for notice in it.notices
        ],
        "channel_untold": it.untold,
        "books": {
            "currency": it.currency,
            "before": f"{it.before:f}",
            "after": f"{it.after:f}",
            "difference": f"{it.difference:f}",
            "to_credit": f"{it.credit:f}",
        },
    }


class Bulk(Value):
    """What is asked of which orders: `ids`, or those that fit; at least one filter. `waive`: hold
    reasons that no longer count, for `release`. With `dry_run` nothing is done.
    """

    action: Action
    reason: Text
    dry_run: bool = False
    waive: tuple[Text, ...] = Field(default=(), max_length=50)
    ids: tuple[Id, ...] = Field(default=(), max_length=MOST)
    channel: Id | None = None
    channel_order_id: Id | None = None
    order_number: Id | None = None
    status: str | None = None
    merchant: Id | None = None
    hold: Id | None = None
    q: OptText = None


def ask_many(ask: Ask) -> Any:
    """Ask one thing of many orders, the oldest first, 500 in a call; what is left is counted."""
    wanted = ask.read(Bulk)
    selection = _selected(wanted)
    if wanted.dry_run:
        foreseen = bulk.foresee(ask.unit, wanted.action, selection, wanted.waive)
        return _shown(wanted, foreseen, None)
    asked = Asked(ask.caller.actor, wanted.reason, wanted.waive)
    done = bulk.perform(ask.unit, wanted.action, selection, asked)
    detail = wanted.model_dump(mode="json", exclude_none=True, exclude={"ids", "dry_run"})
    counts = (len(done.done), len(done.done) + len(done.refused))
    kept = {**detail, "left": done.left, "refused": done.reasons()}
    job = jobs.finished(ask.db, "orders", ask.caller.merchant, counts, kept)
    return _shown(wanted, done, job.id)


def _selected(wanted: Bulk) -> Selection:
    if wanted.ids:
        return Selection(ids=[_uuid(given, f"ids[{at}]") for at, given in enumerate(wanted.ids)])
    other = {"action", "reason", "dry_run", "waive", "ids"}
    filters = wanted.model_dump(exclude=other, exclude_none=True)
    if not filters:
        raise Stop(422, "missing_field", "ids or at least one filter is expected", path="ids")
    if wanted.status is not None and wanted.status not in set(State):
        raise BadData(f"one of {', '.join(State)}", path="status", code="unknown_code")
    return Selection(Wanted(**filters))


def _shown(wanted: Bulk, outcome: Outcome, job_id: UUID | None) -> dict[str, Any]:
    return {
        "action": wanted.action,
        "dry_run": wanted.dry_run,
        "done": [{"id": id_, "status": status} for id_, status in outcome.done.items()],
        "refused": [
            {"id": id_, "code": problem.code, "message": problem.message}
            for id_, problem in outcome.refused.items()
        ],
        "reasons": outcome.reasons(),
        "left": outcome.left,
        "parcels": [[str(id_) for id_ in parcel] for parcel in outcome.parcels],
        "job_id": job_id,
    }


def _uuid(given: str, path: str) -> UUID:
    try:
        return uuid(given)
    except ValueError as error:
        raise BadData(str(error), path=path, code="bad_id") from None


ROUTES = (
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
    Route(
        "POST",
        "orders/{id}/edits",
        "orders:manage",
        edit,
        answers.OrderEdit,
        query=(choice("preview", "`true`: only say what it would do", "true", "false"),),
        body=EditAsked,
    ),
    Route(
        "POST",
        "orders/bulk",
        "orders:manage",
        ask_many,
        answers.BulkSaid,
        body=Bulk,
        slow=True,
        refuses=(404,),
    ),
)
