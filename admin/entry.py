"""The way in and out: log in, log out, language, own password, own open sessions."""

from datetime import timedelta

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_babel import format_timedelta, refresh
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import errors, forms, sessions
from admin.reach import account, act, actor, now, store
from admin.showing import CHOSEN
from hub.flows.unit import Unit
from hub.logs import get
from hub.model.errors import BadData
from hub.store import accounts, audit
from hub.store.directory import OPERATOR

desk = Blueprint("entry", __name__)

_SET_LANGUAGE = sa.text("UPDATE account SET language = :language WHERE id = :id")


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
    with store().doors.begin() as db:
        found = accounts.check(db, name, password, address, now())
        if found.account is not None:
            agent = request.headers.get("User-Agent", "")
            sessions.begin(db, sessions.visit(), found.account, now(), address=address, agent=agent)
    if found.account is not None:
        get("hub.security").info("logged_in", user=found.account.login, address=address)
        return redirect(further or url_for("overview.home"), 303)
    get("hub.security").warning("login_refused", address=address, waits=round(found.retry_after))
    page = {"next": further, "login": name}
    if found.retry_after:
        wait = int(found.retry_after) + 1
        sentence = _(
            "Too many attempts. Try again in %(time)s.", time=format_timedelta(timedelta(0, wait))
        )
        html = render_template("entry/login.html", error=sentence, **page)
        return html, 429, {"Retry-After": str(wait)}
    sentence = _("This login and password do not belong together.")
    return render_template("entry/login.html", error=sentence, **page), 401


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
                db.execute(_SET_LANGUAGE, {"language": CHOSEN[chosen], "id": g.account.id})
        refresh()
    return redirect(forms.place(request.form.get("next"), url_for("overview.home")), 303)


@desk.get("/account", endpoint="account")
def own() -> str:
    """Who one is here, and where one is logged in."""
    with store().doors.begin() as db:
        found = sessions.listed(db, account().id)
    return render_template(
        "entry/account.html", sessions=found, current=(sessions.visit().digest or b"").hex()
    )


@desk.post("/account/password")
def password() -> Response:
    """Change one's own password. All sessions end, this one too."""
    old, new = request.form.get("old", "")[:1000], request.form.get("new", "")[:1000]
    who = account()
    with store().doors.begin() as db:
        found = accounts.check(db, who.login, old, request.remote_addr or "-", now())
    if found.account is None or found.account.id != who.id:
        flash(_("Your present password is not that one."), "error")
        return redirect(url_for("entry.account"), 303)

    def change(unit: Unit) -> None:
        accounts.set_password(unit.db, who.login, new)
        subject = f"account:{who.id}"
        audit.record(unit.db, OPERATOR, actor(), "user.passwd", subject, {}, unit.at)

    try:
        act(change)
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
    with store().doors.begin() as db:
        done = sessions.revoke(db, account().id, digest[:64])
    if done:
        flash(_("The session is ended."), "done")
    return redirect(url_for("entry.account"), 303)
