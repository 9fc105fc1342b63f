"""Goods in: what warehouses are told to expect, what they received, and deciding what differs."""

from uuid import UUID

from flask import Blueprint, abort, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from admin import forms
from admin.decisions import Steps, decided
from admin.request_context import actor, looking, store
from admin.shown import paging
from hub.flows.inbound import requests
from hub.flows.unit import Unit
from hub.rules.inbound.deciding import DECISIONS, Decision, possible
from hub.states.inbound_notice import INBOUND_NOTICE, State
from hub.store.views.inbound import notices, receipts
from hub.store.views.inbound.notices import NoticeItem
from hub.store.views.inbound.receipts import DifferenceItem

desk = Blueprint("inbound", __name__)
step = Steps(desk, "/inbound/<uuid:notice_id>", "inbound.one")


@desk.get("/inbound")
def listed() -> str:
    """Notices, the oldest first."""
    wanted = notices.Wanted(
        warehouse=forms.arg("warehouse"),
        status=forms.choice("status", *State),
        number=forms.arg("number"),
    )
    with looking() as db:
        page = notices.listed(db, store().vault, wanted, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "inbound/list.html",
        page=page,
        following=paging.following(page),
        wanted=wanted,
        states=list(State),
    )


@desk.get("/inbound/<uuid:notice_id>")
def one(notice_id: UUID) -> str:
    """One, with what came under it against what was announced."""
    with looking() as db:
        notice = _seen(notices.one(db, store().vault, notice_id))
        came = receipts.of_notice(db, notice_id)
        differing = receipts.differences_of(db, [notice_id, *(receipt.id for receipt in came)])
    steps = {str(row.event) for row in INBOUND_NOTICE.rows if row.state == notice.status}
    return render_template(
        "inbound/one.html",
        notice=notice,
        receipts=came,
        differences=differing,
        steps=steps,
        ways=_ways,
    )


@step(_l("The warehouse is being told."))
def notify(unit: Unit, notice_id: UUID) -> None:
    """Tell a draft to its warehouse."""
    requests.notify(unit, notice_id, actor())


@step(_l("It is cancelled."))
def cancel(unit: Unit, notice_id: UUID) -> None:
    """Nothing of it will come."""
    requests.cancel(unit, notice_id, actor(), forms.text("reason"))


@step(_l("It is closed."))
def close(unit: Unit, notice_id: UUID) -> None:
    """What did not come is missing."""
    requests.close(unit, notice_id, actor(), forms.text("reason"))


@desk.get("/inbound/differences")
def differences() -> str:
    """What waits for a decision, the oldest first."""
    wanted = receipts.Wanted(warehouse=forms.arg("warehouse"))
    with looking() as db:
        page = receipts.differences(db, wanted, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "inbound/differences.html",
        page=page,
        following=paging.following(page),
        wanted=wanted,
        ways=_ways,
    )


@desk.post("/inbound/differences/<uuid:difference_id>")
def decide(difference_id: UUID) -> Response:
    """What is true of it; the stock follows."""
    chosen = forms.text("decision")
    if chosen not in DECISIONS:
        abort(400)
    article, why = forms.text("sku", 200) or None, forms.text("reason")
    back = forms.place(forms.text("back"), url_for("inbound.differences"))
    return decided(
        lambda unit: requests.decide(unit, difference_id, actor(), chosen, article, why),
        back,
        _("It is decided, and the stock follows."),
    )


def _ways(difference: DifferenceItem) -> list[Decision]:
    """How a difference can be decided; nothing where all of it is."""
    if difference.quantity <= difference.decided:
        return []
    return possible(difference.code, is_transfer=difference.is_transfer)


def _seen(notice: NoticeItem | None) -> NoticeItem:
    if notice is None:
        abort(404)
    return notice
