"""Connections: how each partner does, and what may be done about it. No secret is ever shown."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from adapters.kit.manifest import Manifest
from adapters.kit.registry import entries
from admin import errors, forms
from admin.decisions import decided
from admin.pages.secrets import Kept, kept_secrets, problem_with, submitted
from admin.request_context import act, actor, console, looking, now, store
from admin.shown import labels
from hub.flows.config import pause as flow
from hub.flows.config import polling
from hub.flows.unit import Unit
from hub.model.errors import (
    BadData,
    NeedsPerson,
    NotFound,
    OutcomeUnknown,
    TryLater,
)
from hub.model.looks import masked
from hub.store.config.snapshot import Connection
from hub.store.views import connections

desk = Blueprint("connections", __name__)


@desk.get("/connections")
def listed() -> str:
    """All of them, each with how it does."""
    with looking() as db:
        found = flow.conditions(db, now())
    return render_template("connections/list.html", connections=found)


@desk.get("/connections/<code>")
def one(code: str) -> str:
    """One with its deliveries, its lanes and what its adapter says of itself."""
    with looking() as db:
        conditions = flow.conditions(db, now(), code)
        backlog = [row for row in connections.backlog(db) if row.connection == code]
    if not conditions:
        abort(404)
    item, condition = conditions[0]
    return render_template(
        "connections/one.html",
        connection=item,
        condition=condition,
        backlog=backlog,
        manifest=_manifest(item.adapter),
        secrets=kept_secrets(_partner(code)),
    )


@desk.post("/connections/<code>/pause")
def pause(code: str) -> Response:
    """Stop telling it; what it says is still kept."""
    because = forms.text("reason") or _("by a person")

    def work(unit: Unit) -> None:
        flow.pause_by(unit, _in_reach(unit, code), actor(), because)

    return _done(work, code, _("The connection is paused. What it is to be told waits."))


@desk.post("/connections/<code>/resume")
def resume(code: str) -> Response:
    """Let what waits go again."""
    because = forms.text("reason")

    def work(unit: Unit) -> None:
        flow.resume_by(unit, _in_reach(unit, code), actor(), because)

    return _done(work, code, _("The connection is resumed. What waited is on its way."))


@desk.post("/connections/<code>/check")
def check(code: str) -> Response:
    """Call the partner harmlessly, now. Where it was away and answers, a probe goes at once."""
    with looking() as db:
        if not connections.connections(db, code):
            abort(404)
    partner = _partner(code)
    answered, sentence = _called(partner)

    def work(unit: Unit) -> None:
        if not answered:
            flow.answers(unit, partner)
        flow.record(unit, partner, actor(), "connection.check", answered)

    if answered:
        act(work)
        flash(sentence, "error")
        return redirect(url_for("connections.one", code=code), 303)
    return _done(work, code, _("It answers."))


@desk.post("/connections/<code>/poll")
def poll(code: str) -> Response:
    """Ask it now what changed."""
    since = forms.moment("since")
    if since is None and forms.text("since"):
        flash(_("A time such as 2026-11-24T08:00 is expected."), "error")
        return redirect(url_for("connections.one", code=code), 303)

    def work(unit: Unit) -> None:
        polling.poll_by(unit, _in_reach(unit, code), actor(), since)

    return _done(work, code, _("It is being asked what changed."))


@desk.post("/connections/<code>/secrets/<name>")
def replace(code: str, name: str) -> Response:
    """Seal a new secret. The old one may hold beside it for a while."""
    back = url_for("connections.one", code=code)
    with looking() as db:
        if not connections.connections(db, code):
            abort(404)
    partner = _partner(code)
    kept = next((row for row in kept_secrets(partner) if row.name == name), None)
    if kept is None:
        abort(404)
    secret, beside = submitted(partner, kept)
    problem = problem_with(partner, kept, secret, beside)
    if problem is not None:
        flash(problem, "error")
        return redirect(back, 303)

    def work(unit: Unit) -> None:
        flow.replace_secret(unit, partner, name, secret or "", beside=beside or ())
        flow.record(unit, partner, actor(), "connection.secret", name)

    return _done(work, code, _replaced(kept, beside))


def _replaced(kept: Kept, beside: tuple[str, ...] | None) -> str:
    if beside:
        return str(_("The new %(name)s holds, and the old one beside it.", name=kept.name))
    return str(_("Only the new %(name)s holds now.", name=kept.name))


def _called(partner: Connection) -> tuple[str, str]:
    """What went wrong with a harmless call, as a code and a sentence; empty where nothing did."""
    here, directory = console(), store().directory()
    try:
        here.adapters.of(partner, directory.network, directory.version).check()
    except BadData as error:
        why = errors.told(error)
        return error.code, str(_("It cannot be called from here: %(why)s", why=why))
    except NeedsPerson as error:
        return error.code, f"{labels.cause(error.code)}: {masked(str(error))}"
    except (TryLater, OutcomeUnknown) as error:
        why = masked(str(error))
        return "try_later", str(_("It does not answer: %(why)s", why=why))
    return "", ""


def _done(work: Callable[[Unit], object], code: str, sentence: str) -> Response:
    return decided(work, url_for("connections.one", code=code), sentence)


def _partner(code: str) -> Connection:
    """The connection as adapters take it; whether it is in reach is asked before."""
    found = store().directory().connections.get(code)
    if found is None:
        raise NotFound
    return found


def _in_reach(unit: Unit, code: str) -> Connection:
    """The connection, where whoever asks may see it."""
    if not connections.connections(unit.db, code):
        raise NotFound
    return _partner(code)


def _manifest(adapter: str) -> Manifest | None:
    found = entries().get(adapter)
    return found.manifest if found else None
