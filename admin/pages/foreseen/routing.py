"""What other routing rules would have come to: one order's decisions, or a merchant's last week's,
made again beside where the goods really went. Nothing is kept of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from admin import errors, forms
from admin.request_context import looking, merchants, now, store
from hub.flows.config.applying import as_yaml, reading
from hub.flows.routing import ground, what_if
from hub.flows.unit import Unit
from hub.model.errors import BadData, NotFound
from hub.store.views import orders

desk = Blueprint("routing", __name__)

_WEEK = timedelta(days=7)
_SLICES = 5
"""Slices of decisions made again while somebody waits; the rest is for the job of the Open API."""
_LONGEST = 32 * 1024
Rules = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Tried:
    """What the rules come to. `sums`: of all that were made again, `total` of which there are;
    `decisions`: those of an order, or the first that differ.
    """

    decisions: Sequence[Mapping[str, Any]]
    sums: Mapping[str, Any] | None = None
    total: int = 0

    @property
    def unroutable(self) -> list[Mapping[str, Any]]:
        """Those that would have waited for pieces."""
        return [one for one in self.decisions if one["reason"] or one["fallback"]]


@desk.get("/routing")
def form() -> str:
    """The rules of now, to be changed and tried."""
    known = merchants()
    chosen = forms.choice("merchant", *known) or next(iter(known), "")
    return _page(chosen, _rules_of(chosen))


@desk.post("/routing")
def try_out() -> str | tuple[str, int]:
    """What these rules would have come to. Nothing is changed."""
    known, text = merchants(), request.form.get("rules", "")[:_LONGEST]
    merchant, number = forms.text("merchant"), forms.text("order", 200)
    if merchant not in known:
        raise NotFound
    try:
        return _page(merchant, text, number, tried=_tried(merchant, number, _read(text)))
    except BadData as error:
        return _page(merchant, text, number, problem=errors.told(error)), 422


def _tried(merchant: str, number: str, rules: Rules) -> Tried:
    with looking() as db:
        unit = Unit(db, store().vault, store().directory(), now())
        if number:
            return _of_order(unit, merchant, number, rules)
        run = what_if.begin(unit, merchant, now() - _WEEK, now(), rules)
        for _slice in range(_SLICES):
            if not what_if.go_on(unit, run):
                break
    return Tried(run.moved, run.tally.counts, run.total)


def _of_order(unit: Unit, merchant: str, number: str, rules: Rules) -> Tried:
    wanted = orders.Wanted(merchant=merchant, order_number=number)
    ids = orders.selected(unit.db, wanted, 1)
    if not ids:
        text = _("%(merchant)s has no order %(number)s.", merchant=merchant, number=number)
        raise BadData(str(text), path="order")
    try:
        return Tried(what_if.of_order(unit, ids[0], rules))
    except NotFound:
        raise BadData(str(_("Nothing was decided about it yet.")), path="order") from None


def _page(
    merchant: str, text: str, number: str = "", *, tried: Tried | None = None, problem: str = ""
) -> str:
    return render_template(
        "foreseen/routing.html",
        merchants=merchants(),
        merchant=merchant,
        rules=text,
        number=number,
        tried=tried,
        problem=problem,
    )


def _rules_of(merchant: str) -> str:
    directory = store().directory()
    owner = ground.rules_owner(directory, merchant) if merchant else None
    return as_yaml({"rules": list(directory.rules[owner]) if owner else []})


def _read(text: str) -> Rules:
    tree = reading.read(text)
    rules = tree.get("rules")
    if not isinstance(rules, list) or set(tree) != {"rules"}:
        raise BadData(str(_("“rules:” with a list is expected, and nothing else.")), path="rules")
    return rules
