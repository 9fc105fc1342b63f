"""The picture of a number: one bar for each part, each beginning where the one above it ends, so
that one sees how what is on hand becomes what a channel is told.

Only geometry and words are made here; the template draws it as SVG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from admin.shown import labels
from hub.flows.stock.explaining import Explanation, Step

WORDS, WIDE, ROW, TOP, NUMBERS = 300, 420, 34, 14, 90
"""Pixels: for the words, the longest bar, a row, above the first, for the numbers."""
MOST = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """A part, or the number itself. `edge`: where it hands over to the next one."""

    y: int
    x: int
    width: int
    edge: int
    words: str
    number: Decimal
    tone: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it, and how large it is. `left_out`: parts too many to draw, drawn as one."""

    width: int
    height: int
    bars: list[Bar]
    left_out: int


def draw(it: Explanation) -> Picture:
    """From what is on hand down to what the channel is told."""
    steps, left_out = _most(it.steps)
    totals = [Decimal(0)]
    for step in steps:
        totals.append(totals[-1] + step.quantity)
    low, high = min(totals), max(*totals, it.published)
    scale = WIDE / float(high - low) if high > low else 0.0

    def at(total: Decimal) -> int:
        return WORDS + round(float(total - low) * scale)

    bars = []
    for n, (step, before, after) in enumerate(zip(steps, totals, totals[1:], strict=False)):
        begin, end = at(min(before, after)), at(max(before, after))
        tone = "good" if step.quantity > 0 else "warn"
        width = max(end - begin, 2)
        bars.append(Bar(TOP + ROW * n, begin, width, at(after), words(step), step.quantity, tone))
    begin, end = at(min(it.published, Decimal(0))), at(max(it.published, Decimal(0)))
    y, title = TOP + ROW * len(bars), _result(it)
    bars.append(Bar(y, begin, max(end - begin, 2), end, title, it.published, "busy"))
    return Picture(WORDS + WIDE + NUMBERS, TOP + ROW * len(bars), bars, left_out)


def words(step: Step) -> str:
    """What a part is, and of what."""
    what = labels.stock_part(step.name)
    return f"{what} · {step.of}" if step.of else what


def _result(it: Explanation) -> str:
    if it.channel is None:
        return str(_("For all channels"))
    return str(_("Told to %(channel)s", channel=it.channel)) if it.told else it.channel


def _most(steps: Sequence[Step]) -> tuple[list[Step], int]:
    """The steps; where they are too many, the last ones as one."""
    if len(steps) <= MOST:
        return list(steps), 0
    rest = steps[MOST - 1 :]
    total = sum((step.quantity for step in rest), Decimal(0))
    return [*steps[: MOST - 1], Step("others", total, None)], len(rest)
