"""Statements from their opening to the payout: each step by `hub/states/settlement.py`, in the name
of a person, four eyes where money is decided about.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from hub.flows.settlement import booking
from hub.flows.settlement import calculate as working_out
from hub.flows.unit import Unit
from hub.model.errors import BadData, Contradiction, NotFound
from hub.model.merchant import OPERATOR, in_force
from hub.model.money import add
from hub.rules.ops.four_eyes import refuse_same
from hub.rules.settlement import periods
from hub.rules.settlement.statement import Result
from hub.states import machine
from hub.states.settlement import STATEMENT, Event, State
from hub.store.people import audit_trail
from hub.store.settlement import adjustments, facts, statements, transfers
from hub.store.settlement.statements import LineRow, StatementRow
from hub.store.settlement.transfers import TransferRow

AT_ONCE = 200
"""Merchants whose statements are worked out together."""


def open_period(
    unit: Unit, merchant: str, currency: str, since: datetime, until: datetime, actor: str
) -> UUID:
    """Open a statement for a period that follows the last one. Returns its id."""
    if until <= since:
        raise BadData("a period ends after it begins", path="to")
    last = statements.newest(unit.db, [merchant]).get((merchant, currency))
    if last is not None and last != since:
        message = f"the next period begins at {last.isoformat()}"
        raise Contradiction(message, code="period_gap", path="from")
    new = statements.open_(unit.db, [(merchant, currency, since, until)])
    if not new:
        raise Contradiction("this period has a statement", code="period_overlaps", path="from")
    (row,) = statements.load(unit.db, new)
    _audit(unit, row, actor, "settlement.open", {"from": since.isoformat()})
    return row.id


def open_due(unit: Unit, merchants: Sequence[str]) -> list[UUID]:
    """Open the statement of the period that goes on, or that follows the last one, in each currency
    that a merchant sells in.
    """
    known = working_out.versions_of(unit, merchants)
    newest = statements.newest(unit.db, merchants)
    wanted = []
    for (merchant, currency), first in sorted(statements.currencies(unit.db, merchants).items()):
        version = in_force(known.get(merchant, ()), unit.at)
        if version is None:
            continue
        begins = newest.get((merchant, currency))
        if begins is not None and begins > unit.at:
            continue
        since, until = periods.period_of(version.terms.period, begins or first)
        wanted.append((merchant, currency, begins or since, until))
    return statements.open_(unit.db, wanted)


def calculate(unit: Unit, ids: Iterable[UUID], actor: str) -> list[StatementRow]:
    """Work statements out, or out anew. Those that are final stay as they are: refused."""
    done = []
    rows = _load(unit, ids)
    rows.sort(key=lambda row: (row.currency, row.period_from, row.period_to, row.merchant))
    for _, group in groupby(rows, key=lambda row: (row.currency, row.period_from, row.period_to)):
        together = list(group)
        for at in range(0, len(together), AT_ONCE):
            some = together[at : at + AT_ONCE]
            for row in some:
                _take(unit, row, Event.CALCULATE, actor)
            _work_out(unit, some)
            _audit_together(unit, some, actor)
            done += some
    return done


def approve(unit: Unit, statement_id: UUID, actor: str) -> StatementRow:
    """Approve what was calculated: its charges are booked and its period is closed. Not by whom it
    was calculated or adjusted; refused where it would come to something else by now.
    """
    facts.lock(unit.db)
    (row,) = _load(unit, [statement_id])
    machine.step(STATEMENT, State(row.status), Event.APPROVE)
    if row.period_to > unit.at:
        raise Contradiction("its period is not over yet", code="period_open")
    lines = statements.lines_of(unit.db, [row.id])[row.id]
    adjusted = [UUID(line.code.partition(":")[2]) for line in lines if line.kind == "adjustment"]
    doers = [row.calculated_by, *adjustments.authors(unit.db, adjusted)]
    refuse_same(actor, doers, "somebody else approves what you calculated or adjusted")
    if row.approved_at is None:
        (fresh,) = _figures(unit, [row]).values()
        if fresh.digest != row.digest:
            message = "it comes to something else by now: calculate it again"
            raise Contradiction(message, code="out_of_date")
    _step(unit, row, Event.APPROVE, actor)
    return row


def pay(
    unit: Unit, statement_id: UUID, actor: str, reference: str | None, at: datetime
) -> StatementRow:
    """The payout was made: booked and, where nothing is open, closed. Not by who calculated it."""
    (row,) = _load(unit, [statement_id])
    refuse_same(actor, [row.calculated_by], "somebody else pays what you calculated")
    row.payout_reference, row.paid_at = reference or row.number, at
    _step(unit, row, Event.PAY, actor)
    return row


def take_back(unit: Unit, statement_id: UUID, actor: str, reason: str) -> StatementRow:
    """A payout did not arrive, came back, or its file was never sent: what was booked of it is
    booked back, and it stands in the next file again. Contradiction where it was neither paid nor
    stands in a file.
    """
    (row,) = _load(unit, [statement_id])
    row.note = reason
    if row.status == State.APPROVED and not _in_files(unit, row):
        raise Contradiction("nothing of it is paid, or in a file for the bank", code="payout_open")
    _step(unit, row, Event.TAKE_BACK, actor, {"reason": reason})
    return row


def dispute(unit: Unit, statement_id: UUID, actor: str, reason: str) -> StatementRow:
    """Somebody does not agree: nothing is approved or paid until it is resolved."""
    (row,) = _load(unit, [statement_id])
    row.note = reason
    _step(unit, row, Event.DISPUTE, actor, {"reason": reason})
    return row


def resolve(unit: Unit, statement_id: UUID, actor: str, reason: str) -> StatementRow:
    """A dispute ends: the statement is looked at anew by two people."""
    (row,) = _load(unit, [statement_id])
    row.note = reason or None
    _step(unit, row, Event.RESOLVE, actor, {"reason": reason})
    return row


def close(unit: Unit, statement_id: UUID, actor: str) -> StatementRow:
    """Nothing is left to do: it was paid, or there is nothing to pay."""
    (row,) = _load(unit, [statement_id])
    if row.status == State.APPROVED and row.payout:
        raise Contradiction("its payout is not made yet", code="payout_open")
    _step(unit, row, Event.CLOSE, actor)
    return row


def _load(unit: Unit, ids: Iterable[UUID]) -> list[StatementRow]:
    wanted = sorted(set(ids))
    rows = statements.load(unit.db, wanted)
    if len(rows) != len(wanted):
        raise NotFound("no such statement")
    return rows


def _step(
    unit: Unit, row: StatementRow, event: Event, actor: str, detail: Mapping[str, Any] = {}
) -> None:
    """Take a step, store what stands, and name in the audit who took it."""
    _take(unit, row, event, actor)
    statements.update(unit.db, [row])
    _audit(unit, row, actor, f"settlement.{event}", detail)


def _take(unit: Unit, row: StatementRow, event: Event, actor: str) -> None:
    """The step itself, with what follows. IllegalTransition where there is none; Contradiction
    where figures that are final would change.
    """
    step = machine.step(STATEMENT, State(row.status), event)
    if event == Event.CALCULATE and row.approved_at is not None:
        raise Contradiction("its figures are final", code="period_closed")
    row.status = step.state
    for effect in step.effects:
        EFFECTS[effect](unit, row, actor)


def _work_out(unit: Unit, rows: Sequence[StatementRow]) -> None:
    figures = _figures(unit, rows)
    lines: dict[UUID, list[LineRow]] = {}
    for row in rows:
        result = figures[row.id]
        carried = [line.amount for line in result.lines if line.kind == "carried_in"]
        row.carried_in, row.balance = add(*carried), result.balance
        row.payout, row.carried_out, row.digest = result.payout, result.carried, result.digest
        row.revision += 1
        lines[row.id] = [
            LineRow(
                line.kind, line.code, line.rule, line.version, line.items, line.quantity,
                line.base, line.amount, None if line.percent is None else f"{line.percent:f}",
            )
            for line in result.lines
        ]  # fmt: skip
    statements.write_figures(unit.db, rows, lines)


def _figures(unit: Unit, rows: Sequence[StatementRow]) -> dict[UUID, Result]:
    known = working_out.versions_of(unit, [row.merchant for row in rows])
    for row in rows:
        row.terms = max((version.number for version in known[row.merchant]), default=0)
    return working_out.results(unit, rows, known)


def _calculated(unit: Unit, row: StatementRow, actor: str) -> None:
    """Who it was; the figures are worked out for all at once."""
    row.calculated_by, row.calculated_at = actor, unit.at


def _freed(unit: Unit, row: StatementRow, _: str) -> None:
    """Where it stands in a file it counts as refused: the next file has it again."""
    held = _in_files(unit, row)
    for it in held:
        it.state, it.code, it.reason, it.told_at = "refused", None, row.note, unit.at
    transfers.told(unit.db, held)


def _in_files(unit: Unit, row: StatementRow) -> list[TransferRow]:
    return [it for it in transfers.of(unit.db, [row.id]) if it.state != "refused"]


EFFECTS: Mapping[str, Callable[[Unit, StatementRow, str], None]] = {
    "work_out": _calculated,
    "book_charges": booking.charges,
    "book_payout": booking.payout,
    "book_back": booking.back,
    "free_payout": _freed,
}


def _audit_together(unit: Unit, rows: Sequence[StatementRow], actor: str) -> None:
    """One entry of each merchant, or of the operator where it is about many."""
    if len(rows) == 1:
        _audit(unit, rows[0], actor, "settlement.calculate", {})
        return
    first = rows[0]
    detail = {"statements": len(rows), "currency": first.currency, "from": first.number}
    subject = f"statements:{first.period_from:%Y-%m-%d}"
    audit_trail.record(unit.db, OPERATOR, actor, "settlement.calculate", subject, detail, unit.at)


def _audit(
    unit: Unit, row: StatementRow, actor: str, action: str, detail: Mapping[str, Any]
) -> None:
    said = {**detail, "balance": str(row.balance), "payout": str(row.payout)}
    audit_trail.record(unit.db, row.merchant, actor, action, booking.document(row), said, unit.at)
