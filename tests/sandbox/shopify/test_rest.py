"""The shop's REST: the same rules behind other shapes."""

import pytest

from sandbox.orders import generate
from tests.sandbox.client import call

TOKEN = {"X-Shopify-Access-Token": "sandbox-token"}


@pytest.fixture
def order(shop):
    body = next(generate(1, seed=1, traits=frozenset()))
    shop.place({"order": body})  # with its envelope as well as without
    return body


def ask(shop, method, path, body=None):
    return call(method, f"{shop.url}/admin/api/2026-07/{path}", body, TOKEN)


def planned(shop, order):
    got = ask(shop, "GET", f"orders/{order['id']}/fulfillment_orders.json")
    (node,) = got.json["fulfillment_orders"]
    return node


def ship(shop, node, lines=None):
    group = {"fulfillment_order_id": node["id"]}
    if lines is not None:
        group["fulfillment_order_line_items"] = lines
    told = {
        "line_items_by_fulfillment_order": [group],
        "tracking_info": {"number": "N1", "company": "DHL"},
    }
    return ask(shop, "POST", "fulfillments.json", {"fulfillment": told})


def test_an_order_is_shown_as_it_was_placed(shop, order):
    got = ask(shop, "GET", f"orders/{order['id']}.json")
    shown = got.json["order"]
    assert got.headers["x-shopify-shop-api-call-limit"] == "1/40"
    assert {**order, "updated_at": ""} == {**shown, "updated_at": ""}


def test_shipping_is_created_shown_and_refused_when_nothing_is_open(shop, order):
    node = planned(shop, order)
    got = ship(shop, node)
    assert got.status == 201
    assert got.json["fulfillment"]["tracking_numbers"] == ["N1"]
    listed = ask(shop, "GET", f"orders/{order['id']}/fulfillments.json").json["fulfillments"]
    assert [it["id"] for it in listed] == [got.json["fulfillment"]["id"]]
    assert planned(shop, order)["status"] == "closed"
    again = ship(shop, node)
    assert again.status == 422
    assert again.json["errors"] == [
        f"Fulfillment order {node['id']} has an unfulfillable status= closed."
    ]
    assert [it["kind"] for it in shop.record] == ["fulfilment"]


def test_more_than_is_open_is_refused(shop, order):
    node = planned(shop, order)
    line = node["line_items"][0]
    got = ship(shop, node, [{"id": line["id"], "quantity": line["fulfillable_quantity"] + 1}])
    assert got.status == 422
    assert shop.record == []


def test_tracking_changes_and_fulfilments_are_undone(shop, order):
    made = ship(shop, planned(shop, order)).json["fulfillment"]["id"]
    told = {"fulfillment": {"tracking_info": {"number": "N2"}}}
    got = ask(shop, "POST", f"fulfillments/{made}/update_tracking.json", told)
    assert got.json["fulfillment"]["tracking_number"] == "N2"
    got = ask(shop, "POST", f"fulfillments/{made}/cancel.json", {})
    assert got.json["fulfillment"]["status"] == "cancelled"
    assert planned(shop, order)["status"] == "open"


def test_lists_are_filtered_and_paged_by_link(shop):
    for body in generate(5, seed=2):
        shop.place(body)
    query = "orders.json?status=any&limit=2&order=updated_at+asc"
    got = ask(shop, "GET", f"{query}&updated_at_min=2026-11-02T06:01:30Z")
    names = [it["name"] for it in got.json["orders"]]
    while "link" in got.headers:
        link = got.headers["link"]
        assert link.endswith('>; rel="next"')
        got = call("GET", link[1 : link.index(">")], headers=TOKEN)
        names += [it["name"] for it in got.json["orders"]]
    assert names == ["#1003", "#1004", "#1005"]


def test_closed_orders_are_listed_only_when_asked_for(shop, order):
    assert ask(shop, "POST", f"orders/{order['id']}/cancel.json", {}).status == 200
    assert ask(shop, "GET", "orders.json").json["orders"] == []
    (shown,) = ask(shop, "GET", "orders.json?status=any").json["orders"]
    assert shown["cancelled_at"] is not None


def test_a_level_is_set(shop):
    item = shop.item("A")
    told = {"location_id": 72_000_000_001, "inventory_item_id": item.id, "available": 4}
    got = ask(shop, "POST", "inventory_levels/set.json", told)
    assert got.json["inventory_level"]["available"] == 4
    assert (shop.record[0]["key"], item.levels[72_000_000_001]) == ("A", 4)


def test_money_goes_back(shop, order):
    line = order["line_items"][0]["id"]
    told = {
        "note": "n",
        "refund_line_items": [{"line_item_id": line, "quantity": 1, "restock_type": "return"}],
        "transactions": [{"kind": "refund", "amount": "1.00", "gateway": "manual"}],
    }
    got = ask(shop, "POST", f"orders/{order['id']}/refunds/calculate.json", {"refund": told})
    assert got.json["refund"]["transactions"][0]["maximum_refundable"] == order["total_price"]
    assert ask(shop, "POST", f"orders/{order['id']}/refunds.json", {"refund": told}).status == 201
    assert shop.order(order["id"])["financial_status"] == "partially_refunded"


def test_the_shop_and_its_places_are_shown(shop):
    assert ask(shop, "GET", "shop.json").json["shop"]["currency"] == "EUR"
    (place,) = ask(shop, "GET", "locations.json").json["locations"]
    assert place["id"] == 72_000_000_001


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "orders/1.json", None, 404),
        ("GET", "nothing.json", None, 404),
        ("POST", "orders/1/cancel.json", {}, 404),
        ("POST", "fulfillments/1/cancel.json", {}, 404),
        ("POST", "fulfillments.json", {}, 422),
        ("POST", "fulfillments.json", {"fulfillment": {}}, 422),
        ("POST", "inventory_levels/set.json", {"location_id": "x"}, 422),
        ("POST", "inventory_levels/set.json",
         {"location_id": 1, "inventory_item_id": 1, "available": 1}, 404),
    ],
)  # fmt: skip
def test_what_is_not_there_or_not_right_is_refused(shop, method, path, body, status):
    assert ask(shop, method, path, body).status == status
    assert shop.record == []


def test_a_token_is_needed(shop):
    assert call("GET", f"{shop.url}/admin/api/2026-07/shop.json").status == 401


def test_an_edited_order_ships_what_is_left(shop, order):
    line = order["line_items"][0]
    edited = {**order, "line_items": [dict(it) for it in order["line_items"]]}
    edited["line_items"][0] |= {"quantity": line["quantity"] + 2}
    edited["line_items"][0] |= {"fulfillable_quantity": line["fulfillable_quantity"] + 2}
    before = planned(shop, order)["line_items"][0]["fulfillable_quantity"]
    shop.place(edited)
    shop.place(edited)
    assert planned(shop, order)["line_items"][0]["fulfillable_quantity"] == before + 2


def test_orders_are_placed_and_sent_over_the_control_door(shop, hub):
    body = next(generate(1, seed=4))
    got = call("POST", f"{shop.url}/_sandbox/place", {"orders": [body]})
    assert got.json == {"placed": 1}
    told = {"hub_url": hub.door, "topic": "orders/create", "body": body}
    assert call("POST", f"{shop.url}/_sandbox/send", told).json == {"status": 200}
    assert len(hub.asked) == 1
    assert call("POST", f"{shop.url}/_sandbox/send", {"topic": "x"}).status == 422
