"""What people decide about statements in histories of money: they are drafted, disputed, looked at
anew and approved by another person; and amounts are corrected by hand, with four eyes.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from hub.flows.settlement import contracts, statements
from hub.flows.unit import Unit
from hub.states.settlement import State
from tests.histories.charged_back import PEOPLE, ChargebackHistory
from tests.histories.moves import Asked, Move

WRITER = "eve"
"""Who calculates where nobody else does."""


class DecidedHistory(ChargebackHistory):
    """A merchant whose statements and corrections go through the hands of several people."""

    SEES: ClassVar[Mapping[str, str]] = {
        **ChargebackHistory.SEES,
        "statements": """SELECT merchant_id, id, number, currency, status, payout, period_to,
            approved_at, calculated_by, balance
          FROM statement WHERE status <> 'closed' ORDER BY period_from, currency""",
        "adjusters": """SELECT line.merchant_id, line.statement_id, a.entered_by
          FROM statement_line AS line JOIN adjustment AS a
            ON line.code = 'adjustment:' || a.id AND line.kind = 'adjustment'""",
        "corrections": """SELECT merchant_id, id, amount, entered_by FROM adjustment
          WHERE decision IS NULL ORDER BY id""",
    }

    def settle(self) -> Iterator[Move]:
        """All up to now is calculated and approved, first what is open from before."""
        for row in self.seen["statements"]:
            yield from self.finish(row.id)
        yield from self.draft()
        for row in self.seen["statements"]:
            yield from self.finish(row.id)

    def draft(self) -> Iterator[Move]:
        """The period up to now is calculated, where the one before it is final."""
        raise NotImplementedError

    def finish(self, id_: UUID) -> Iterator[Move]:
        """A statement is brought to where it is approved: disputes end, and whoever may approves
        it.
        """
        if self._row(id_).status == State.DISPUTED:
            yield from self.resolve(id_)
        if self._row(id_).status in (State.OPEN, State.CALCULATED):
            if self._row(id_).approved_at is None:
                yield self.calculates(id_)
            yield from self.approval(id_)

    def approval(self, id_: UUID) -> Iterator[Move]:
        """One after the other tries; nobody who had a hand in it may."""
        for who in self.chance.sample(PEOPLE, k=len(PEOPLE)):
            row = self._row(id_)
            hands = {row.calculated_by} | {
                it.entered_by for it in self.seen["adjusters"] if it.statement_id == id_
            }
            yield Asked("approve it", lambda unit, who=who: statements.approve(unit, id_, who))
            assert self.refused == (who in hands), f"{who} approves, {hands} had a hand in it"
            if not self.refused:
                return
        yield Asked("approve it", lambda unit: statements.approve(unit, id_, "gil"))
        assert not self.refused, "nobody may approve a statement"

    def dispute(self) -> Iterator[Move]:
        """The merchant does not agree."""
        yield from self.draft() if not self.seen["statements"] else ()
        if not self.seen["statements"]:
            return
        row = self.chance.choice(self.seen["statements"])
        yield Asked("dispute", lambda unit: statements.dispute(unit, row.id, "ann", "too little"))
        may = row.status in (State.CALCULATED, State.APPROVED)
        assert self.refused != may, f"what is {row.status} is disputed: {may}"

    def resolve(self, id_: UUID | None = None) -> Iterator[Move]:
        """A dispute ends: of what was not final the figures may become others."""
        disputed = [row for row in self.seen["statements"] if row.status == State.DISPUTED]
        if not disputed:
            return
        row = self._row(id_ or self.chance.choice(disputed).id)
        yield Asked("resolve", lambda unit: statements.resolve(unit, row.id, "ann", "as agreed"))
        assert not self.refused, "a dispute does not end"
        if self.maybe(0.5):
            yield self.calculates(row.id)
            assert self.refused == (row.approved_at is not None), "figures that were final change"
        if row.approved_at is not None:
            after = self._row(row.id)
            assert (after.balance, after.payout) == (row.balance, row.payout)

    def correct(self) -> Iterator[Move]:
        """Somebody enters a correction, or decides about one: not about an own one."""
        waiting = self.seen["corrections"]
        if not waiting or self.maybe(0.3):
            amount = Decimal(self.chance.choice((-1, 1)) * self.chance.randint(1, 3000)) / 100
            who, currency = self.chance.choice(PEOPLE[:3]), self.currency()
            yield Asked("correct", lambda unit: self._correct(unit, currency, amount, who))
            return
        row, who, yes = self.chance.choice(waiting), self.chance.choice(PEOPLE), self.maybe(0.7)
        yield Asked(
            "allow it" if yes else "refuse it",
            lambda unit: contracts.decide(unit, row.id, who, approved=yes),
        )
        assert self.refused == (who == row.entered_by), f"{who} decides what {row.entered_by} wrote"
        if not self.refused:
            yield Asked("again", lambda unit: contracts.decide(unit, row.id, "gil", approved=True))
            assert self.refused, "a correction is decided twice"

    def calculates(self, id_: UUID) -> Move:
        who = self.chance.choice((WRITER, WRITER, PEOPLE[0]))
        return Asked("calculate", lambda unit: self._calculate(unit, id_, who))

    def _row(self, id_: UUID) -> Any:
        return next(row for row in self.seen["statements"] if row.id == id_)

    def _calculate(self, unit: Unit, id_: UUID, who: str) -> None:
        """Twice it comes to the same."""
        first = statements.calculate(unit, [id_], who)[0].digest
        assert statements.calculate(unit, [id_], who)[0].digest == first

    def _correct(self, unit: Unit, currency: str, amount: Decimal, who: str) -> None:
        contracts.adjust(unit, self.code, currency, amount, "by chance", who)
