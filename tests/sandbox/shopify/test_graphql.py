"""The shop's GraphQL: what it answers, what it refuses, and in which words."""

import json
import re
from pathlib import Path

import pytest

from sandbox.orders import generate
from sandbox.shopify import Shop, actions
from tests.kit.fixtures import SHARED
from tests.sandbox.client import call
from tests.sandbox.shopify.client import PLACE, PLANNED, SHIP, TOKEN, run


@pytest.fixture
def order(shop):
    """An order of two lines, 3 and 2 pieces, both shipping."""
    body = next(generate(1, seed=1, traits=frozenset()))
    line = body["line_items"][0]
    body["line_items"] = [
        {**line, "id": 101, "sku": "A", "quantity": 3, "current_quantity": 3,
         "fulfillable_quantity": 3},
        {**line, "id": 102, "sku": "B", "quantity": 2, "current_quantity": 2,
         "fulfillable_quantity": 2},
        {**line, "id": 103, "sku": "E", "requires_shipping": False},
    ]  # fmt: skip
    shop.place(body)
    return body


def gid(order):
    return f"gid://shopify/Order/{order['id']}"


def planned(shop, order):
    answer = run(shop, PLANNED, {"id": gid(order)})
    (node,) = answer["data"]["order"]["fulfillmentOrders"]["nodes"]
    return node


def ship(shop, node, pieces, **more):
    lines = [
        {"id": it["id"], "quantity": count}
        for it, count in zip(node["lineItems"]["nodes"], pieces, strict=True)
        if count is not None
    ]
    group = {"fulfillmentOrderId": node["id"], "fulfillmentOrderLineItems": lines}
    told = {"lineItemsByFulfillmentOrder": [group], **more}
    return run(shop, SHIP, {"fulfillment": told})["data"]["fulfillmentCreate"]


def test_an_order_has_one_fulfilment_order_of_what_ships(shop, order):
    node = planned(shop, order)
    lines = [(it["lineItem"]["id"], it["remainingQuantity"]) for it in node["lineItems"]["nodes"]]
    assert node["status"] == "OPEN"
    assert node["assignedLocation"]["location"]["id"] == PLACE
    assert lines == [("gid://shopify/LineItem/101", 3), ("gid://shopify/LineItem/102", 2)]


def test_shipping_in_two_parts_closes_the_order_and_is_recorded_twice(shop, order):
    tracking = {"company": "DHL", "numbers": ["N1", "N2"], "urls": ["https://t.example/1"]}
    first = ship(shop, planned(shop, order), [1, None], trackingInfo=tracking)
    assert first["userErrors"] == []
    assert first["fulfillment"]["trackingInfo"] == [
        {"number": "N1", "url": "https://t.example/1", "company": "DHL"},
        {"number": "N2", "url": None, "company": "DHL"},
    ]
    assert planned(shop, order)["status"] == "IN_PROGRESS"
    assert ship(shop, planned(shop, order), [2, 2])["userErrors"] == []
    assert planned(shop, order)["status"] == "CLOSED"
    assert [(it["kind"], it["key"], it["document"]["lines"]) for it in shop.record] == [
        ("fulfilment", str(order["id"]), [{"line_item_id": "101", "sku": "A", "quantity": 1}]),
        ("fulfilment", str(order["id"]), [
            {"line_item_id": "101", "sku": "A", "quantity": 2},
            {"line_item_id": "102", "sku": "B", "quantity": 2},
        ]),
    ]  # fmt: skip
    seen = shop.order(order["id"])
    assert seen["fulfillment_status"] == "fulfilled"
    assert [it["fulfillable_quantity"] for it in seen["line_items"][:2]] == [0, 0]
    assert [it["name"] for it in seen["fulfillments"]] == ["#1001.1", "#1001.2"]


def test_leaving_the_lines_out_ships_all_that_is_open(shop, order):
    node = planned(shop, order)
    group = {"fulfillmentOrderId": node["id"]}
    told = {"fulfillment": {"lineItemsByFulfillmentOrder": [group]}, "message": "m"}
    answer = run(shop, SHIP, told)["data"]["fulfillmentCreate"]
    assert answer["fulfillment"]["totalQuantity"] == 5
    again = run(shop, SHIP, told)["data"]["fulfillmentCreate"]
    number = node["id"].rsplit("/", 1)[1]
    assert again["fulfillment"] is None
    assert again["userErrors"] == [{
        "field": ["fulfillment"],
        "message": f"Fulfillment order {number} has an unfulfillable status= closed.",
    }]  # fmt: skip
    assert len(shop.record) == 1


@pytest.mark.parametrize(
    ("pieces", "field", "message"),
    [
        ([4, None], ["fulfillment"], "Invalid fulfillment order line item quantity requested."),
        (
            [0, None],
            ["fulfillment", "lineItemsByFulfillmentOrder", "0", "fulfillmentOrderLineItems", "0",
             "quantity"],
            "Quantity must be greater than 0",
        ),
    ],
)  # fmt: skip
def test_a_wrong_quantity_is_a_user_error_with_http_200(shop, order, pieces, field, message):
    answer = ship(shop, planned(shop, order), pieces)
    assert answer == {"fulfillment": None, "userErrors": [{"field": field, "message": message}]}
    assert shop.record == []
    assert planned(shop, order)["status"] == "OPEN"


def test_an_unknown_fulfilment_order_is_refused(shop):
    group = {"fulfillmentOrderId": "gid://shopify/FulfillmentOrder/7"}
    told = {"fulfillment": {"lineItemsByFulfillmentOrder": [group]}}
    answer = run(shop, SHIP, told)["data"]["fulfillmentCreate"]
    assert answer["userErrors"][0]["message"] == "Fulfillment order does not exist."


def test_the_refusals_are_in_the_words_that_were_recorded():
    name = "channels/shopify/graphql-fulfillmentcreate-preconditions-draftproxy.json"
    if not (SHARED / name).exists():
        return  # the words stand in the tests above
    cases = json.loads((SHARED / name).read_text())["cases"]
    spoken = {
        re.sub(r"order \d+ has", "order {number} has", error["message"])
        for case in cases.values()
        for payload in case["response"]["data"].values()
        for error in payload["userErrors"]
    }
    assert len(spoken) == 4
    ours = Path(actions.__file__).read_text()
    assert [it for it in spoken if it not in ours] == []


def test_one_call_must_not_mix_locations():
    with Shop(locations={1: "North", 2: "South"}) as shop:
        body = next(generate(1, seed=1, traits=frozenset()))
        line = body["line_items"][0]
        body["line_items"] = [{**line, "id": 1}, {**line, "id": 2}]
        shop.place(body, locations={1: 1, 2: 2})
        answer = run(shop, PLANNED, {"id": gid(body)})
        nodes = answer["data"]["order"]["fulfillmentOrders"]["nodes"]
        assert len(nodes) == 2
        groups = [{"fulfillmentOrderId": it["id"]} for it in nodes]
        told = {"fulfillment": {"lineItemsByFulfillmentOrder": groups}}
        refused = run(shop, SHIP, told)["data"]["fulfillmentCreate"]["userErrors"]
        assert "same location" in refused[0]["message"]
        assert shop.record == []


def test_tracking_is_changed_and_a_fulfilment_undone(shop, order):
    made = ship(shop, planned(shop, order), [3, 2])["fulfillment"]["id"]
    text = """mutation ($id: ID!, $tracking: FulfillmentTrackingInput!) {
      fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $tracking) {
        fulfillment { id } userErrors { message } } }"""
    answer = run(shop, text, {"id": made, "tracking": {"company": "UPS", "number": "1Z"}})
    node = answer["data"]["fulfillmentTrackingInfoUpdate"]["fulfillment"]
    assert node["trackingInfo"] == [{"number": "1Z", "url": None, "company": "UPS"}]
    undo = "mutation ($id: ID!) { fulfillmentCancel(id: $id) { userErrors { message } } }"
    assert run(shop, undo, {"id": made})["data"]["fulfillmentCancel"]["userErrors"] == []
    assert planned(shop, order)["status"] == "OPEN"
    twice = run(shop, undo, {"id": made})["data"]["fulfillmentCancel"]["userErrors"]
    assert twice == [{"field": ["id"], "message": "Fulfillment has already been cancelled."}]
    assert [it["kind"] for it in shop.record] == ["fulfilment", "tracking", "fulfilment_cancelled"]


def test_orders_are_found_by_when_they_changed_page_by_page(shop):
    for body in generate(7, seed=2):
        shop.place(body)
    text = """query ($q: String, $after: String) { orders(first: 3, after: $after, query: $q,
      sortKey: UPDATED_AT) { nodes { id } pageInfo { hasNextPage endCursor } } }"""
    names, after = [], None
    while True:
        told = {"q": "updated_at:>='2026-11-02T06:01:30Z'", "after": after}
        page = run(shop, text, told)["data"]["orders"]
        names += [it["name"] for it in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert names == [f"#{n}" for n in range(1003, 1008)]


def test_articles_are_found_by_sku(shop):
    text = "{ a: productVariants(first: 1, query: \"sku:'MUG-WHITE'\") { nodes { id } } }"
    (node,) = run(shop, text)["data"]["a"]["nodes"]
    assert node["inventoryItem"]["id"] == (
        f"gid://shopify/InventoryItem/{shop.item('MUG-WHITE').id}"
    )
    text = "query ($q: String) { inventoryItems(first: 5, query: $q) { nodes { id } } }"
    found = run(shop, text, {"q": "sku:MUG-WHITE OR sku:TSHIRT-M"})["data"]["inventoryItems"]
    assert {it["sku"] for it in found["nodes"]} == {"MUG-WHITE", "TSHIRT-M"}
    assert run(shop, text, {"q": "sku:NONE"})["data"]["inventoryItems"]["nodes"] == []


def refund(shop, order, amount, pieces=1):
    told = {
        "orderId": gid(order), "note": "n", "notify": False,
        "refundLineItems": [{
            "lineItemId": "gid://shopify/LineItem/101", "quantity": pieces,
            "restockType": "NO_RESTOCK",
        }],
        "transactions": [{
            "orderId": gid(order), "amount": amount, "gateway": "manual", "kind": "REFUND",
        }],
    }  # fmt: skip
    text = "mutation ($input: RefundInput!) { refundCreate(input: $input) { refund { id } } }"
    return run(shop, text, {"input": told})["data"]["refundCreate"]


def test_money_goes_back_up_to_what_was_paid(shop, order):
    total = order["total_price"]
    answer = refund(shop, order, "5.00")
    assert answer["userErrors"] == []
    assert answer["refund"]["totalRefundedSet"]["shopMoney"]["amount"] == "5.0"
    assert answer["order"]["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    over = refund(shop, order, total)
    assert over["refund"] is None
    assert "net payment" in over["userErrors"][0]["message"]
    many = refund(shop, order, "1.00", pieces=3)
    assert "quantity" in many["userErrors"][0]["message"]
    assert [(it["kind"], it["document"]["amount"]) for it in shop.record] == [("refund", "5.00")]


def test_an_order_is_cancelled_once_and_never_after_it_shipped(shop, order):
    text = """mutation ($orderId: ID!, $reason: OrderCancelReason!, $restock: Boolean!) {
      orderCancel(orderId: $orderId, reason: $reason, restock: $restock) {
        job { id done } orderCancelUserErrors { field message code } } }"""
    told = {"orderId": gid(order), "reason": "CUSTOMER", "restock": True}
    first = run(shop, text, told)["data"]["orderCancel"]
    assert (first["job"]["done"], first["orderCancelUserErrors"]) == (False, [])
    assert planned(shop, order)["status"] == "CLOSED"
    again = run(shop, text, told)["data"]["orderCancel"]
    assert again["orderCancelUserErrors"] == [{
        "field": ["orderId"], "code": "INVALID",
        "message": "Cannot cancel an order that has already been canceled",
    }]  # fmt: skip
    (other,) = generate(1, seed=9, traits=frozenset())
    shop.place(other)
    node = planned(shop, other)
    told_ship = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": node["id"]}]}
    run(shop, SHIP, {"fulfillment": told_ship})
    late = run(shop, text, {**told, "orderId": gid(other)})["data"]["orderCancel"]
    assert late["userErrors"][0]["message"] == (
        "Cannot cancel an order that has outstanding fulfillments"
    )
    assert [it["kind"] for it in shop.record] == ["cancel", "fulfilment"]


@pytest.mark.parametrize(
    ("fulfillment", "place"),
    [
        ({"lineItemsByFulfillmentOrder": [{}]}, "lineItemsByFulfillmentOrder.0.fulfillmentOrderId"),
        ({"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": "12"}]},
         "lineItemsByFulfillmentOrder.0.fulfillmentOrderId"),
        ({"lineItemsByFulfillmentOrder": [], "carrier": "DHL"}, "carrier"),
        ({"lineItemsByFulfillmentOrder": [], "notifyCustomer": "yes"}, "notifyCustomer"),
        ({"lineItemsByFulfillmentOrder": [], "trackingInfo": {"url": "track"}}, "trackingInfo.url"),
        ({}, "lineItemsByFulfillmentOrder"),
    ],
)  # fmt: skip
def test_variables_are_checked_field_by_field(shop, fulfillment, place):
    answer = run(shop, SHIP, {"fulfillment": fulfillment})
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert f"invalid value for {place} (" in error["message"]
    assert "data" not in answer


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ nonsense { id } }", "undefinedField"),
        ("{ fulfillmentCreate { id } }", "undefinedField"),  # a mutation, asked as a query
        ('{ order(id: "gid://shopify/Order/1", first: 3) { id } }', "argumentNotAccepted"),
        ("{ order(id: $id) { id } }", "variableNotDefined"),
        ("query ($id: ID!) { order(id: $id) { id } }", "INVALID_VARIABLE"),
        ('{ order(id: "7") { id } }', "argumentLiteralsIncompatible"),
    ],
)
def test_a_wrong_call_is_an_error_with_its_code(shop, text, code):
    (error,) = run(shop, text)["errors"]
    assert error["extensions"]["code"] == code


def test_the_cost_is_told_with_every_answer(shop):
    cost = run(shop, "{ shop { id } locations(first: 1) { nodes { id } } }")["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 20
    assert cost["throttleStatus"] == {
        "maximumAvailable": 2000, "restoreRate": 100, "currentlyAvailable": 1980,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/admin/api/2026-07/graphql.json", {}, 401),
        ("/admin/api/2026-07/graphql.json", {"X-Shopify-Access-Token": "wrong"}, 401),
        ("/admin/api/2026-08/graphql.json", TOKEN, 404),  # no such version
        ("/admin/graphql.json", TOKEN, 404),
        ("/admin/api/2026-07/graphql.json", {**TOKEN, "Content-Type": "text/plain"}, 415),
    ],
)
def test_the_door_is_strict(shop, path, headers, status):
    got = call("POST", shop.url + path, {"query": "{ shop { id } }"}, headers)
    assert got.status == status


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"{}"])
def test_a_body_that_is_no_call_is_a_bad_request(shop, body):
    headers = {**TOKEN, "Content-Type": "application/json"}
    got = call("POST", f"{shop.url}/admin/api/2026-07/graphql.json", body, headers)
    assert got.status == 400
