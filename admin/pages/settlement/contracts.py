"""Contracts with merchants: their versions, and a new one, tried on the last month before it is
put in force.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import forms, written_terms
from admin.request_context import act, actor, looking, merchants, now, store
from admin.shown import paging, statement_picture
from admin.written_terms import Given, Wrong
from hub.flows.config.applying import reading, spread
from hub.flows.settlement import contracts, opening
from hub.flows.settlement.opening import WhatIf
from hub.flows.unit import Unit
from hub.model.errors import BadData, Problem
from hub.rules.settlement.periods import period_of
from hub.rules.settlement.terms import Terms
from hub.store.settlement import contracts as versions
from hub.store.settlement.contracts import Version
from hub.store.views.page import Page

desk = Blueprint("contracts", __name__)
_BEGUN = "currency: EUR\nperiod: month\nrules:\n- name: all\n  percent: '10'\n"
"""What a first contract begins with."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The terms that were written, read."""

    valid_from: datetime
    terms: Terms


@desk.get("/settlement/contracts")
def listed() -> str:
    """Merchants, and how often each one's terms were agreed."""
    part, after = forms.arg("merchant") or "", paging.after()
    codes = [code for code in merchants() if part in code and (not after or code > after[0])]
    shown = codes[: paging.SIZE]
    with looking() as db:
        newest = versions.newest(db, shown)
    more = (shown[-1],) if len(codes) > len(shown) else None
    page = Page([(code, newest.get(code)) for code in shown], more)
    return render_template(
        "settlement/contracts.html", page=page, part=part, following=paging.following(page)
    )


@desk.get("/settlement/contracts/<merchant>")
def one(merchant: str) -> str:
    """A merchant's contract, version by version, and the form for a new one."""
    return _page(_known(merchant), None, {})


@desk.post("/settlement/contracts/<merchant>/preview")
def preview(merchant: str) -> str | tuple[str, int]:
    """What the last month would have come to under these terms. Nothing is kept."""
    given = written_terms.given()
    try:
        wanted = _read(given)
    except Wrong as wrong:
        return _page(_known(merchant), given, wrong.problems), 422
    until, _end = period_of("month", now())
    since, _until = period_of("month", until - timedelta(days=1))
    with looking() as db:
        unit = Unit(db, store().vault, store().directory(), now())
        tried = opening.what_if(
            unit, _known(merchant), wanted.terms.currency, since, until, wanted.terms
        )
    return render_template(
        "settlement/preview.html",
        merchant=merchant,
        given=given,
        wanted=wanted,
        since=since,
        last=until - timedelta(days=1),
        tried=tried,
        rows=_compared(tried),
    )


@desk.post("/settlement/contracts/<merchant>/agree")
def agree(merchant: str) -> Response | str | tuple[str, int]:
    """Put the terms in force."""
    given = written_terms.given()
    if "back" in request.form:
        return _page(_known(merchant), given, {})
    try:
        wanted = _read(given)
    except Wrong as wrong:
        return _page(_known(merchant), given, wrong.problems), 422
    owner = _known(merchant)
    try:
        number = act(
            lambda unit: contracts.agree(unit, owner, wanted.terms, wanted.valid_from, actor())
        )
    except BadData as error:
        return _page(owner, given, {"terms": error.problems()}), 422
    flash(_("Version %(version)s is agreed.", version=number), "done")
    return redirect(url_for("contracts.one", merchant=merchant), 303)


def _page(merchant: str, given: Given | None, problems: Mapping[str, Sequence[Problem]]) -> str:
    with looking() as db:
        rows = versions.of(db, [merchant])
    newest = rows[-1] if rows else None
    return render_template(
        "settlement/contract.html",
        merchant=merchant,
        versions=rows[::-1],
        shown=_text(newest) if newest else "",
        given=given or Given("", _text(newest) if newest else _BEGUN),
        problems=problems,
    )


def _text(version: Version) -> str:
    """Its terms as YAML; of the account how it ends."""
    terms = Terms.model_validate(version.terms)
    return spread(terms.model_dump(mode="json", exclude_defaults=True))


def _compared(tried: WhatIf) -> list[statement_picture.Compared]:
    return statement_picture.compared(tried.then.lines, tried.now.lines)


def _read(given: Given) -> Wanted:
    valid_from, terms = written_terms.read(given, lambda text: contracts.read(reading.read(text)))
    return Wanted(valid_from or now(), terms)


def _known(merchant: str) -> str:
    if merchant not in merchants():
        abort(404)
    return merchant
