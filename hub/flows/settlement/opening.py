"""What a line of a statement opens down to, and what a time comes to under other terms."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hub.flows.settlement import calculate
from hub.flows.unit import Unit
from hub.model.errors import NotFound
from hub.rules.settlement.contract import Version
from hub.rules.settlement.statement import Result
from hub.rules.settlement.terms import Terms
from hub.store.settlement import statements, working
from hub.store.settlement.statements import StatementRow
from hub.store.settlement.working import Opened, Span

_CHARGED, _TURNOVER = "charge", frozenset({"sales", "refunds"})


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A statement as it is and as it would be."""

    now: Result
    then: Result


def items(
    unit: Unit, row: StatementRow, position: int, after: tuple[UUID, int] | None, most: int
) -> list[Opened]:
    """The items behind a line, each with its part of the amount. Lines that are of no items open
    down to nothing.
    """
    lines = statements.lines_of(unit.db, [row.id])[row.id]
    if not 1 <= position <= len(lines):
        raise NotFound("no such line")
    line = lines[position - 1]
    if not line.items or (line.kind != _CHARGED and line.kind not in _TURNOVER):
        return []
    span = _span(unit, row)
    known = calculate.versions_of(unit, [row.merchant], {row.merchant: row.terms})
    plan = calculate.plan(unit, [row.merchant], row.currency, known)
    calculate.tiered(unit, span, plan)
    if line.kind == _CHARGED:
        numbers = {
            number
            for number, (_, version, rule) in plan.named.items()
            if (version, rule.name) == (line.version, line.rule)
        }
    else:
        numbers = {number for number, (_, kind) in plan.kinds.items() if kind == line.code}
    opened = [
        item
        for number in sorted(numbers)
        for item in working.opened(
            unit.db,
            span,
            plan.rates[number],
            [shape for shape, rule in plan.matches if rule == number],
            after,
            most,
        )
    ]
    opened.sort(key=lambda item: (item.entry_id, item.position))
    sign = -1 if line.kind == _CHARGED else 1
    return [replace(item, amount=sign * item.amount) for item in opened[:most]]


def what_if(
    unit: Unit, merchant: str, currency: str, since: datetime, until: datetime, terms: Terms
) -> WhatIf:
    """What a time comes to under its contract, and under these terms; nothing is kept."""
    row = StatementRow(UUID(int=0), merchant, "", currency, since, until, "open")
    now = calculate.versions_of(unit, [merchant])
    then = {merchant: [Version(0, datetime(1970, 1, 1, tzinfo=since.tzinfo), terms)]}
    return WhatIf(_bare(unit, row, now), _bare(unit, row, then))


def _bare(unit: Unit, row: StatementRow, known: dict[str, list[Version]]) -> Result:
    """Without what earlier statements left."""
    return calculate.results(unit, [row], known, alone=True)[row.id]


def _span(unit: Unit, row: StatementRow) -> Span:
    before = statements.before(unit.db, [row.merchant], row.currency, row.period_from)
    since = row.period_from if before else None
    return Span([row.merchant], row.currency, since, row.period_to)
