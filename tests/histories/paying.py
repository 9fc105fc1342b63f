"""How payouts of histories of money fare at the bank: files are taken, refused or carried out, in
part and whole; payments come back, and what was told is told again. What really moved is known
here, and the hub comes to the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from hub.flows.settlement import statements
from hub.states.settlement import State
from tests.histories.deciding import DecidedHistory
from tests.histories.moves import Asked, Move
from tests.kit.world import World

BANK = "house-bank"
PAYER, CASHIER = "hal", "ida"
ROUNDS = 16
"""After so many rounds everything that is to be paid is paid."""
ACCOUNT = {"name": "A Ltd", "iban": "NL91ABNA0417164300"}
ZERO = Decimal(0)


class PaidHistory(DecidedHistory):
    """A merchant that is paid out, sooner or later. `moved`: what went to it, by statement."""

    SEES: ClassVar[Mapping[str, str]] = {
        **DecidedHistory.SEES,
        "transfers": """SELECT transfer.merchant_id, file, state, number, statement.currency,
            status, payout, statement_id
          FROM transfer JOIN statement ON id = statement_id
          WHERE status <> 'closed' ORDER BY period_from, statement.currency, written_at""",
        "paid": """SELECT entry.merchant_id, entry.document, sum(line.debit - line.credit) AS paid
          FROM entry JOIN entry_line AS line ON line.entry_id = entry.id
          WHERE line.account = 'merchant.bank' GROUP BY 1, 2""",
        "looks": """SELECT merchant_id, subject FROM incident
          WHERE kind = 'contradiction' AND closed_at IS NULL""",
    }
    BANKS_: ClassVar[tuple[str, ...]] = (
        *("answers", "answers", "refuses", "carries_out", "carries_out", "carries_out"),
        *("tells_another_amount", "was_never_sent", "was_sent_all_the_same"),
    )
    AFTER_: ClassVar[tuple[str, ...]] = ("is_told_again", "came_back", "is_refused_late", "is_done")

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        self.moved: dict[str, Decimal] = defaultdict(Decimal)
        self.carried: dict[str, dict[str, Any]] = {}
        """Statement -> the line of the bank that told of its payout."""
        self.disputed: set[str] = set()
        """Statements of which the bank told while they were disputed: a person pays them."""
        self.notes = 0

    def holds(self, before: Any) -> None:
        """Paid is what moved."""
        super().holds(before)
        paid = {row.document.partition(":")[2]: row.paid for row in self.seen["paid"]}
        looks = self._looks()
        for number in {*paid, *self.moved}:
            ours, theirs = paid.get(number, ZERO), self.moved[number]
            late = number in self.disputed and not ours and number in looks
            assert ours == theirs or late, f"{number}: {theirs} moved, {ours} are paid"

    def bank(self) -> Iterator[Move]:
        """Something comes from the bank, or happens there."""
        if row := self._one_of([it for it in self.seen["transfers"] if self._is_live(it)]):
            yield from getattr(self, self.chance.choice(self.BANKS_))(row)
        elif row := self._one_of([it for it in self.seen["statements"] if it.status == State.PAID]):
            yield from getattr(self, self.chance.choice(self.AFTER_))(row)
        else:
            yield from self.settle()

    def pay_out(self) -> Iterator[Move]:
        """A person closes what is nothing to pay, and pays by hand what the bank paid unseen or
        what stands in no file.
        """
        filed = {it.number for it in self.seen["transfers"] if it.state != "refused"}
        for row in [it for it in self.seen["statements"] if it.status == State.APPROVED]:
            if not row.payout:
                yield Asked("close", lambda unit, id_=row.id: statements.close(unit, id_, CASHIER))
                assert not self.refused, "a statement of nothing stays open"
            elif row.number in self.disputed or (row.number not in filed and self.maybe(0.2)):
                self.moved[row.number] = row.payout
                yield Asked("pay", lambda unit, id_=row.id: statements.pay(
                    unit, id_, PAYER, None, self.now))  # fmt: skip
                assert not self.refused, "a payout is refused"
                self.disputed.discard(row.number)

    def pay_all(self) -> Iterator[Move]:
        """Everything goes its way to the end."""
        for _ in range(ROUNDS):
            yield from self.settle()
            yield from self.pay_out()
            for row in [it for it in self.seen["transfers"] if self._is_live(it)]:
                yield from self.carries_out(row)
            for row in [it for it in self.seen["statements"] if it.status == State.PAID]:
                yield from self.is_done(row)
            if not self.seen["statements"]:
                break
            yield Asked("wait", lambda _: None)
        assert not self.seen["statements"], "a statement is left open"

    def answers(self, row: Any) -> Iterator[Move]:
        yield self._answer(row, self.chance.choice(("pending", "accepted", "executed")))

    def refuses(self, row: Any) -> Iterator[Move]:
        for _ in range(self.chance.choice((1, 1, 2))):
            yield self._answer(row, "refused")
        told = [it.state for it in self.seen["transfers"] if it.file == row.file]
        assert "refused" in told, "a refusal is lost"

    def carries_out(self, row: Any) -> Iterator[Move]:
        """The money leaves, and the bank tells of it."""
        line = self.movement(row.number, "payout", -row.payout, ZERO, row.currency)
        self.moved[row.number] = row.payout
        self.carried[row.number] = line
        if row.status != State.APPROVED:
            self.disputed.add(row.number)
        yield self._account(line)

    def tells_another_amount(self, row: Any) -> Iterator[Move]:
        """It is no payment of this statement: a person looks."""
        yield self._account(
            self.movement(row.number, "payout", -row.payout - 1, ZERO, row.currency)
        )

    def was_never_sent(self, row: Any) -> Iterator[Move]:
        yield self._takes_back(row.statement_id)
        assert self.refused == (row.status != State.APPROVED), f"taken back, {row.status}"

    def was_sent_all_the_same(self, row: Any) -> Iterator[Move]:
        """Somebody took it back, and was wrong."""
        yield from self.was_never_sent(row)
        now = [it for it in self.seen["transfers"] if it.number == row.number]
        if not self.refused:
            yield self._answer(row, self.chance.choice(("accepted", "executed")))
            yield from self.carries_out(now[0])

    def is_told_again(self, row: Any) -> Iterator[Move]:
        """By another account of the same days."""
        if line := self.carried.get(row.number):
            yield self._account(line)

    def came_back(self, row: Any) -> Iterator[Move]:
        """The payment comes back, and the first telling of it comes again: it is paid anew."""
        if self.maybe(0.5):
            back = self.movement(row.number, "payout", row.payout, ZERO, row.currency)
            yield self._account(back)
            assert row.number in self._looks(), "nobody looks at what came back"
        self.moved[row.number] = ZERO
        yield self._takes_back(row.id)
        assert not self.refused, "what came back is not taken back"
        self.now += timedelta(days=1)
        yield from self.is_told_again(row)

    def is_refused_late(self, row: Any) -> Iterator[Move]:
        """Paid is paid, until a person knows more."""
        filed = [it for it in self.seen["transfers"] if it.number == row.number]
        if filed:
            yield self._answer(filed[-1], "refused")

    def is_done(self, row: Any) -> Iterator[Move]:
        yield Asked("close", lambda unit: statements.close(unit, row.id, CASHIER))
        assert not self.refused, "what is paid stays open"

    def _is_live(self, row: Any) -> bool:
        open_ = row.status not in (State.PAID, State.CLOSED)
        return open_ and row.state != "refused" and not self.moved[row.number]

    def _one_of(self, rows: list[Any]) -> Any:
        return self.chance.choice(rows) if rows else None

    def _takes_back(self, id_: Any) -> Move:
        return Asked("take back", lambda unit: statements.take_back(unit, id_, CASHIER, "chance"))

    def _answer(self, row: Any, state: str) -> Move:
        told = {"file": row.file, "reference": row.number, "state": state}
        return self.tells(BANK, {
            "type": "payout_status", "status_id": self._name(), "at": self.moment(),
            "source": {"id": self._name()}, "answers": [told],
        })  # fmt: skip

    def _account(self, line: dict[str, Any]) -> Move:
        """What the account's statement tells."""
        return self.tells(BANK, self.report_of(self._name(), [line], provider="bank"))

    def _looks(self) -> set[str]:
        """The statements that a person is to look at."""
        return {row.subject.partition(":")[2] for row in self.seen["looks"]}

    def _name(self) -> str:
        self.notes += 1
        return f"{self.seed}-N{self.notes}"
