"""Replaying many messages: what would become of those that fit, then all of them at once."""

from dataclasses import replace as but
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from admin import forms
from admin.pages.messages import filters, given
from admin.pages.replay import waits_too
from admin.request_context import act, actor, looking, now, store
from hub.flows.messages import replay_selection as replay_flow
from hub.flows.messages.replay_selection import Outcome, Selection
from hub.flows.unit import Unit
from hub.model.errors import SeveralConnections
from hub.rules.messages.replaying import MOST, Refusal
from hub.store.views import messages, orders

desk = Blueprint("replays", __name__)

SHOWN = 50
"""Messages of a selection that are shown before they are worked again."""


@desk.get("/messages/replay")
def selection() -> str:
    """What would become of those that fit, before they are worked again."""
    wanted, args = _selection(MOST)
    with looking() as db:
        unit = Unit(db, store().vault, store().directory(), now())
        foreseen = replay_flow.foresee(unit, wanted)
        going = _going(foreseen)
        sample = messages.oldest(db, store().vault, going[:SHOWN])
        numbers = orders.numbers(db, [row.order_id for row in sample if row.order_id])
    return render_template(
        "mending/selection.html",
        count=len(going),
        looked_at=sum(foreseen.connections.values()),
        where=foreseen.connections,
        choose=replay_flow.crosses_unasked(wanted, foreseen.across),
        numbers=numbers,
        paused=foreseen.paused,
        more=_more(foreseen.left) if foreseen.left else "",
        left_out=_left_out(foreseen),
        sample=sample,
        args=args,
    )


@desk.post("/messages/replay")
def replay_all() -> Response:
    """Work all that fit again, at most as many as were counted."""
    reason, count = forms.text("reason"), request.form.get("count", 0, int)
    wanted, args = _selection(count)
    back = url_for("replays.selection", **args, across=request.args.get("across"))
    if not reason or count < 1:
        flash(_("Say why they are replayed."), "error")
        return redirect(back, 303)
    try:
        done = act(lambda unit: replay_flow.replay_selection(unit, wanted, actor(), reason))
    except SeveralConnections as error:
        names = ", ".join(error.connections)
        said = _("They are of several connections (%(names)s): choose one, or all of them.")
        flash(said % {"names": names}, "error")
        return redirect(back, 303)
    _tell(done)
    return redirect(url_for("messages.listed", **{**args, "status": None}), 303)


def _tell(done: Outcome) -> None:
    """Say what became of a selection: how many go, which wait, what was left out, what is left."""
    sentence = ngettext(
        "%(num)d message is on its way again.",
        "%(num)d messages are on their way again.",
        len(done.queued),
    )
    flash(sentence, "done")
    if done.paused:
        flash(waits_too(done.paused), "done")
    for said in _left_out(done):
        flash(said, "error")
    if done.left:
        flash(_more(done.left), "done")


def _going(foreseen: Outcome) -> list[UUID]:
    """What would be worked again, or closed because it is overtaken."""
    over = [id_ for id_, one in foreseen.refused.items() if one.reason == Refusal.OVERTAKEN]
    return sorted([*foreseen.queued, *over])


def _left_out(outcome: Outcome) -> list[str]:
    """Which were refused and why, a sentence for each reason."""
    sentences = {
        Refusal.OVERTAKEN: lambda n: ngettext(
            "%(num)d was overtaken: what it would tell is over, it is closed instead.",
            "%(num)d were overtaken: what they would tell is over, they are closed instead.",
            n,
        ),
        Refusal.ENDED: lambda n: ngettext(
            "%(num)d is left out: it has ended for good.",
            "%(num)d are left out: they have ended for good.",
            n,
        ),
        Refusal.AT_WORK: lambda n: ngettext(
            "%(num)d is left out: it goes on by itself.",
            "%(num)d are left out: they go on by themselves.",
            n,
        ),
        Refusal.TOLD: lambda n: ngettext(
            "%(num)d that the partner has is left out: look at it by itself.",
            "%(num)d that the partner has are left out: look at each by itself.",
            n,
        ),
        Refusal.UNKNOWN_OUTCOME: lambda n: ngettext(
            "%(num)d that may have arrived is left out: look at it by itself.",
            "%(num)d that may have arrived are left out: look at each by itself.",
            n,
        ),
        Refusal.PAYLOAD_GONE: lambda n: ngettext(
            "%(num)d is left out: its payload cannot be had any more.",
            "%(num)d are left out: their payloads cannot be had any more.",
            n,
        ),
    }
    counts = {reason: outcome.refused_as(reason) for reason in sentences}
    return [str(sentences[reason](count)) for reason, count in counts.items() if count]


def _more(left: int) -> str:
    return str(
        ngettext(
            "%(num)d more fits; these are the oldest. Come back for it.",
            "%(num)d more fit; these are the oldest. Come back for the rest.",
            left,
        )
    )


def _selection(most: int) -> tuple[Selection, dict[str, Any]]:
    """The messages of the link's filters: parked ones, unless it says."""
    wanted = but(filters(), status=filters().status or "parked")
    args: dict[str, Any] = {**given(), "status": wanted.status}
    every = request.args.get("across") == "1"
    return Selection(wanted, every_connection=every, most=most), args
