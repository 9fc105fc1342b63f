"""Statements: how they stand, what they open down to, and the steps that people take."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, abort, render_template, url_for
from flask import Response as Answer
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.decisions import Steps
from admin.request_context import account, act, actor, looking, now, store
from admin.shown import paging, statement_picture
from hub.flows.settlement import opening, payouts, statements
from hub.flows.unit import Unit
from hub.model.errors import Contradiction, NotFound
from hub.states.settlement import STATEMENT, State
from hub.store.settlement import transfers
from hub.store.views.settlement import statements as view
from hub.store.views.settlement.statements import StatementItem
from mappings.payouts import files

desk = Blueprint("settlement", __name__)
step = Steps(desk, "/settlement/<uuid:statement_id>", "settlement.one")
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
        sent = transfers.of(db, [item.id])
    steps = {str(row.event) for row in STATEMENT.rows if row.state == item.status}
    return render_template(
        "settlement/one.html",
        item=item,
        rows=statement_picture.compared(lines, last),
        picture=statement_picture.draw(lines, item.balance),
        last=earlier[0] if earlier else None,
        steps=steps,
        mine=actor() == item.calculated_by,
        sent=sent,
        in_file=any(it.state != "refused" for it in sent),
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


@step(_l("It is calculated."))
def calculate(unit: Unit, statement_id: UUID) -> None:
    """Work it out, or out anew."""
    statements.calculate(unit, [statement_id], actor())


@step(_l("It is approved, and its period is closed."))
def approve(unit: Unit, statement_id: UUID) -> None:
    """Approve what somebody else calculated."""
    statements.approve(unit, statement_id, actor())


@step(_l("It is paid."))
def pay(unit: Unit, statement_id: UUID) -> None:
    """The payout was made."""
    statements.pay(unit, statement_id, actor(), forms.text("reason", 35) or None, datetime.now(UTC))


@step(_l("It is to be paid again: the next file has it."))
def take_back(unit: Unit, statement_id: UUID) -> None:
    """The payout did not arrive, or came back."""
    statements.take_back(unit, statement_id, actor(), forms.text("reason"))


@step(_l("It is disputed: nothing is paid until this is resolved."))
def dispute(unit: Unit, statement_id: UUID) -> None:
    """Do not agree."""
    statements.dispute(unit, statement_id, actor(), forms.text("reason"))


@step(_l("The dispute is over; the statement is to be approved anew."))
def resolve(unit: Unit, statement_id: UUID) -> None:
    """A dispute ends."""
    statements.resolve(unit, statement_id, actor(), forms.text("reason"))


@step(_l("It is closed."))
def close(unit: Unit, statement_id: UUID) -> None:
    """Nothing is left to do."""
    statements.close(unit, statement_id, actor())


@desk.get("/settlement/payouts")
def payout_file() -> Response:
    """What is approved and in no file yet, as a bank takes it; or a file that was written."""
    if account().merchants:
        abort(404)
    currency = (forms.arg("currency") or "EUR")[:3]
    form = forms.choice("form", *files.FORMATS) or "pain.001"
    file = forms.arg("file")
    try:
        batch = act(lambda unit: payouts.again(unit, file) if file else payouts.due(unit, currency))
    except Contradiction as error:
        return errors.refused(error, url_for("settlement.listed"))
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
