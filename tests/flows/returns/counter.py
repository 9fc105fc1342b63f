"""A merchant that sold something, a customer who sends it back, a warehouse that takes it."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub import flows
from hub.flows.returns import request, requests
from hub.flows.returns.owed import RefundWish
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.model.returns import ExchangeLine
from hub.rules.messages.receiving import Verdict
from hub.store import invariants
from hub.store.base.ids import new_id
from hub.store.invariants.money import MONEY
from hub.store.invariants.returns import RETURNS
from hub.store.invariants.stock import STOCK
from hub.store.orders import fulfilments
from hub.store.returns import returns
from hub.store.returns.returns import ReturnRow
from tests.kit.catalogue import DAY, refund, sales_order, shipment
from tests.kit.world.world import World

TITLES = {it.title for it in (*STOCK, *RETURNS, *MONEY)}
TAKES = ("fulfilment_order", "fulfilment_cancellation", "return")
SHOP = ("shipment", "refund", "return")
BOOKS = ("sales_order", "refund", "return", "return_receipt")


class Counter:
    """One merchant's returns. What it sold its shop says, what came back its warehouse."""

    def __init__(self, world: World, *, shop: tuple[str, ...] = SHOP, **policy: Any) -> None:
        self.world = world
        self.acme = (
            world.new_merchant()
            .shop(takes=shop)
            .warehouse(takes=TAKES, A=50, B=50, C=50)
            .erp(takes=BOOKS)
        )
        self.shop, self.wh = self.acme.at_shop.code, self.acme.at_wh.code
        if policy:
            self.terms(**policy)

    def terms(self, *, since: str = "1970-01-01T00:00:00Z", **policy: Any) -> None:
        """The merchant's terms for returns, from a moment on."""
        self.world.sql(
            """INSERT INTO return_policy (merchant_id, version, valid_from, policy, author)
            SELECT :m, count(*) + 1, CAST(:since AS timestamptz), CAST(:p AS jsonb), 'ann'
            FROM return_policy WHERE merchant_id = :m""",
            m=self.acme.code,
            p=json.dumps(policy),
            since=since,
        )
        self.world.sql(
            "UPDATE setting SET value = jsonb_set(value, '{version}', "
            "to_jsonb(CAST(value ->> 'version' AS bigint) + 1)) WHERE name = 'directory'"
        )

    # what is said

    def take(self, tree: Mapping[str, Any], by: str) -> Verdict:
        """Hand a document to its flow."""
        source = {**tree["source"], "connection": by}
        document = read(str(tree["type"]), {**tree, "source": source})
        partner = self.world.store.directory().connections[by]
        with self.world.unit() as unit:
            return flows.take(unit, [Told(document, partner, new_id(), new_id())])[0]

    def sold(self, number: int = 1001, **how: Any) -> UUID:
        """An order that was shipped whole."""
        self.take(sales_order(number, channel=self.shop, **how), self.shop)
        order = self.acme.row(number).id
        (row,) = self.acme.rows(
            """SELECT id FROM fulfilment_order WHERE merchant_id = :merchant
            AND order_id = :order ORDER BY id DESC LIMIT 1""",
            order=order,
        )
        self.take(shipment(fulfilments.number(row.id), delivery=f"s{number}"), self.wh)
        assert isinstance(order, UUID)
        return order

    def asks(self, **how: Any) -> Verdict:
        """The shop tells what a customer wants to send back."""
        return self.take(asked(**how), self.shop)

    def wants(self, *, allow_late: bool = True, **how: Any) -> Verdict:
        """The merchant itself asks, under a number of its own."""
        document = read("return", {**asked(**how), "source": _source(self.shop, "r")})
        partner = self.world.store.directory().connections[self.shop]
        with self.world.unit() as unit:
            told = Told(document, partner, new_id(), new_id())
            return request.keep(unit, [told], is_own=True, allow_late=allow_late)[0]

    def came(self, number: str | None = None, receipt: str = "c1", **how: Any) -> Verdict:
        """The warehouse has a parcel; `pieces` as {(SKU, quality): pieces}."""
        pieces = how.pop("pieces", {("A", "good"): 1})
        tree = {
            "type": "return_receipt",
            "source": _source(self.wh, receipt),
            "return_id": number if number is not None else self.row().number,
            "receipt_id": receipt,
            "warehouse": self.wh,
            "received_at": f"{DAY}T15:00:00Z",
            "lines": [
                {"sku": sku, "quality": quality, "quantity": str(n)}
                for (sku, quality), n in pieces.items()
            ],
            **how,
        }
        return self.take({k: v for k, v in tree.items() if v != ""}, self.wh)

    def paid_back(self, number: str, **how: Any) -> Verdict:
        """The shop tells of a refund."""
        return self.take(refund(number, channel=self.shop, **how), self.shop)

    # what people do

    def approve(self, at: int = 0) -> str:
        with self.world.unit() as unit:
            return requests.approve(unit, self.row(at).id, "ann", self.wh)

    def does(self, what: str, *args: Any, at: int = 0, who: str = "ann") -> Any:
        with self.world.unit() as unit:
            return getattr(requests, what)(unit, self.row(at).id, who, *args)

    def pays(self, at: int = 0, **wish: Any) -> Decimal:
        with self.world.unit() as unit:
            wished = RefundWish.model_validate(wish)
            return requests.refund(unit, self.row(at).id, "fin", wished).amount

    def exchanges(self, *lines: tuple[str, int], at: int = 0, price: str | None = None) -> Any:
        wanted = [
            ExchangeLine.model_validate({"sku": sku, "quantity": n, "unit_price": price})
            for sku, n in lines
        ]
        return self.does("exchange", wanted, at=at)

    # what there is

    def row(self, at: int = 0) -> ReturnRow:
        ids = self.acme.rows(
            "SELECT id FROM customer_return WHERE merchant_id = :merchant ORDER BY id"
        )
        with self.world.unit() as unit:
            found = returns.load(unit.db, unit.vault, [ids[at].id])
        return found[ids[at].id]

    def status(self, at: int = 0) -> str:
        return self.row(at).status

    def levels(self, sku: str = "A") -> dict[str, int]:
        rows = self.acme.rows(
            """SELECT quality, on_hand FROM stock_level
            WHERE merchant_id = :merchant AND sku = :sku AND on_hand <> 0""",
            sku=sku,
        )
        return {row.quality: int(row.on_hand) for row in rows}

    def told(self, connection: str = "", topic: str = "") -> list[str]:
        """The kinds of documents that the outbox holds for a partner."""
        rows = self.acme.rows(
            """SELECT topic FROM message WHERE merchant_id = :merchant AND direction = 'out'
            AND connection = :c AND coalesce(status, '') <> 'superseded' ORDER BY id""",
            c=connection or self.shop,
        )
        return [row.topic for row in rows if topic in ("", row.topic)]

    def refunds(self) -> list[tuple[str, Decimal]]:
        rows = self.acme.rows(
            """SELECT refund_id, amount FROM refund WHERE merchant_id = :merchant
            AND order_id IS NOT NULL ORDER BY refund_id"""
        )
        return [(row.refund_id, row.amount) for row in rows]

    def check(self) -> None:
        """The stock adds up, and every invariant holds."""
        self.world.check_books()
        with invariants.snapshot(self.world.store) as db:
            broken = {it.title: it.broken for it in invariants.look(db) if it.title in TITLES}
        assert len(broken) == len(TITLES)
        broken = {title: found for title, found in broken.items() if found}
        assert broken == {}


def _source(connection: str, number: str) -> dict[str, str]:
    return {"connection": connection, "id": number}


def asked(
    number: str = "rma-1", order: int = 1001, pieces: Mapping[str, int] | None = None, **how: Any
) -> dict[str, Any]:
    """What a customer wants to send back, as a shop tells it."""
    return {
        "type": "return",
        "source": _source("shop", number),
        "return_id": number,
        "channel_order_id": str(order),
        "requested_at": f"{DAY}T14:00:00Z",
        "lines": [
            {"sku": sku, "quantity": str(n), "reason": "too_small"}
            for sku, n in (pieces or {"A": 1}).items()
        ],
        **how,
    }
