"""Random histories of orders, refunds, chargebacks, statements and payouts: after every step each
invariant of the ledger holds, and what is owed is what was sold less what was taken back, charged
and paid. `ORDERHUB_MONEY_HISTORIES` says how many.
"""

import os
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from hub.flows.settlement import contracts, post, statements
from hub.model.document import Source
from hub.model.errors import Contradiction
from hub.model.money import add
from hub.model.order import OrderLine, Refund, RefundLine, SalesOrder, ShippingLine, Totals
from hub.model.settlement import ChargeItem, Entry
from hub.rules.settlement import postings
from hub.rules.settlement.terms import Terms
from hub.states.settlement import State
from hub.store.base.ids import new_id
from hub.store.invariants.settlement import SETTLEMENT
from hub.store.settlement import entries, facts
from hub.store.settlement import statements as store
from hub.store.settlement.facts import Known
from tests.kit.world import World

HISTORIES = int(os.environ.get("ORDERHUB_MONEY_HISTORIES", "2"))
STEPS = 14
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
ZERO = Decimal(0)
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


class History:
    """One merchant through some months."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)  # noqa: S311  # the same each time
        self.merchant = f"h{seed}"
        world.merchant(self.merchant)
        self.orders: dict[UUID, Known] = {}
        self.now, self.since = BEGIN, BEGIN
        self.open: list[UUID] = []
        monkeypatch.setattr(facts, "known", self._known)
        with world.unit() as unit:
            contracts.agree(unit, self.merchant, Terms.model_validate(TERMS), BEGIN, "ann")

    def step(self) -> None:
        """Something happens."""
        self.now += timedelta(days=self.chance.randrange(1, 5))
        self.chance.choice(
            [self.sell, self.sell, self.ship, self.ship, self.edit, self.refund, self.refund,
             self.charge_back, self.settle, self.pay]
        )()  # fmt: skip

    def sell(self) -> None:
        includes = self.chance.random() < 0.5
        lines = tuple(
            _line(at, self.chance, includes) for at in range(1, self.chance.randrange(2, 4))
        )
        ship = ShippingLine(price=Decimal("4.95"), total=Decimal("4.95"))
        total = add(*(line.total for line in lines), ship.total)
        order = SalesOrder(
            source=Source(connection="shop", id="x"), channel_order_id="x", order_number="x",
            placed_at=self.now, currency="EUR", prices_include_tax=includes, lines=lines,
            shipping=(ship,), totals=Totals(items=ZERO, grand_total=total),
        )  # fmt: skip
        id_ = new_id()
        self.orders[id_] = Known(id_, self.merchant, "shop", order)

    def ship(self) -> None:
        for order in self._some():
            line = self.chance.choice(order.document.lines)
            most = line.quantity - line.cancelled_quantity
            left = most - order.shipped.get(line.line_no, ZERO)
            if left > 0:
                pieces = Decimal(self.chance.randrange(1, int(left) + 1))
                order.shipped[line.line_no] = order.shipped.get(line.line_no, ZERO) + pieces
            self._book(order)

    def edit(self) -> None:
        """The channel cancels pieces that did not leave."""
        for order in self._some():
            lines = []
            for line in order.document.lines:
                left = line.quantity - line.cancelled_quantity
                if left > order.shipped.get(line.line_no, ZERO) and self.chance.random() < 0.5:
                    more = {"cancelled_quantity": line.cancelled_quantity + 1}
                    line = line.model_copy(update=more)  # noqa: PLW2901
                lines.append(line)
            order.document = order.document.model_copy(
                update={"lines": tuple(lines), "placed_at": self.now}
            )
            self._book(order)

    def refund(self) -> None:
        for order in self._some():
            line = self.chance.choice(order.document.lines)
            worth = line.unit_price
            told = RefundLine(
                channel_line_id=str(line.line_no), quantity=Decimal(1), amount=worth, tax=ZERO
            )
            number = str(new_id())
            more = self.chance.choice([ZERO, Decimal("1.23")])
            order.refunds.append((
                new_id(),
                Refund(
                    source=Source(connection="shop", id=number), refund_id=number,
                    channel_order_id="x", created_at=self.now, currency="EUR",
                    amount=worth + more, lines=(told,),
                ),
            ))  # fmt: skip
            self._book(order)

    def charge_back(self) -> None:
        kind = self.chance.choice(["chargeback", "chargeback_fee"])
        item = ChargeItem(kind, {"channel": "shop"}, "1", ZERO, Decimal("-3.21"))
        with self.world.unit() as unit:
            facts.lock(unit.db)
            closed = facts.closed_until(unit.db, [self.merchant])
            at = max(self.now, closed.get((self.merchant, "EUR"), self.now))
            lines = postings.turnover([item])
            entry = Entry(self.merchant, f"chargeback:{new_id()}", "chargeback", "EUR", self.now,
                          at, lines, items=[item])  # fmt: skip
            entries.book(unit.db, [entry])

    def settle(self) -> None:
        """The period up to now is calculated, again, and approved."""
        if self.now <= self.since:
            return
        with self.world.unit() as unit:
            made = statements.open_period(unit, self.merchant, "EUR", self.since, self.now, "ann")
            first = statements.calculate(unit, [made], "ann")[0].digest
            assert statements.calculate(unit, [made], "ann")[0].digest == first
            statements.approve(unit, made, "bob")
        self.since = self.now
        self.open.append(made)

    def pay(self) -> None:
        while self.open:
            with self.world.unit() as unit:
                id_ = self.open.pop()
                if store.load(unit.db, [id_])[0].payout:
                    statements.pay(unit, id_, "bob", None, self.now)
                else:
                    statements.close(unit, id_, "bob")

    def holds(self) -> None:
        """Every invariant, and what is owed by what was sold."""
        with self.world.store.database.begin() as db:
            for one in SETTLEMENT:
                assert list(db.scalars(sa.text(one.query))) == [], one.title
            balance = entries.balances(db, self.merchant)
        owed = balance.get(("EUR", "merchant.receivable"), ZERO)
        assert owed == -balance.get(("EUR", "operator.payable"), ZERO)
        whole = [order for order in self.orders.values() if _is_whole(order)]
        for order in whole:
            assert self._booked(order) == order.document.totals.grand_total

    def _booked(self, order: Known) -> Decimal:
        return Decimal(self.world.one(
            """SELECT coalesce(sum(amount), 0) FROM charge_item JOIN entry ON entry.id = entry_id
            WHERE order_id = :id AND kind IN ('sale', 'shipping')""", id=order.id,
        ))  # fmt: skip

    def _some(self) -> list[Known]:
        return self.chance.sample(list(self.orders.values()), min(2, len(self.orders)))

    def _known(self, _db: Any, _vault: Any, ids: Any) -> dict[UUID, Known]:
        return {id_: self.orders[id_] for id_ in ids}

    def _book(self, order: Known) -> None:
        order.document = order.document.model_copy(update={"placed_at": self.now})
        for _again in range(2):  # the second time there is nothing new
            with self.world.unit() as unit:
                facts.lock(unit.db)
                post.book(unit, {order.id: None})


def _line(number: int, chance: random.Random, includes: bool) -> OrderLine:  # noqa: FBT001
    pieces, price = chance.randrange(1, 5), Decimal(chance.randrange(100, 9999)) / 100
    discount, tax = (Decimal(chance.randrange(0, 90)) / 100 for _ in range(2))
    total = price * pieces - discount + (ZERO if includes else tax)
    return OrderLine(
        line_no=number, channel_line_id=str(number), sku=f"S{number}", quantity=Decimal(pieces),
        unit_price=price, discount=discount, tax=tax, total=total,
    )  # fmt: skip


def _is_whole(order: Known) -> bool:
    """All of it left, and nothing was paid back."""
    return not order.refunds and all(
        order.shipped.get(line.line_no) == line.quantity for line in order.document.lines
    )


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_invariants_hold_after_every_step(
    shared: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    history = History(shared, monkeypatch, seed)
    for _ in range(STEPS):
        history.step()
        history.holds()
    history.now += timedelta(days=1)
    history.settle()
    history.holds()
    history.pay()
    history.holds()
    states = {State(row[0]) for row in shared.sql(
        "SELECT status FROM statement WHERE merchant_id = :m", m=history.merchant)}  # fmt: skip
    assert states <= {State.PAID, State.CLOSED}
    with pytest.raises(Contradiction), shared.unit() as unit:
        statements.open_period(unit, history.merchant, "EUR", BEGIN, history.now, "ann")
