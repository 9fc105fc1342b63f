"""What a statement books: charges and reserve when it is approved, its payout, and a payout that
came back.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hub.flows.unit import Unit
from hub.model.document import ZERO
from hub.model.errors import Contradiction
from hub.model.money import add
from hub.model.settlement import Entry
from hub.rules.settlement import postings, statement
from hub.store.ops import incidents
from hub.store.settlement import entries, statements
from hub.store.settlement.statements import StatementRow


def document(row: StatementRow) -> str:
    """A statement as the ledger, the audit and incidents name it."""
    return f"statement:{row.number}"


def charges(unit: Unit, row: StatementRow, actor: str) -> None:
    """Book what the merchant is charged, and what is kept back or let go."""
    row.approved_by, row.approved_at = actor, row.approved_at or unit.at
    lines = statements.lines_of(unit.db, [row.id])[row.id]
    charged: dict[str, Decimal] = {}
    for line in lines:
        if line.kind == statement.CHARGE:
            charged[line.code] = add(charged.get(line.code, ZERO), -line.amount)
    taxes = [line for line in lines if line.kind == statement.TAX]
    tax = -add(*(line.amount for line in taxes))
    code = next((line.code for line in taxes if line.code), None)
    kept = -add(*(line.amount for line in lines if line.kind.startswith("reserve_")))
    entries.book(
        unit.db,
        [
            _entry(row, "charges", postings.charges(charged, tax, code)),
            _entry(row, "reserve", postings.reserve(kept)),
        ],
    )


def payout(unit: Unit, row: StatementRow, _: str) -> None:
    """Book the payout."""
    if not row.payout or row.payout_reference is None or row.paid_at is None:
        raise Contradiction("there is nothing to pay", code="nothing_to_pay")
    many, _at = entries.taken_back(unit.db, row.merchant, document(row))
    lines = postings.payout(row.payout, row.payout_reference)
    entries.book(unit.db, [_entry(row, _numbered("payout", many), lines, row.paid_at)])
    incidents.close(unit.db, [document(row)], ["payout_refused"])


def back(unit: Unit, row: StatementRow, _: str) -> None:
    """Book the payout back; when it was made stays known beside it."""
    assert row.payout_reference is not None
    assert row.paid_at is not None
    many, _at = entries.taken_back(unit.db, row.merchant, document(row))
    lines = postings.payout(-row.payout, row.payout_reference)
    entry = _entry(row, _numbered("payout_back", many), lines, unit.at)
    said = {**entry.detail, "paid_at": row.paid_at.isoformat()}
    entries.book(unit.db, [replace(entry, detail=said)])
    row.payout_reference = row.paid_at = None


def came_back(unit: Unit, row: StatementRow) -> datetime | None:
    """When the last payout that was taken back had been made; None where none was."""
    return entries.taken_back(unit.db, row.merchant, document(row))[1]


def _numbered(reason: str, before: int) -> str:
    return f"{reason}:{before + 1}" if before else reason


def _entry(
    row: StatementRow, reason: str, lines: Sequence[Any], at: datetime | None = None
) -> Entry:
    """Of a statement; what it books belongs to the end of its period."""
    end = row.period_to - timedelta(microseconds=1)
    return Entry(
        row.merchant, document(row), reason, row.currency, at or end, end, lines,
        detail={"terms": row.terms},
    )  # fmt: skip
