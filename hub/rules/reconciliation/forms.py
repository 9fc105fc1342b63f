"""Whether two forms of one payout can be compared line by line: then one may follow the other,
and what both tell counts once.
"""

from collections.abc import Set as AbstractSet

from hub.model.settlement import SettlementReport
from hub.rules.reconciliation.adding_up import PAYOUT


def fit(report: SettlementReport, known: AbstractSet[str | None]) -> bool:
    """Whether a report has all that other forms told so far, by the names of what moved, or tells
    nothing that they do not have. Names that only overlap are none of the same, such as those by
    the day in one form and by the second in another: taken, it would count twice. In `known` None
    stands for what bears no name.
    """
    mine = {line.movement for line in report.lines if line.kind != PAYOUT}
    if None in known:
        return False
    return known <= mine or mine <= known
