"""Returns over the Open API: to the refund, to the exchange, and what is refused by name."""

from typing import Any

import pytest

from tests.kit.catalogue import DAY, sales_order, shipment
from tests.kit.world.gateway import Gateway

RETURNS = "returns"
DOCUMENTS = ["fulfilment_order", "fulfilment_cancellation", "return"]


@pytest.fixture
def key(gateway: Gateway) -> str:
    """An order of two A and one B that was shipped."""
    gateway.world.stock("wh-a", "acme", A=10, B=10, C=10)
    key = gateway.key("all")
    answer = gateway.call("POST", "orders", key, sales_order(1001, channel="shop-a"))
    assert answer.status_code == 201
    (work,) = gateway.call("GET", "fulfilment-orders", key).json["items"]
    path = f"fulfilment-orders/{work['id']}/shipments"
    assert gateway.call("POST", path, key, shipment(work["id"])).status_code == 200
    return key


def asked(pieces: int = 1, sku: str = "A", **how: Any) -> dict[str, Any]:
    return {
        "type": "return",
        "source": {"connection": "shop-a"},
        "channel_order_id": "1001",
        "requested_at": f"{DAY}T14:00:00Z",
        "lines": [{"sku": sku, "quantity": str(pieces), "reason": "too_small"}],
        **how,
    }


def came(pieces: int = 1, **how: Any) -> dict[str, Any]:
    return {
        "type": "return_receipt",
        "receipt_id": "c1",
        "warehouse": "wh-a",
        "received_at": f"{DAY}T15:00:00Z",
        "lines": [{"sku": "A", "quality": "uninspected", "quantity": str(pieces)}],
        **how,
    }


def made(gateway: Gateway, key: str, *, pieces: int = 1, **how: Any) -> str:
    """A return whose goods are in, inspected and confirmed."""
    answer = gateway.call("POST", RETURNS, key, asked(pieces, **how))
    assert answer.status_code == 201, answer.json
    path = f"{RETURNS}/{answer.json['case']['id']}"
    for call, body in (
        ("approve", {"warehouse": "wh-a"}),
        ("receipts", came(pieces)),
        ("inspect", {"lines": [{"line_no": 1, "quality": "good", "quantity": str(pieces)}]}),
        ("confirm", {}),
    ):
        answer = gateway.call("POST", f"{path}/{call}", key, body)
        assert answer.status_code == 200, (call, answer.json)
    return path


def test_a_return_goes_to_its_refund(gateway: Gateway, key: str) -> None:
    path = made(gateway, key, pieces=2)
    paid = gateway.call("POST", f"{path}/refund", key, {"restocking_fee": "2.00"}).json
    assert (paid["status"], paid["refund"]["amount"]) == ("refunded", "18.00")
    assert [it["part"] for it in paid["money"]] == ["line", "restocking"]
    assert paid["lines"][0]["dispositions"] == [{"quality": "good", "quantity": "2"}]
    assert gateway.call("POST", f"{path}/close", key).json["possible"] == []
    order = gateway.call("GET", "orders?channel_order_id=1001", key).json["items"][0]["id"]
    whole = gateway.call("GET", f"orders/{order}", key).json
    assert [it["status"] for it in whole["returns"]] == ["closed"]
    assert [it["amount"] for it in whole["refunds"]] == ["18.00"]
    (level,) = gateway.call("GET", "stock?sku=A&quality=good", key).json["items"]
    assert level["on_hand"] == "10"


def test_a_return_goes_to_its_exchange(gateway: Gateway, key: str) -> None:
    path = made(gateway, key, kind="exchange")
    lines = [{"sku": "C", "quantity": "1", "unit_price": "12.00"}]
    sent = gateway.call("POST", f"{path}/exchange", key, {"lines": lines}).json
    assert (sent["status"], sent["exchange"]["due"]) == ("exchanged", "2")
    linked = gateway.call("GET", f"orders/{sent['exchange']['order_id']}", key).json
    assert (linked["order_number"], linked["totals"]["outstanding"]) == ("#1001-X", "2.00")
    assert linked["payments"][0]["gateway"] == "exchange"


def refusal(answer: Any) -> tuple[int, str, str]:
    (error,) = answer.json["errors"]
    return answer.status_code, error["code"], error["path"]


WRONG = {
    "unknown_order": (422, "channel_order_id", asked(channel_order_id="9")),
    "more_than_sold": (422, "lines.0.quantity", asked(3)),
    "unknown_line": (422, "lines.0.sku", asked(sku="C")),
    "after_window": (422, "requested_at", asked(requested_at="2027-03-01T00:00:00Z")),
}


def test_what_cannot_be_is_refused_with_the_field(gateway: Gateway, key: str) -> None:
    for code, (status, path, body) in WRONG.items():
        answer = gateway.call("POST", RETURNS, key, body)
        assert refusal(answer) == (status, code, path)
    path = made(gateway, key, pieces=2, kind="exchange")
    answer = gateway.call("POST", RETURNS, key, asked(1))
    assert refusal(answer) == (422, "returned_twice", "lines.0.quantity")
    answer = gateway.call("POST", f"{path}/refund", key)
    assert refusal(answer) == (409, "exchange_open", "kind")
    other = gateway.key("all", merchant="other")
    assert gateway.call("GET", path, other).status_code == 404
    answer = gateway.call("POST", RETURNS, other, asked())
    assert refusal(answer) == (422, "unknown_channel", "source.connection")


def test_who_inspects_does_not_pay_and_who_pays_does_not_inspect(
    gateway: Gateway, key: str
) -> None:
    answer = gateway.call("POST", RETURNS, key, asked())
    path = f"{RETURNS}/{answer.json['case']['id']}"
    takes, pays = gateway.key("returns:receive"), gateway.key("returns:refund")
    assert gateway.call("POST", f"{path}/refund", takes).status_code == 403
    assert gateway.call("POST", f"{path}/inspect", pays, {"lines": []}).status_code == 403
