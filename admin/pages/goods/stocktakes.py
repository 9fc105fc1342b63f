"""Stocktakes: opened and counted by one person, approved by another."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import ValidationError
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.access.roles import may
from admin.decisions import Steps
from admin.request_context import account, act, actor, looking, merchants, now, store
from admin.shown import paging
from hub.flows.stock import stocktake_booking as booking
from hub.flows.stock import stocktakes
from hub.flows.stock.stocktake_booking import Foreseen
from hub.flows.unit import Unit
from hub.model.document import ZERO
from hub.model.errors import BadData, Contradiction
from hub.model.merchant import OPERATOR
from hub.model.plain import bad_data
from hub.model.stock import Counts, StocktakeOpening
from hub.rules.stock import shelf_count
from hub.states import machine
from hub.states.stocktake import STOCKTAKE, State
from hub.store.stock.stocktakes import lines as stored
from hub.store.views import stocktakes as view

desk = Blueprint("stocktakes", __name__)
step = Steps(desk, "/stocktakes/<uuid:stocktake_id>", "stocktakes.one")
_LONGEST = 20_000
_FIELD = "line-"
_SHOWN = ("differing", "open")
"""Which lines alone may be looked at: those that differ, those that are not counted."""


@desk.get("/stocktakes")
def listed() -> str:
    """All, newest first."""
    wanted = view.Wanted(warehouse=forms.arg("warehouse"), status=forms.choice("status", *State))
    with looking() as db:
        page = view.listed(db, wanted, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "stocktakes/list.html",
        page=page,
        following=paging.following(page),
        wanted=wanted,
        states=list(State),
    )


@desk.get("/stocktakes/new")
def form() -> str:
    """Whose goods, where, and which."""
    return _form({})


@desk.post("/stocktakes/new", endpoint="open")
def open_() -> Response | tuple[str, int]:
    """Freeze what is held, and have it counted."""
    try:
        made = act(lambda unit: stocktakes.open_(unit, _opening(), actor()))
    except (BadData, Contradiction) as error:
        flash(errors.told(error), "error")
        return _form(request.form.to_dict()), 422
    return redirect(url_for("stocktakes.one", stocktake_id=made), 303)


@desk.get("/stocktakes/<uuid:stocktake_id>")
def one(stocktake_id: UUID) -> str:
    """One line by line, as far as whoever looks may see what is expected."""
    only, at = forms.choice("only", *_SHOWN), max(request.args.get("from", 0, int), 0)
    with looking() as db:
        item = view.one(db, stocktake_id)
        if item is None:
            abort(404)
        unit = Unit(db, store().vault, store().directory(), now())
        lines = booking.foresee(unit, stocktake_id)
    shown = shelf_count.shows_expected(
        item.status,
        blind=item.blind,
        actor=actor(),
        counted_by=item.counted_by,
        may_approve=may(account(), "stocktakes.approve"),
    )
    wanted = [it for it in lines if _is_wanted(it, only if shown or only == "open" else None)]
    return render_template(
        "stocktakes/one.html",
        item=item,
        shown=shown,
        lines=wanted[at : at + paging.SIZE],
        after=at + paging.SIZE if len(wanted) > at + paging.SIZE else None,
        only=only,
        tally={name: sum(it.comes_to.outcome == name for it in lines) for name in booking.OUTCOMES},
        more=sum((max(it.comes_to.adjusts, ZERO) for it in lines), ZERO),
        fewer=sum((min(it.comes_to.adjusts, ZERO) for it in lines), ZERO),
        steps={str(event) for event in machine.allowed(STOCKTAKE, State(item.status))},
        counted_it=actor() in item.counted_by,
    )


@step(_l("It is noted."))
def count(unit: Unit, stocktake_id: UUID) -> None:
    """What lies there, line by line, and what was found beside."""
    said = [*_fields(unit, stocktake_id), *_found()]
    stocktakes.count(unit, stocktake_id, _read(said), actor())


@step(_l("It is handed in; somebody else decides about it."))
def submit(unit: Unit, stocktake_id: UUID) -> None:
    """All is counted that is going to be."""
    stocktakes.submit(unit, stocktake_id, actor())


@step(_l("They are to be counted once more."))
def recount(unit: Unit, stocktake_id: UUID) -> None:
    """Some lines are to be counted once more."""
    numbers = [int(text) for text in forms.texts("line") if text.isascii() and text.isdigit()]
    stocktakes.recount(unit, stocktake_id, numbers, forms.text("reason"), actor())


@step(_l("It is approved, and the stock follows."))
def approve(unit: Unit, stocktake_id: UUID) -> None:
    """The stock follows."""
    stocktakes.approve(unit, stocktake_id, actor())


@step(_l("It is cancelled."))
def cancel(unit: Unit, stocktake_id: UUID) -> None:
    """Nothing of it is booked."""
    stocktakes.cancel(unit, stocktake_id, actor(), forms.text("reason"))


def _is_wanted(it: Foreseen, only: str | None) -> bool:
    if only == "open":
        return it.row.counted is None
    return only is None or bool(it.comes_to.difference)


def _form(given: dict[str, str]) -> str:
    places = store().directory().connections.values()
    seen = {OPERATOR, *merchants()}
    return render_template(
        "stocktakes/new.html",
        merchants=[code for code in merchants() if code != OPERATOR],
        warehouses=sorted(
            it.code for it in places if it.kind == "warehouse" and it.merchant in seen
        ),
        given=given,
    )


def _opening() -> StocktakeOpening:
    named = forms.text("merchant")
    if named not in merchants():
        raise BadData(_("the code of a merchant is expected"), path="merchant")
    asked = {
        "merchant": named,
        "warehouse": forms.text("warehouse") or None,
        "skus": forms.text("skus", _LONGEST).split(),
        "blind": not forms.text("open"),
        "note": forms.text("note") or None,
    }
    try:
        return StocktakeOpening.model_validate(asked)
    except ValidationError as error:
        raise bad_data(error) from None


def _fields(unit: Unit, stocktake_id: UUID) -> Iterator[dict[str, Any]]:
    """What stands in the fields of lines; those left empty are not counted."""
    known = {it.line_no: it for it in stored.lines(unit.db, stocktake_id)}
    for name in request.form:
        number = name.removeprefix(_FIELD)
        if name == number or not (text := forms.text(name)):
            continue
        line = known.get(int(number) if number.isascii() and number.isdigit() else 0)
        if line is None:
            raise BadData(_("numbers of lines of this stocktake are expected"), path=name[:50])
        yield {
            "sku": line.sku,
            "counted": text,
            "quality": line.quality,
            "batch": line.batch or None,
            "expires_on": line.expires_on,
        }


def _found() -> Iterator[dict[str, Any]]:
    """Lines such as `TSHIRT-M 12` or `MILK 40 LOT-7`."""
    quality = "defective" if forms.text("quality") == "defective" else "good"
    for at, line in enumerate(forms.text("found", _LONGEST).splitlines()):
        words = line.split(maxsplit=2)
        if len(words) == 1:
            raise BadData(_("an article and a number of pieces are expected"), path=f"lines.{at}")
        if words:
            sku, pieces, *batch = words
            named = batch[0].strip() if batch else None
            yield {"sku": sku, "counted": pieces, "quality": quality, "batch": named}


def _read(said: Sequence[dict[str, Any]]) -> Counts:
    """With when it was counted, where that is said; what is no time is refused."""
    counted_at = forms.moment("counted_at") or forms.text("counted_at") or None
    try:
        return Counts.model_validate({"counted_at": counted_at, "lines": list(said)})
    except ValidationError as error:
        raise bad_data(error) from None
