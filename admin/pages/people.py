"""People who may use the console: list, add, disable."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.request_context import account, act_on_accounts, actor, looking
from hub.flows.unit import Unit
from hub.logs import get
from hub.model.errors import BadData, NotFound
from hub.model.merchant import OPERATOR
from hub.store.config import snapshot
from hub.store.people import accounts, audit_trail, sessions
from hub.store.people.accounts import ROLES

desk = Blueprint("people", __name__)


@desk.get("/users")
def listed() -> str:
    """All accounts, and the form for a new one."""
    with looking() as db:
        found, merchants = accounts.listed(db), snapshot.merchant_codes(db)
    return render_template("people/list.html", accounts=found, roles=ROLES, merchants=merchants)


@desk.post("/users")
def add() -> Response | tuple[str, int]:
    """A new account."""
    login, name, role = forms.text("login"), forms.text("name"), forms.text("role")
    merchants, password = forms.texts("merchants"), request.form.get("password", "")[:1000]

    def work(unit: Unit) -> None:
        made = accounts.add(unit.db, login, name, password, role=role, merchants=merchants)
        detail = {"account": made, "role": role, "merchants": merchants}
        audit_trail.record(
            unit.db, OPERATOR, actor(), "user.add", f"account:{made}", detail, unit.at
        )

    try:
        act_on_accounts(work)
    except BadData as error:
        return errors.refused(error, url_for("people.listed"))
    get("hub.security").info("user_added", user=account().login, role=role)
    flash(_("The account is there. Hand over the password in person."), "done")
    return redirect(url_for("people.listed"), 303)


@desk.post("/users/<uuid:account_id>/disable")
def disable(account_id: UUID) -> Response:
    """End all sessions of an account and let nobody in with it."""
    if account_id == account().id:
        flash(_("You cannot disable yourself: ask another operator."), "error")
        return redirect(url_for("people.listed"), 303)
    return _set(account_id, "disabled", "user.disable", _done_disabling)


@desk.post("/users/<uuid:account_id>/enable")
def enable(account_id: UUID) -> Response:
    """Let somebody in again."""
    return _set(account_id, "active", "user.enable", _done_enabling)


def _done_enabling(login: str) -> str:
    return str(_("%(login)s is active again.", login=login))


def _done_disabling(login: str) -> str:
    return str(_("%(login)s is disabled, and logged out everywhere.", login=login))


def _set(account_id: UUID, status: str, action: str, sentence: Callable[[str], str]) -> Response:
    def work(unit: Unit) -> str:
        login = accounts.set_status(unit.db, account_id, status)
        if login is None:
            raise NotFound
        sessions.end_all(unit.db, account_id)
        subject = f"account:{account_id}"
        audit_trail.record(unit.db, OPERATOR, actor(), action, subject, {}, unit.at)
        return login

    login = act_on_accounts(work)
    get("hub.security").info("user_changed", user=account().login, action=action)
    flash(sentence(login), "done")
    return redirect(url_for("people.listed"), 303)
