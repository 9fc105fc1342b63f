"""Mending messages: replay, edit and replay with a comparison first, discard, settle, and many."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from admin import errors, forms, pretty, queries, unmasking
from admin.messages import given, may_edit, payload_shown, seen
from admin.reach import act, actor, looking, store
from hub.flows import mending
from hub.flows.unit import Unit
from hub.model.errors import BadData, IllegalTransition
from hub.store.views import messages
from hub.store.views.messages import MessageRow, Wanted

desk = Blueprint("mending", __name__)

MOST = 1000
"""Messages that one click works again."""
_REPLAYED = {"in": ("parked", "waiting", "done", "ignored"), "out": ("parked", "waiting")}
"""What may be replayed by selection; what was delivered only one by one."""


@desk.post("/messages/<uuid:message_id>/replay")
def replay(message_id: UUID) -> Response:
    """Work it again from its bytes."""
    reason = forms.text("reason")
    return _asked(
        message_id,
        lambda unit: mending.replay(unit, [message_id], actor(), reason),
        _("The message is on its way again."),
    )


@desk.post("/messages/<uuid:message_id>/discard")
def discard(message_id: UUID) -> Response:
    """Give it up; what stands behind it goes on."""
    reason = forms.text("reason")
    if not reason:
        flash(_("Say why it is given up."), "error")
        return redirect(url_for("messages.one", message_id=message_id), 303)
    return _asked(
        message_id,
        lambda unit: mending.discard(unit, [message_id], actor(), reason),
        _("The message is discarded."),
    )


@desk.post("/messages/<uuid:message_id>/settle")
def settle(message_id: UUID) -> Response:
    """Somebody looked at the partner's: it arrived, or it did not."""
    word = request.form.get("arrived")
    if word not in {"yes", "no"}:
        abort(400)
    arrived = word == "yes"
    sentence = _("It counts as delivered.") if arrived else _("It is sent again.")
    return _asked(
        message_id,
        lambda unit: mending.settle_unknown(unit, message_id, actor(), arrived=arrived),
        sentence,
    )


@desk.get("/messages/<uuid:message_id>/edit")
def edit(message_id: UUID) -> str:
    """The payload to be changed; a reason to see it first, where it is masked."""
    row, raw = _editable(message_id)
    if not unmasking.is_open(f"message:{message_id}", "messages.unmask"):
        return render_template("mending/reason.html", message=row)
    return render_template(
        "mending/edit.html", message=row, text=pretty.editable(raw), version=row.version, reason=""
    )


@desk.post("/messages/<uuid:message_id>/edit")
def preview(message_id: UUID) -> Response | str:
    """What would change, before anything does."""
    row, raw = _editable(message_id)
    if not unmasking.is_open(f"message:{message_id}", "messages.unmask"):
        return redirect(url_for("mending.edit", message_id=message_id), 303)
    text, reason = _submitted(), forms.text("reason")
    form = {"message": row, "text": text, "version": row.version, "reason": reason}
    lines = pretty.compare(payload_shown(raw, clear=True) or "", pretty.laid_out(text))
    if not lines or not reason:
        problem = _("Nothing is different yet.") if not lines else _("Say why it is changed.")
        return render_template("mending/edit.html", problem=problem, **form)
    return render_template("mending/preview.html", lines=lines, **form)


@desk.post("/messages/<uuid:message_id>/edit/confirm")
def confirm(message_id: UUID) -> Response | str:
    """Keep the new version and work that. The original stays."""
    row, raw = _editable(message_id)
    text, reason = _submitted(), forms.text("reason")
    if request.form.get("back"):
        return render_template(
            "mending/edit.html", message=row, text=text, version=row.version, reason=reason
        )
    if request.form.get("version") != str(row.version):
        flash(_("Somebody changed this message meanwhile. Look at it again."), "error")
        return redirect(url_for("messages.one", message_id=message_id), 303)
    payload = pretty.submitted(text, raw)
    return _asked(
        message_id,
        lambda unit: mending.edit(unit, message_id, payload, actor(), reason),
        _("The new version is on its way."),
    )


@desk.get("/messages/replay")
def selection() -> str:
    """How many fit, before they are worked again."""
    wanted, args = _selection()
    with looking() as db:
        found = messages.selected(db, wanted, MOST + 1)
        sure = queries.sure(db, found)
        sample = messages.messages(db, wanted, limit=5).items
    return render_template(
        "mending/selection.html",
        count=min(len(sure), MOST),
        more=len(found) > MOST,
        unsure=len(found) - len(sure),
        sample=sample,
        args=args,
        wanted=wanted,
    )


@desk.post("/messages/replay")
def replay_all() -> Response:
    """Work all that fit again, at most as many as were counted."""
    wanted, args = _selection()
    reason, count = forms.text("reason"), min(request.form.get("count", 0, int), MOST)
    back = url_for("mending.selection", **args)
    if not reason or count < 1:
        flash(_("Say why they are replayed."), "error")
        return redirect(back, 303)

    def work(unit: Unit) -> int:
        ids = queries.sure(unit.db, messages.selected(unit.db, wanted, MOST + 1))[:count]
        return mending.replay(unit, ids, actor(), reason) if ids else 0

    try:
        done = act(work)
    except IllegalTransition as error:
        return errors.refused(error, back)
    sentence = ngettext(
        "%(num)d message is on its way again.", "%(num)d messages are on their way again.", done
    )
    flash(sentence, "done")
    return redirect(url_for("messages.listed", **{**args, "status": None}), 303)


def _selection() -> tuple[Wanted, dict[str, Any]]:
    """The messages of the link's filters that may be replayed: parked ones, unless it says."""
    args: dict[str, Any] = {**given()}
    direction = args.get("direction")
    known = _REPLAYED.get(direction or "", ("parked", "waiting"))
    args["status"] = args["status"] if args.get("status") in known else "parked"
    return Wanted(**args), args


def _editable(message_id: UUID) -> tuple[MessageRow, bytes]:
    """The message and its payload, where it may be changed; 409 where it may not any more."""
    with looking() as db:
        row = seen(db, message_id)
        raw = messages.payload(db, store().vault, row)
    if not may_edit(row):
        abort(409)
    return row, raw


def _submitted() -> str:
    return request.form.get("text", "").replace("\r\n", "\n")


def _asked(message_id: UUID, work: Callable[[Unit], object], sentence: str) -> Response:
    back = url_for("messages.one", message_id=message_id)
    try:
        act(work)
    except (IllegalTransition, BadData) as error:
        return errors.refused(error, back)
    flash(sentence, "done")
    return redirect(back, 303)
