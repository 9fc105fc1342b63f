"""The demonstration's customers: what they buy, what is remembered, which troubles are planted."""

import json
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import sandbox
from adapters.kit.signature import check_standard
from hub.flows.settlement import contracts
from hub.model.errors import BadData
from hub.model.settlement import SettlementReport
from mappings.csv_report import DECODE
from mappings.kit import Context, code_lists, decode
from mappings.reading import read_json
from sandbox import outgoing
from sandbox.erp import Erp
from sandbox.orders import generate
from sandbox.qimen import Warehouse
from sandbox.shopify import Shop
from sandbox.trade import Pace, Sold, buy, go_on, pay_out, rush, send_back
from sandbox.troubles import EVERY, TROUBLES, trouble_of
from tests.kit.listener import Listener

PACE = Pace(rush=3, every_s=0.01, troubles="none", seed=1)


def test_a_rush_is_told_three_times_and_further_orders_follow_one_by_one(
    hub: Listener, tmp_path: Path
) -> None:
    with Shop() as shop:
        sold = Sold(tmp_path / "sold")
        assert rush(shop, hub.door, PACE, sold) == 3
        buy(shop, {"shop": shop}, hub.door, PACE, sold)
    told = [json.loads(one.body)["name"] for one in hub.asked]
    assert sorted(told) == sorted(["#1001", "#1002", "#1003"] * 3 + ["#1004"])


def test_a_shop_that_starts_again_repeats_and_goes_on_with_the_next_number(
    hub: Listener, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Shop() as shop:
        rush(shop, hub.door, PACE, Sold(tmp_path / "sold"))
    first = {one.body for one in hub.asked}
    hub.asked.clear()
    with Shop() as again:
        sold = Sold(tmp_path / "sold")
        rush(again, hub.door, PACE, sold)
        assert {one.body for one in hub.asked} == first
        assert json.loads(capsys.readouterr().out)["repeats"] == 3
        done = threading.Event()
        threading.Timer(0.3, done.set).start()
        go_on(again, {"shop": again}, hub.door, PACE, sold, done)
        assert again.order(sold.bodies[0]["id"])["name"] == "#1001"
    orders = (one.body for one in hub.asked[3:] if "shopify" in str(one.headers).casefold())
    new = [json.loads(body)["order_number"] for body in orders]  # what is paid out is no order
    assert new == list(range(1004, 1004 + len(new)))
    assert new


def test_a_customer_sends_back_a_piece_of_what_was_sent_once_an_order(
    hub: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    order = next(generate(1, seed=3))
    with Shop() as shop:
        shop.place(order)
        assert not send_back(shop, hub.door)
        headers = {"X-Shopify-Access-Token": shop.token, "Content-Type": "application/json"}
        ask = 'query { order(id: "gid://shopify/Order/%s") { fulfillmentOrders(first: 5) } }'
        path = f"{shop.url}/admin/api/2026-07/graphql.json"

        def call(text: str) -> dict[str, Any]:
            raw = json.dumps({"query": text}).encode()
            told: dict[str, Any] = json.loads(outgoing.post(path, raw, headers).body)["data"]
            return told

        for node in call(ask % order["id"])["order"]["fulfillmentOrders"]["nodes"]:
            call(
                "mutation { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder:"
                f' [{{fulfillmentOrderId: "{node["id"]}"}}]}}) {{ fulfillment }} }}'
            )
        assert send_back(shop, hub.door)
        assert not send_back(shop, hub.door)
    (told,) = [json.loads(one.body) for one in hub.asked]
    assert (told["status"], told["order"]["id"]) == ("requested", order["id"])
    assert json.loads(capsys.readouterr().out)["returned"] == told["name"]


def test_what_was_paid_is_reported_by_currency_once_it_is_some_orders_old(
    hub: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_PAYMENTS_SECRET", "of-the-provider")
    sold, orders = Sold(None), list(generate(40, seed=3))
    sold.add(orders)
    pay_out(hub.door, sold, 40)
    paid = [it for it in orders[:30] if it["financial_status"] == "paid"]
    names: list[str] = []
    gross = dict.fromkeys((it["currency"] for it in paid), Decimal(0))
    at = Context("pay-demo", codes=code_lists("csv_report"))
    for told in hub.asked:
        check_standard(("of-the-provider",), told.headers, told.body, datetime.now(UTC))
        (document,) = decode(DECODE, "report", told.body, at)
        assert isinstance(document, SettlementReport)
        sales = [line for line in document.lines if line.kind == "sale"]
        names += [str(line.channel_order_id) for line in sales]
        gross[sales[0].currency] += sum((line.gross for line in sales), Decimal(0))
        assert [line.kind for line in document.lines if line.channel_order_id is None] == ["fee"]
    assert sorted(names) == sorted(it["name"] for it in paid)
    for currency, total in gross.items():
        owed = [Decimal(it["total_price"]) for it in paid if it["currency"] == currency]
        assert total == sum(owed) - 1, "one payment in each report came short"


def test_what_the_demonstration_agreed_with_its_merchant_are_terms() -> None:
    text = (Path(sandbox.__file__).parent / "terms.yaml").read_text("utf-8")
    terms = contracts.read(yaml.safe_load(text))
    assert (terms.currency, terms.period, len(terms.rules)) == ("EUR", "day", 4)


def test_troubles_come_in_turn_and_as_many_as_are_asked_for() -> None:
    assert [trouble_of(n, EVERY["none"]) for n in range(1001, 1100)] == [None] * 99
    few = [trouble_of(n, EVERY["few"]) for n in range(1001, 1001 + 12 * len(TROUBLES))]
    assert sorted(one.name for one in few if one) == sorted(one.name for one in TROUBLES)


def test_each_trouble_is_what_it_says() -> None:
    body = next(generate(1, seed=3))
    with Shop() as shop, Warehouse() as warehouse, Erp() as erp:
        partners = {"shop": shop, "warehouse": warehouse, "erp": erp}
        told = {one.name: one.plant(partners, body) for one in TROUBLES}
    sku = body["line_items"][0]["sku"]
    assert told["unknown_sku"]["line_items"][0]["sku"] == f"SHOP-{sku}"
    address = told["bad_address"]["shipping_address"]
    assert (address["city"], address["zip"]) == ("", "")
    with pytest.raises(BadData) as raised:
        read_json(told["bad_json"])
    assert raised.value.code == "bad_json"
    assert [told[name] for name in ("refused", "lost_answer", "shop_away")] == [body] * 3
