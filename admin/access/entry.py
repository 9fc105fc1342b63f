"""The way in and out: log in, log out, language, own password, own open sessions."""

from datetime import timedelta

from flask import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from flask_babel import format_timedelta, refresh
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.access import devices, sessions
from admin.request_context import account, act_on_accounts, actor, console, now, store
from admin.shown.template_filters import CHOSEN
from hub.doors.limits import Seldom
from hub.doors.origin import neighbourhood
from hub.flows.unit import Unit
from hub.logs import get
from hub.model.errors import BadData
from hub.model.merchant import OPERATOR
from hub.store.people import accounts, audit_trail
from hub.store.people import sessions as kept
from hub.store.people.accounts import Account

desk = Blueprint("entry", __name__)

_REFUSED = Seldom()


@desk.get("/login")
def login() -> Response | str:
    """The form."""
    if g.account:
        return redirect(url_for("overview.home"), 303)
    return render_template("entry/login.html", next=forms.place(request.args.get("next"), ""))


@desk.post("/login")
def log_in() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Who it is, if the password is right; the same words whatever was wrong."""
    name, password = forms.text("login", 200), request.form.get("password", "")[:1000]
    address, further = request.remote_addr or "-", forms.place(request.form.get("next"), "")
    login = accounts.plain(name)
    claim = console().passwords.claim(login, address, devices.known(login))
    person = None if claim.wait else _checked(login, password, address)
    if person is not None:
        claim.right()
        get("hub.security").info("logged_in", user=person.login, address=address)
        answer = redirect(further or url_for("overview.home"), 303)
        devices.remember(answer, person.login)
        return answer
    _note(address, claim.wait)
    page = {"next": further, "login": name}
    if claim.wait:
        wait = int(claim.wait) + 1
        sentence = _(
            "Too many attempts. Try again in %(time)s.", time=format_timedelta(timedelta(0, wait))
        )
        html = render_template("entry/login.html", error=sentence, **page)
        return html, 429, {"Retry-After": str(wait)}
    sentence = _("This login and password do not belong together.")
    return render_template("entry/login.html", error=sentence, **page), 401


def _checked(login: str, password: str, address: str) -> Account | None:
    """The account, and a session of it, where the password is right."""
    with store().doors.begin() as db:
        found = accounts.check(db, login, password)
        if found is not None:
            agent = request.headers.get("User-Agent", "")
            sessions.begin(db, sessions.visit(), found, now(), address=address, agent=agent)
    return found


def _note(address: str, wait: float) -> None:
    """Each try that was wrong; of those that were not even tried one a minute."""
    kept_back = _REFUSED.due(neighbourhood(address)) if wait else 0
    if kept_back is not None:
        log = get("hub.security")
        log.warning("login_refused", address=address, waits=round(wait), kept_back=kept_back)


@desk.post("/logout")
def log_out() -> Response:
    """End this session."""
    with store().doors.begin() as db:
        sessions.end(db, sessions.visit())
    return redirect(url_for("entry.login"), 303)


@desk.post("/language")
def language() -> Response:
    """Speak another language from now on."""
    chosen = forms.text("language", 8)
    if chosen in CHOSEN:
        session["language"] = chosen
        if g.account:
            with store().doors.begin() as db:
                accounts.set_language(db, g.account.id, CHOSEN[chosen])
        refresh()
    return redirect(forms.place(request.form.get("next"), url_for("overview.home")), 303)


@desk.get("/account", endpoint="account")
def own() -> str:
    """Who one is here, and where one is logged in."""
    with store().doors.begin() as db:
        found = kept.listed(db, account().id)
    return render_template(
        "entry/account.html", sessions=found, current=(sessions.visit().digest or b"").hex()
    )


@desk.post("/account/password")
def password() -> Response:
    """Change one's own password. All sessions end, this one too."""
    old, new = request.form.get("old", "")[:1000], request.form.get("new", "")[:1000]
    who = account()
    here = (sessions.visit().digest or b"").hex()
    claim = console().passwords.claim(who.login, request.remote_addr or "-", here)
    if claim.wait:
        g.retry_after = claim.wait
        abort(429)
    with store().doors.begin() as db:
        checked = accounts.check(db, who.login, old)
    if checked is None or checked.id != who.id:
        flash(_("Your present password is not that one."), "error")
        return redirect(url_for("entry.account"), 303)

    claim.right()

    def change(unit: Unit) -> None:
        accounts.set_password(unit.db, who.login, new)
        subject = f"account:{who.id}"
        audit_trail.record(unit.db, OPERATOR, actor(), "user.passwd", subject, {}, unit.at)

    try:
        act_on_accounts(change)
    except BadData as error:
        return errors.refused(error, url_for("entry.account"))
    get("hub.security").info("password_changed", user=who.login)
    with store().doors.begin() as db:
        sessions.end(db, sessions.visit())
    flash(_("Your password is changed. Log in with the new one."), "done")
    return redirect(url_for("entry.login"), 303)


@desk.post("/account/sessions/<digest>/revoke")
def revoke(digest: str) -> Response:
    """End one of one's own sessions."""
    who = account()

    def end(unit: Unit) -> bool:
        done = kept.revoke(unit.db, who.id, digest[:64])
        if done:
            subject = f"account:{who.id}"
            audit_trail.record(unit.db, OPERATOR, actor(), "session.revoke", subject, {}, unit.at)
        return done

    if act_on_accounts(end):
        flash(_("The session is ended."), "done")
    return redirect(url_for("entry.account"), 303)
