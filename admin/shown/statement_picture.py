"""The picture of a statement: from what was sold down to what is owed, a bar for each part; and its
lines beside those of the statement before.

Only geometry and words are made here; the template draws it as SVG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from admin.shown import labels
from admin.shown.stock_picture import NUMBERS, ROW, TOP, WIDE, WORDS, Bar, Picture
from hub.rules.settlement.statement import Line
from hub.store.settlement.statements import LineRow

_ZERO = Decimal(0)
Row = LineRow | Line
"""A line that is kept, or of what is only tried."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A line, where it stands (None: only the statement before had it), and what it was then."""

    line: int | None
    row: Row
    before: Decimal

    @property
    def amount(self) -> Decimal:
        """What it is now."""
        return self.row.amount if self.line is not None else _ZERO


def compared(now: Sequence[Row], before: Sequence[Row]) -> list[Compared]:
    """Lines beside what the same line came to in the statement before."""
    left: dict[tuple[str, str], Decimal] = {}
    for row in before:
        left[_key(row)] = left.get(_key(row), _ZERO) + row.amount
    rows = [Compared(at, row, left.pop(_key(row), _ZERO)) for at, row in enumerate(now, start=1)]
    gone = {_key(row): row for row in before}
    return rows + [Compared(None, gone[key], amount) for key, amount in left.items()]


def draw(lines: Sequence[LineRow], balance: Decimal) -> Picture:
    """From nothing to the balance, kind after kind."""
    parts: dict[str, Decimal] = {}
    for line in lines:
        words = _words(line)
        parts[words] = parts.get(words, _ZERO) + line.amount
    totals = [_ZERO]
    for amount in parts.values():
        totals.append(totals[-1] + amount)
    low, high = min(totals), max(totals)
    scale = WIDE / float(high - low) if high > low else 0.0

    def at(total: Decimal) -> int:
        return WORDS + round(float(total - low) * scale)

    bars = []
    for n, ((words, amount), before) in enumerate(zip(parts.items(), totals, strict=False)):
        begin, end = sorted((at(before), at(before + amount)))
        tone = "good" if amount > 0 else "warn"
        edge = at(before + amount)
        bars.append(Bar(TOP + ROW * n, begin, max(end - begin, 2), edge, words, amount, tone))
    begin, end = sorted((at(_ZERO), at(balance)))
    y = TOP + ROW * len(bars)
    bars.append(Bar(y, begin, max(end - begin, 2), end, str(_("Balance")), balance, "busy"))
    return Picture(WORDS + WIDE + NUMBERS, TOP + ROW * len(bars), bars, 0)


def _words(line: LineRow) -> str:
    kind = labels.line_kind(line.kind)
    return f"{kind} · {labels.line_code(line)}" if line.kind == "charge" else kind


def _key(row: Row) -> tuple[str, str]:
    code = row.code.partition("+")[0] if row.kind in _TOLD_APART else ""
    return row.kind, row.rule or code


_TOLD_APART = frozenset({"sales", "refunds", "tax", "hold_out"})
