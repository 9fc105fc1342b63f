"""Statements: how they stand, what they open down to, and the steps that people take."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask import Response as Answer
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.request_context import account, act, actor, looking, now, store
from admin.shown import paging, statement_picture
from hub.flows.settlement import opening, payouts, statements
from hub.flows.unit import Unit
from hub.model.errors import BadData, Contradiction, IllegalTransition, NotFound, placed
from hub.states.settlement import STATEMENT, State
from hub.store.views.settlement import statements as view
from hub.store.views.settlement.statements import StatementItem
from mappings.payouts import files

desk = Blueprint("settlement", __name__)
MOST = 200
"""Items shown behind a line; the Open API gives them all."""


@desk.get("/settlement")
def listed() -> str:
    """Statements, the newest first."""
    wanted = view.Wanted(merchant=forms.arg("merchant"), status=forms.choice("status", *State))
    with looking() as db:
        page = view.listed(db, wanted, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "settlement/list.html",
        page=page,
        following=paging.following(page),
        wanted=wanted,
        states=list(State),
        currencies=sorted({item.currency for item in page.items if item.status == "approved"}),
    )


@desk.get("/settlement/<uuid:statement_id>")
def one(statement_id: UUID) -> str:
    """One, line by line beside the one before it."""
    with looking() as db:
        item = _seen(view.by_id_of(db, statement_id))
        lines = view.lines(db, item)
        earlier = view.earlier(db, item)
        last = view.lines(db, earlier[0]) if earlier else []
    steps = {str(row.event) for row in STATEMENT.rows if row.state == item.status}
    return render_template(
        "settlement/one.html",
        item=item,
        rows=statement_picture.compared(lines, last),
        picture=statement_picture.draw(lines, item.balance),
        last=earlier[0] if earlier else None,
        steps=steps,
        mine=actor() == item.calculated_by,
    )


@desk.get("/settlement/<uuid:statement_id>/lines/<line>")
def line(statement_id: UUID, line: str) -> str:
    """What a line opens down to: orders, messages, and the part of each."""
    if not (line.isascii() and line.isdecimal() and len(line) < 6):
        abort(404)
    with looking() as db:
        item = _seen(view.by_id_of(db, statement_id))
        unit = Unit(db, store().vault, store().directory(), now())
        row = view.row_of(db, item)
        lines = view.lines(db, item)
        try:
            opened = opening.items(unit, row, int(line), None, MOST + 1)
        except NotFound:
            abort(404)
    return render_template(
        "settlement/line.html",
        item=item,
        line=lines[int(line) - 1],
        opened=opened[:MOST],
        more=len(opened) > MOST,
    )


@desk.post("/settlement/<uuid:statement_id>/calculate")
def calculate(statement_id: UUID) -> Response:
    """Work it out, or out anew."""
    return _asked(
        statement_id,
        lambda unit: statements.calculate(unit, [statement_id], actor()),
        _("It is calculated."),
    )


@desk.post("/settlement/<uuid:statement_id>/approve")
def approve(statement_id: UUID) -> Response:
    """Approve what somebody else calculated."""
    return _asked(
        statement_id,
        lambda unit: statements.approve(unit, statement_id, actor()),
        _("It is approved, and its period is closed."),
    )


@desk.post("/settlement/<uuid:statement_id>/pay")
def pay(statement_id: UUID) -> Response:
    """The payout was made."""
    reference = forms.text("reason", 35) or None
    return _asked(
        statement_id,
        lambda unit: statements.pay(unit, statement_id, actor(), reference, datetime.now(UTC)),
        _("It is paid."),
    )


@desk.post("/settlement/<uuid:statement_id>/dispute")
def dispute(statement_id: UUID) -> Response:
    """Do not agree."""
    why = forms.text("reason")
    return _asked(
        statement_id,
        lambda unit: statements.dispute(unit, statement_id, actor(), why),
        _("It is disputed: nothing is paid until this is resolved."),
    )


@desk.post("/settlement/<uuid:statement_id>/resolve")
def resolve(statement_id: UUID) -> Response:
    """A dispute ends."""
    why = forms.text("reason")
    return _asked(
        statement_id,
        lambda unit: statements.resolve(unit, statement_id, actor(), why),
        _("The dispute is over; the statement is to be approved anew."),
    )


@desk.post("/settlement/<uuid:statement_id>/close")
def close(statement_id: UUID) -> Response:
    """Nothing is left to do."""
    return _asked(
        statement_id,
        lambda unit: statements.close(unit, statement_id, actor()),
        _("It is closed."),
    )


@desk.get("/settlement/payouts")
def payout_file() -> Response:
    """What is approved and not paid, as a bank takes it."""
    if account().merchants:
        abort(404)
    currency = (forms.arg("currency") or "EUR")[:3]
    form = forms.choice("form", *files.FORMATS) or "pain.001"
    try:
        batch = act(lambda unit: payouts.due(unit, currency))
    except Contradiction as error:
        flash(placed(error.path, error), "error")
        return redirect(url_for("settlement.listed"), 303)
    kind = "application/xml" if form == "pain.001" else "text/csv"
    name = files.name_of(batch, form)
    return Answer(
        files.FORMATS[form](batch),
        mimetype=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _seen(item: StatementItem | None) -> StatementItem:
    if item is None:
        abort(404)
    return item


def _asked(statement_id: UUID, work: Callable[[Unit], object], sentence: str) -> Response:
    back = url_for("settlement.one", statement_id=statement_id)
    try:
        act(work)
    except NotFound:
        abort(404)
    except IllegalTransition as error:
        return errors.refused(error, back)
    except (BadData, Contradiction) as error:
        flash(placed(error.path, error), "error")
        return redirect(back, 303)
    flash(sentence, "done")
    return redirect(back, 303)
