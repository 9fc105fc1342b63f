"""Connections: how each partner does, and pausing and resuming it. No secret is ever shown."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from adapters.kit.manifest import Manifest
from adapters.kit.registry import entries
from admin import errors, forms
from admin.reach import act, actor, looking
from hub.flows.unit import Unit
from hub.model.errors import IllegalTransition, NotFound
from hub.store import audit, connections_state
from hub.store.views import connections

desk = Blueprint("connections", __name__)


@desk.get("/connections")
def listed() -> str:
    """All of them, with their health."""
    with looking() as db:
        found = connections.connections(db)
    return render_template("connections/list.html", connections=found)


@desk.get("/connections/<code>")
def one(code: str) -> str:
    """One with its lanes and what its adapter says of itself."""
    with looking() as db:
        found = connections.connections(db, code)
        backlog = [row for row in connections.backlog(db) if row.connection == code]
    if not found:
        abort(404)
    manifest = _manifest(found[0].adapter)
    return render_template(
        "connections/one.html", connection=found[0], backlog=backlog, manifest=manifest
    )


@desk.post("/connections/<code>/pause")
def pause(code: str) -> Response:
    """Stop telling it; what it says is still kept."""
    because = forms.text("reason") or _("by a person")

    def work(unit: Unit) -> None:
        merchant = _merchant(unit, code)
        if not connections_state.pause(unit.db, code, because):
            raise IllegalTransition("connection", "paused", "pause")
        _record(unit, merchant, code, "connection.pause", because)

    return _done(work, code, _("The connection is paused. What it is to be told waits."))


@desk.post("/connections/<code>/resume")
def resume(code: str) -> Response:
    """Let what waits go again."""
    because = forms.text("reason")

    def work(unit: Unit) -> None:
        merchant = _merchant(unit, code)
        if not connections_state.resume(unit.db, code, unit.rings):
            raise IllegalTransition("connection", "active", "resume")
        _record(unit, merchant, code, "connection.resume", because)

    return _done(work, code, _("The connection is resumed. What waited is on its way."))


def _done(work: Callable[[Unit], object], code: str, sentence: str) -> Response:
    back = url_for("connections.one", code=code)
    try:
        act(work)
    except IllegalTransition as error:
        return errors.refused(error, back)
    flash(sentence, "done")
    return redirect(back, 303)


def _merchant(unit: Unit, code: str) -> str:
    """Whose connection it is, where it is in reach."""
    found = connections.connections(unit.db, code)
    if not found:
        raise NotFound
    return found[0].merchant


def _record(unit: Unit, merchant: str, code: str, action: str, because: str) -> None:
    subject, detail = f"connection:{code}", {"reason": because}
    audit.record(unit.db, merchant, actor(), action, subject, detail, unit.at)


def _manifest(adapter: str) -> Manifest | None:
    found = entries().get(adapter)
    return found.manifest if found else None
