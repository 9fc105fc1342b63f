"""What was recorded of ShipStation, file by file: what each of them is, and what we make of it."""

import json
from pathlib import Path

import pytest

from adapters.kit.samples import sample
from adapters.shipstation.api import refusal
from hub.model.errors import BadData, Ignored
from hub.model.fulfilment import FulfilmentOrder
from mappings.kit import encode
from mappings.shipstation import cancelled
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "warehouses" / "shipstation"
PARTNER = PARTNERS["shipstation"]
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the collection is not there")

ORDERS = {  # orders, bare or listed -> how they stand, nothing for those that nobody works on
    "Order_CreateOrderResponse.json": ["accepted"],
    "Order_GetOrderResponse.json": ["accepted"],
    "Order_ListByTagResponse.json": ["accepted"],
    "Order_ListOrdersResponse.json": ["accepted", "accepted"],
    "agritheory_get_order.json": ["shipped"],
    "agritheory_list_orders.json": ["shipped", "shipped"],
}
NOT_OURS = {  # the account's own things, of which no document of ours is made
    "agritheory_get_warehouse.json",
    "agritheory_list_products.json",
    "agritheory_list_stores.json",
    "agritheory_list_warehouses.json",
    "agritheory_list_webhooks.json",
    "customstore_export_orders.xsd",
}


def files(pattern):
    return sorted(FOLDER.glob(pattern)) if FOLDER.exists() else []


def test_all_of_the_collection_is_looked_at():
    told = {it.name for it in files("*") if it.suffix != ".md"}
    requests = {it.name for it in files("*Request.txt")}
    done = {it.name for it in files("*Response.json")} - set(ORDERS)
    assert (len(told), len(requests), len(done)) == (38, 15, 11)
    assert told == {*ORDERS, *NOT_OURS, *requests, *done}


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_says_how_it_stands(name):
    raw = (FOLDER / name).read_bytes()
    assert [it.status for it in PARTNER.read("orders", raw)] == ORDERS[name]


def test_times_of_the_recordings_are_pacific():
    (told,) = PARTNER.read("orders", (FOLDER / "Order_CreateOrderResponse.json").read_bytes())
    assert told.at.isoformat() == "2016-02-16T23:16:53.707000+00:00"
    assert told.fulfilment_order_id == "0f6bec18-3e89-4881-83aa-f392d84f4c74"


def recorded_request():
    text = (FOLDER / "Order_CreateOrderRequest.txt").read_text("utf-8")
    return json.loads(text[text.index("\n\n") :])


def names(tree, path=""):
    """The places of all fields, whatever the entry of a list."""
    for name, value in tree.items() if isinstance(tree, dict) else ():
        yield f"{path}{name}"
        for each in value if isinstance(value, list) else [value]:
            yield from names(each, f"{path}{name}.")


def test_what_we_tell_has_the_names_that_a_recorded_request_has():
    full = json.loads((Path(__file__).parent / "cases" / "order_full.in.json").read_bytes())
    told = encode(PARTNER.encoders, sample("fulfilment_order", **own(full)), PARTNER.context())
    known = {*names(recorded_request()), *names(answered("Order_CreateOrderResponse"))}
    known |= {f"billTo.{name}" for name in answered("Order_CreateOrderResponse")["shipTo"]}
    assert set(names(told)) <= known


def own(tree):
    return {name: value for name, value in tree.items() if name in FulfilmentOrder.model_fields}


def answered(name):
    return json.loads((FOLDER / f"{name}.json").read_bytes())


def test_an_order_as_it_was_answered_is_told_again_as_cancelled_without_what_is_null():
    told = cancelled(answered("Order_CreateOrderResponse"))
    assert told["orderStatus"] == "cancelled"
    assert told["orderKey"] == "0f6bec18-3e89-4881-83aa-f392d84f4c74"
    assert told["billTo"] == {"name": "The President"}
    assert [item["sku"] for item in told["items"]] == ["ABC123", "DISCOUNT CODE"]
    assert "orderId" not in told
    assert "null" not in json.dumps(told)


@pytest.mark.parametrize("path", files("*Request.txt"), ids=lambda it: it.name)
def test_a_recorded_request_goes_where_the_api_is(path):
    first = path.read_text("utf-8").splitlines()
    assert first[0].endswith(" HTTP/1.1")
    assert first[1] == "Host: ssapi.shipstation.com"


@pytest.mark.parametrize(
    "path", [it for it in files("*Response.json") if it.name not in ORDERS], ids=lambda it: it.name
)
def test_an_answer_that_is_no_order_is_no_document_and_no_refusal(path):
    raw = path.read_bytes()
    tree = json.loads(raw)
    assert isinstance(tree, list) or tree.get("success", True) is True
    assert "shipTo" not in refusal(raw)[1]
    assert not documents(raw)


@pytest.mark.parametrize("name", sorted(it for it in NOT_OURS if it.endswith(".json")))
def test_what_is_the_accounts_own_gives_no_document(name):
    assert not documents((FOLDER / name).read_bytes())


def documents(raw):
    try:
        return PARTNER.read("orders", raw)
    except (BadData, Ignored):
        return []
