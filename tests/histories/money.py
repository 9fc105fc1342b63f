"""Histories of money: what is sold, changed, shipped in part, sent back, exchanged, paid back and
charged back is booked, put on statements and paid out. What is owed is what was sold less what was
taken back, charged and paid; the books that others keep of it have the same sums.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from uuid import UUID

from hub.flows.books import exporting
from hub.flows.settlement import contracts, post, statements
from hub.flows.unit import Unit
from hub.model.settlement import ChargeItem, Entry
from hub.rules.books import chart
from hub.rules.settlement import postings
from hub.rules.settlement.terms import Terms
from hub.store.base.ids import new_id
from hub.store.invariants.settlement import SETTLEMENT
from hub.store.settlement import entries, facts
from mappings.journal import FORMS, Client, export
from mappings.journal import Terms as Plain
from mappings.journal.paths import path
from tests.histories.batch import Batch
from tests.histories.moves import Asked, Move, Rows
from tests.histories.returns import WATCHED as RETURNS
from tests.histories.returns import ReturnHistory
from tests.kit.world import World
from tests.mappings.journal import programs

STEPS = 14
BEGIN = datetime(2026, 6, 1, 10, tzinfo=UTC)
ZERO = Decimal(0)
WATCHED = [*RETURNS, *(one for one in SETTLEMENT if not one.at_rest)]
TERMS = {
    "currency": "EUR",
    "rules": [
        {"name": "s", "percent": "7.3", "net": True, "tiers": [{"pieces": "5", "percent": "6"}]},
        {"name": "pay", "charge": "payment", "on": "payment", "percent": "1.9", "fixed": "0.30",
         "given_back": False, "maximum": "4.00"},
        {"name": "ours", "charge": "promotion", "on": "discount", "percent": "-50"},
    ],
    "fees": [{"name": "shop", "amount": "4.99"}],
    "tax_percent": "21", "hold_days": 3, "reserve": {"percent": "5", "days": 20},
    "minimum_payout": "10",
}  # fmt: skip


class MoneyHistory(ReturnHistory):
    """One merchant through some months."""

    KIND = "money"
    SEES: ClassVar[Mapping[str, str]] = {
        **ReturnHistory.SEES,
        "goods": """SELECT o.merchant_id, o.id, s.channel_order_id AS number
          FROM fulfilment_order AS o JOIN sales_order AS s ON s.id = o.order_id
          WHERE o.status IN ('notified', 'packed', 'cancel_requested') ORDER BY o.id""",
        "sold": """SELECT o.merchant_id, o.channel_order_id AS number, o.grand_total,
            (SELECT coalesce(sum(amount), 0) FROM charge_item AS item
              JOIN entry ON entry.id = item.entry_id WHERE entry.order_id = o.id
              AND item.kind IN ('sale', 'shipping')) AS booked,
            (SELECT coalesce(sum(line.shipped), 0) FROM fulfilment_order AS f
              JOIN fulfilment_line AS line ON line.fulfilment_order_id = f.id
              WHERE f.order_id = o.id) AS shipped
          FROM sales_order AS o
          WHERE NOT EXISTS (SELECT FROM refund WHERE refund.order_id = o.id)""",
        "owed": """SELECT merchant_id,
            coalesce(sum(debit - credit) FILTER (WHERE account = 'merchant.receivable'), 0) AS ours,
            coalesce(sum(credit - debit) FILTER (WHERE account = 'operator.payable'), 0) AS theirs
          FROM entry_line GROUP BY 1""",
        "statements": """SELECT merchant_id, id, status, payout FROM statement
          WHERE status NOT IN ('paid', 'closed') ORDER BY period_from""",
    }
    STEPS_: ClassVar[tuple[str, ...]] = (
        *("sell", "sell", "leave", "leave", "edit", "edit", "charge_back", "charge_back"),
        *("settle", "settle", "settle", "pay_out", "pay_out", "echo", "echo", "ask"),
        *("onward", "onward", "onward"),
    )

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        self.now = self.since = BEGIN
        self.edited: set[str] = set()
        with world.unit() as unit:
            contracts.agree(unit, self.code, Terms.model_validate(TERMS), BEGIN, "ann")

    def play(self) -> Iterator[Move]:
        yield from self.sell()
        for _ in range(STEPS):
            self.now += timedelta(days=self.chance.randrange(1, 5))
            what = "onward" if self.maybe(0.35) else self.chance.choice(self.STEPS_)
            yield from getattr(self, what)()
        self.now = datetime.now(UTC)
        for _ in range(2):  # the second time nothing is left to be paid out
            yield from self.settle()
            yield from self.pay_out()
            self.now += timedelta(days=1)
        assert not self.seen["statements"], "a statement is left open"
        yield Asked("settle again", lambda unit: self._open(unit, BEGIN))
        assert self.refused, "a period has two statements"

    def holds(self, before: Rows) -> None:
        """What is owed, and of what left whole the whole price."""
        for row in self.seen["owed"]:
            assert row.ours == row.theirs, f"{row.ours} are owed, {row.theirs} are to be paid"
        for row in self.seen["sold"]:
            tree = self.orders.get(row.number)
            if tree is None or row.number in self.edited:
                continue
            pieces = sum(int(line["quantity"]) for line in tree["lines"])
            if row.shipped == pieces:
                assert row.booked == row.grand_total, f"{row.number}: booked are {row.booked}"

    def includes_tax(self) -> bool:
        return self.maybe(0.5)

    def leave(self) -> Iterator[Move]:
        """Some more of an order leaves."""
        if not self.seen["goods"]:
            yield from self.sell()
            return
        yield from self.ship_it(self.chance.choice(self.seen["goods"]).id)

    def edit(self) -> Iterator[Move]:
        """The channel cancels a piece, whether it left or not."""
        number = self.chance.choice(sorted(self.orders))
        tree = self.orders[number]
        at = self.chance.randrange(len(tree["lines"]))
        line = tree["lines"][at]
        gone = min(int(line.get("cancelled_quantity", "0")) + 1, int(line["quantity"]))
        lines = [*tree["lines"]]
        lines[at] = {**line, "cancelled_quantity": str(gone)}
        source = {**tree["source"], "revision": self.moment(), "occurred_at": self.moment()}
        tree = {**tree, "lines": lines, "source": source, "updated_at": self.moment()}
        self.orders[number] = tree
        self.edited.add(number)
        yield self._said("shop", tree)

    def charge_back(self) -> Iterator[Move]:
        kind = self.chance.choice(["chargeback", "chargeback_fee"])
        yield Asked(kind, lambda unit: self._charge_back(unit, kind))

    def settle(self) -> Iterator[Move]:
        """The period up to now is calculated, again, and approved."""
        if self.now > self.since:
            yield Asked("settle", self._settle)
            assert not self.refused, "a statement is refused"
            self.since = self.now

    def pay_out(self) -> Iterator[Move]:
        for row in self.seen["statements"]:
            if row.payout:
                yield Asked("pay", lambda unit, id_=row.id: self._pay(unit, id_))
            else:
                yield Asked("close", lambda unit, id_=row.id: statements.close(unit, id_, "bob"))
            assert not self.refused, "a payout is refused"

    def _open(self, unit: Unit, since: datetime) -> UUID:
        return statements.open_period(unit, self.code, "EUR", since, self.now, "ann")

    def _settle(self, unit: Unit) -> None:
        made = self._open(unit, self.since)
        first = statements.calculate(unit, [made], "ann")[0].digest
        assert statements.calculate(unit, [made], "ann")[0].digest == first
        statements.approve(unit, made, "bob")

    def _pay(self, unit: Unit, id_: UUID) -> None:
        statements.pay(unit, id_, "bob", None, self.now)
        statements.close(unit, id_, "bob")

    def _charge_back(self, unit: Unit, kind: str) -> None:
        item = ChargeItem(kind, {"channel": self.at("shop")}, "1", ZERO, Decimal("-3.21"))
        facts.lock(unit.db)
        closed = facts.closed_until(unit.db, [self.code])
        lines = postings.turnover([item])
        entry = Entry(self.code, f"chargeback:{new_id()}", "chargeback", "EUR", self.now,
                      self.now, lines, items=[item])  # fmt: skip
        entries.book(unit.db, [post.settled(entry, closed)])


class MoneyBatch(Batch):
    """The ledger follows at once, and at the end it is exported to the books of others."""

    def after_round(self, *, last: bool) -> None:
        more = True
        while more:
            with self.world.unit() as unit:
                more = post.post(unit, margin_s=0)

    def at_end(self) -> None:
        days = BEGIN.date(), datetime.now(UTC).date() + timedelta(days=7)
        for half in (chart.MERCHANT, chart.OPERATOR):
            wanted = exporting.Wanted(*days, half=half)
            with self.world.unit() as unit:
                found = exporting.entries(unit.db, wanted)
            ours = self._sums(half)
            for program in filter(programs.is_there, programs.PROGRAMS):
                theirs = self._balances(program, found)
                if theirs != ours:
                    differ = {
                        name: (ours.get(name), theirs.get(name))
                        for name in {*ours, *theirs}
                        if ours.get(name) != theirs.get(name)
                    }
                    raise self.broken(f"{program} has other sums of {half}: {differ}")
                self.notes[f"entries in {program}"] += len(found)

    def _balances(self, program: str, found: Any) -> dict[str, Decimal]:
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"all.{FORMS[program].suffix}"
            file.write_bytes(export(program, found, Client()).raw)
            sums = programs.balances(program, file)
        return {name: sum_ for name, sum_ in sums.items() if sum_}

    def _sums(self, half: str) -> dict[str, Decimal]:
        """What the ledger has, by the names under which plain-text books know its accounts."""
        rows = self.world.sql(
            """SELECT account, sum(debit - credit) AS sum FROM entry_line
            WHERE starts_with(account, :half) GROUP BY 1 HAVING sum(debit - credit) <> 0""",
            half=f"{half}.",
        )
        return {path(row.account, Plain()): row.sum for row in rows}
