"""Merchants' terms for returns: their versions side by side, and new ones, tried on the newest
returns before they are put in force.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.wrappers import Response

from admin import forms, written_terms
from admin.request_context import account, act, actor, looking, merchants, now, store
from admin.shown import paging
from admin.written_terms import Given, Wrong
from hub.flows.config.applying import reading, setting_return_terms, spread
from hub.flows.returns import foreseeing
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.model.merchant import OPERATOR, ReturnTerms, in_force
from hub.model.plain import bad_data
from hub.rules.returns import policy
from hub.rules.returns.policy import Agreed, Policy
from hub.store.config import return_terms
from hub.store.views.page import Page

desk = Blueprint("return_terms", __name__)
_DAYS, _MOST = 90, 500
_BEGUN = "window_days: 30\notherwise: ask\nsettle: by_hand\n"
"""What first terms begin with."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was written, read. `tree`: as it is kept; `valid_from` None: from now on."""

    valid_from: datetime | None
    tree: Mapping[str, Any]
    terms: Policy


@dataclass(frozen=True, slots=True)
class Term:
    """One term on either side, as text."""

    name: str
    before: str
    after: str


@desk.get("/returns/terms")
def listed() -> str:
    """Merchants, and which of their terms count."""
    part, after = forms.arg("merchant") or "", paging.after()
    codes = [code for code in _codes() if part in code and (not after or code > after[0])]
    shown, known = codes[: paging.SIZE], _known()
    rows = [(code, in_force(known.get(code, ()), now())) for code in shown]
    page = Page(rows, (shown[-1],) if len(codes) > len(shown) else None)
    return render_template(
        "returns/all_terms.html", page=page, part=part, following=paging.following(page)
    )


@desk.get("/returns/terms/<merchant>")
def one(merchant: str) -> str:
    """A merchant's terms, version by version, two of them compared, and the form for new ones."""
    return _page(_seen(merchant), None, {})


@desk.post("/returns/terms/<merchant>/preview")
def preview(merchant: str) -> str | tuple[str, int]:
    """How the newest returns would have been reviewed under these terms. Nothing is kept."""
    owner, given = _seen(merchant), written_terms.given()
    try:
        wanted = _read(given, owner)
    except Wrong as wrong:
        return _page(owner, given, wrong.problems), 422
    since = now() - timedelta(days=_DAYS)
    with looking() as db:
        unit = Unit(db, store().vault, store().directory(), now())
        tried = foreseeing.what_if(unit, owner, wanted.terms, since, _MOST)
    before = policy.of(_known(), owner, wanted.valid_from or now())
    return render_template(
        "returns/terms_preview.html",
        merchant=owner,
        given=given,
        wanted=wanted,
        changes=_compared(before, wanted.terms),
        tried=tried,
        counts=[
            (word, sum(it.now.decision == word for it in tried),
             sum(it.then.decision == word for it in tried))
            for word in ("approve", "refuse", "ask")
        ],
        days=_DAYS,
        most=_MOST,
    )  # fmt: skip


@desk.post("/returns/terms/<merchant>/agree")
def agree(merchant: str) -> Response | str | tuple[str, int]:
    """Put the terms in force."""
    owner, given = _seen(merchant), written_terms.given()
    if "back" in request.form:
        return _page(owner, given, {})
    try:
        wanted = _read(given, owner)
    except Wrong as wrong:
        return _page(owner, given, wrong.problems), 422
    number = act(
        lambda unit: setting_return_terms.set_terms(
            unit, owner, wanted.tree, actor(), wanted.valid_from
        )
    )
    if number is None:
        flash(_("These terms count then already: nothing has changed."), "done")
    else:
        flash(_("Version %(version)s is written.", version=number), "done")
    return redirect(url_for("return_terms.one", merchant=owner), 303)


def _page(merchant: str, given: Given | None, problems: Mapping[str, Sequence[Problem]]) -> str:
    known = _known()
    versions = known.get(merchant, ())
    newest = versions[-1] if versions else None
    left, right = _sides(versions)
    return render_template(
        "returns/terms.html",
        merchant=merchant,
        versions=versions[::-1],
        counting=in_force(versions, now()),
        shown=_text(policy.of(known, merchant, now())),
        left=left,
        right=right,
        changes=_compared(_policy(left), _policy(right)) if left and right else [],
        given=given or Given("", _text(_policy(newest)) if newest and newest.terms else _BEGUN),
        problems=problems,
    )


def _sides(versions: Sequence[ReturnTerms]) -> tuple[ReturnTerms | None, ReturnTerms | None]:
    """The two versions to compare: as the link says, else the newest and the one before."""
    if len(versions) < 2:  # it takes two
        return None, None
    by_number = {str(it.number): it for it in versions}
    left, right = (by_number.get(forms.arg(name) or "") for name in ("left", "right"))
    return left or versions[-2], right or versions[-1]


def _policy(version: ReturnTerms) -> Policy:
    return policy.parse(version.terms)


def _compared(before: Policy, after: Policy) -> list[Term]:
    """The terms in which they differ."""
    sides = (before.model_dump(mode="json"), after.model_dump(mode="json"))
    return [
        Term(name, _value(sides[0][name]), _value(sides[1][name]))
        for name in Policy.model_fields
        if sides[0][name] != sides[1][name]
    ]


def _value(value: Any) -> str:
    if isinstance(value, list):
        return spread([_without_nothing(it) for it in value]).strip() if value else ""
    return "" if value is None else str(value)


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nothing(it) for name, it in value.items() if it not in (None, [])}
    return value


def _text(terms: Policy) -> str:
    """Terms as YAML; what is as usual is left out."""
    said = terms.model_dump(mode="json", exclude_defaults=True)
    return spread({"window_days": terms.window_days, "otherwise": terms.otherwise} | said)


def _read(given: Given, merchant: str) -> Wanted:
    valid_from, tree = written_terms.read(given, lambda text: _tree(text, merchant))
    return Wanted(valid_from, tree, policy.parse(tree))


def _tree(text: str, merchant: str) -> Mapping[str, Any]:
    """The terms as they are kept. BadData names every term that is wrong."""
    try:
        terms = Policy.model_validate(reading.read(text) if text.strip() else {})
    except ValidationError as error:
        raise bad_data(error) from None
    tree = terms.model_dump(mode="json", exclude_unset=True)
    setting_return_terms.read(store().directory(), merchant, tree, None)
    return tree


def _codes() -> list[str]:
    """Whose terms a person may see; the operator's only who is bound to no merchant."""
    own = [] if account().merchants else [OPERATOR]
    return sorted({*own, *merchants()})


def _known() -> Agreed:
    """All versions that the person may see, as they are by now."""
    with looking() as db:
        return {**store().directory().returns, **return_terms.load(db)}


def _seen(merchant: str) -> str:
    if merchant not in _codes():
        abort(404)
    return merchant
