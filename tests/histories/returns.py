"""Histories of returns: what is sold and shipped in part is sent back, received, looked at, paid
back and exchanged. What is refused is refused, nothing else fails, and the books of returns hold.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from hub.flows.returns import requests
from hub.flows.returns.owed import RefundWish
from hub.flows.returns.requests import Found
from hub.model.returns import ExchangeLine
from hub.store.config import snapshot
from hub.store.invariants.money import MONEY
from hub.store.invariants.returns import RETURNS
from hub.store.invariants.stock import STOCK
from hub.store.orders import fulfilments
from tests.histories.moves import Asked, History, Move, Said
from tests.kit.catalogue import refund, sales_order, shipment
from tests.kit.world import World

STEPS = 14
WATCHED = [one for one in (*RETURNS, *MONEY, *STOCK) if not one.at_rest]
QUALITIES = ("good", "good", "second", "defective", "missing", "uninspected", "wrong_article")
SHIPPING = Decimal("4.90")
_NEXT = {
    "requested": "approve", "approved": "receive", "awaiting_goods": "receive",
    "received": "look_at", "inspected": "confirm", "confirmed": "settle_it", "refunded": "pay_back",
}  # fmt: skip
_POLICY = """INSERT INTO return_policy (merchant_id, version, valid_from, policy, author)
  VALUES (:merchant, 1, '1970-01-01', CAST(:policy AS jsonb), 'ann')"""


class ReturnHistory(History):
    """One customer's days."""

    KIND = "returns"
    SEES: ClassVar[Mapping[str, str]] = {
        "returns": """SELECT r.merchant_id, r.id, r.status, r.number, r.kind, line.sku
          FROM customer_return AS r JOIN return_line AS line ON line.return_id = r.id
          WHERE line.line_no = 1 ORDER BY r.id""",
        "goods": """SELECT o.merchant_id, o.id, s.channel_order_id AS number
          FROM fulfilment_order AS o JOIN sales_order AS s ON s.id = o.order_id
          WHERE o.status = 'notified' ORDER BY o.id""",
        "refunds": """SELECT merchant_id, amount FROM refund WHERE order_id IS NOT NULL
          ORDER BY refund_id""",
    }
    STEPS_: ClassVar[tuple[str, ...]] = (
        *("ask", "ask", "approve", "approve", "receive", "receive", "receive", "inspect"),
        *("confirm", "confirm", "pay_back", "pay_back", "exchange", "echo", "waive", "reject"),
        *("cancel", "sell"),
    )
    BOOKS: ClassVar[tuple[str, ...]] = ("sales_order", "refund", "return", "return_receipt")

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        policy = {
            "exchange": self.chance.choice(["after", "before"]),
            "settle": self.chance.choice(["auto", "by_hand"]),
        }
        acme = world.merchant(self.code)
        acme.shop(self.at("shop"), takes=("shipment", "refund", "return"))
        takes = ("fulfilment_order", "fulfilment_cancellation", "return")
        acme.warehouse(self.at("wh"), takes=takes, A=50, B=50, C=50)
        acme.erp(self.at("erp"), takes=self.BOOKS)
        world.sql(_POLICY, merchant=self.code, policy=json.dumps(policy))
        with world.store.database.begin() as db:
            snapshot.changed(db)
        self.now = datetime(2026, 11, 24, 14, tzinfo=UTC)
        self.sold = 0
        self.orders: dict[str, dict[str, Any]] = {}

    def play(self) -> Iterator[Move]:
        yield from self.sell()
        for _ in range(STEPS):
            what = "onward" if self.maybe(0.7) else self.chance.choice(self.STEPS_)
            yield from getattr(self, what)()

    def sell(self) -> Iterator[Move]:
        """Two lines at prices that do not divide, and all or some of it leaves."""
        self.sold += 1
        number = f"{self.seed}-{self.sold}"
        includes = self.includes_tax()
        lines = [self._line(at, number, sku, includes=includes)
                 for at, sku in enumerate("AB", start=1)]  # fmt: skip
        sums = {what: sum((Decimal(line[what]) for line in lines), Decimal(0))
                for what in ("total", "tax", "discount")}  # fmt: skip
        added = Decimal(0) if includes else sums["tax"]
        grand = str(sums["total"] + SHIPPING)
        totals = {
            "items": str(sums["total"] - added + sums["discount"]), "grand_total": grand,
            "discount": str(sums["discount"]), "tax": str(sums["tax"]), "paid": grand,
            "shipping": str(SHIPPING),
        }  # fmt: skip
        tree = sales_order(
            number, channel=self.at("shop"), updated_at=self.moment(), placed_at=self.moment(),
            lines=lines, totals=totals,
            shipping=[{"price": str(SHIPPING), "total": str(SHIPPING)}],
            prices_include_tax=includes, currency=self.currency(),
        )  # fmt: skip
        tree["source"] |= {"revision": self.moment(), "occurred_at": self.moment()}
        self.orders[number] = tree
        yield self._said("shop", tree)
        for row in [it for it in self.seen["goods"] if it.number == number]:
            yield from self.ship_it(row.id)

    def ship_it(self, id_: Any) -> Iterator[Move]:
        part = [(1, 1)] if self.maybe(0.3) else None
        left = shipment(
            fulfilments.number(id_), lines=part, complete=part is None, shipped_at=self.moment()
        )
        yield self._said("wh", left)

    def currency(self) -> str:
        return "EUR"

    def includes_tax(self) -> bool:
        return True

    def ask(self) -> Iterator[Move]:
        pieces = {sku: self.chance.randint(1, 3) for sku in self.chance.sample(["A", "B"], k=1)}
        yield self._asks(
            f"r{self.chance.randint(1, 99)}",
            self.chance.randint(1, self.sold),
            pieces,
            kind=self.chance.choice(["refund", "refund", "exchange", "resend"]),
            cause=self.chance.choice(["customer", "customer", "lost", "returned_to_sender"]),
        )

    def approve(self, row: Any = None) -> Iterator[Move]:
        yield from self._does("approve", self.at("wh"), row=row)

    def receive(self, row: Any = None) -> Iterator[Move]:
        mine = self.maybe(0.7)
        row = row or (yield from self._one())
        if row is None:
            return
        receipt = f"c{self.chance.randint(1, 30)}"
        line = {
            "sku": row.sku if mine else self.chance.choice("ABC"),
            "quality": self.chance.choice(QUALITIES),
            "quantity": str(self.chance.randint(1, 3)),
        }
        tree = {
            "type": "return_receipt", "return_id": row.number, "receipt_id": receipt,
            "source": {"id": receipt}, "warehouse": self.at("wh"), "received_at": self.moment(),
            "lines": [line],
        }  # fmt: skip
        yield self._said("wh", tree)

    def inspect(self) -> Iterator[Move]:
        found = {
            "line_no": 1, "quality": self.chance.choice(QUALITIES[:5]),
            "quantity": self.chance.randint(1, 2),
        }  # fmt: skip
        yield from self._does("inspect", [Found.model_validate(found)])

    def confirm(self, row: Any = None) -> Iterator[Move]:
        kind = self.chance.choice([None, None, "refund", "exchange"])
        yield from self._does("confirm", kind, row=row)

    def waive(self) -> Iterator[Move]:
        yield from self._does("waive", "lost")

    def reject(self) -> Iterator[Move]:
        yield from self._does("reject", "worn")

    def cancel(self) -> Iterator[Move]:
        yield from self._does("cancel", "kept")

    def pay_back(self, row: Any = None) -> Iterator[Move]:
        cent = Decimal(self.chance.randint(0, 500)) / 100
        wish: dict[str, Any] = self.chance.choice([
            {}, {"shipping": "1.00"}, {"goodwill": cent, "lines": []}, {"restocking_fee": cent},
            {"lines": [{"line_no": 1, "quantity": 1}]}, {"lines": [{"line_no": 1, "amount": cent}]},
        ])  # fmt: skip
        yield from self._does("refund", RefundWish.model_validate(wish), row=row)

    def exchange(self, row: Any = None) -> Iterator[Move]:
        line = {
            "sku": self.chance.choice("ABC"), "quantity": self.chance.randint(1, 2),
            "unit_price": self.chance.choice([None, "0.00", "7.77", "31.13"]),
        }  # fmt: skip
        yield from self._does("exchange", [ExchangeLine.model_validate(line)], row=row)

    def echo(self) -> Iterator[Move]:
        """The shop tells of money: of ours, or of some of its own."""
        kept = self.seen["refunds"]
        amount = self.chance.choice(kept).amount.quantize(Decimal("0.01")) if kept else "1.00"
        number = f"{self.seed}-e{self.chance.randint(1, 20)}"
        order = f"{self.seed}-{self.chance.randint(1, self.sold)}"
        how = {"channel_order_id": order, "currency": self.orders[order]["currency"]}
        tree = refund(number, amount=str(amount), created_at=self.moment(), **how)
        yield self._said("shop", tree)

    def onward(self) -> Iterator[Move]:
        """What follows for one of the returns, most days."""
        row = yield from self._one()
        what = _NEXT.get(row.status) if row else None
        yield from getattr(self, what)(row) if what else self.ask()

    def settle_it(self, row: Any) -> Iterator[Move]:
        yield from self.pay_back(row) if row.kind == "refund" else self.exchange(row)

    def look_at(self, row: Any) -> Iterator[Move]:
        came = Found.model_validate({"line_no": 1, "quality": "good", "quantity": 1})
        yield from self._does("inspect", [came], row=row)
        if self.refused:
            yield from self._does("confirm", None, row=row)

    def moment(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _line(self, at: int, number: str, sku: str, *, includes: bool) -> dict[str, Any]:
        pieces, price = self.chance.randint(1, 4), Decimal(self.chance.randint(99, 2999)) / 100
        discount = min(Decimal(self.chance.randint(0, 99)) / 100, price)
        worth = price * pieces - discount
        tax = (worth * 19 / (119 if includes else 100)).quantize(Decimal("0.01"))
        return {
            "line_no": at, "channel_line_id": f"{number}-{at}", "sku": sku,
            "quantity": str(pieces), "unit_price": str(price), "discount": str(discount),
            "tax": str(tax), "total": str(worth if includes else worth + tax),
        }  # fmt: skip

    def _asks(self, number: str, order: int, pieces: Mapping[str, int], **how: Any) -> Move:
        tree = {
            "type": "return", "source": {"id": number}, "return_id": f"{self.seed}-{number}",
            "channel_order_id": f"{self.seed}-{order}", "requested_at": self.moment(),
            "lines": [{"sku": sku, "quantity": str(n), "reason": "too_small"}
                      for sku, n in pieces.items()], **how,
        }  # fmt: skip
        return self._said("shop", tree)

    def _said(self, role: str, tree: Mapping[str, Any]) -> Said:
        source = {**tree["source"], "connection": self.at(role)}
        return Said(self.at(role), {**tree, "source": source})

    def _does(self, what: str, *args: Any, row: Any = None) -> Iterator[Move]:
        row = row or (yield from self._one())
        if row is not None:
            yield Asked(what, lambda unit: getattr(requests, what)(unit, row.id, "ann", *args))

    def _one(self) -> Iterator[Move]:  # type: ignore[misc]  # its value is a row
        if not self.seen["returns"]:
            yield from self.ask()
        if not self.seen["returns"]:
            yield self._asks("first", 1, {"A": 1})
        return self.chance.choice(self.seen["returns"] or [None])
