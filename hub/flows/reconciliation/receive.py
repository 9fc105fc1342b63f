"""A provider's report comes in: kept once, its lines matched with the money that is expected, and
what is left said why.

A report whose lines do not come to its own totals books nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from hub.flows.reconciliation import cases
from hub.flows.settlement import payouts
from hub.flows.unit import Told, Unit
from hub.model.settlement import SettlementLine, SettlementReport
from hub.rules.messages.receiving import Verdict
from hub.rules.reconciliation import adding_up, classing, forms
from hub.rules.reconciliation.classing import Facts
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.reconciliation import expected, matching, reports
from hub.store.reconciliation import forms as form_store
from hub.store.reconciliation.expected import ExpectedRow
from hub.store.reconciliation.reports import ReportedRow

_CHANGED = "contradiction"
_NAMED = 5


def receive(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Keep reports and match what is open."""
    verdicts = [_keep(unit, telling) for telling in tellings]
    new = {it.merchant for it, said in zip(tellings, verdicts, strict=True) if _is_new(said)}
    for merchant in sorted(new):
        match(unit, merchant)
    if new:
        reports.clear(unit.db)
    return verdicts


def match(unit: Unit, merchant: str) -> int:
    """Match what is open of a merchant, and class what is left. Returns how many matches there are
    more.
    """
    matching.alone(unit.db)
    done = matching.run(unit.db, merchant)
    _class(unit, merchant, matching.left(unit.db))
    cases.take_back(unit, merchant, done.reversed_rows)
    return done.matches


def _is_new(verdict: Verdict) -> bool:
    return verdict.status == "done"


def _keep(unit: Unit, telling: Told) -> Verdict:
    report = telling.document
    assert isinstance(report, SettlementReport)
    fault = next(adding_up.faults(report), None)
    if fault is not None:
        return Verdict("parked", fault.code, fault.message, fault.path)
    matching.alone(unit.db)
    merchant, place = telling.merchant, telling.partner.code
    other = form_store.other_form(unit.db, merchant, report)
    if other is not None and not forms.fit(report, form_store.movements(unit.db, merchant, report)):
        sentence = (
            f"{report.accounts_for} of {report.provider[:60]} is told already, as {other}: told as"
            f" {report.form} it would count twice, so send one of both"
        )
        return _refuse(unit, telling, report, sentence)
    id_, is_new = reports.keep(unit.db, merchant, place, report, telling.message_id)
    if is_new is None:
        sentence = (
            f"report {report.report_id[:60]} of {report.provider[:60]} is kept, and came again with"
            " other content"
        )
        return _refuse(unit, telling, report, sentence)
    if not is_new:
        return Verdict("ignored", "repeated", "this report is known")
    reports.lay_out(unit.db, merchant, id_, map(_row, report.lines), len(report.lines))
    _name_what_differs(unit, telling, report, id_)
    if not form_store.is_paid_elsewhere(unit.db, merchant, report):
        expected.add(unit.db, list(_payout(merchant, report)))
    payouts.confirm(unit, merchant, report)
    return Verdict()


def _refuse(unit: Unit, telling: Told, report: SettlementReport, sentence: str) -> Verdict:
    """Another report of what is kept: what was booked stays, a person looks."""
    _look(unit, telling, report, sentence)
    return Verdict("ignored", _CHANGED, sentence, "report_id")


def _name_what_differs(unit: Unit, telling: Told, report: SettlementReport, id_: UUID) -> None:
    """What another form tells of the same movements with other money: left for a person."""
    differing = form_store.told_otherwise(unit.db, id_)
    if differing:
        sentence = (
            f"report {report.report_id[:60]} of {report.provider[:60]} tells {len(differing)}"
            f" movements otherwise than before: {', '.join(differing[:_NAMED])}"
        )
        _look(unit, telling, report, sentence)


def _look(unit: Unit, telling: Told, report: SettlementReport, sentence: str) -> None:
    subject = f"settlement_report:{report.provider}/{report.report_id}"
    incidents.open_new(
        unit.db,
        [Incident(telling.merchant, _CHANGED, subject, sentence, None, telling.message_id)],
    )


def _row(line: SettlementLine) -> ReportedRow:
    return ReportedRow(
        line.kind,
        line.transaction or line.reference,
        line.channel_order_id,
        line.gross,
        line.fee,
        line.net,
        line.currency,
        line.at,
        line.weight_kg,
        line.original,
        line.movement,
    )


def _payout(merchant: str, report: SettlementReport) -> Iterable[ExpectedRow]:
    """What the provider paid out is expected on the bank's account."""
    payout = report.payout
    if payout is not None and payout.amount > 0:
        key = f"{report.provider}:{report.report_id}"
        yield ExpectedRow(
            *(merchant, "payout", key, payout.reference, None, None, None, payout.amount),
            *(report.currency, payout.at or report.period.to),
        )


def _class(unit: Unit, merchant: str, rows: Sequence[Any]) -> None:
    reasons = [(row.id, classing.reason(_facts(row))) for row in rows]
    matching.class_rows(unit.db, reasons)
    cases.open_new(
        unit,
        [(row.id, merchant) for row in rows if row.kind == "chargeback" and row.amount < 0],
    )


def _facts(row: Any) -> Facts:
    return Facts(
        row.kind,
        row.order_id is not None,
        row.currency,
        frozenset(row.currencies),
        is_settled=row.is_settled,
        is_early=row.is_early,
    )
