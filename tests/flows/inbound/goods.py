"""A merchant that announces goods, and a warehouse that receives them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub import flows
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.rules.messages.receiving import Verdict
from hub.store import invariants
from hub.store.base.ids import new_id
from hub.store.invariants.inbound import INBOUND
from hub.store.invariants.stock import STOCK
from tests.kit.catalogue import goods_receipt, inbound_notice
from tests.kit.world import Merchant
from tests.kit.world.world import World

STOCK_TITLES = {it.title for it in (*STOCK, *INBOUND)}
TAKES = ("fulfilment_order", "fulfilment_cancellation", "inbound_notice", "inbound_cancellation")


class Dock:
    """One merchant's dock. What it announces its ERP says, what it receives its warehouse."""

    def __init__(self, world: World, **pieces: int) -> None:
        self.world = world
        self.acme: Merchant = (
            world.new_merchant()
            .shop()
            .warehouse(takes=TAKES, **(pieces or {"A": 0, "B": 0, "C": 0}))
            .erp(takes=("goods_receipt",))
        )

    @property
    def wh(self) -> str:
        return self.acme.at_wh.code

    def take(self, *trees: Mapping[str, Any], by: str = "") -> list[tuple[str, str]]:
        """Hand documents to their flows in one transaction: status and code of each verdict."""
        return [(it.status, it.code) for it in self.verdicts(*trees, by=by)]

    def verdicts(self, *trees: Mapping[str, Any], by: str = "") -> list[Verdict]:
        connections = self.world.store.directory().connections
        told = []
        for tree in trees:
            kind = str(tree["type"])
            own = self.acme.at_erp.code if kind == "inbound_notice" else self.wh
            source = {**tree["source"], "connection": by or own}
            document = read(kind, {**tree, "source": source})
            told.append(Told(document, connections[by or own], new_id(), new_id()))
        with self.world.unit() as unit:
            return flows.take(unit, told)

    def announce(self, number: str = "PO-1", **how: Any) -> list[tuple[str, str]]:
        return self.take(self.notice(number, **how))

    def notice(self, number: str = "PO-1", **how: Any) -> dict[str, Any]:
        own = {"merchant": self.acme.code, "warehouse": self.wh}
        return inbound_notice(number, **{**own, **how})

    def receive(
        self, number: str = "g1", notice: str = "PO-1", **how: Any
    ) -> list[tuple[str, str]]:
        return self.take(goods_receipt(notice, number, **how))

    # what there is

    def status(self, number: str = "PO-1") -> str:
        (row,) = self.acme.rows(
            "SELECT status FROM inbound_notice WHERE merchant_id = :merchant AND number = :number",
            number=number,
        )
        return str(row.status)

    def levels(self) -> dict[tuple[str, str, str], int]:
        rows = self.acme.rows(
            """SELECT warehouse, sku, quality, on_hand FROM stock_level
            WHERE merchant_id = :merchant AND on_hand <> 0"""
        )
        return {(row.warehouse, row.sku, row.quality): int(row.on_hand) for row in rows}

    def stock(self) -> dict[str, int]:
        """Good pieces in the warehouse."""
        return {
            sku: pieces
            for (place, sku, quality), pieces in self.levels().items()
            if (place, quality) == (self.wh, "good")
        }

    def differences(self) -> list[tuple[str, str, int]]:
        rows = self.acme.rows(
            """SELECT code, sku, quantity FROM receipt_difference
            WHERE merchant_id = :merchant AND quantity > 0 ORDER BY code, sku"""
        )
        return [(row.code, row.sku, int(row.quantity)) for row in rows]

    def open(self) -> dict[str, int]:
        """What is still expected."""
        rows = self.acme.rows(
            """SELECT sku, sum(open) AS pieces FROM inbound_line
            WHERE merchant_id = :merchant AND open > 0 GROUP BY sku"""
        )
        return {row.sku: int(row.pieces) for row in rows}

    def booked(self) -> list[tuple[str, Decimal]]:
        rows = self.acme.rows(
            """SELECT sku, delta FROM ledger WHERE merchant_id = :merchant
            AND reason = 'goods_receipt' ORDER BY id"""
        )
        return [(row.sku, row.delta) for row in rows]

    def told(self) -> Sequence[tuple[str, str]]:
        """What the outbox holds for the merchant: connection and topic."""
        rows = self.acme.rows(
            """SELECT connection, topic FROM message WHERE merchant_id = :merchant
            AND direction = 'out' AND coalesce(status, '') <> 'superseded' ORDER BY id"""
        )
        return [tuple(row) for row in rows]

    def check(self) -> None:
        """The stock adds up, and so does every invariant of goods in."""
        self.world.check_books()
        with invariants.snapshot(self.world.store) as db:
            broken = {it.title: it.broken for it in invariants.look(db) if it.title in STOCK_TITLES}
        assert len(broken) == len(STOCK_TITLES)
        assert {title: found for title, found in broken.items() if found} == {}, broken
