"""The workbench of reconciliation: ours, theirs and the difference; matched by hand, explained,
undone. And the chargebacks.
"""

from uuid import UUID

from flask import Blueprint, abort, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import forms
from admin.decisions import decided
from admin.request_context import actor, looking, now
from admin.shown import paging
from hub.flows.reconciliation import cases as case_flow
from hub.flows.reconciliation import requests
from hub.rules.reconciliation import classing
from hub.rules.reconciliation.classing import AGES, DECISIONS, MEANINGS, REASONS
from hub.states.chargeback import CHARGEBACK, Event, State
from hub.store.reconciliation.decisions import SIDES, Side
from hub.store.views.reconciliation import cases, remainder
from hub.store.views.reconciliation.remainder import Item

desk = Blueprint("reconciliation", __name__)


@desk.get("/reconciliation")
def listed() -> str:
    """What is left, the oldest first, and what it comes to."""
    age = forms.choice("age", *(it.name for it in AGES))
    since, until = classing.span(age, now()) if age else (None, None)
    wanted = remainder.Wanted(
        side=forms.choice("side", *SIDES),
        reason=forms.choice("reason", *REASONS),
        name=forms.arg("name"),
        since=since,
        until=until,
        is_open=forms.choice("all", "1") is None,
    )
    with looking() as db:
        page = remainder.listed(db, wanted, after=paging.after(), limit=paging.SIZE)
        groups = remainder.summed(db, wanted)
    return render_template(
        "reconciliation/list.html",
        page=page,
        following=paging.following(page),
        wanted=wanted,
        groups=groups,
        age=age,
        reasons=REASONS,
        ages=[it.name for it in AGES],
    )


@desk.get("/reconciliation/<side>/<uuid:row_id>")
def one(side: str, row_id: UUID) -> str:
    """One row, with what the other side has that may belong to it."""
    with looking() as db:
        row = _seen(remainder.one(db, _side(side), row_id))
        others = remainder.counterparts(db, row) if row.state == "open" else []
    return render_template(
        "reconciliation/one.html", row=row, others=others, meaning=MEANINGS[row.reason]
    )


@desk.post("/reconciliation/<side>/<uuid:row_id>/decide")
def decide(side: str, row_id: UUID) -> Response:
    """It is so, it is let go, or it is explained."""
    chosen, why, whose = forms.text("decision"), forms.text("reason"), _side(side)
    if chosen not in DECISIONS:
        abort(400)
    return decided(
        lambda unit: requests.decide(unit, whose, row_id, chosen, actor(), why),
        url_for("reconciliation.one", side=side, row_id=row_id),
        _("It is decided."),
    )


@desk.post("/reconciliation/<side>/<uuid:row_id>/undo")
def undo(side: str, row_id: UUID) -> Response:
    """It is open again."""
    whose = _side(side)
    return decided(
        lambda unit: requests.undo(unit, whose, row_id, actor()),
        url_for("reconciliation.one", side=side, row_id=row_id),
        _("It is open again."),
    )


@desk.post("/reconciliation/<side>/<uuid:row_id>/match")
def match(side: str, row_id: UUID) -> Response:
    """These belong together."""
    chosen = [row for it in forms.texts("other") if (row := forms.uuid(it))]
    ours, theirs = ([row_id], chosen) if _side(side) == "ours" else (chosen, [row_id])
    why = forms.text("reason")
    return decided(
        lambda unit: requests.match(unit, ours, theirs, actor(), why),
        url_for("reconciliation.one", side=side, row_id=row_id),
        _("They are matched."),
    )


@desk.get("/chargebacks")
def chargebacks() -> str:
    """Chargebacks, the oldest first."""
    status = forms.choice("status", *State)
    with looking() as db:
        page = cases.listed(db, status=status, after=paging.after(), limit=paging.SIZE)
    steps = {state: [row.event for row in CHARGEBACK.rows if row.state == state] for state in State}
    return render_template(
        "reconciliation/chargebacks.html",
        page=page,
        following=paging.following(page),
        status=status,
        states=list(State),
        steps=steps,
    )


@desk.post("/chargebacks/<uuid:case_id>")
def move(case_id: UUID) -> Response:
    """It is contested, won or lost."""
    chosen = forms.text("event")
    if chosen not in tuple(Event):
        abort(400)
    why = forms.text("reason")
    return decided(
        lambda unit: case_flow.ask(unit, case_id, Event(chosen), actor(), why),
        url_for("reconciliation.chargebacks"),
        _("It is decided."),
    )


def _side(side: str) -> Side:
    if side not in SIDES:
        abort(404)
    return "ours" if side == "ours" else "theirs"


def _seen(row: Item | None) -> Item:
    if row is None:
        abort(404)
    return row
