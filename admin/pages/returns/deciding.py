"""What people decide at the returns desk, each named in the audit."""

from uuid import UUID

from flask import Blueprint, abort, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from admin import forms
from admin.decisions import Steps, decided
from admin.pages.returns import reading
from admin.request_context import actor
from hub.flows.returns import requests
from hub.flows.unit import Unit
from hub.model.returns import ReturnKind
from hub.store.returns import returns

desk = Blueprint("return_desk", __name__)
step = Steps(desk, "/returns/<uuid:return_id>", "returns.one")
_KINDS: dict[str, ReturnKind] = {
    "refund": "refund",
    "exchange": "exchange",
    "resend": "resend",
    "repair": "repair",
}


@step(_l("It is approved, and the warehouse is being told."))
def approve(unit: Unit, return_id: UUID) -> None:
    """It may come back; the warehouse is told."""
    requests.approve(unit, return_id, actor(), forms.text("warehouse", 200) or None)


@step(_l("It is refused."))
def reject(unit: Unit, return_id: UUID) -> None:
    """It is refused."""
    requests.reject(unit, return_id, actor(), forms.text("reason"))


@step(_l("It is cancelled."))
def cancel(unit: Unit, return_id: UUID) -> None:
    """The customer keeps the goods."""
    requests.cancel(unit, return_id, actor(), forms.text("reason"))


@step(_l("It goes on without the goods."))
def waive(unit: Unit, return_id: UUID) -> None:
    """It goes on without the goods."""
    requests.waive(unit, return_id, actor(), forms.text("reason"))


@step(_l("They are in the stock."))
def receive(unit: Unit, return_id: UUID) -> None:
    """Pieces came in."""
    requests.receive(unit, return_id, actor(), reading.pieces(unseen=True))


@step(_l("It is inspected, and the stock follows."))
def inspect(unit: Unit, return_id: UUID) -> None:
    """What pieces turned out to be."""
    requests.inspect(unit, return_id, actor(), reading.pieces(unseen=False))


@step(_l("It is confirmed."))
def confirm(unit: Unit, return_id: UUID) -> None:
    """The second word on it."""
    kind = _KINDS.get(forms.text("kind"))
    requests.confirm(unit, return_id, actor(), kind)


@step(_l("The money is on its way back."))
def refund(unit: Unit, return_id: UUID) -> None:
    """Money goes back."""
    requests.refund(unit, return_id, actor(), reading.wish())


@step(_l("Its goods go out under an order of their own."))
def exchange(unit: Unit, return_id: UUID) -> None:
    """Other goods go out."""
    requests.exchange(unit, return_id, actor(), reading.goods())


@step(_l("It is closed."))
def close(unit: Unit, return_id: UUID) -> None:
    """Nothing more is expected."""
    requests.close(unit, return_id, actor(), forms.text("reason"))


@desk.post("/returns/parcels/<uuid:parcel_id>")
def match(parcel_id: UUID) -> Response:
    """Whose a parcel is."""
    named = returns.id_of(forms.text("return", 200))
    if named is None:
        abort(400)
    return decided(
        lambda unit: requests.match(unit, parcel_id, named, actor()),
        url_for("returns.unmatched"),
        _("The parcel is booked."),
    )
