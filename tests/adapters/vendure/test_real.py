"""A running hub and a real Vendure shop: what is sold there arrives signed, ships, and is seen in
the shop afterwards; refunds go both ways once; with the webhook off, the poll heals.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from hub.store.orders import fulfilments
from sandbox import outgoing
from tests.kit import catalogue
from tests.kit.database import open_folder
from tests.kit.world.processes import until
from tests.kit.world.running import RunningHub
from tests.kit.world.signing import SECRET, signed
from tests.peers.vendure import PASSWORD, USER, Endpoint, Shop, Vendure, vendure

pytestmark = [pytest.mark.peer("vendure"), pytest.mark.slow]

SKUS = ("CUP", "TEA-100", "TEA-250")
ORDER = """query($id: ID!) {order(id: $id) {
  state fulfillments {state method trackingCode lines {orderLineId quantity}}
  payments {id refunds {id total state reason transactionId}}
}}"""
STOCK = """{productVariants {items {sku stockLevels {stockOnHand stockAllocated}}}}"""
REFUND = """mutation($input: RefundOrderInput!) {
  refundOrder(input: $input) {... on Refund {id} ... on ErrorResult {errorCode message}}
}"""
SETTLE = """mutation($input: SettleRefundInput!) {
  settleRefund(input: $input) {... on Refund {id} ... on ErrorResult {errorCode message}}
}"""

Stock = dict[str, tuple[int, int]]


@dataclass
class Street:
    """The hub and the shop, connected."""

    hub: RunningHub
    vendure: Vendure
    shop: Shop
    admin: Endpoint
    key: str

    def deliver(self, tree: dict[str, Any]) -> None:
        """The warehouse says something."""
        raw = json.dumps(tree).encode()
        reply = outgoing.post(f"{self.hub.url}/in/wh", raw, signed(raw), timeout=30)
        assert reply.status == 200, reply

    def order(self, number: str) -> tuple[str, Any]:
        """The order as the hub has it, once it does: its id there, and the canonical document."""
        query = """SELECT id FROM sales_order
          WHERE channel_order_id = :number AND status <> 'received'"""
        until(lambda: self.hub.sql(query, number=number), f"order {number} arrives")
        own = self.hub.one(query, number=number)
        status, answer = self.hub.ask("GET", f"orders/{own}", self.key)
        assert status == 200, answer
        return own, answer

    def rest(self) -> None:
        """Wait until nothing is to be worked or told any more."""
        moving = """SELECT (SELECT count(*) FROM stock_dirty)
          + (SELECT count(*) FROM work WHERE status NOT IN ('parked', 'waiting', 'behind'))"""
        until(lambda: self.hub.one(moving) == 0, "the hub comes to rest")

    def topics(self) -> set[str]:
        """What the hub was told by whom: the topics of deliveries."""
        rows = self.hub.sql("SELECT topic FROM message WHERE connection = 'shop-fi'")
        return {row[0] for row in rows}

    def stock(self) -> Stock:
        """SKU -> (on hand, allocated), in the shop."""
        items = self.admin(STOCK)["items"]
        levels = {item["sku"]: item["stockLevels"][0] for item in items}
        return {sku: (it["stockOnHand"], it["stockAllocated"]) for sku, it in levels.items()}


@pytest.fixture(scope="module")
def street(server_url: str) -> Iterator[Street]:
    secrets = {"SHOP_SECRET": SECRET, "SHOP_PASSWORD": PASSWORD}
    with (
        open_folder() as folder,
        vendure(server_url) as shop,
        RunningHub(folder / "var", **secrets) as hub,
    ):
        hub.start("up")
        served = shop.serve(HUB_URL=f"{hub.url}/in/shop-fi", HUB_SECRET=SECRET)
        hub.wait_ready()
        hub.apply(connections(served))
        planned = "SELECT count(*) FROM poll WHERE connection = 'shop-fi' AND due IS NOT NULL"
        until(lambda: hub.one(planned) > 0, "the schedule knows what to ask for")
        hub.run("connections", "poll", "shop-fi")
        known = "SELECT count(*) FROM product WHERE sku = ANY(:skus)"
        until(lambda: hub.one(known, skus=list(SKUS)) == len(SKUS), "the hub knows the articles")
        key = hub.run("key", "add", "--name", "all", "--scopes", "all").strip()
        made = Street(hub, shop, served, served.admin(), key)
        made.deliver(catalogue.stock_report(warehouse="wh", pieces=dict.fromkeys(SKUS, 40)))
        full = dict.fromkeys(SKUS, (40, 0))
        until(lambda: made.stock() == full, "the shop hears what may be sold")
        yield made


def changed(before: Stock, after: Stock) -> Stock:
    """By how much on hand and allocated differ, where they do."""
    less = {sku: (it[0] - before[sku][0], it[1] - before[sku][1]) for sku, it in after.items()}
    return {sku: it for sku, it in less.items() if it != (0, 0)}


def connections(shop: Shop) -> dict[str, Any]:
    return {
        "network": {"private": ["127.0.0.0/8"], "http": True},
        "merchants": [{"code": "acme", "name": "Acme", "currency": "USD"}],
        "connections": [
            {
                "code": "shop-fi",
                "kind": "channel",
                "adapter": "vendure",
                "merchant": "acme",
                "settings": {"api_url": shop.admin_url, "username": USER},
                "secrets": {"webhook_secret": "env:SHOP_SECRET", "password": "env:SHOP_PASSWORD"},
            },
            {
                "code": "wh",
                "kind": "warehouse",
                "adapter": "generic_warehouse",
                "merchant": "acme",
                "secrets": {"webhook_secret": "env:SHOP_SECRET"},
            },
        ],
        "products": [],
        "stock": [],
        "routing": [],
    }


def test_G19_an_order_arrives_signed_ships_and_is_seen_in_the_shop(street: Street) -> None:
    street.rest()
    before = street.stock()
    number, code = street.shop.buy({"1": 2, "2": 1})
    own, order = street.order(number)
    assert order["order_number"] == code
    assert order["totals"]["grand_total"] == "38.75"
    assert [line["sku"] for line in order["lines"]] == ["CUP", "TEA-100"]
    until(lambda: "OrderStateTransitionEvent" in street.topics(), "the shop has told of it itself")
    assert changed(before, street.stock()) == {"CUP": (0, 2), "TEA-100": (0, 1)}

    notified = """SELECT id FROM fulfilment_order WHERE status = 'notified' AND order_id = :own"""
    until(lambda: street.hub.sql(notified, own=own), "the warehouse is notified")
    ((fulfilment,),) = street.hub.sql(notified, own=own)
    street.deliver(catalogue.shipment(fulfilments.number(fulfilment)))
    until(lambda: street.admin(ORDER, id=number)["state"] == "Shipped", "the shop shows it as sent")
    (sent,) = street.admin(ORDER, id=number)["fulfillments"]
    assert (sent["state"], sent["trackingCode"]) == ("Shipped", "TRACK-s1")
    assert [line["quantity"] for line in sent["lines"]] == [2, 1]
    street.rest()
    assert changed(before, street.stock()) == {"CUP": (-2, 0), "TEA-100": (-1, 0)}


def test_G19_a_refund_made_elsewhere_is_settled_in_the_shop_and_its_echo_counts_once(
    street: Street,
) -> None:
    number, _ = street.shop.buy({"3": 1})
    own_id, _ = street.order(number)
    made = catalogue.refund("H-1", order=int(number), channel="shop-fi", currency="USD")
    status, answer = street.hub.ask("POST", f"orders/{own_id}/refunds", street.key, made)
    assert status < 300, answer
    settled = lambda: [  # noqa: E731
        it
        for payment in street.admin(ORDER, id=number)["payments"]
        for it in payment["refunds"]
        if it["state"] == "Settled"
    ]
    until(settled, "the refund is settled in the shop")
    (refund,) = settled()
    assert (refund["total"], refund["reason"]) == (500, "(Order Hub no. H-1)")

    (payment,) = street.admin(ORDER, id=number)["payments"]
    given = {"amount": 300, "lines": [], "shipping": 0, "adjustment": 0, "reason": "goodwill"}
    own = street.admin(REFUND, input={**given, "paymentId": payment["id"]})
    street.admin(SETTLE, input={"id": own["id"], "transactionId": "R-2"})
    kept = "SELECT refund_id FROM refund ORDER BY refund_id"
    both = [own["id"], "H-1"]
    until(lambda: [it[0] for it in street.hub.sql(kept)] == both, "the shop's own is known")
    street.rest()
    assert [it[0] for it in street.hub.sql(kept)] == both
    assert len(settled()) == 2


def test_G19_with_the_webhook_off_the_poll_heals(street: Street) -> None:
    silent = street.vendure.serve()
    street.hub.sql("UPDATE poll SET due = now() + interval '1 h' WHERE due IS NOT NULL")
    street.rest()  # nobody asks of himself now, however long this takes
    number, code = silent.buy({"1": 1})
    street.rest()
    known = "SELECT count(*) FROM sales_order WHERE channel_order_id = :number"
    assert street.hub.one(known, number=number) == 0
    street.hub.run("connections", "poll", "shop-fi")
    assert street.order(number)[1]["order_number"] == code
    street.rest()
    assert street.hub.one(known, number=number) == 1
