"""One thing asked of many orders: what would become of those that fit, then all of them at once."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from admin import forms
from admin.pages.orders import filters, may_ask
from admin.request_context import act, actor, looking, now, store
from hub.flows.orders import bulk
from hub.flows.orders.bulk import MOST, Outcome, Selection
from hub.flows.orders.bulk_steps import Asked
from hub.flows.unit import Unit
from hub.rules.orders.bulk_asks import ACTIONS, UNDONE_BY, Action
from hub.store.views import orders

desk = Blueprint("order_bulk", __name__)

SHOWN = 50
"""Orders of a selection that are shown before it is asked of them."""


@desk.get("/orders/bulk")
def selection() -> Response | str:
    """What would become of those that fit, before anything does. Without a word of what is to
    become of them, they are chosen first.
    """
    if "action" not in request.values:
        return redirect(url_for("orders.listed"), 303)
    action, args = _action(), _given()
    waive = [args["hold"]] if action == "release" and args.get("hold") else []
    with looking() as db:
        unit = Unit(db, store().vault, store().directory(), now())
        foreseen = bulk.foresee(unit, action, Selection(filters()), waive)
        going = list(foreseen.done)
        sample = orders.standing(db, going[:SHOWN])
    return render_template(
        "orders/bulk.html",
        action=action,
        count=len(going),
        left_out=_left_out(foreseen),
        more=_more(foreseen.left) if foreseen.left else "",
        sample=sample,
        parcels=len(foreseen.parcels),
        waive=waive,
        args=args,
    )


@desk.post("/orders/bulk")
def ask_all() -> Response | str:
    """Ask it of all that fit, at most as many as one call takes; or of those that are named, which
    takes back what was asked of them before.
    """
    action, args, reason = _action(), _given(), forms.text("reason")
    ids = [_uuid(text) for text in request.form.get("ids", "").split()]
    if not reason:
        flash(_("Say why it is done."), "error")
        return redirect(url_for("order_bulk.selection", action=action, **args), 303)
    waive = [code for code in forms.texts("waive") if code]
    wanted = Selection(ids=ids[:MOST]) if ids else Selection(filters())
    asked = Asked(actor(), reason, waive)
    done = act(lambda unit: bulk.perform(unit, action, wanted, asked))
    back = UNDONE_BY.get(action)
    return render_template(
        "orders/bulk_done.html",
        action=action,
        count=len(done.done),
        parcels=len(done.parcels),
        left_out=_left_out(done),
        more=_more(done.left) if done.left else "",
        undo=back if back and done.done and not ids and may_ask(back) else None,
        ids=" ".join(str(id_) for id_ in done.done),
        args=args,
    )


def _action() -> Action:
    """What is asked, where this person may ask it of one order."""
    action = request.args.get("action") or request.form.get("action") or ""
    if action not in ACTIONS:
        abort(400)
    if not may_ask(action):
        abort(403)
    return action


def _given() -> dict[str, Any]:
    names = ("channel", "status", "merchant", "hold", "q")
    return {name: value for name in names if (value := forms.arg(name))}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(400)


def _left_out(outcome: Outcome) -> list[str]:
    """Which would be refused and why, a sentence for each reason."""
    sentences = {
        "illegal_transition": lambda n: ngettext(
            "%(num)d is left out: it comes too late for it.",
            "%(num)d are left out: it comes too late for them.",
            n,
        ),
        "still_held": lambda n: ngettext(
            "%(num)d stays held: something else still speaks against it.",
            "%(num)d stay held: something else still speaks against them.",
            n,
        ),
        "with_warehouse": lambda n: ngettext(
            "%(num)d is left out: a warehouse was told of it already.",
            "%(num)d are left out: a warehouse was told of them already.",
            n,
        ),
        "nothing_to_move": lambda n: ngettext(
            "%(num)d is left out: nothing of it waits, and no warehouse may let go.",
            "%(num)d are left out: nothing of them waits, and no warehouse may let go.",
            n,
        ),
        "leaves_alone": lambda n: ngettext(
            "%(num)d must leave alone: a gift, cash on delivery, or nobody to be reached.",
            "%(num)d must leave alone: gifts, cash on delivery, or nobody to be reached.",
            n,
        ),
        "nobody_alike": lambda n: ngettext(
            "%(num)d is left out: no other of these goes from there to its recipient.",
            "%(num)d are left out: no other of these goes from there to their recipient.",
            n,
        ),
        "together_already": lambda n: ngettext(
            "%(num)d leaves with the others already.",
            "%(num)d leave with the others already.",
            n,
        ),
        "not_merged": lambda n: ngettext(
            "%(num)d leaves alone already.",
            "%(num)d leave alone already.",
            n,
        ),
    }
    return [str(sentences[code](count)) for code, count in outcome.reasons().items()]


def _more(left: int) -> str:
    return str(
        ngettext(
            "%(num)d more fits; these are the oldest. Come back for it.",
            "%(num)d more fit; these are the oldest. Come back for the rest.",
            left,
        )
    )
