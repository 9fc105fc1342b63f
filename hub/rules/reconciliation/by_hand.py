"""What a person may match: rows of one currency that come to the same, or to a little more or less
than a person may let go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.errors import BadData
from hub.model.money import add
from hub.rules.reconciliation.classing import may_write_off


@dataclass(frozen=True, slots=True)
class Side:
    """A row of either side that a person chose."""

    amount: Decimal
    currency: str
    state: str


@dataclass(frozen=True, slots=True)
class Sums:
    """What both sides come to."""

    currency: str
    ours: Decimal
    theirs: Decimal


def sums(ours: Sequence[Side], theirs: Sequence[Side]) -> Sums:
    """The sums of rows that are to be matched. BadData says why they cannot be."""
    chosen = [*ours, *theirs]
    if not theirs or len(chosen) < 2:
        raise BadData("rows of both sides, or several of theirs, are expected", path="theirs")
    if any(it.state != "open" for it in chosen):
        raise BadData("only what is open can be matched", path="theirs", code="not_open")
    currencies = {it.currency for it in chosen}
    if len(currencies) > 1:
        raise BadData(
            f"one currency is expected, not {', '.join(sorted(currencies))}", path="theirs"
        )
    made = Sums(
        currencies.pop(), add(*(it.amount for it in ours)), add(*(it.amount for it in theirs))
    )
    difference = add(made.theirs, -made.ours)
    if not may_write_off(difference):
        raise BadData(
            f"they differ by {difference}, which is more than a person may write off",
            path="theirs",
            code="amount_differs",
        )
    return made
