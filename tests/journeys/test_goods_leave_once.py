"""A warehouse refuses (Qimen failure S003), another one ships, and then people have everything told
again, on every way there is: goods leave once, stock falls once.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.qimen import Warehouse
from tests.kit.catalogue import sales_order
from tests.kit.world.processes import HubError, until
from tests.kit.world.running import RunningHub

pytestmark = pytest.mark.slow

SECRET = "sandbox-secret"
ORDERED = 2


PLACES = ("wh-a", "wh-b")


@dataclass
class Refusal:
    """A running hub with two Qimen warehouses. The first refuses what it is told at first."""

    hub: RunningHub
    first: Warehouse
    second: Warehouse
    key: str = ""

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return self.hub.ask(method, path, self.key, body)

    def told(self) -> list[dict[str, Any]]:
        """What was to be told to warehouses, oldest first."""
        _, page = self.ask("GET", "messages?direction=out&topic=fulfilment_order")
        return sorted(page["items"], key=lambda message: message["id"])

    def shipped(self) -> list[int]:
        """Pieces that left: at the first warehouse, at the second, by the hub's ledger."""
        gone = [50 - place.stock["CUP"]["ZP"] for place in (self.first, self.second)]
        booked = self.hub.one("SELECT coalesce(-sum(delta), 0) FROM ledger WHERE delta < 0")
        return [*gone, int(booked)]


def connections(first: Warehouse, second: Warehouse) -> dict[str, Any]:
    """The connections file."""
    shop = {
        "code": "shop",
        "kind": "channel",
        "adapter": "generic_channel",
        "merchant": "acme",
        "secrets": {"webhook_secret": "env:SHOP_SECRET"},
    }
    names = {"app_key": "sandbox", "customer_id": "sandbox", "owner_code": "ALL"}
    warehouses = [
        {
            "code": code,
            "kind": "warehouse",
            "adapter": "qimen",
            "settings": {"api_url": partner.url, "warehouse_code": "ALL1", **names},
            "secrets": {"app_secret": "env:WAREHOUSE_SECRET"},
        }
        for code, partner in zip(PLACES, (first, second), strict=True)
    ]
    goods = {"merchant": "acme", "sku": "CUP"}
    return {
        "network": {"private": ["127.0.0.0/8"], "http": True},
        "merchants": [{"code": "acme", "name": "Acme", "currency": "EUR"}],
        "connections": [shop, *warehouses],
        "products": [{**goods, "title": "Cup"}],
        "stock": [{"warehouse": code, **goods, "on_hand": 50} for code in PLACES],
        "routing": [],
    }


@pytest.fixture
def refusal(db_url: str, tmp_path: Path) -> Iterator[Refusal]:
    secrets = {"SHOP_SECRET": "the-shop-signs-with-this", "WAREHOUSE_SECRET": SECRET}
    with RunningHub(tmp_path / "hub", database_url=db_url, **secrets) as hub:
        first, second = (
            Warehouse(hub_url=f"{hub.url}/in/{code}", auto=True, delay=0.05, stock={"CUP": 50})
            for code in PLACES
        )
        with first, second:
            hub.start("up")
            hub.wait_ready()
            hub.apply(connections(first, second))
            scopes = "orders:read,orders:write,messages:read,messages:write"
            key = hub.run("key", "add", "--name", "all", "--scopes", scopes).strip()
            yield Refusal(hub, first, second, key)


def test_what_was_refused_and_planned_anew_ships_once_whatever_people_replay(
    refusal: Refusal,
) -> None:
    hub = refusal.hub
    refusal.first.misbehave(
        [{"do": "failure", "kind": "deliveryorder.create", "code": "S003", "message": "no"}]
    )
    status, _ = refusal.ask("POST", "orders", sales_order("A-1", lines=[("CUP", ORDERED)]))
    assert status in {200, 201, 202}
    until(lambda: refusal.shipped()[1:] == [ORDERED, ORDERED], "the second warehouse ships")
    hub.wait_quiet()
    refusal.first.misbehave([])  # from now on it would ship whatever it is told
    refused, told = refusal.told()
    says = f"fulfilment order {refused['key']} was refused by the warehouse; {told['key']} took"
    assert (refused["connection"], refused["status"]) == ("wh-a", "superseded")
    assert refused["successor"] == f"fulfilment_order:{told['key']}"
    assert refused["error"]["code"] == "overtaken"
    assert (told["connection"], told["status"]) == ("wh-b", "delivered")
    by_key = {
        refused["id"]: f"{says} its place",
        told["id"]: f"fulfilment order {told['key']} is shipped",
    }

    for id_, sentence in by_key.items():  # by message
        status, problem = refusal.ask("POST", f"messages/{id_}/replay", {"reason": "as advised"})
        assert (status, problem["errors"][0]["code"]) == (409, "overtaken")
        assert problem["detail"] == sentence
        payload = json.dumps({"type": "fulfilment_order"})
        status, problem = refusal.ask(
            "POST", f"messages/{id_}/edit", {"payload": payload, "reason": "perhaps so"}
        )
        assert (status, problem["detail"]) == (409, sentence)

    for selection in (  # by selection
        {"ids": list(by_key)},
        {"status": "delivered", "topic": "fulfilment_order"},
        {"status": "superseded", "topic": "fulfilment_order"},
    ):
        status, job = refusal.ask("POST", "messages/replay", {**selection, "reason": "all"})
        assert (status, job["done"]) == (202, 0)
        assert job["detail"]["overtaken"] == job["total"] > 0

    for id_, sentence in by_key.items():  # by command line
        with pytest.raises(HubError, match=sentence):
            hub.run("messages", "replay", id_, "--reason", "once more")
    several = ("--status", "delivered", "--topic", "fulfilment_order", "--reason", "all")
    said = hub.run("messages", "replay", *several)
    assert said.startswith("0 replayed, 1 overtaken")

    hub.wait_quiet()
    assert refusal.shipped() == [0, ORDERED, ORDERED]
    assert [entry["kind"] for entry in refusal.first.record] == []
    assert len([one for one in refusal.second.record if one["kind"] == "delivery_order"]) == 1
    assert hub.one("SELECT status FROM sales_order") == "completed"
    hub.run("audit", "--at-rest")
