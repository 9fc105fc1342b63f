"""Mending one message: replay, edit and replay with a comparison first, discard, settle."""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.access import unmasking
from admin.pages.messages import may_edit, seen
from admin.request_context import act, actor, looking, store
from admin.shown import pretty
from hub.flows.messages import replay as replay_flow
from hub.flows.unit import Unit
from hub.model.errors import IllegalTransition, NeedsPerson, Overtaken
from hub.store.views import connections, message_view
from hub.store.views.messages import MessageRow

desk = Blueprint("mending", __name__)


@desk.post("/messages/<uuid:message_id>/replay")
def replay(message_id: UUID) -> Response:
    """Work it again from its bytes."""
    reason = forms.text("reason")
    with looking() as db:
        seen(db, message_id)
        paused = connections.paused(db, [message_id])

    def work(unit: Unit) -> Overtaken | None:
        return replay_flow.replay(unit, [message_id], actor(), reason).overtaken.get(message_id)

    on_its_way = _("The message is on its way again.")
    return _asked(message_id, work, waits_too(paused) if paused else on_its_way)


@desk.post("/messages/<uuid:message_id>/discard")
def discard(message_id: UUID) -> Response:
    """Give it up; what stands behind it goes on."""
    reason = forms.text("reason")
    if not reason:
        flash(_("Say why it is given up."), "error")
        return redirect(url_for("messages.one", message_id=message_id), 303)
    return _asked(
        message_id,
        lambda unit: replay_flow.discard(unit, [message_id], actor(), reason),
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

    def work(unit: Unit) -> Overtaken | None:
        status = replay_flow.settle_unknown(unit, message_id, actor(), arrived=arrived)
        over = _("What it would tell is over: it is closed and not sent.")
        return Overtaken(over) if status == "superseded" else None

    return _asked(message_id, work, sentence)


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
    lines = pretty.compare(pretty.laid_out(pretty.text(raw) or ""), pretty.laid_out(text))
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
        lambda unit: replay_flow.edit(unit, message_id, payload, actor(), reason),
        _("The new version is on its way."),
    )


def waits_too(paused: Sequence[str]) -> str:
    """That what was replayed waits until somebody resumes its connection."""
    names = ", ".join(paused)
    return str(_("Replayed, and it waits: %(names)s is paused. Resume it first.", names=names))


def _editable(message_id: UUID) -> tuple[MessageRow, bytes]:
    """The message and its payload, where it may be changed; 409 where it may not any more."""
    with looking() as db:
        row = seen(db, message_id)
        raw = message_view.payload(db, store().vault, row)
    if not may_edit(row):
        abort(409)
    return row, raw


def _submitted() -> str:
    return request.form.get("text", "").replace("\r\n", "\n")


def _asked(message_id: UUID, work: Callable[[Unit], object], sentence: str) -> Response:
    back = url_for("messages.one", message_id=message_id)
    try:
        over = act(work)
    except (IllegalTransition, NeedsPerson) as error:
        return errors.refused(error, back)
    if isinstance(over, Overtaken):
        return errors.refused(over, back)
    flash(sentence, "done")
    return redirect(back, 303)
