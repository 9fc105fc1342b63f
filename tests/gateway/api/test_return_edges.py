"""Returns and exchanges at their edges, over the Open API: what cannot be says which field is
wrong, and moves nothing.
"""

from typing import Any

import pytest

from hub.flows.products import learn
from hub.model.product import Product
from tests.gateway.api.test_returns import RETURNS, asked, came, key, made, refusal
from tests.kit.catalogue import product, refund, sales_order, shipment
from tests.kit.world.gateway import Gateway

__all__ = ["key"]


def money(gateway: Gateway) -> list[Any]:
    return gateway.world.sql("SELECT refund_id, amount FROM refund ORDER BY refund_id")


def stands(gateway: Gateway) -> list[Any]:
    rows = gateway.world.sql("SELECT number, status FROM customer_return ORDER BY id")
    return [*money(gateway), *rows, *gateway.world.sql("SELECT count(*) FROM sales_order")]


@pytest.mark.parametrize(
    ("wish", "code", "path"),
    [
        ({"goodwill": "99.00"}, "more_than_paid", "goodwill"),
        ({"goodwill": "-1.00"}, "bad_amount", "goodwill"),
        ({"goodwill": "0.001"}, "bad_amount", "goodwill"),
        ({"restocking_fee": "10.01"}, "more_than_paid", "restocking_fee"),
        ({"shipping": "1.00"}, "more_than_paid", "shipping"),
        ({"lines": [{"line_no": 1, "quantity": "2"}]}, "more_than_received", "lines.0.quantity"),
        ({"lines": [{"line_no": 7, "quantity": "1"}]}, "unknown_line", "lines.0.line_no"),
        ({"lines": [{"line_no": 1, "amount": "20.01"}]}, "more_than_paid", "lines.0.amount"),
    ],
)
def test_a_refund_of_more_than_there_is_names_its_field(
    gateway: Gateway, key: str, wish: dict[str, Any], code: str, path: str
) -> None:
    at = made(gateway, key)
    before = stands(gateway)
    answer = gateway.call("POST", f"{at}/refund", key, wish)
    assert answer.status_code in (409, 422)
    assert refusal(answer)[1:] == (code, path)
    assert stands(gateway) == before


def test_goodwill_goes_on_top_and_a_second_refund_finds_nothing_left(
    gateway: Gateway, key: str
) -> None:
    at = made(gateway, key)
    paid = gateway.call("POST", f"{at}/refund", key, {"goodwill": "5.00"}).json
    assert paid["refund"]["amount"] == "15.00"
    before = stands(gateway)
    again = gateway.call("POST", f"{at}/refund", key)
    assert refusal(again) == (422, "nothing_to_refund", "lines")
    assert stands(gateway) == before
    assert [str(row.amount) for row in money(gateway)] == ["15.000000"]


def test_an_exchange_leaves_once_and_only_where_one_was_asked_for(
    gateway: Gateway, key: str
) -> None:
    plain = made(gateway, key)
    answer = gateway.call(
        "POST", f"{plain}/exchange", key, {"lines": [{"sku": "C", "quantity": "1"}]}
    )
    assert refusal(answer) == (409, "not_an_exchange", "kind")
    other = gateway.call("POST", RETURNS, key, asked(kind="exchange"))
    at = f"{RETURNS}/{other.json['case']['id']}"
    lines = {"lines": [{"sku": "C", "quantity": "1", "unit_price": "10.00"}]}
    early = gateway.call("POST", f"{at}/exchange", key, lines)
    assert early.status_code == 409
    for call, body in (
        ("approve", {"warehouse": "wh-a"}),
        ("receipts", came(receipt_id="c2")),
        ("inspect", {"lines": [{"line_no": 1, "quality": "good", "quantity": "1"}]}),
        ("confirm", {}),
    ):
        assert gateway.call("POST", f"{at}/{call}", key, body).status_code == 200
    for wrong, code, path in (
        ({"sku": "NONE", "quantity": "1"}, "unknown_sku", "exchange_lines.0.sku"),
        ({"sku": "C", "quantity": "0"}, "bad_quantity", "lines.0.quantity"),
    ):
        answer = gateway.call("POST", f"{at}/exchange", key, {"lines": [wrong]})
        assert refusal(answer)[1:] == (code, path)
    assert gateway.call("POST", f"{at}/exchange", key, lines).json["status"] == "exchanged"
    before = stands(gateway)
    again = gateway.call("POST", f"{at}/exchange", key, lines)
    assert refusal(again) == (409, "exchanged", "kind")
    paid = gateway.call("POST", f"{at}/refund", key)
    assert refusal(paid) == (422, "nothing_to_refund", "lines")
    assert stands(gateway) == before


def test_a_parcel_that_came_back_to_its_sender_has_no_window(gateway: Gateway, key: str) -> None:
    late = "2027-03-01T00:00:00Z"
    for cause in ("returned_to_sender", "refused_at_door"):
        answer = gateway.call(
            "POST", RETURNS, key, asked(1, requested_at=late, cause=cause, return_id=f"R-{cause}")
        )
        assert (answer.status_code, answer.json["case"]["cause"]) == (201, cause)
    answer = gateway.call("POST", RETURNS, key, asked(1, "B", requested_at=late))
    assert refusal(answer) == (422, "after_window", "requested_at")


def test_of_what_came_back_to_its_sender_nothing_is_kept(gateway: Gateway, key: str) -> None:
    terms = {"restocking_percent": "50", "valid_from": "2020-01-01T00:00:00Z"}
    set_ = gateway.call("POST", "return-terms?merchant=acme", key, terms)
    assert set_.status_code == 200
    at = made(gateway, key, cause="returned_to_sender")
    paid = gateway.call("POST", f"{at}/refund", key).json
    gateway.call("POST", "return-terms?merchant=acme", key, {"valid_from": terms["valid_from"]})
    assert paid["refund"]["amount"] == "10.00"


def test_the_same_number_again_is_the_same_return(gateway: Gateway, key: str) -> None:
    first = gateway.call("POST", RETURNS, key, asked(2, return_id="R-7"))
    before = stands(gateway)
    again = gateway.call("POST", RETURNS, key, asked(2, return_id="R-7"))
    assert (first.json["case"]["id"], again.status_code) == (again.json["case"]["id"], 200)
    assert stands(gateway) == before
    other = gateway.call("POST", RETURNS, key, asked(1, return_id="R-8"))
    assert refusal(other) == (422, "returned_twice", "lines.0.quantity")


def test_another_merchants_order_is_out_of_reach(gateway: Gateway, key: str) -> None:
    before = stands(gateway)
    answer = gateway.call("POST", RETURNS, key, asked(1, merchant="beta"))
    assert refusal(answer) == (422, "wrong_merchant", "merchant")
    beta = gateway.key("all", merchant="beta")
    answer = gateway.call("POST", RETURNS, beta, asked())
    assert refusal(answer) == (422, "unknown_channel", "source.connection")
    mine = asked(source={"connection": "shop-b"})
    assert refusal(gateway.call("POST", RETURNS, beta, mine)) == (
        *(422, "unknown_order", "channel_order_id"),
    )
    assert stands(gateway) == before
    at = made(gateway, key)
    before = stands(gateway)
    for call, body in (
        *((call, {}) for call in ("approve", "refund", "exchange", "confirm")),
        *((call, {"reason": "x"}) for call in ("reject", "cancel", "close")),
    ):
        assert gateway.call("POST", f"{at}/{call}", beta, body).status_code == 404
    assert stands(gateway) == before


def test_a_channels_refund_of_more_than_was_paid_names_the_amount(
    gateway: Gateway, key: str
) -> None:
    made(gateway, key, kind="exchange")
    order = gateway.call("GET", "orders?channel_order_id=1001", key).json["items"][0]["id"]
    body = {**refund(1, amount="999.00", channel="shop-a"), "channel_order_id": "1001"}
    answer = gateway.call("POST", f"orders/{order}/refunds", key, body)
    assert refusal(answer) == (409, "contradiction", "amount")
    assert money(gateway) == []


def test_a_single_part_of_a_kit_goes_to_its_refund(gateway: Gateway) -> None:
    """Two sets of two A and a B at ten each: an A is worth a third of one."""
    world, key = gateway.world, gateway.key("all")
    world.stock("wh-a", "acme", A=10, B=10)
    parts = [{"sku": "A", "quantity": "2"}, {"sku": "B", "quantity": "1"}]
    kit = Product.model_validate(product("SET", components=parts, made_to_order=True))
    with world.unit() as unit:
        learn.upsert(unit, [("acme", kit)], None)
    sold = sales_order(1001, channel="shop-a", lines=[("SET", 2)])
    assert gateway.call("POST", "orders", key, sold).status_code == 201
    (work,) = gateway.call("GET", "fulfilment-orders", key).json["items"]
    path = f"fulfilment-orders/{work['id']}/shipments"
    left = gateway.call("POST", path, key, shipment(work["id"]))
    assert left.status_code == 200
    at = made(gateway, key, sku="A")
    paid = gateway.call("POST", f"{at}/refund", key, {}).json
    assert (paid["status"], paid["refund"]["amount"]) == ("refunded", "3.33")
    assert [it["sku"] for it in paid["lines"]] == ["A"]
    again = gateway.call("POST", RETURNS, key, asked(4, sku="A"))
    assert refusal(again)[1:] == ("more_than_sold", "lines.0.quantity")
