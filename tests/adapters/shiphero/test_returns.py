"""What ShipHero is told of a return: once, under the order that it comes back of. Every request is
held to its published schema, where that lies beside the checkout.
"""

import json

import pytest

from adapters.kit.samples import sample
from hub.model.errors import BadData, OutcomeUnknown, Rejected
from tests.adapters.shiphero.test_contract import ORDER, operations, refused, scripted

RETURN = "UmV0dXJuOjc="
CREATED = {"data": {"return_create": {"return": {"id": RETURN}}}}
PLACE = {"first_name": "Ada", "last_name": "Bakker", "address1": "Keizersgracht 1", "phone": None}


def told(**changes):
    lines = [
        {"line_no": 1, "sku": "CUP", "quantity": 1, "reason": "too small"},
        {"line_no": 2, "sku": "CUP", "quantity": 1},
        {"line_no": 3, "sku": "LID", "quantity": 2},
    ]
    usual = {"attributes": {"order_number": "#1001"}, "lines": lines, "reason": "changed my mind"}
    return sample("return", **{**usual, **changes})


def order(id_=ORDER, number="#1001", skus=("CUP", "LID")):
    lines = {"edges": [{"node": {"sku": sku, "quantity": 2}} for sku in skus]}
    return {"id": id_, "order_number": number, "line_items": lines, "shipping_address": PLACE}


def orders(*nodes):
    return {"data": {"orders": {"data": {"edges": [{"node": node} for node in nodes]}}}}


def returns(*nodes):
    return {"data": {"returns": {"data": {"edges": [{"node": node} for node in nodes]}}}}


def there(status="pending", number="R-1"):
    return {"id": RETURN, "partner_id": number, "status": status}


def test_a_return_is_made_under_its_order_with_each_article_once():
    with scripted(orders(order()), returns(there(number="R-2")), CREATED) as (account, parts):
        receipt = parts.send(told(carrier="ups", tracking_number="1Z9"), "key-1")
    assert receipt.reference == RETURN
    (_, asked), (_, listed), (name, made) = operations(account)
    assert (asked, listed, name) == ({"number": "#1001"}, {"order": ORDER}, "returnCreate")
    data = made["data"]
    assert data["line_items"] == [
        {"sku": "CUP", "quantity": 2, "return_reason": "too small"},
        {"sku": "LID", "quantity": 2, "return_reason": "changed my mind"},
    ]
    assert data["address"] == {"name": "Ada Bakker", "address1": "Keizersgracht 1"}
    assert (data["shipping_carrier"], data["tracking_number"]) == ("ups", "1Z9")
    assert (data["create_label"], data["label_type"]) == (False, "SELF_RETURN")


def test_of_several_orders_under_a_number_the_one_that_holds_the_articles():
    parts_of_it = orders(
        order("a", "#10011"), order("b", skus=["CUP"]), order("c", skus=["LID", "CUP"])
    )
    with scripted(parts_of_it, returns(), CREATED) as (account, parts):
        parts.send(told(), "key-1")
    assert operations(account)[-1][1]["data"]["order_id"] == "c"


def test_a_return_that_is_there_is_not_made_again():
    with scripted(orders(order()), returns(there())) as (account, parts):
        assert parts.send(told(), "key-1").reference == RETURN
    assert [name for name, _ in operations(account)] == ["orderSent", "returns"]


@pytest.mark.parametrize("found", [orders(), refused("Order not found", 5), orders(order("", "x"))])
def test_without_its_order_a_person_looks(found):
    with scripted(found) as (_, parts), pytest.raises(Rejected, match="#1001") as wrong:
        parts.send(told(), "key-1")
    assert wrong.value.code == "unknown_at_partner"


def test_an_answer_that_names_nothing_leaves_the_outcome_unknown_and_is_asked_for():
    nothing = {"data": {"return_create": {"return": None}}}
    with scripted(orders(order()), returns(), nothing) as (_, parts), pytest.raises(OutcomeUnknown):
        parts.send(told(), "key-1")
    with scripted(orders(order()), returns(there())) as (_, parts):
        assert parts.find(told()).reference == RETURN
    with scripted(orders(order()), returns()) as (_, parts):
        assert parts.find(told()) is None


def test_a_return_is_called_off_once():
    over = {"data": {"return_update_status": {"return": {"id": RETURN, "status": "cancelled"}}}}
    with scripted(orders(order()), returns(there()), over) as (account, parts):
        assert parts.send(told(status="cancelled"), "key-2").reference == RETURN
    data = {"return_id": RETURN, "status": "cancelled"}
    assert operations(account)[-1] == ("returnStatus", {"data": data})
    with scripted(orders(order()), returns(there("Cancelled"))) as (account, parts):
        assert parts.send(told(status="cancelled"), "key-2").reference == RETURN
    script = scripted(orders(order()), returns(there("cancelled")))
    with script as (_, parts), pytest.raises(Rejected, match="used up"):
        parts.send(told(), "key-3")


@pytest.mark.parametrize("status", ["requested", "received", "refunded"])
def test_what_is_not_approved_is_not_told(status):
    with scripted(orders(order()), returns()) as (account, parts), pytest.raises(BadData):
        parts.send(told(status=status), "key-1")
    assert json.dumps(operations(account)).count("returnCreate") == 0
