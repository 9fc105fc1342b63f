"""A running hub between a shop, the merchant's own warehouse, a third party's, and books in a real
Tryton: an order comes from both, one parcel is a piece short, the other warehouse sends that piece,
all of it is delivered, and every book says the same.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.model.order import SalesOrder
from sandbox import outgoing
from sandbox.qimen import Warehouse, Way
from tests.adapters.tryton.builders import CHANNEL, line, order, shipping
from tests.adapters.tryton.conftest import RATES, Books
from tests.adapters.tryton.test_month import accounts, ours, theirs
from tests.kit.listener import Listener
from tests.kit.world.processes import until
from tests.kit.world.running import RunningHub
from tests.kit.world.signing import SECRET, signed
from tests.peers.tryton import TrytonServer

pytestmark = [pytest.mark.peer("tryton"), pytest.mark.slow, pytest.mark.long]

D = Decimal
OWN, THIRD = "wh-own", "wh-third"
A, B = "SKU-0001", "SKU-0002"
STOCK = {OWN: {A: 10, B: 1}, THIRD: {B: 3}}
"""Neither has all of the order; of B there is one piece to spare, at the other."""
SOLD = order(
    "split", line(A, 2, "10.00"), line(B, 3, "7.35", "0.055"), shipping=(shipping("4.90"),)
)
Pieces = dict[str, int]


@dataclass
class Street:
    """The hub, the shop that listens, and the two warehouses."""

    hub: RunningHub
    shop: Listener
    warehouses: dict[str, Warehouse]
    key: str

    def sell(self, sold: SalesOrder) -> None:
        raw = sold.model_dump_json(exclude_none=True).encode()
        url = f"{self.hub.url}/in/{CHANNEL}"
        assert outgoing.post(url, raw, signed(raw), timeout=30).status == 200

    def told(self, kind: str) -> list[Any]:
        """What the shop was told of one type."""
        trees = [json.loads(asked.body) for asked in self.shop.asked]
        return [tree for tree in trees if tree["type"] == kind]

    def available(self) -> Pieces:
        """What the shop was last told that may be sold."""
        return {level["sku"]: int(level["available"]) for level in self.told("stock_level")}

    def asked(self, warehouse: str) -> dict[str, Pieces]:
        """What a warehouse was told to send: order code -> pieces."""
        orders = [
            (it["key"], it["document"]["orderLines"])
            for it in self.warehouses[warehouse].record
            if it["kind"] == "delivery_order"
        ]
        return {
            key: {row["itemCode"]: int(row["planQty"]) for row in lines} for key, lines in orders
        }

    def works(self, warehouse: str, code: str, way: Way) -> None:
        """A warehouse sends an order's goods and says so."""
        told = self.warehouses[warehouse].work(code, way)
        assert [it["document"]["ok"] for it in told] == [True] * (len(way.steps) + 1), told

    def arrives(self, warehouse: str, code: str) -> None:
        """The customer has signed for a warehouse's parcel."""
        word = {"processStatus": "SIGN", "operateTime": "2026-11-25 10:00:00"}
        body = {"order": {"orderCode": code}, "process": word}
        told = self.warehouses[warehouse].line.tell("orderprocess.report", code, body)
        assert told["document"]["ok"], told

    def items(self, path: str) -> list[Any]:
        status, answer = self.hub.ask("GET", path, self.key)
        assert status == 200, answer
        return list(answer["items"])

    def levels(self) -> dict[str, Pieces]:
        """Good pieces that the hub counts, by warehouse; none of them may be promised."""
        found: dict[str, Pieces] = {OWN: {}, THIRD: {}}
        for row in self.items("stock?quality=good"):
            assert D(row["reserved"]) == 0, row
            found[row["warehouse"]][row["sku"]] = int(row["on_hand"])
        return found


@pytest.fixture
def street(db_url: str, tmp_path: Path, tryton_server: TrytonServer) -> Iterator[Street]:
    secrets = {"SECRET": SECRET, "PASSWORD": tryton_server.password, "QIMEN": "sandbox-secret"}
    with Listener() as shop, RunningHub(tmp_path / "hub", database_url=db_url, **secrets) as hub:
        own, third = (
            Warehouse(
                warehouse_code=code.upper(),
                owner_code="ACME",
                stock=STOCK[code],
                hub_url=f"{hub.url}/in/{code}",
            )
            for code in (OWN, THIRD)
        )
        with own, third:
            hub.start("up")
            hub.wait_ready()
            warehouses = {OWN: own, THIRD: third}
            hub.apply(_connections(shop, warehouses, tryton_server))
            key = hub.run("key", "add", "--name", "all", "--scopes", "all").strip()
            yield Street(hub, shop, warehouses, key)


def _connections(
    shop: Listener, warehouses: dict[str, Warehouse], tryton: TrytonServer
) -> dict[str, Any]:
    """What is applied. The third party comes first where it has what is wanted."""
    named = [
        ("channel", CHANNEL, "generic_channel", {"url": shop.url}, {"webhook_secret": "SECRET"}),
        ("erp", "books", "tryton", _books(tryton), {"password": "PASSWORD"}),
        *(
            ("warehouse", code, "qimen", _place(code, it.url), {"app_secret": "QIMEN"})
            for code, it in warehouses.items()
        ),
    ]
    return {
        "network": {"private": ["127.0.0.0/8"], "http": True},
        "merchants": [{"code": "acme", "name": "Acme", "currency": "EUR"}],
        "connections": [
            {
                "code": code,
                "kind": kind,
                "adapter": adapter,
                "merchant": "acme",
                "settings": settings,
                "secrets": {name: f"env:{variable}" for name, variable in secrets.items()},
                "limits": {"timeout_s": 60, "concurrency": 1},
            }
            for kind, code, adapter, settings, secrets in named
        ],
        "products": [{"merchant": "acme", "sku": sku, "title": sku} for sku in (A, B)],
        "stock": [
            {"warehouse": code, "sku": sku, "on_hand": pieces}
            for code, shelf in STOCK.items()
            for sku, pieces in shelf.items()
        ],
        "routing": [{"merchant": "acme", "rules": [{"sort": "priority", "order": [THIRD, OWN]}]}],
    }


def _books(tryton: TrytonServer) -> dict[str, Any]:
    return {
        "api_url": tryton.url,
        "database": tryton.database,
        "user": tryton.user,
        "payment_term": "At once",
        "invoice_on": "shipment",
        "taxes": {rate: f"VAT {rate}" for rate in RATES},
    }


def _place(code: str, url: str) -> dict[str, Any]:
    own = {"owner_code": "ACME", "warehouse_code": code.upper()}
    return {"api_url": url, "app_key": "sandbox", "customer_id": "sandbox", **own}


def test_a_piece_that_one_warehouse_lacks_comes_from_the_other_and_all_books_agree(
    street: Street, books: Books
) -> None:
    named, before = accounts(books), theirs(books)
    until(lambda: street.available() == {A: 10, B: 4}, "the shop hears what both have")

    street.sell(SOLD)
    until(lambda: street.asked(OWN) and street.asked(THIRD), "both warehouses are told")
    ((first, from_own),) = street.asked(OWN).items()
    ((other, from_third),) = street.asked(THIRD).items()
    assert (from_own, from_third) == ({A: 2}, {B: 3})

    street.works(THIRD, other, Way(short={B: 1}))
    until(lambda: len(street.asked(OWN)) == 2, "the missing piece is asked for elsewhere")
    ((again, piece),) = [it for it in street.asked(OWN).items() if it[0] != first]
    assert piece == {B: 1}
    until(lambda: street.told("shipment"), "the shop hears of the parcel that is short")
    assert _pieces(street.told("shipment")) == {(THIRD, B): 2}
    assert _status(street) != "completed"

    for code in (first, again):
        street.works(OWN, code, Way())
    until(lambda: _status(street) == "completed", "the order is completed")
    until(lambda: len(street.told("shipment")) == 3, "the shop hears of every parcel")
    assert _pieces(street.told("shipment")) == {(THIRD, B): 2, (OWN, A): 2, (OWN, B): 1}
    complete = [it["order"]["order_complete"] for it in street.told("shipment")]
    assert (complete[0], complete[-1]) == (False, True)

    for warehouse, code in ((THIRD, other), (OWN, first), (OWN, again)):
        street.arrives(warehouse, code)
    street.warehouses[THIRD].count({B: 0})  # the piece that it did not find is not there
    until(lambda: street.available() == {A: 8, B: 0}, "the shop hears what is left")
    street.hub.wait_quiet()
    ends = {it["fulfilment_order_id"]: it["status"] for it in street.items("fulfilment-orders")}
    assert ends == {other: "short", first: "delivered", again: "delivered"}

    _same_stock(street)
    _same_books(books, named, before)
    assert street.items("messages?status=parked") == []
    assert street.hub.run("audit", "--at-rest").rstrip().endswith(" hold")


def _status(street: Street) -> str:
    ((found),) = street.items(f"orders?channel_order_id={SOLD.channel_order_id}")
    return str(found["status"])


def _pieces(shipments: list[Any]) -> dict[tuple[str, str], int]:
    """What left in shipments that the shop was told: (warehouse, SKU) -> pieces."""
    sums: Counter[tuple[str, str]] = Counter()
    for told in shipments:
        for row in told["order"]["lines"]:
            sums[told["order"]["warehouse"], row["sku"]] += int(row["quantity"])
    return dict(sums)


def _same_stock(street: Street) -> None:
    """The hub counts what stands on the warehouses' shelves."""
    shelves = {
        code: {sku: pieces["ZP"] for sku, pieces in it.stock.items()}
        for code, it in street.warehouses.items()
    }
    assert street.levels() == shelves == {OWN: {A: 8, B: 0}, THIRD: {B: 0}}


def _same_books(
    books: Books, named: dict[str, tuple[str, str]], before: dict[str, Decimal]
) -> None:
    """Tryton sold, shipped and billed what the shop sold and the warehouses sent."""
    (sale,) = books.sales(SOLD.channel_order_id, "shipment_state")
    total = SOLD.totals.grand_total
    assert (sale["shipment_state"], sale["total_amount"]) == ("sent", total)
    assert books.invoices(sale["invoices"]) == [("posted", total)]
    left: dict[tuple[str, str], int] = {}
    for one in books.read(
        "stock.shipment.out", [["id", "in", sale["shipments"]]], "reference", "state",
        "outgoing_moves",
    ):  # fmt: skip
        assert one["state"] == "done"
        moves = [["id", "in", one["outgoing_moves"]]]
        for row in books.read("stock.move", moves, "product.code", "quantity"):
            place = str(one["reference"]).partition("/")[0]
            left[place, row["product."]["code"]] = int(row["quantity"])
    assert left == {(THIRD, B): 2, (OWN, A): 2, (OWN, B): 1}
    after = theirs(books)
    moved = {
        role: after.get(number, D(0)) - before.get(number, D(0))
        for role, (number, _) in named.items()
    }
    assert moved == {**ours([SOLD]), "cash": D(0)}
