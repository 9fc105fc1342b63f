"""Chargebacks: listed, contested, ended."""

from typing import Any

from hub.flows.reconciliation import cases as flow
from hub.gateway.api.reconciliation.remainder import MaybeNoted, Noted
from hub.gateway.description.answers import reconciliation as answers
from hub.gateway.routes import PAGED, Ask, Param, Route, choice, text
from hub.model.document import plain
from hub.model.errors import NotFound
from hub.states.chargeback import Event, State
from hub.store.reconciliation import cases as stored
from hub.store.views.reconciliation import cases
from hub.store.views.reconciliation.cases import CaseItem


def listed(ask: Ask) -> Any:
    """Chargebacks, oldest first."""
    there = cases.listed(
        ask.db,
        status=ask.query.get("status"),
        merchant=ask.query.get("merchant"),
        after=ask.after(),
        limit=ask.limit(),
    )
    return ask.listed(there, _shown)


def one(ask: Ask) -> Any:
    """One chargeback."""
    return _shown(_seen(ask))


def evidence(ask: Ask) -> Any:
    """It is contested; the note says with what."""
    return _asked(ask, Event.SEND_EVIDENCE, ask.read(Noted).note)


def win(ask: Ask) -> Any:
    """It was decided for us. The row of the report that brings the money back is matched by
    itself.
    """
    return _asked(ask, Event.WIN, ask.read(MaybeNoted).note or "")


def lose(ask: Ask) -> Any:
    """It is lost, or not contested: the row is accepted as a loss."""
    return _asked(ask, Event.LOSE, ask.read(MaybeNoted).note or "")


def _asked(ask: Ask, event: Event, note: str) -> Any:
    flow.ask(ask.unit, _seen(ask).id, event, ask.caller.actor, note)
    return _shown(_seen(ask))


def _seen(ask: Ask) -> CaseItem:
    number = stored.id_of(ask.ids["id"])
    item = None if number is None else cases.one(ask.db, number)
    if item is None:
        raise NotFound
    return item


def _shown(item: CaseItem) -> dict[str, Any]:
    return {
        "id": item.key,
        "merchant": item.merchant,
        "order_id": item.order_id,
        "reference": item.reference,
        "order_reference": item.order_reference,
        "amount": plain(item.amount),
        "currency": item.currency,
        "status": item.status,
        "note": item.note,
        "opened_at": item.opened_at,
        "updated_at": item.updated_at,
    }


_WHICH = (
    choice("status", "where it stands", *State),
    Param("merchant", "whose money it is", text),
    *PAGED,
)
_READ, _WRITE = "reconciliation:read", "reconciliation:write"

# fmt: off
ROUTES = (
    Route("GET", "chargebacks", _READ, listed, answers.ChargebackPage, _WHICH),
    Route("GET", "chargebacks/{id}", _READ, one, answers.ChargebackItem),
    Route("POST", "chargebacks/{id}/evidence", _WRITE, evidence, answers.ChargebackItem,
          body=Noted),
    Route("POST", "chargebacks/{id}/win", _WRITE, win, answers.ChargebackItem, body=MaybeNoted,
          body_optional=True),
    Route("POST", "chargebacks/{id}/lose", _WRITE, lose, answers.ChargebackItem, body=MaybeNoted,
          body_optional=True),
)
# fmt: on
