"""Random histories of what is sold, shipped in part, sent back, received, paid and exchanged: after
every step the books of returns hold. `ORDERHUB_RETURN_HISTORIES=n` plays many.
"""

import os
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from hub.flows.returns.requests import Found
from hub.model.errors import BadData, Contradiction, IllegalTransition
from hub.store import invariants
from hub.store.invariants.money import MONEY
from hub.store.invariants.returns import RETURNS
from hub.store.orders import fulfilments
from tests.flows.returns.counter import Counter
from tests.kit.catalogue import sales_order, shipment
from tests.kit.world.world import World

HISTORIES = int(os.environ.get("ORDERHUB_RETURN_HISTORIES", "1"))
STEPS = 14
WATCHED = {it.title for it in (*RETURNS, *MONEY)}
REFUSED = (BadData, Contradiction, IllegalTransition)
QUALITIES = ("good", "good", "second", "defective", "missing", "uninspected", "wrong_article")


class History:
    """One customer's days, by chance; what is refused is refused, nothing else may fail."""

    def __init__(self, world: World, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311  # a test's
        exchange = self.chance.choice(["after", "before"])
        self.counter = Counter(
            world, exchange=exchange, settle=self.chance.choice(["auto", "by_hand"])
        )
        self.number, self.done = 0, list[str]()

    def play(self) -> None:
        self.sell()
        for _ in range(STEPS):
            what = "onward" if self.chance.random() < 0.7 else self.chance.choice(_STEPS)
            try:
                getattr(self, what)()
                self.done.append(what)
            except REFUSED as error:
                self.done.append(f"{what}: {error}")
            self.look()
        self.counter.check()

    def look(self) -> None:
        with invariants.snapshot(self.counter.world.store) as db:
            broken = {it.title: it.broken for it in invariants.look(db) if it.title in WATCHED}
        assert len(broken) == len(WATCHED)
        assert {title: which for title, which in broken.items() if which} == {}, self.done

    def sell(self) -> None:
        """Two lines at prices that do not divide, and all or some of it leaves."""
        self.number += 1
        lines, total, taxes, off = [], Decimal(0), Decimal(0), Decimal(0)
        for at, sku in enumerate(("A", "B"), start=1):
            pieces, price = self.chance.randint(1, 4), Decimal(self.chance.randint(99, 2999)) / 100
            discount = min(Decimal(self.chance.randint(0, 99)) / 100, price)
            tax = ((price * pieces - discount) * 19 / 119).quantize(Decimal("0.01"))
            worth = price * pieces - discount
            lines.append({
                "line_no": at, "channel_line_id": f"{self.number}-{at}", "sku": sku,
                "quantity": str(pieces), "unit_price": str(price), "discount": str(discount),
                "tax": str(tax), "total": str(worth),
            })  # fmt: skip
            total, taxes, off = total + worth, taxes + tax, off + discount
        sums = {
            "items": str(total + off), "discount": str(off), "tax": str(taxes),
            "shipping": "4.90", "grand_total": str(total + Decimal("4.90")),
            "paid": str(total + Decimal("4.90")),
        }  # fmt: skip
        tree = sales_order(
            self.number, channel=self.counter.shop, lines=lines, totals=sums,
            shipping=[{"price": "4.90", "total": "4.90"}], prices_include_tax=True,
        )  # fmt: skip
        self.counter.take(tree, self.counter.shop)
        order = self.counter.acme.row(self.number).id
        rows = self.counter.acme.rows(
            "SELECT id FROM fulfilment_order WHERE merchant_id = :merchant AND order_id = :o",
            o=order,
        )
        for row in rows:
            part = [(1, 1)] if self.chance.random() < 0.3 else None
            left = shipment(fulfilments.number(row.id), lines=part, complete=part is None)
            self.counter.take(left, self.counter.wh)

    def ask(self, _: int = 0) -> None:
        wanted = {sku: self.chance.randint(1, 3) for sku in self.chance.sample(["A", "B"], k=1)}
        self.counter.asks(
            number=f"r{self.chance.randint(1, 99)}",
            order=self.chance.randint(1, self.number),
            pieces=wanted,
            kind=self.chance.choice(["refund", "refund", "exchange", "resend"]),
            cause=self.chance.choice(["customer", "customer", "lost", "returned_to_sender"]),
        )

    def approve(self, at: int | None = None) -> None:
        self.counter.approve(self._one() if at is None else at)

    def receive(self, at: int | None = None) -> None:
        mine = self.chance.random() < 0.7
        at = self._one() if at is None else at
        sku = self.counter.row(at).lines[0].sku if mine else self.chance.choice("ABC")
        pieces = {(sku, self.chance.choice(QUALITIES)): self.chance.randint(1, 3)}
        receipt = f"c{self.chance.randint(1, 30)}"
        self.counter.came(self.counter.row(at).number, receipt, pieces=pieces)

    def inspect(self) -> None:
        found = {
            "line_no": 1,
            "quality": self.chance.choice(QUALITIES[:5]),
            "quantity": self.chance.randint(1, 2),
        }
        self._does("inspect", [Found.model_validate(found)])

    def confirm(self, at: int | None = None) -> None:
        kind = self.chance.choice([None, None, "refund", "exchange"])
        self.counter.does("confirm", kind, at=self._one() if at is None else at)

    def waive(self) -> None:
        self._does("waive", "lost")

    def reject(self) -> None:
        self._does("reject", "worn")

    def cancel(self) -> None:
        self._does("cancel", "kept")

    def pay(self, at: int | None = None) -> None:
        cent = Decimal(self.chance.randint(0, 500)) / 100
        wish: dict[str, Any] = self.chance.choice([
            {}, {"shipping": "1.00"}, {"goodwill": cent, "lines": []}, {"restocking_fee": cent},
            {"lines": [{"line_no": 1, "quantity": 1}]}, {"lines": [{"line_no": 1, "amount": cent}]},
        ])  # fmt: skip
        self.counter.pays(self._one() if at is None else at, **wish)

    def exchange(self, at: int | None = None) -> None:
        line = (self.chance.choice("ABC"), self.chance.randint(1, 2))
        price = self.chance.choice([None, "0.00", "7.77", "31.13"])
        self.counter.exchanges(line, at=self._one() if at is None else at, price=price)

    def echo(self) -> None:
        """The shop tells of money: of ours, or of some of its own."""
        kept = self.counter.refunds()
        amount = str(self.chance.choice(kept)[1].quantize(Decimal("0.01"))) if kept else "1.00"
        order = self.chance.randint(1, self.number)
        number = f"e{self.chance.randint(1, 20)}"
        self.counter.paid_back(number, order=order, amount=amount)

    def onward(self) -> None:
        """What follows for one of the returns, most days."""
        at = self._one()
        row = self.counter.row(at)
        getattr(self, _NEXT.get(row.status, "ask"))(at)

    def settle(self, at: int) -> None:
        is_refund = self.counter.row(at).document.kind == "refund"
        self.pay(at) if is_refund else self.exchange(at)

    def look_at(self, at: int) -> None:
        came = Found.model_validate({"line_no": 1, "quality": "good", "quantity": 1})
        try:
            self.counter.does("inspect", [came], at=at)
        except REFUSED:
            self.counter.does("confirm", None, at=at)

    def _does(self, what: str, *args: Any) -> None:
        self.counter.does(what, *args, at=self._one())

    def _one(self) -> int:
        rows = self.counter.acme.rows(
            "SELECT count(*) AS n FROM customer_return WHERE merchant_id = :merchant"
        )
        if not rows[0].n:
            self.ask()
            self.counter.asks(order=1, number="first", pieces={"A": 1})
        return self.chance.randrange(rows[0].n or 1)


_NEXT = {
    "requested": "approve", "approved": "receive", "awaiting_goods": "receive",
    "received": "look_at", "inspected": "confirm", "confirmed": "settle", "refunded": "pay",
}  # fmt: skip
_STEPS = (
    *("ask", "ask", "approve", "approve", "receive", "receive", "receive", "inspect", "confirm"),
    *("confirm", "pay", "pay", "exchange", "echo", "waive", "reject", "cancel", "sell"),
)


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_whatever_happens_the_books_of_returns_hold(shared: World, seed: int) -> None:
    History(shared, seed).play()
    shared.put_away()
