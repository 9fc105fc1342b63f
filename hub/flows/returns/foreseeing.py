"""What a merchant's newest returns would have come to under other terms; nothing is kept."""

from dataclasses import dataclass
from datetime import datetime

from hub.flows.returns.judging import facts_of
from hub.flows.returns.terms import terms_of
from hub.flows.unit import Unit
from hub.rules.returns import reviewing
from hub.rules.returns.policy import Policy
from hub.rules.returns.reviewing import Judgement
from hub.store.orders import orders
from hub.store.returns import finding
from hub.store.returns.returns import ReturnRow


@dataclass(frozen=True, slots=True)
class Judged:
    """A return, what its own terms say of its review, and what the others would."""

    row: ReturnRow
    now: Judgement
    then: Judgement

    @property
    def differs(self) -> bool:
        """Whether it would be decided otherwise."""
        return self.now.decision != self.then.decision


def what_if(unit: Unit, merchant: str, terms: Policy, since: datetime, most: int) -> list[Judged]:
    """The newest returns that were asked for since then, judged by both, newest first."""
    rows = finding.recent(unit.db, unit.vault, merchant, since, most)
    known = orders.seen(unit.db, unit.vault, [row.order_id for row in rows if row.order_id])
    pairs = [(row, known[row.order_id]) for row in rows if row.order_id in known]
    asked = facts_of(unit, pairs)
    return [
        Judged(
            row,
            reviewing.judge(terms_of(unit, merchant, row.document), row.document, asked[row.id]),
            reviewing.judge(terms, row.document, asked[row.id]),
        )
        for row, _ in pairs
    ]
