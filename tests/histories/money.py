"""Histories of money: what is sold, changed, shipped in part, sent back, exchanged, paid back and
charged back is booked, put on statements and paid out. What is owed is what was sold less what was
taken back, charged and paid; the books that others keep of it have the same sums.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from hub.flows.settlement import contracts, statements
from hub.flows.unit import Unit
from hub.rules.settlement.terms import Terms
from hub.store.invariants.reconciliation import RECONCILIATION
from hub.store.invariants.settlement import SETTLEMENT
from tests.histories.deciding import WRITER
from tests.histories.moves import Asked, Move, Rows
from tests.histories.owed import PAID
from tests.histories.paying import ACCOUNT, PaidHistory
from tests.histories.returns import WATCHED as RETURNS
from tests.kit.world import World

STEPS = 14
CURRENCIES = ("EUR", "CHF")
"""The second of them is not the contract's."""
AFTER_ALL = timedelta(days=30)
"""By then nothing is held or reserved any more."""
BEGIN = datetime(2026, 6, 1, 10, tzinfo=UTC)
WATCHED = [*RETURNS, *PAID, *(one for one in (*SETTLEMENT, *RECONCILIATION) if not one.at_rest)]
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
    "minimum_payout": "10", "payee": ACCOUNT,
}  # fmt: skip


class MoneyHistory(PaidHistory):
    """One merchant through some months."""

    KIND = "money"
    SEES: ClassVar[Mapping[str, str]] = {
        **PaidHistory.SEES,
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
        "owed": """SELECT entry_line.merchant_id, entry.currency,
            coalesce(sum(debit - credit) FILTER (WHERE account = 'merchant.receivable'), 0) AS ours,
            coalesce(sum(credit - debit) FILTER (WHERE account = 'operator.payable'), 0) AS theirs
          FROM entry_line JOIN entry ON entry.id = entry_id GROUP BY 1, 2""",
        "left": """SELECT merchant_id, currency,
            coalesce(sum(debit - credit) FILTER (WHERE account = 'merchant.reserve'), 0) AS reserve
          FROM entry_line JOIN entry USING (merchant_id) WHERE entry.id = entry_id GROUP BY 1, 2""",
    }
    STEPS_: ClassVar[tuple[str, ...]] = (
        *(
            "sell",
            "sell",
            "leave",
            "leave",
            "edit",
            "edit",
            "report",
            "report",
            "charge_back",
            "charge_back",
        ),
        *("settle", "settle", "settle", "draft", "dispute", "resolve", "correct", "correct"),
        *(
            "bank",
            "bank",
            "bank",
            "bank",
            "bank",
            "pay_out",
            "echo",
            "echo",
            "ask",
            "onward",
            "onward",
            "onward",
        ),
    )

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        self.now = BEGIN
        self.since = dict.fromkeys(CURRENCIES, BEGIN)
        self.edited: set[str] = set()
        bearer = self.chance.choice(("merchant", "operator"))
        terms = Terms.model_validate({**TERMS, "chargeback_fee": bearer})
        with world.unit() as unit:
            contracts.agree(unit, self.code, terms, BEGIN, "ann")

    def play(self) -> Iterator[Move]:
        yield from self.sell()
        for _ in range(STEPS):
            self.now += timedelta(days=self.chance.randrange(1, 5))
            what = "onward" if self.maybe(0.2) else self.chance.choice(self.STEPS_)
            yield from getattr(self, what)()
        self.now = datetime.now(UTC)
        yield from self.pay_all()
        self.now += AFTER_ALL
        yield from self.pay_all()
        for row in self.seen["left"]:
            assert not row.reserve, f"{row.reserve} {row.currency} stay reserved"
        yield Asked("settle again", lambda unit: self._open(unit, "EUR", BEGIN))
        assert self.refused, "a period has two statements"

    def holds(self, before: Rows) -> None:
        """What is owed, and of what left whole the whole price."""
        super().holds(before)
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

    def draft(self) -> Iterator[Move]:
        waits = {row.currency for row in self.seen["statements"] if row.approved_at is None}
        for currency in CURRENCIES:
            if self.now > self.since[currency] and currency not in waits:
                yield Asked("draft", lambda unit, it=currency: self._draft(unit, it))
                assert not self.refused, "a statement is refused"
                self.since[currency] = self.now

    def currency(self) -> str:
        return self.chance.choice(CURRENCIES)

    def _open(self, unit: Unit, currency: str, since: datetime) -> UUID:
        return statements.open_period(unit, self.code, currency, since, self.now, WRITER)

    def _draft(self, unit: Unit, currency: str) -> None:
        self._calculate(unit, self._open(unit, currency, self.since[currency]), WRITER)
