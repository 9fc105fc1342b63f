"""What people decide at the returns desk, each named in the audit."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.pages.returns import reading
from admin.request_context import act, actor
from hub.flows.returns import requests
from hub.flows.unit import Unit
from hub.model.errors import BadData, Contradiction, IllegalTransition, placed
from hub.model.returns import ReturnKind
from hub.store.returns import returns

desk = Blueprint("return_desk", __name__)
_KINDS: dict[str, ReturnKind] = {
    "refund": "refund",
    "exchange": "exchange",
    "resend": "resend",
    "repair": "repair",
}


@desk.post("/returns/<uuid:return_id>/approve")
def approve(return_id: UUID) -> Response:
    """It may come back; the warehouse is told."""
    place = forms.text("warehouse", 200) or None
    return _do(
        return_id,
        lambda unit: requests.approve(unit, return_id, actor(), place),
        _("It is approved, and the warehouse is being told."),
    )


@desk.post("/returns/<uuid:return_id>/reject")
def reject(return_id: UUID) -> Response:
    """It is refused."""
    why = forms.text("reason")
    return _do(
        return_id,
        lambda unit: requests.reject(unit, return_id, actor(), why),
        _("It is refused."),
    )


@desk.post("/returns/<uuid:return_id>/cancel")
def cancel(return_id: UUID) -> Response:
    """The customer keeps the goods."""
    why = forms.text("reason")
    return _do(
        return_id,
        lambda unit: requests.cancel(unit, return_id, actor(), why),
        _("It is cancelled."),
    )


@desk.post("/returns/<uuid:return_id>/waive")
def waive(return_id: UUID) -> Response:
    """It goes on without the goods."""
    why = forms.text("reason")
    return _do(
        return_id,
        lambda unit: requests.waive(unit, return_id, actor(), why),
        _("It goes on without the goods."),
    )


@desk.post("/returns/<uuid:return_id>/receive")
def receive(return_id: UUID) -> Response:
    """Pieces came in."""
    found = reading.pieces(unseen=True)
    return _do(
        return_id,
        lambda unit: requests.receive(unit, return_id, actor(), found),
        _("They are in the stock."),
    )


@desk.post("/returns/<uuid:return_id>/inspect")
def inspect(return_id: UUID) -> Response:
    """What pieces turned out to be."""
    found = reading.pieces(unseen=False)
    return _do(
        return_id,
        lambda unit: requests.inspect(unit, return_id, actor(), found),
        _("It is inspected, and the stock follows."),
    )


@desk.post("/returns/<uuid:return_id>/confirm")
def confirm(return_id: UUID) -> Response:
    """The second word on it."""
    kind = _KINDS.get(forms.text("kind"))
    return _do(
        return_id,
        lambda unit: requests.confirm(unit, return_id, actor(), kind),
        _("It is confirmed."),
    )


@desk.post("/returns/<uuid:return_id>/refund")
def refund(return_id: UUID) -> Response:
    """Money goes back."""
    return _do(
        return_id,
        lambda unit: requests.refund(unit, return_id, actor(), reading.wish()),
        _("The money is on its way back."),
    )


@desk.post("/returns/<uuid:return_id>/exchange")
def exchange(return_id: UUID) -> Response:
    """Other goods go out."""
    return _do(
        return_id,
        lambda unit: requests.exchange(unit, return_id, actor(), reading.goods()),
        _("Its goods go out under an order of their own."),
    )


@desk.post("/returns/<uuid:return_id>/close")
def close(return_id: UUID) -> Response:
    """Nothing more is expected."""
    why = forms.text("reason")
    return _do(
        return_id,
        lambda unit: requests.close(unit, return_id, actor(), why),
        _("It is closed."),
    )


@desk.post("/returns/parcels/<uuid:parcel_id>")
def match(parcel_id: UUID) -> Response:
    """Whose a parcel is."""
    named = returns.id_of(forms.text("return", 200))
    if named is None:
        abort(400)
    return _done(
        lambda unit: requests.match(unit, parcel_id, named, actor()),
        url_for("returns.unmatched"),
        _("The parcel is booked."),
    )


def _do(return_id: UUID, work: Callable[[Unit], object], sentence: str) -> Response:
    return _done(work, url_for("returns.one", return_id=return_id), sentence)


def _done(work: Callable[[Unit], object], back: str, sentence: str) -> Response:
    try:
        act(work)
    except IllegalTransition as error:
        return errors.refused(error, back)
    except (BadData, Contradiction) as error:
        flash(placed(error.path, error), "error")
        return redirect(back, 303)
    flash(sentence, "done")
    return redirect(back, 303)
