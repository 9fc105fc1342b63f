"""How long merchants keep their customers: what is set, when the clock looked last, how many would
be forgotten today; and another word, tried before it counts.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import forms
from admin.request_context import act, actor, looking, merchants, now, store
from admin.shown import paging
from hub.flows.customers import keeping
from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.store.customers import retention
from hub.store.customers.retention import Kept
from hub.store.views.page import Page

desk = Blueprint("customer_retention", __name__)


@dataclass(frozen=True, slots=True)
class Told:
    """A merchant, what it said, and how many would be forgotten today."""

    merchant: str
    kept: Kept | None
    past: int


@desk.get("/customers/retention")
def listed() -> str:
    """Merchants, in order of their codes."""
    after = paging.after()
    codes = [code for code in _codes() if not after or code > after[0]]
    some = codes[: paging.SIZE]
    with looking() as db:
        unit = Unit(db, store().vault, store().directory(), now())
        known = retention.of_all(db, some)
        rows = [_told(unit, code, known.get(code)) for code in some]
    page = Page(rows, (some[-1],) if len(codes) > len(some) else None)
    return render_template("customers/retention.html", page=page, following=paging.following(page))


@desk.post("/customers/retention/<merchant>/preview")
def preview(merchant: str) -> str | Response:
    """How many would be forgotten. Nothing is kept."""
    owner, days = _seen(merchant), _days()
    if isinstance(days, str):
        return _refused(days)
    with looking() as db:
        unit = Unit(db, store().vault, store().directory(), now())
        past = 0 if days is None else keeping.count(unit, owner, days)
        standing = _told(unit, owner, retention.of(db, owner))
    return render_template("customers/retention_tried.html", told=standing, days=days, past=past)


@desk.post("/customers/retention/<merchant>")
def say(merchant: str) -> Response:
    """So it is from now on. Whoever shortens it writes whose customers they are once more."""
    owner, days = _seen(merchant), _days()
    if isinstance(days, str):
        return _refused(days)
    if days is not None and forms.text("confirm") != owner:
        return _refused(_("Write the merchant's code to confirm it."))
    act(lambda unit: keeping.say(unit, owner, days, actor()))
    flash(_("It counts from now on."), "done")
    return redirect(url_for("customer_retention.listed"), 303)


def _told(unit: Unit, merchant: str, kept: Kept | None) -> Told:
    days = kept.days if kept else None
    return Told(merchant, kept, 0 if days is None else keeping.count(unit, merchant, days))


def _codes() -> list[str]:
    return [code for code in merchants() if code != OPERATOR]


def _seen(merchant: str) -> str:
    if merchant not in _codes():
        abort(404)
    return merchant


def _days() -> int | str | None:
    """The days of the form; None for ever; a sentence where they are none."""
    text = forms.text("days")
    if not text:
        return None
    if text.isascii() and text.isdigit() and keeping.FEWEST <= int(text[:9]) <= keeping.MOST:
        return int(text)
    return str(
        _("%(fewest)d to %(most)d days are expected.", fewest=keeping.FEWEST, most=keeping.MOST)
    )


def _refused(sentence: str) -> Response:
    flash(sentence, "error")
    return redirect(url_for("customer_retention.listed"), 303)
