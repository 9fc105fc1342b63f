"""Corrections by hand: one person enters, another decides."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.wrappers import Response

from admin import forms
from admin.decisions import decided
from admin.request_context import act, actor, looking, merchants
from admin.shown import paging
from hub.flows.settlement import contracts
from hub.flows.unit import Unit
from hub.model.errors import BadData, Problem
from hub.model.plain import bad_data
from hub.rules.settlement.correcting import Correcting
from hub.store.views.settlement import adjustments as view

desk = Blueprint("adjustments", __name__)


@desk.get("/settlement/adjustments")
def listed() -> str:
    """Corrections, the newest first."""
    return _page({}, {})


@desk.post("/settlement/adjustments")
def enter() -> Response | tuple[str, int]:
    """Enter one; somebody else decides about it."""
    try:
        act(_entered)
    except BadData as error:
        problems = {problem.path: problem for problem in error.problems()}
        return _page(request.form.to_dict(), problems), 422
    flash(_("It is entered; somebody else decides about it."), "done")
    return redirect(url_for("adjustments.listed"), 303)


@desk.post("/settlement/adjustments/<uuid:adjustment_id>/decide")
def decide(adjustment_id: UUID) -> Response:
    """Accept or refuse what somebody else entered."""
    decision = forms.text("decision")
    if decision not in ("approve", "refuse"):
        abort(400)
    approved = decision == "approve"
    return decided(
        lambda unit: contracts.decide(unit, adjustment_id, actor(), approved=approved),
        url_for("adjustments.listed"),
        _("It is booked.") if approved else _("It is refused: nothing is booked."),
    )


def _page(given: Mapping[str, str], problems: Mapping[str, Problem]) -> str:
    wanted = forms.choice("status", *view.STATES)
    with looking() as db:
        page = view.listed(db, wanted, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "settlement/adjustments.html",
        page=page,
        following=paging.following(page),
        states=view.STATES,
        status=wanted,
        merchants=merchants(),
        given=given,
        problems=problems,
        who=actor(),
    )


def _entered(unit: Unit) -> UUID:
    """The correction of the form, entered. BadData where it is none."""
    names = ("merchant", "currency", "amount", "reason")
    try:
        said = Correcting.model_validate({name: forms.text(name) or None for name in names})
    except ValidationError as error:
        raise bad_data(error) from None
    if said.merchant not in merchants():
        raise BadData("the code of a merchant is expected", path="merchant")
    return contracts.adjust(unit, said.merchant, said.currency, said.amount, said.reason, actor())
