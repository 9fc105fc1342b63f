"""Goods in: what warehouses are told to expect, what they received, and deciding what differs."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.request_context import act, actor, looking, store
from admin.shown import paging
from hub.flows.inbound import requests
from hub.flows.unit import Unit
from hub.model.errors import BadData, Contradiction, IllegalTransition, placed
from hub.rules.inbound.deciding import DECISIONS, Decision, possible
from hub.states.inbound_notice import INBOUND_NOTICE, State
from hub.store.views.inbound import notices, receipts
from hub.store.views.inbound.notices import NoticeItem
from hub.store.views.inbound.receipts import DifferenceItem

desk = Blueprint("inbound", __name__)


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


@desk.post("/inbound/<uuid:notice_id>/notify")
def notify(notice_id: UUID) -> Response:
    """Tell a draft to its warehouse."""
    return _asked(
        notice_id,
        lambda unit: requests.notify(unit, notice_id, actor()),
        _("The warehouse is being told."),
    )


@desk.post("/inbound/<uuid:notice_id>/cancel")
def cancel(notice_id: UUID) -> Response:
    """Nothing of it will come."""
    why = forms.text("reason")
    return _asked(
        notice_id,
        lambda unit: requests.cancel(unit, notice_id, actor(), why),
        _("It is cancelled."),
    )


@desk.post("/inbound/<uuid:notice_id>/close")
def close(notice_id: UUID) -> Response:
    """What did not come is missing."""
    why = forms.text("reason")
    return _asked(
        notice_id,
        lambda unit: requests.close(unit, notice_id, actor(), why),
        _("It is closed."),
    )


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
    return _done(
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


def _asked(notice_id: UUID, work: Callable[[Unit], object], sentence: str) -> Response:
    return _done(work, url_for("inbound.one", notice_id=notice_id), sentence)


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
