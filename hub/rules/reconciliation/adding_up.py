"""Whether a report adds up to its own totals. One that does not books nothing."""

from collections.abc import Iterator
from decimal import Decimal

from hub.model.errors import Problem
from hub.model.money import add
from hub.model.settlement import SettlementLine, SettlementReport

PAYOUT = "payout"
_WRONG = "totals_mismatch"


def faults(report: SettlementReport) -> Iterator[Problem]:
    """Each sum that does not hold."""
    for at, line in enumerate(report.lines):
        if line.net != add(line.gross, -line.fee):
            sentence = f"{line.gross} less {line.fee} is not {line.net}"
            yield Problem(f"lines.{at}.net", _WRONG, sentence)
    if report.period.to < report.period.start:
        sentence = "the period ends before it begins"
        yield Problem("period.to", "bad_time", sentence)
    came, stated = _sums(report)
    if stated is not None and came != stated:
        sentence = f"the lines come to {came}, and {stated} is what the report says"
        yield Problem("payout.amount", _WRONG, sentence)


def is_counter_entry(line: SettlementLine) -> bool:
    """The payout itself, as a line of the report that announces it."""
    return line.kind == PAYOUT and line.net <= 0


def _sums(report: SettlementReport) -> tuple[Decimal, Decimal | None]:
    """What the lines come to, and what the report says they do; None where it says nothing."""
    own = [it for it in report.lines if it.currency == report.currency]
    if report.payout is None:
        came = add(report.opening, *(it.net for it in own))
        return came, report.closing if report.opening or report.closing else None
    came = add(report.opening, *(it.net for it in own if not is_counter_entry(it)))
    return came, add(report.closing, report.payout.amount)
