"""A return on its whole way between real adapters: a shop's customer asks, people look, the
warehouse takes the goods, the shop pays back, and its echo changes nothing.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from adapters.kit.http import Transport
from adapters.kit.registry import make
from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.qimen import ADAPTER as QIMEN
from hub.model.errors import BadData
from mappings.kit import Context, code_lists
from sandbox.qimen import Arrival, Warehouse
from sandbox.shopify import Shop
from tests.adapters.qimen.test_warehouse import SETTINGS
from tests.adapters.shopify.shop import body
from tests.flows.returns.counter import Counter
from tests.kit.world.world import World

SHOP = ("shipment", "refund", "return", "order_cancellation")
SKUS = {11: "A", 12: "B", 13: "C"}
PLACE = {"name": "Ada Bakker", "address1": "Keizersgracht 1", "zip": "1015 CJ",
         "city": "Amsterdam", "country_code": "NL"}  # fmt: skip


class Way:
    """The hub between a shop and a warehouse."""

    def __init__(self, world: World, shop: Shop, warehouse: Warehouse) -> None:
        self.counter, self.world = Counter(world, shop=SHOP), world
        self.shop, self.warehouse = shop, warehouse
        for code, name, settings, secrets in (
            (self.counter.shop, "shopify", {"api_url": shop.url, "shop": "demo-shop"},
             {"webhook_secret": "hush", "access_token": "t0ken"}),
            (self.counter.wh, "qimen", {**SETTINGS, "api_url": warehouse.url},
             {"app_secret": "sandbox-secret"}),
        ):  # fmt: skip
            at = Context(code, self.counter.acme.code, code_lists(name))
            world.adapters.made[code] = make(name, settings, secrets, at, Transport.local())

    def posts(self, topic: str, told: dict[str, Any]) -> None:
        """The shop's webhook comes, and all that follows is done."""
        order = str(told.get("order_id") or told.get("order", told)["id"])
        self.world.tell_raw(self.counter.shop, topic, json.dumps(told).encode(), order)
        self.world.run()

    def says(self, work: Callable[[str], Any]) -> None:
        """The warehouse works and says so, and all that follows is done."""

        def listen(asked: Any) -> Told:
            topic = asked.query["method"].removeprefix("taobao.qimen.")
            self.world.tell_raw(self.counter.wh, topic, asked.body)
            answer = QIMEN.answer(None, "stored") if QIMEN.answer else None
            assert answer is not None
            return Told(answer.status, answer.body, {"content-type": answer.content_type})

        with Loopback(listen) as door:
            assert all(one["document"]["ok"] for one in work(door.url))
        self.world.run()

    def sells(self) -> None:
        """Three articles are sold and sent."""
        order = {**body(), "shipping_address": PLACE, "customer": {"id": 81}}
        order["line_items"] = [{**it, "sku": SKUS[it["id"]]} for it in order["line_items"]]
        self.shop.place(order)
        self.posts("orders/create", order)
        (notice,) = [it["key"] for it in self.warehouse.record if it["kind"] == "delivery_order"]
        self.says(lambda url: self.warehouse.work(notice, hub_url=url))

    def kept(self, kind: str) -> list[Any]:
        """What the shop did of a kind."""
        return [it["document"] for it in self.shop.record if it["kind"] == kind]

    def echoes(self) -> None:
        """The shop tells of every refund that it made, as its webhooks do."""
        for made in self.kept("refund"):
            told = {
                "id": made["id"], "order_id": 5001, "created_at": made["created_at"],
                "note": made["note"],
                "admin_graphql_api_id": f"gid://shopify/Refund/{made['id']}",
                "refund_line_items": [
                    {"line_item_id": it["line_item_id"], "quantity": it["quantity"],
                     "restock_type": "no_restock", "subtotal": 10, "total_tax": 0}
                    for it in made["lines"]
                ],
                "transactions": [
                    {"id": 900 + at, "kind": "refund", "status": "success", "amount": it["amount"],
                     "currency": "EUR", "gateway": "shopify_payments"}
                    for at, it in enumerate(made["transactions"])
                ],
            }  # fmt: skip
            self.posts("refunds/create", told)


@contextmanager
def opened(world: World) -> Iterator[Way]:
    stock = dict.fromkeys("ABC", 50)
    with (
        Shop(token="t0ken", secret="hush") as shop,
        Warehouse(
            warehouse_code=SETTINGS["warehouse_code"],
            owner_code=SETTINGS["owner_code"],
            stock=stock,
        ) as warehouse,
    ):
        yield Way(world, shop, warehouse)
    world.put_away()


@pytest.fixture
def way(shared: World) -> Iterator[Way]:
    with opened(shared) as it:
        it.sells()
        yield it


def test_goods_go_back_the_shop_pays_once_and_its_echo_is_known(way: Way) -> None:
    counter, before = way.counter, way.counter.levels("A")["good"]
    asked = way.shop.ask_return(5001, {11: 2}, "size_too_small", "one size up, please")
    way.posts("returns/request", asked)
    row = counter.row()
    assert (row.status, row.document.channel_return_id) == ("requested", str(asked["id"]))
    counter.approve()
    way.world.run()
    assert way.shop.returned(asked["id"])["status"] == "OPEN"
    (notice,) = [it for it in way.warehouse.record if it["kind"] == "return_order"]
    assert notice["key"] == row.number
    came = Arrival(partial=True, duplicate=True, defective={"A": 1})
    way.says(lambda url: way.warehouse.receive(row.number, came, url))
    assert counter.levels("A") == {"good": before + 1, "defective": 1}
    counter.does("confirm", None)
    assert counter.pays() == Decimal("20.00")
    way.world.run()
    way.echoes()
    way.echoes()
    (paid,) = way.kept("refund")
    assert paid["note"].endswith(f"(Order Hub no. {row.number}-1)")
    assert counter.refunds() == [(f"{row.number}-1", Decimal("20.00"))]
    assert counter.told(counter.acme.at_erp.code).count("refund") == 1
    counter.does("close", "")
    way.world.run()
    assert way.shop.returned(asked["id"])["status"] == "CLOSED"
    counter.check()


def test_what_is_refused_is_declined_there_and_no_warehouse_hears_of_it(way: Way) -> None:
    asked = way.shop.ask_return(5001, {12: 1})
    way.posts("returns/request", asked)
    way.counter.does("reject", "worn")
    way.world.run()
    assert way.shop.returned(asked["id"])["status"] == "DECLINED"
    assert [it for it in way.warehouse.record if it["kind"] == "return_order"] == []
    assert way.kept("refund") == []
    way.counter.check()


def test_a_customer_who_takes_it_back_is_heard_and_the_warehouse_told(way: Way) -> None:
    asked = way.shop.ask_return(5001, {13: 3})
    way.posts("returns/request", asked)
    way.counter.approve()
    way.world.run()
    way.counter.does("cancel", "kept after all")
    way.world.run()
    assert way.shop.returned(asked["id"])["status"] == "CANCELED"
    assert way.warehouse.record[-1]["kind"] == "cancel"
    way.counter.check()


def test_what_the_shops_staff_paid_back_is_not_paid_back_again(way: Way) -> None:
    way.posts("returns/request", way.shop.ask_return(5001, {11: 2}))
    way.counter.approve()
    way.world.run()
    number = way.counter.row().number
    way.says(lambda url: way.warehouse.receive(number, Arrival(), url))
    way.counter.does("confirm", None)
    paid = {"id": 31, "kind": "refund", "status": "success", "amount": "50.00", "currency": "EUR"}
    by_hand = {"id": 7001, "order_id": 5001, "created_at": "2026-05-20T10:00:00Z",
               "note": "goodwill", "refund_line_items": [], "transactions": [paid]}  # fmt: skip
    way.posts("refunds/create", by_hand)
    way.posts("refunds/create", by_hand)
    assert way.counter.refunds() == [("7001", Decimal("50.00"))]
    with pytest.raises(BadData) as refused:
        way.counter.pays()
    assert refused.value.code == "more_than_paid"
    assert way.counter.pays(lines=[{"line_no": 1, "amount": "10.00"}]) == Decimal("10.00")
    way.world.run()
    assert [it["amount"] for it in way.kept("refund")] == ["10.00"]
    way.counter.check()


def test_a_parcel_that_no_return_was_asked_for_is_kept_and_goes_under_the_next(way: Way) -> None:
    head = (
        "<returnOrderId>WR7</returnOrderId><orderConfirmTime>2026-11-24 12:00:00</orderConfirmTime>"
        "<expressCode>SF14</expressCode>"
    )
    line = "<sourceOrderCode>5001</sourceOrderCode><itemCode>A</itemCode><actualQty>1</actualQty>"
    raw = (
        f"<request><returnOrder>{head}</returnOrder>"
        f"<orderLines><orderLine>{line}</orderLine></orderLines></request>"
    )
    way.world.tell_raw(way.counter.wh, "returnorder.confirm", raw.encode())
    way.world.run()
    way.posts("returns/request", way.shop.ask_return(5001, {11: 1}))
    assert way.counter.status() in {"received", "inspected"}
    way.counter.check()


def test_one_that_begins_here_is_made_there_once_and_comes_back_as_the_same(way: Way) -> None:
    assert way.counter.wants(order=5001, pieces={"A": 1}).status == "done"
    way.counter.approve()
    way.world.run()
    (made,) = [it for it in way.kept("return") if it["lines"]]
    shown = way.shop.returned(made["id"])
    assert (shown["status"], way.counter.row().number) == ("OPEN", "rma-1")
    told = {"admin_graphql_api_id": shown["id"], "order": {"id": 5001}}
    way.posts("returns/update", told)
    way.posts("returns/update", told)
    returns = way.counter.acme.rows(
        "SELECT number FROM customer_return WHERE merchant_id = :merchant"
    )
    assert [row.number for row in returns] == ["rma-1"]
    way.counter.check()
