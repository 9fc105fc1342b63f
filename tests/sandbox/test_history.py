"""A partner's record as a history: what `orderhub audit --history` reads."""

import json
import urllib.request
from typing import Any

from sandbox.effects import history
from sandbox.shopify import Shop

AT = "2026-11-24T10:00:00Z"


def entry(kind: str, key: str, **document: Any) -> dict[str, Any]:
    return {"at": AT, "kind": kind, "key": key, "document": document}


def effects(partner: str, *entries: dict[str, Any]) -> list[tuple[Any, ...]]:
    *lines, last = history(partner, "there", list(entries))
    assert last == {"what": "complete", "connection": "there"}
    assert {(line["what"], line["connection"], line["at"]) for line in lines} <= {
        ("effected", "there", AT)
    }
    return [
        (line["document"], line["key"], line["effect"], line["revision"], line.get("content"))
        for line in lines
    ]


def test_a_warehouse_tells_of_its_delivery_orders_and_of_what_was_cancelled() -> None:
    lines = [{"itemCode": "A", "planQty": "2"}, {"itemCode": "B", "planQty": "1"}]
    assert effects(
        "warehouse",
        entry("delivery_order", "F1", orderLines=lines),
        entry("cancel", "F1"),
        entry("item", "A"),
    ) == [
        ("fulfilment_order", "F1", "F1", 1, ["A 2", "B 1"]),
        ("fulfilment_cancellation", "F1", "F1", 2, None),
    ]


def test_a_shop_tells_of_its_fulfilments_by_their_numbers() -> None:
    assert effects(
        "shop",
        entry("fulfilment", "7", fulfilment_id="1", numbers=["Z", "X"]),
        entry("fulfilment", "7", fulfilment_id="2", numbers=[]),
        entry("tracking", "7"),
    ) == [
        ("shipment", "7", "7 X Z", 1, ["Z", "X"]),
        ("shipment", "7", "7 2", 1, []),
    ]


def test_an_erp_tells_of_its_sales_as_they_were_settled_and_of_its_shipments() -> None:
    assert effects(
        "erp",
        entry("sale", "shop/1", currency="EUR", total="10.00"),
        entry("sale", "shop/2", currency="EUR", total="0.10"),
        entry("sale_processing", "shop/1", currency="EUR", total="10.50"),
        entry("shipment", "shop/1", number="OUT7"),
    ) == [
        ("sales_order", "shop/1", "shop/1", 1, ["EUR 10.5"]),
        ("sales_order", "shop/2", "shop/2", 1, ["EUR 0.1"]),
        ("shipment", "shop/1", "shop/1 OUT7", 2, ["-"]),
    ]


def test_the_control_door_gives_it_as_lines() -> None:
    with Shop(token="t", secret="s", domain="") as shop:
        shop._record.add("fulfilment", "7", {"fulfilment_id": "1", "numbers": ["X"]})
        url = f"{shop.url}/_sandbox/history?connection=shop-eu"
        with urllib.request.urlopen(url) as answer:
            lines = [json.loads(line) for line in answer.read().splitlines()]
    assert [line["what"] for line in lines] == ["effected", "complete"]
    assert {line["connection"] for line in lines} == {"shop-eu"}
