"""A running hub between a shop, a merchant's own warehouse in a real Tryton, and a third party's
that speaks Qimen: an order comes from both, Tryton's pickers find one piece fewer, the third party
sends it, all of it is delivered, and the shop hears of every parcel once.
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
from tests.adapters.tryton.builders import CHANNEL, line, order
from tests.adapters.tryton_stock.shelves import Shelves
from tests.kit.listener import Listener
from tests.kit.world.processes import until
from tests.kit.world.running import RunningHub
from tests.kit.world.signing import SECRET, signed
from tests.peers.tryton import TrytonServer

pytestmark = [pytest.mark.peer("tryton"), pytest.mark.slow]

OWN, THIRD = "wh-own", "wh-third"
A, B = "SKU-0001", "SKU-0002"
STOCK = {OWN: {A: 10, B: 0}, THIRD: {A: 2, B: 3}}
"""Neither has all of the order; of A there are two pieces to spare, at the other."""
SOLD = order("split", line(A, 3, "10.00"), line(B, 2, "7.35"))
SHELVES = tuple(f"SKU-{number:04}" for number in range(20))
"""All goods in Tryton that its category names: a count tells every one of them."""


@dataclass
class Street:
    """The hub, the shop that listens, and the two warehouses."""

    hub: RunningHub
    shop: Listener
    house: Shelves
    third: Warehouse
    key: str

    def sell(self, sold: SalesOrder) -> None:
        raw = sold.model_dump_json(exclude_none=True).encode()
        url = f"{self.hub.url}/in/{CHANNEL}"
        assert outgoing.post(url, raw, signed(raw), timeout=30).status == 200

    def told(self, kind: str) -> list[Any]:
        """What the shop was told of one type."""
        trees = [json.loads(asked.body) for asked in self.shop.asked]
        return [tree for tree in trees if tree["type"] == kind]

    def available(self) -> dict[str, int]:
        """What the shop was last told of A and B."""
        known = {level["sku"]: int(level["available"]) for level in self.told("stock_level")}
        return {sku: known[sku] for sku in (A, B) if sku in known}

    def asked(self) -> dict[str, dict[str, int]]:
        """What the third party was told to send: order code -> pieces."""
        return {
            it["key"]: {
                row["itemCode"]: int(row["planQty"]) for row in it["document"]["orderLines"]
            }
            for it in self.third.record
            if it["kind"] == "delivery_order"
        }

    def sends(self, code: str) -> None:
        """The third party sends an order, and its customer signs for it."""
        way = Way()
        told = self.third.work(code, way)
        assert [it["document"]["ok"] for it in told] == [True] * (len(way.steps) + 1), told
        word = {"processStatus": "SIGN", "operateTime": "2026-11-25 10:00:00"}
        body = {"order": {"orderCode": code}, "process": word}
        assert self.third.line.tell("orderprocess.report", code, body)["document"]["ok"]

    def items(self, path: str) -> list[Any]:
        status, answer = self.hub.ask("GET", path, self.key)
        assert status == 200, answer
        return list(answer["items"])

    def status(self) -> str:
        ((found),) = self.items(f"orders?channel_order_id={SOLD.channel_order_id}")
        return str(found["status"])

    def ends(self) -> dict[str, str]:
        return {it["fulfilment_order_id"]: it["status"] for it in self.items("fulfilment-orders")}

    def levels(self) -> dict[str, dict[str, int]]:
        """Good pieces of A and B that the hub counts; none of them may be promised."""
        found: dict[str, dict[str, int]] = {OWN: {}, THIRD: {}}
        for row in self.items("stock?quality=good&limit=200"):
            assert Decimal(row["reserved"]) == 0, row
            if row["sku"] in (A, B):
                found[row["warehouse"]][row["sku"]] = int(row["on_hand"])
        return found


@pytest.fixture
def street(db_url: str, tmp_path: Path, tryton_server: TrytonServer) -> Iterator[Street]:
    secrets = {"SECRET": SECRET, "PASSWORD": tryton_server.password, "QIMEN": "sandbox-secret"}
    house = Shelves(tryton_server, "STREET", STOCK[OWN])
    with Listener() as shop, RunningHub(tmp_path / "hub", database_url=db_url, **secrets) as hub:
        third = Warehouse(
            warehouse_code=THIRD.upper(),
            owner_code="ACME",
            stock=STOCK[THIRD],
            hub_url=f"{hub.url}/in/{THIRD}",
        )
        with third:
            hub.start("up")
            hub.wait_ready()
            hub.apply(_connections(shop, third, house, tryton_server))
            key = hub.run("key", "add", "--name", "all", "--scopes", "all").strip()
            yield Street(hub, shop, house, third, key)


def _connections(
    shop: Listener, third: Warehouse, house: Shelves, tryton: TrytonServer
) -> dict[str, Any]:
    """What is applied. The merchant's own comes first where it has what is wanted."""
    own = {
        "api_url": tryton.url,
        "database": tryton.database,
        "user": tryton.user,
        "warehouse": house.code,
        "category": "Sold",
    }
    place = {
        "api_url": third.url,
        "app_key": "sandbox",
        "customer_id": "sandbox",
        "owner_code": "ACME",
        "warehouse_code": THIRD.upper(),
    }
    often = {topic: {"every_s": 5} for topic in ("shipments", "receipts", "stock")}
    named: list[tuple[str, str, str, dict[str, Any], dict[str, str], dict[str, Any]]] = [
        *[
            (
                "channel",
                CHANNEL,
                "generic_channel",
                {"url": shop.url},
                {"webhook_secret": "SECRET"},
                {},
            )
        ],
        ("warehouse", OWN, "tryton_stock", own, {"password": "PASSWORD"}, {"poll": often}),
        ("warehouse", THIRD, "qimen", place, {"app_secret": "QIMEN"}, {}),
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
                **more,
            }
            for kind, code, adapter, settings, secrets, more in named
        ],
        "products": [
            {"merchant": "acme", "sku": sku, "title": sku} for sku in (*SHELVES, "GENERIC")
        ],
        "stock": [
            {"warehouse": THIRD, "sku": sku, "on_hand": pieces}
            for sku, pieces in STOCK[THIRD].items()
        ],
        "routing": [{"merchant": "acme", "rules": [{"sort": "priority", "order": [OWN, THIRD]}]}],
    }


def test_a_piece_that_tryton_lacks_comes_from_the_third_party_and_each_parcel_is_told_once(
    street: Street,
) -> None:
    until(lambda: street.available() == {A: 12, B: 3}, "the shop hears what Tryton counted")

    street.sell(SOLD)
    until(lambda: street.house.shipments("assigned") and street.asked(), "both are told")
    ((first, reserved),) = street.house.shipments().items()
    assert street.house.pieces(reserved["outgoing_moves"]) == {A: 3}
    ((other, pieces),) = street.asked().items()
    assert pieces == {B: 2}

    street.house.finds_only(first, {A: 2})
    street.house.ships(first, "JD014600003RU")
    until(lambda: len(street.asked()) == 2, "the missing piece is asked for elsewhere")
    ((again, piece),) = [it for it in street.asked().items() if it[0] != other]
    assert piece == {A: 1}
    assert street.status() != "completed"

    for code in (other, again):
        street.sends(code)
    until(lambda: street.status() == "completed", "the order is completed")
    until(lambda: len(street.told("shipment")) == 3, "the shop hears of every parcel")
    street.house.count({A: 7})  # the piece that nobody found is not there
    until(lambda: street.available() == {A: 8, B: 1}, "the shop hears what is left")
    until(lambda: street.ends()[again] == "delivered", "the customer has the last parcel")
    assert street.ends() == {first: "short", other: "delivered", again: "delivered"}

    assert _pieces(street.told("shipment")) == {(OWN, A): 2, (THIRD, A): 1, (THIRD, B): 2}
    numbers = [it["packages"][0]["tracking_number"] for it in street.told("shipment")]
    assert "JD014600003RU" in numbers
    assert len(set(numbers)) == 3
    assert [it["order"]["order_complete"] for it in street.told("shipment")].count(True) >= 1
    shelf = {sku: kinds["ZP"] for sku, kinds in street.third.stock.items()}
    assert street.levels() == {OWN: street.house.on_hand(A, B), THIRD: shelf}
    assert street.levels() == {OWN: {A: 7, B: 0}, THIRD: {A: 1, B: 1}}
    assert street.items("messages?status=parked") == []
    assert street.hub.run("audit", "--at-rest").rstrip().endswith(" hold")


def _pieces(shipments: list[Any]) -> dict[tuple[str, str], int]:
    """What left in shipments that the shop was told: (warehouse, SKU) -> pieces."""
    sums: Counter[tuple[str, str]] = Counter()
    for told in shipments:
        for row in told["order"]["lines"]:
            sums[told["order"]["warehouse"], row["sku"]] += int(row["quantity"])
    return dict(sums)
