"""The books: what they do not have yet and why, up to when they are closed, and exports."""

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from admin import forms
from admin.request_context import account, act, actor, looking, now, scope_of, store
from hub.flows.books import closing, exporting
from hub.flows.books.tell import hears
from hub.model.errors import BadData, IllegalTransition, UnknownCode
from hub.store.books import locks
from hub.store.config.snapshot import Connection
from hub.store.views.settlement import books as views
from mappings.journal import EXPORTS, Client, export

desk = Blueprint("books", __name__)


@desk.get("/books")
def listed() -> str:
    """What has not arrived, per day and connection."""
    wanted = forms.arg("connection")
    partners = _partners()
    codes = {it.code for it in partners}
    with looking() as db:
        missing = [it for it in views.missing(db, wanted) if it.connection in codes]
        latest = [it for it in views.latest(db, wanted) if it.connection in codes]
        closed = locks.closed(db)
    today = now().date()
    return render_template(
        "books/list.html",
        missing=missing,
        latest=latest,
        closed=closed,
        partners=partners,
        merchants=sorted({it.merchant for it in closed} | _merchants()),
        connection=wanted,
        formats=EXPORTS,
        first=today.replace(day=1),
        last=today,
    )


@desk.get("/books/export")
def exported() -> Answer | Response:
    """The ledger of some days as a file."""
    form = forms.choice("format", *EXPORTS)
    partner = next((it for it in _partners() if it.code == forms.arg("connection")), None)
    first, last = _day(forms.arg("from")), _day(forms.arg("to"))
    if not (form and partner and first and last):
        return redirect(url_for("books.listed"), 303)
    try:
        wanted = exporting.wanted(first, last, partner)
        with looking() as db:
            entries = exporting.entries(db, wanted)
        file = export(form, entries, Client(zone=wanted.zone), f"journal_{first}_{last}")
    except (BadData, UnknownCode) as error:
        flash(str(error), "error")
        return redirect(url_for("books.listed"), 303)
    said = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.raw, content_type=file.media_type, headers=said)


@desk.post("/books/close")
def close() -> Answer:
    """Nothing is booked up to and with a day any more."""
    merchant, until = forms.text("merchant"), _day(forms.text("until"))
    if until is None:
        flash(_("A day is expected."), "error")
        return redirect(url_for("books.listed"), 303)
    place = forms.text("connection") or None
    try:
        act(lambda unit: closing.close(unit, merchant, place, until, actor()))
    except (BadData, IllegalTransition):
        flash(_("They are closed up to that day already, or there are no such books."), "error")
    else:
        flash(_("The books are closed up to and with %(day)s.", day=str(until)), "done")
    return redirect(url_for("books.listed"), 303)


def _partners() -> list[Connection]:
    """The connections to books within reach."""
    scope = scope_of(account())
    return [
        it
        for it in store().directory().connections.values()
        if hears(it) and (scope is None or it.merchant in scope)
    ]


def _merchants() -> set[str]:
    scope = scope_of(account())
    return {it for it in store().directory().merchants if scope is None or it in scope}


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        return None
