"""Returns by state and age, one return with what it would come to, and parcels of nobody."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template

from admin import forms
from admin.access import roles
from admin.pages.returns import reading
from admin.request_context import account, act, looking, store
from admin.shown import paging
from hub.flows.returns import exchanging, settling
from hub.flows.returns.desk import Desk
from hub.flows.unit import Unit
from hub.model.errors import BadData, Contradiction
from hub.model.merchant import OPERATOR
from hub.rules.returns.money import Part
from hub.states.machine import allowed
from hub.states.returns import RETURN, State
from hub.store.returns import receipts, returns
from hub.store.views.returns import cases, parcels
from hub.store.views.returns.cases import CaseItem

desk = Blueprint("returns", __name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision would come to. `why_not`: what speaks against it."""

    parts: tuple[Part, ...] = ()
    amount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    why_not: str = ""


@desk.get("/returns")
def listed() -> str:
    """Returns, who waits longest first."""
    wanted = cases.Wanted(
        status=forms.choice("status", *State),
        number=forms.arg("number"),
        order=forms.arg("order"),
        asked=forms.arg("asked") == "yes",
    )
    with looking() as db:
        counts = cases.counts(db)
        page = cases.listed(db, store().vault, wanted, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "returns/list.html",
        page=page,
        following=paging.following(page),
        wanted=wanted,
        states=list(State),
        counts=counts,
    )


@desk.get("/returns/<uuid:return_id>")
def one(return_id: UUID) -> str:
    """One, with what came of it, and what each decision would do before it is taken."""
    with looking() as db:
        item = _seen(cases.one(db, store().vault, return_id))
        came = parcels.of_return(db, return_id)
        money = parcels.money_of(db, return_id)
        there = receipts.in_stock(db, [return_id])
    steps = {str(event) for event in allowed(RETURN, State(item.status))}
    may = roles.may(account(), "return_desk.refund")
    outcome = act(lambda unit: _outcome(unit, item)) if may and item.status in _SETTLES else None
    return render_template(
        "returns/one.html",
        item=item,
        parcels=came,
        money=money,
        there=there,
        steps=steps,
        outcome=outcome,
        wish=reading.wish(),
        places=_places(item.merchant),
        qualities=reading.QUALITIES,
        unseen={it.line_no: it.quantity for it in there if it.quality == "uninspected"},
    )


def _places(merchant: str) -> list[str]:
    """The warehouses that may take a merchant's returns."""
    return sorted(
        place.code
        for place in store().directory().connections.values()
        if place.kind == "warehouse" and place.merchant in (OPERATOR, merchant)
    )


_SETTLES = frozenset({State.CONFIRMED, State.REFUNDED, State.INSPECTED, State.RECEIVED})


def _outcome(unit: Unit, item: CaseItem) -> Outcome:
    """What money and goods a settlement would move, as it is filled in now."""
    row, waiting = returns.load(unit.db, unit.vault, [item.id])[item.id], Desk()
    try:
        if row.document.kind == "refund":
            priced = settling.preview(unit, waiting, row, reading.wish())
            fault = priced.faults[0].message if priced.faults else ""
            return Outcome(tuple(priced.parts), priced.amount, priced.tax, why_not=fault)
        credit, price = exchanging.preview(unit, waiting, row, reading.goods())
        return Outcome(credit=credit, price=price)
    except (BadData, Contradiction) as error:
        return Outcome(why_not=str(error))


@desk.get("/returns/parcels")
def unmatched() -> str:
    """Parcels that belong to no return so far, the oldest first."""
    with looking() as db:
        page = parcels.unmatched(db, after=paging.after(), limit=paging.SIZE)
    return render_template("returns/parcels.html", page=page, following=paging.following(page))


def _seen(item: CaseItem | None) -> Any:
    if item is None:
        abort(404)
    return item
