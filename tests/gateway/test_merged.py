"""What leaves as one parcel, over the Open API: two fulfilment orders for whoever asks, one for the
warehouse that was told of them.
"""

from typing import Any

import pytest

from tests.flows.orders.test_going_on import rules
from tests.gateway.api.test_orders import order
from tests.kit.catalogue import shipment
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import signed_call


@pytest.fixture
def key(gateway: Gateway) -> str:
    """Two orders of one buyer that met before anybody was told."""
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    rules(gateway.world, {"merge": "same_recipient"})
    key = gateway.key("all")
    buyer = {**order()["customer"], "email": "ada@example.com"}
    for number in (1001, 1002):
        made = gateway.call("POST", "orders", key, order(number, customer=buyer))
        assert made.status_code == 201, made.text
    return key


def signed(gateway: Gateway, method: str, path: str, body: bytes | None = None) -> Any:
    return gateway.call(
        method, path, body=body, headers=signed_call(method, path, "wh-a", body or b"")
    )


def test_each_says_with_which_others_it_leaves(gateway: Gateway, key: str) -> None:
    first, second = gateway.call("GET", "fulfilment-orders", key).json["items"]
    assert (first["merged_into"], second["merged_into"]) == (None, first["id"])
    assert [(it["fulfilment_order"], it["order_number"]) for it in first["merged_with"]] == [
        (second["id"], "#1002")
    ]
    assert [it["fulfilment_order"] for it in second["merged_with"]] == [first["id"]]
    assert [len(it["lines"]) for it in (first, second)] == [2, 2]
    (whole,) = gateway.call("GET", f"orders/{second['order_id']}", key).json["fulfilment_orders"]
    assert whole["merged_into"] == first["id"]


def test_a_warehouse_fetches_one_with_the_lines_of_all_and_ships_it(
    gateway: Gateway, key: str
) -> None:
    mine, other = gateway.call("GET", "fulfilment-orders", key).json["items"]
    (item,) = signed(gateway, "GET", "fulfilment-orders").json["items"]
    assert item["id"] == mine["id"]
    assert [(line["line_no"], line["sku"]) for line in item["lines"]] == [
        (1, "A"), (2, "B"), (3, "A"), (4, "B")
    ]  # fmt: skip
    assert [line["line_no"] for line in item["progress"]] == [1, 2, 3, 4]
    assert signed(gateway, "GET", f"fulfilment-orders/{other['id']}").status_code == 404
    body = {**shipment(mine["id"], lines=[(1, 2), (2, 1), (3, 2), (4, 1)])}
    shipped = gateway.call("POST", f"fulfilment-orders/{mine['id']}/shipments", key, body)
    assert (shipped.status_code, shipped.json["status"]) == (200, "done"), shipped.text
    listed = gateway.call("GET", "orders", key).json["items"]
    assert [it["status"] for it in listed] == ["completed", "completed"]


def test_who_names_one_that_was_told_with_another_is_told_which(gateway: Gateway, key: str) -> None:
    mine, other = gateway.call("GET", "fulfilment-orders", key).json["items"]
    answer = gateway.call("POST", f"fulfilment-orders/{other['id']}/accept", key)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, "contradiction")
    sentence = f"{other['id']} was told as part of {mine['id']}: that one is to be named"
    assert answer.json["errors"][0]["message"] == sentence
