"""Nothing is promised twice: many buyers at once, and random histories of all that moves stock."""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub import flows
from hub.flows.config.applying.setting_stock_rules import set_rules
from hub.flows.stock import explaining, long_count, stock_out
from hub.flows.unit import Told, Unit
from hub.model.catalogue import read
from hub.store.base.ids import new_id
from hub.store.orders import fulfilments
from tests.kit.catalogue import sales_order, shipment, stock_report
from tests.kit.together import together
from tests.kit.world import Merchant

SHOP = ("shipment", "stock_level")
BUYERS, PIECES = 50, 10
HISTORIES, STEPS = int(os.environ.get("ORDERHUB_STOCK_HISTORIES", "25")), 25
FIRST = int(os.environ.get("ORDERHUB_STOCK_FIRST", "0"))
"""A long run takes thousands, from the first seed on."""


def test_fifty_buyers_on_three_channels_get_ten_pieces_of_two_warehouses(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=6)
    acme.warehouse(f"{acme.at_wh.code}-2", A=4)
    shops = [acme.at_shop.code, f"{acme.at_shop.code}-2", f"{acme.at_shop.code}-3"]
    for code in shops[1:]:
        acme.shop(code)
    store, gate = acme.world.store, threading.Barrier(BUYERS)

    def buy(number: int) -> None:
        shop = shops[number % len(shops)]
        partner = store.directory().connections[shop]
        tree = sales_order(number, channel=shop, lines=[("A", 1)])
        order = Told(read("sales_order", tree), partner, new_id(), new_id())
        gate.wait()

        def work(db: Any) -> None:
            unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
            flows.take(unit, [order])

        store.database.unit(work)

    failed = together(*[lambda n=n: buy(n) for n in range(1, BUYERS + 1)])
    assert failed == []
    rows = acme.rows("SELECT status FROM sales_order WHERE merchant_id = :merchant")
    assert Counter(row.status for row in rows) == {"open": PIECES, "held": BUYERS - PIECES}
    assert acme.stock() == {"A": (PIECES, PIECES)}
    acme.world.check_books()


class History:
    """What happens to three articles in two warehouses, by chance."""

    def __init__(self, acme: Merchant, seed: int) -> None:
        self.acme, self.chance = acme, random.Random(seed)  # noqa: S311  # no secret
        self.wh = [acme.at_wh.code, f"{acme.at_wh.code}-2"]
        self.number = 0
        self.at = datetime(2026, 11, 1, tzinfo=UTC)

    def step(self) -> None:
        self.number += 1
        self.at += timedelta(minutes=self.chance.randint(-5, 30))
        before = self.levels()
        doing = (self.order, self.order, self.count, self.correct, self.ship, self.rule)
        self.chance.choice(doing)()
        now = self.levels()
        for at, (reserved, _) in before.items():
            after, free = now[at]
            assert free >= 0 or after <= reserved, (at, "promised though there was nothing")

    def levels(self) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        """Warehouse and SKU -> what is reserved, and what may be promised still."""
        rows = self.acme.rows(
            """SELECT warehouse, sku, reserved, on_hand - reserved - safety - expiring AS free
            FROM stock_level WHERE merchant_id = :merchant AND quality = 'good'"""
        )
        return {(row.warehouse, row.sku): (row.reserved, row.free) for row in rows}

    def pieces(self, most: int = 12) -> str:
        return str(self.chance.randint(0, most))

    def sku(self) -> str:
        return self.chance.choice("ABC")

    def say(self, code: str, tree: dict[str, Any]) -> None:
        partner = self.acme.world.store.directory().connections[code]
        told = Told(read(tree["type"], tree), partner, new_id(), new_id())
        with self.acme.world.unit() as unit:
            for _ in range(self.chance.choice((1, 1, 2))):  # partners repeat themselves
                flows.take(unit, [told])

    def batch(self) -> dict[str, Any]:
        """Half of what is counted is counted by batch, and most of that expires some day."""
        if self.chance.random() < 0.5:
            return {}
        day = datetime.now(UTC).date() + timedelta(days=self.chance.choice((-1, 5, 40)))
        expiry = {"expires_on": day.isoformat()} if self.chance.random() < 0.8 else {}
        return {"batch": self.chance.choice(("L1", "L2", None)), **expiry}

    def order(self) -> None:
        shop = self.acme.at_shop.code
        lines = [(self.sku(), self.chance.randint(1, 4)) for _ in range(self.chance.randint(1, 3))]
        self.say(shop, sales_order(self.number, channel=shop, lines=lines))

    def count(self) -> None:
        wh = self.chance.choice(self.wh)
        lines = [{"sku": self.sku(), "on_hand": self.pieces(), **self.batch()} for _ in range(2)]
        tree = stock_report(f"r{self.number}", warehouse=wh, lines=lines)
        self.say(wh, {**tree, "at": self.at.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def correct(self) -> None:
        wh = self.chance.choice(self.wh)
        named = {"batch": self.chance.choice(("L1", "L2"))} if self.chance.random() < 0.3 else {}
        lines = [{"sku": self.sku(), "delta": str(self.chance.randint(-3, 6)), **named}]
        tree = {
            "type": "stock_change",
            "source": {"connection": wh, "id": f"c{self.number}"},
            "warehouse": wh,
            "at": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "change_id": f"c{self.number}",
            "reason": "adjustment",
            "lines": lines,
        }
        self.say(wh, tree)

    def ship(self) -> None:
        rows = self.acme.rows(
            """SELECT id, warehouse FROM fulfilment_order
            WHERE merchant_id = :merchant AND status = 'notified' ORDER BY id"""
        )
        if rows:
            row = self.chance.choice(rows)
            self.say(row.warehouse, shipment(fulfilments.number(row.id)))

    def rule(self) -> None:
        rules = {
            "safety": [{"sku": self.sku(), "pieces": self.pieces(3)}],
            "shares": [
                {"percent": self.chance.randint(0, 100), "channel": self.acme.at_shop.code},
                {"min_shelf_life_days": self.chance.choice((0, 10, 60))},
            ],
        }
        with self.acme.world.unit() as unit:
            set_rules(unit, self.acme.code, rules, "chance")


@pytest.mark.slow
@pytest.mark.parametrize("long", [long_count.LONG, 1], ids=["short counts", "long counts"])
def test_random_histories_end_in_books_that_close_and_numbers_that_are_explained(
    new_merchant: Callable[..., Merchant], monkeypatch: pytest.MonkeyPatch, long: int
) -> None:
    monkeypatch.setattr(long_count, "LONG", long)
    looked_at = 0
    for seed in range(FIRST, FIRST + HISTORIES):
        acme = new_merchant(shop_takes=SHOP, A=5, B=5, C=5)
        acme.warehouse(f"{acme.at_wh.code}-2", A=5, B=5)
        history = History(acme, seed)
        for _ in range(STEPS):
            history.step()
            if history.chance.random() < 0.2:
                looked_at += published(acme)
        looked_at += published(acme)
    acme.world.check_books()
    assert looked_at > HISTORIES


def published(acme: Merchant) -> int:
    """Tell the shop, and explain each number it was told to the unit."""
    with acme.world.unit() as unit:
        while stock_out.publish(unit):
            pass
    rows = acme.rows("SELECT sku, available FROM level_told WHERE merchant_id = :merchant")
    with acme.world.unit() as unit:
        for row in rows:
            made = explaining.explain(unit, acme.code, row.sku, acme.at_shop.code)
            assert made.published == made.available == row.available
            assert sum((step.quantity for step in made.steps), Decimal(0)) == row.available
            for step in made.steps:
                if step.name == "reserved":
                    named = sum((each.quantity for each in step.promises), step.more)
                    assert named == -step.quantity
                    assert step.more == 0
    return len(rows)
