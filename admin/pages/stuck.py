"""What stands still, grouped by its cause: messages for integration staff, orders for all."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from admin import forms
from admin.request_context import looking, now
from admin.shown.causes import grouped
from hub.flows.config import pause as flow
from hub.rules.messages.replaying import MAY_HAVE_ARRIVED
from hub.store.ops import clocks
from hub.store.ops.clocks import USUAL
from hub.store.views import orders
from hub.store.views.running import traffic

desk = Blueprint("waiting", __name__)

MOST = 200
"""Orders of a clock that are shown."""


@desk.get("/waiting")
def listed() -> str:
    """Causes with counts, age, what mends them, and links to what stands still."""
    with looking() as db:
        known = {item.code: (item, condition) for item, condition in flow.conditions(db, now())}
        causes = grouped(traffic.causes(db), known)
        holds, waits = orders.by_hold(db), orders.by_wait(db)
        stand = clocks.counts(db)
    return render_template(
        "waiting/list.html",
        causes=causes,
        holds=holds,
        waits=waits,
        stand=stand,
        by_itself=MAY_HAVE_ARRIVED,
    )


@desk.get("/waiting/clock")
def clock() -> Response | str:
    """The orders that stand by one clock, the longest first: those that stand too long, or all."""
    wanted, connection = forms.choice("clock", *USUAL), forms.arg("connection")
    name = next((name for name in USUAL if name == wanted), None)
    if name is None:
        return redirect(url_for("waiting.listed"), 303)
    every = forms.arg("every") == "1"
    with looking() as db:
        rows = clocks.standing(db, name, connection=connection, is_late=not every, limit=MOST)
    return render_template(
        "waiting/clock.html",
        name=name,
        connection=connection,
        every=every,
        rows=rows[:MOST],
        more=len(rows) > MOST,
    )
