"""An order edited: proposed, foreseen at its warehouses, its channel and in the books, applied."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.access import unmasking
from admin.pages.orders import seen
from admin.request_context import act, actor, store
from admin.shown import address_form
from hub.flows.orders import edits
from hub.flows.orders.edits import Changed, Foreseen
from hub.flows.routing import ground
from hub.model.errors import BadData, IllegalTransition
from hub.model.plain import bad_data
from hub.rules.orders.editing import Edit
from hub.rules.orders.order_totals import open_pieces
from hub.store.views.orders import OrderItem

desk = Blueprint("order_edits", __name__)

_NEW_LINES = range(3)
_NOT_CARRIED = frozenset({"csrf_token", "mark"})
_LINES = 200
Page = str | Response | tuple[str, int]


@desk.get("/orders/<uuid:order_id>/edit")
def form(order_id: UUID) -> Page:
    """What stands in the order, to be written over."""
    return _form(seen(order_id))


@desk.post("/orders/<uuid:order_id>/edit")
def propose(order_id: UUID) -> Page:
    """What it would do. Nothing is changed."""
    order = seen(order_id)
    if request.form.get("back"):
        return _form(order)
    try:
        edit = _submitted(order)
        foreseen = act(lambda unit: edits.foresee(unit, order_id, edit, actor()))
    except BadData as error:
        return _form(order, errors.told(error)), 422
    except IllegalTransition as error:
        return errors.refused(error, url_for("orders.one", order_id=order_id))
    return _shown(order, foreseen)


@desk.post("/orders/<uuid:order_id>/edit/apply")
def apply(order_id: UUID) -> Page:
    """Do what was shown, if the order looks as it did then; else show what it would do now."""
    order, mark = seen(order_id), forms.text("mark")
    try:
        edit = _submitted(order)
        act(lambda unit: edits.apply(unit, order_id, edit, mark, actor()))
    except Changed as changed:
        return _shown(order, changed.foreseen, is_new=True), 409
    except BadData as error:
        return _form(order, errors.told(error)), 422
    except IllegalTransition as error:
        return errors.refused(error, url_for("orders.one", order_id=order_id))
    flash(_("The order is changed."), "done")
    return redirect(url_for("orders.one", order_id=order_id), 303)


def _form(order: OrderItem, problem: str = "") -> str:
    clear = unmasking.is_open(f"order:{order.id}", "orders.unmask")
    lines = order.document.lines[:_LINES] if order.document else ()
    return render_template(
        "foreseen/edit.html",
        order=order,
        address=address_form.blank(order, clear=clear),
        lines=[(line, open_pieces(line)) for line in lines],
        new_lines=_NEW_LINES,
        warehouses=_warehouses(order),
        problem=problem,
        given=request.form,
    )


def _shown(order: OrderItem, foreseen: Foreseen, *, is_new: bool = False) -> str:
    carried = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _NOT_CARRIED and value
    ]
    return render_template(
        "foreseen/edited.html",
        order=order,
        it=foreseen,
        outcomes=_outcomes(),
        untold=_untold().get(foreseen.untold or ""),
        carried=carried,
        is_new=is_new,
    )


def _outcomes() -> dict[str, str]:
    return {
        "made": _("is made"),
        "withdrawn": _("is taken back, its warehouse was not told yet"),
        "asked": _("its warehouse must be asked, and may refuse"),
        "too_late": _("has left: it stays as it is, a return is proposed"),
    }


def _untold() -> dict[str, str]:
    return {
        "takes_no_cancellations": _("It takes no such messages: take the pieces off there too."),
        "nothing_it_sold_changes": _("Nothing that it sold is given up."),
    }


def _warehouses(order: OrderItem) -> list[str]:
    places = ground.partners_of(store().directory(), order.merchant)
    return sorted(place.code for place in places)


def _submitted(order: OrderItem) -> Edit:
    """The edit that was written. BadData names what cannot be read."""
    tree: dict[str, Any] = {"lines": [], "splits": [], "added": []}
    for line in order.document.lines[:_LINES] if order.document else ():
        no, now = line.line_no, open_pieces(line)
        wanted: dict[str, Any] = {"line_no": no}
        pieces, sku = forms.text(f"quantity-{no}", 30), forms.text(f"sku-{no}", 200)
        where = forms.text(f"warehouse-{no}", 200)
        if pieces and _number(pieces) != now:
            wanted["quantity"] = pieces
        if sku and sku != line.sku:
            wanted["sku"] = sku
        if where and where != line.warehouse:
            wanted["warehouse"] = where
        if len(wanted) > 1:
            tree["lines"].append(wanted)
        part, to = forms.text(f"part-{no}", 30), forms.text(f"to-{no}", 200)
        if part or to:
            tree["splits"].append({"line_no": no, "quantity": part, "warehouse": to})
    for at in _NEW_LINES:
        sku, pieces = forms.text(f"new-sku-{at}", 200), forms.text(f"new-quantity-{at}", 30)
        if sku or pieces:
            price = forms.text(f"new-price-{at}", 30) or "0"
            tree["added"].append({"sku": sku, "quantity": pieces, "unit_price": price})
    address = address_form.submitted(order) if "city" in request.form else None
    try:
        edit = Edit.model_validate(tree)
    except ValidationError as error:
        raise bad_data(error) from None
    before = order.document.ship_to if order.document else None
    return edit if address == before else edit.model_copy(update={"address": address})


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None
