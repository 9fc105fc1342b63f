"""Histories of stock: orders, receipts, transfers, counts, corrections, shipments and rules over
three articles in two warehouses. Levels are their ledger, and nothing is promised twice.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from hub.flows.config.applying.setting_stock_rules import set_rules
from hub.flows.inbound import requests
from hub.rules.inbound.deciding import DECISIONS
from hub.store.invariants.inbound import INBOUND
from hub.store.invariants.stock import STOCK
from hub.store.orders import fulfilments
from tests.histories.moves import Asked, History, Move, Rows, Said
from tests.kit.catalogue import (
    goods_receipt,
    inbound_notice,
    sales_order,
    shipment,
    status,
    stock_change,
    stock_report,
)
from tests.kit.world import World

STEPS = 25
WATCHED = [one for one in (*STOCK, *INBOUND) if not one.at_rest]
SKUS = "ABC"
WORDS = ("accepted", "packed", "rejected", "cancelled", "cancel_refused")
_CANCELLED = {"state": "cancelled", "cancelled_at": "2026-11-24T10:30:00Z"}


class StockHistory(History):
    """What happens to three articles in two warehouses."""

    KIND = "stock"
    SEES: ClassVar[Mapping[str, str]] = {
        "levels": """SELECT merchant_id, warehouse, sku, reserved,
            on_hand - reserved - safety - expiring AS free
          FROM stock_level WHERE quality = 'good' ORDER BY warehouse, sku""",
        "goods": """SELECT merchant_id, id, warehouse FROM fulfilment_order
          WHERE status IN ('notified', 'accepted', 'packed', 'cancel_requested') ORDER BY id""",
        "notices": """SELECT merchant_id, id, warehouse, number, status FROM inbound_notice
          WHERE status NOT IN ('closed', 'cancelled') ORDER BY number""",
        "differences": """SELECT merchant_id, id FROM receipt_difference
          WHERE coalesce(decided, 0) <> quantity ORDER BY at, code, sku""",
    }

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        acme = world.merchant(self.code).shop(self.at("shop"), takes=("shipment", "stock_level"))
        self.wh = [self.at("wh"), self.at("xh")]
        acme.warehouse(self.wh[0], A=5, B=5, C=5).warehouse(self.wh[1], A=5, B=5)
        acme.erp(self.at("erp"))
        self.number = 0
        self.at_ = datetime(2026, 11, 1, tzinfo=UTC)

    def play(self) -> Iterator[Move]:
        doing = (
            *(self.order, self.order, self.order, self.count, self.count, self.correct),
            *(self.correct, self.ship, self.ship, self.rule, self.announce, self.transfer),
            *(self.receive, self.receive, self.cancel, self.end, self.decide, self.word),
        )
        for _ in range(STEPS):
            self.number += 1
            self.at_ += timedelta(minutes=self.chance.randint(-5, 30))
            yield self.chance.choice(doing)() or self.order()

    def holds(self, before: Rows) -> None:
        """Nothing is promised that is not there."""
        reserved = {(row.warehouse, row.sku): row.reserved for row in before["levels"]}
        for row in self.seen["levels"]:
            was = reserved.get((row.warehouse, row.sku), Decimal(0))
            at = f"{row.sku} at {row.warehouse}"
            assert row.free >= 0 or row.reserved <= was, f"{at} promised though there was nothing"

    def order(self) -> Move:
        lines = [
            (self.chance.choice(SKUS), self.chance.randint(1, 4))
            for _ in range(self.chance.randint(1, 3))
        ]
        tree = sales_order(self._name(self.number), channel=self.at("shop"), lines=lines)
        return self._said(self.at("shop"), tree)

    def cancel(self) -> Move:
        """The shop takes an order back, or tells of one that it never told of."""
        number = self._name(self.chance.randint(1, self.number))
        tree = sales_order(number, channel=self.at("shop"), minute=30, **_CANCELLED)
        return self._said(self.at("shop"), tree)

    def count(self) -> Move:
        wh = self.chance.choice(self.wh)
        lines = [{"sku": self._sku(), "on_hand": self._pieces(), **self._batch()} for _ in "12"]
        return self._said(wh, stock_report(self._name(f"r{self.number}"), warehouse=wh,
                                           lines=lines, at=self._time()))  # fmt: skip

    def correct(self) -> Move:
        wh = self.chance.choice(self.wh)
        named = {"batch": self.chance.choice(("L1", "L2"))} if self.maybe(0.3) else {}
        lines = [{"sku": self._sku(), "delta": str(self.chance.randint(-3, 6)), **named}]
        tree = stock_change(self._name(f"c{self.number}"), warehouse=wh, lines=lines,
                            reason="adjustment", at=self._time())  # fmt: skip
        return self._said(wh, tree)

    def ship(self) -> Move | None:
        """A warehouse ships all, or a part of it and no more."""
        if not self.seen["goods"]:
            return None
        row = self.chance.choice(self.seen["goods"])
        part = [(1, 1)] if self.maybe(0.3) else None
        number = fulfilments.number(row.id)
        delivery = f"s{self.number}"
        whole = part is None or self.maybe(0.5)
        tree = shipment(number, delivery=delivery, lines=part, complete=whole)
        return self._said(row.warehouse, tree)

    def word(self) -> Move | None:
        """A warehouse says how far it is, or that it lets go."""
        if not self.seen["goods"]:
            return None
        row, word = self.chance.choice(self.seen["goods"]), self.chance.choice(WORDS)
        return self._said(row.warehouse, status(fulfilments.number(row.id), word))

    def announce(self) -> Move:
        """Goods are ordered, or an order of them is changed."""
        wh = self.chance.choice(self.wh)
        return self._notice(self.chance.randint(1, 6), wh, kind="purchase")

    def transfer(self) -> Move:
        wh, other = self.chance.sample(self.wh, k=2)
        return self._notice(self.chance.randint(11, 16), wh, kind="transfer", from_warehouse=other)

    def receive(self) -> Move | None:
        """Goods come in: as announced or not, all or a part, the last of them or not."""
        notices = self.seen["notices"]
        if notices and self.maybe(0.85):
            row = self.chance.choice(notices)
            number, wh = row.number, row.warehouse
        else:
            number, wh = self._name(f"PO-{self.chance.randint(1, 8)}"), self.chance.choice(self.wh)
        lines = [
            {"sku": self._sku(), "quantity": self._pieces(6, least=1),
             "quality": self.chance.choice(("good", "good", "good", "defective")), **self._batch()}
            for _ in range(self.chance.randint(1, 2))
        ]  # fmt: skip
        receipt = self._name(f"g{self.chance.randint(1, 20)}")
        tree = goods_receipt(number, receipt, lines=lines, complete=self.maybe(0.4))
        return self._said(wh, tree)

    def end(self) -> Move | None:
        """A person cancels a notice, or closes it."""
        if not self.seen["notices"]:
            return None
        row = self.chance.choice(self.seen["notices"])
        do = self.chance.choice((requests.cancel, requests.close))
        return Asked(do.__name__, lambda unit: do(unit, row.id, "ann", "by chance"))

    def decide(self) -> Move | None:
        """A person decides about what differs."""
        if not self.seen["differences"]:
            return None
        row = self.chance.choice(self.seen["differences"])
        decision, sku = self.chance.choice(DECISIONS), self._sku()
        return Asked(
            f"decide {decision}",
            lambda unit: requests.decide(unit, row.id, "ann", decision, sku, "by chance"),
        )

    def rule(self) -> Move:
        rules = {
            "safety": [{"sku": self._sku(), "pieces": self._pieces(3)}],
            "shares": [
                {"percent": self.chance.randint(0, 100), "channel": self.at("shop")},
                {"min_shelf_life_days": self.chance.choice((0, 10, 60))},
            ],
        }
        return Asked("rule", lambda unit: set_rules(unit, self.code, rules, "chance"))

    def _notice(self, number: int, wh: str, **how: Any) -> Move:
        lines = [
            (sku, self.chance.randint(1, 6))
            for sku in self.chance.sample(SKUS, k=self.chance.randint(1, 2))
        ]
        tree = inbound_notice(self._name(f"PO-{number}"), merchant=self.code, warehouse=wh,
                              lines=lines, revision=self.number, **how)  # fmt: skip
        return self._said(self.at("erp"), tree)

    def _said(self, by: str, tree: dict[str, Any]) -> Said:
        source = {**tree["source"], "connection": by}
        return Said(by, {**tree, "source": source}, self.chance.choice((1, 1, 1, 2)))

    def _name(self, number: int | str) -> str:
        """No two histories of a batch speak of one thing."""
        return f"{self.seed}-{number}"

    def _sku(self) -> str:
        return self.chance.choice(SKUS)

    def _pieces(self, most: int = 12, least: int = 0) -> str:
        return str(self.chance.randint(least, most))

    def _time(self) -> str:
        return self.at_.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _batch(self) -> dict[str, Any]:
        """Half of what is counted is counted by batch, and most of that expires some day."""
        if self.maybe(0.5):
            return {}
        day = datetime.now(UTC).date() + timedelta(days=self.chance.choice((-1, 5, 40)))
        expiry = {"expires_on": day.isoformat()} if self.maybe(0.8) else {}
        return {"batch": self.chance.choice(("L1", "L2", None)), **expiry}


class LongCountHistory(StockHistory):
    """The same, at warehouses whose counts are long."""

    KIND = "counts"
