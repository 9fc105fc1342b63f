"""What ShipStation posts and what it is asked: what lies at an address, lists, limits, refusals.
Every request is held to the description of its API, where that lies beside the checkout.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.kit.conformance import Sample, conformance_of
from adapters.kit.samples import sample
from adapters.kit.testing.scripted_partner import Told
from adapters.ports import Cursor, Receipt, documents_of
from adapters.shipstation.conformance import CONFORMS
from adapters.shipstation.events import hosts, is_theirs
from hub.model.errors import BadData, Ignored, NotAuthentic, OutcomeUnknown, Rejected, TryLater
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

case = PARTNERS["shipstation"].case
BLANKS = conformance_of("shipstation", SHARED / "schemas")
SINCE = Cursor(datetime(2026, 1, 15, 20, 30, tzinfo=UTC))
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


def scripted(*answers, blanks=BLANKS):
    """An account that gives these answers, one after the other."""
    left = [answer if isinstance(answer, Told) else Told.json(answer) for answer in answers]
    return blanks.partner(lambda _: left.pop(0))


def posted(url, topic="SHIP_NOTIFY"):
    return json.dumps({"resource_url": url, "resource_type": topic}).encode()


def test_a_delivery_proves_itself_by_the_secret_in_its_address():
    parts, raw = CONFORMS.connected(), posted("https://ssapi.shipstation.com/shipments?batchId=1")
    call = CONFORMS.signed(Sample("SHIP_NOTIFY", raw))
    told = parts.verify(call, NOW)
    assert (told.topic, told.key) == ("SHIP_NOTIFY", None)
    assert told.content == told.id
    for query in ("", "secret=", "secret=other", f"{call.query}&{call.query}"):
        with pytest.raises(NotAuthentic):
            parts.verify(replace(call, query=query), NOW)


@pytest.mark.parametrize(
    "host", ["own", "https://ssapi.shipstation.com", "https://ssapi6.shipstation.com"]
)
def test_what_a_webhook_names_is_fetched_with_its_articles_page_by_page(host):
    rows = case("shipments.two_labels_of_one_order")["shipments"]
    pages = [{"shipments": [row], "page": n + 1, "pages": 2} for n, row in enumerate(rows)]
    free = replace(BLANKS, contract=None)  # the contract does not know of batches
    with scripted(*pages, blanks=free) as (account, parts):
        at = account.url if host == "own" else host
        raw = posted(f"{at}/shipments?batchId=b-1&includeShipmentItems=False")
        documents = documents_of(parts, "SHIP_NOTIFY", raw)
        asked = [(it.path, it.query) for it in account.asked]
    query = {"batchId": "b-1", "includeShipmentItems": "true", "pageSize": "500"}
    assert asked == [("/shipments", {**query, "page": page}) for page in ("1", "2")]
    assert [it.packages[0].lines[0].sku for it in documents] == ["CUP", "TEA"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/shipments?batchId=1",
        "https://ssapi.shipstation.com.evil.example/shipments",
        "https://ssapi.shipstation.com@evil.example/shipments",
        "http://ssapi.shipstation.com/shipments",
        "https://ssapi.shipstation.com:8443/shipments",
        "https://ssapi.shipstation.com/accounts/listtags",
        "https://ssapi.shipstation.com/shipments/../stores",
        "file:///etc/passwd",
        "https://[bad",
        "",
        None,
        7,
    ],
)
def test_nothing_is_fetched_from_anywhere_else(url):
    with scripted() as (account, parts):
        with pytest.raises(BadData) as refusal:
            documents_of(parts, "SHIP_NOTIFY", posted(url))
        assert account.asked == []
    assert (refusal.value.path, refusal.value.code) == ("resource_url", "network_forbidden")


def test_the_numbered_hosts_are_ships_own_where_the_api_is():
    assert is_theirs("https://ssapi12.shipstation.com/orders")
    assert "https://ssapi6.shipstation.com" in hosts("https://ssapi.shipstation.com")
    assert hosts("https://proxy.example") == []


def test_the_orders_of_fulfillments_are_fetched_once_and_those_that_are_gone_left_out():
    rows = case("fulfillments.order_not_fetched")["fulfillments"] * 2
    gone = {**rows[0], "fulfillmentId": 8, "orderId": 77, "orderNumber": "#77"}
    order = case("orders.bare")
    raw = json.dumps({"fulfillments": [*rows, gone]}).encode()
    with scripted(order, Told(404)) as (account, parts):
        documents = documents_of(parts, "fulfillments", raw)
        assert [it.path for it in account.asked] == ["/orders/9001", "/orders/77"]
    assert [it.fulfilment_order_id for it in documents] == ["F-1", "F-1", "#77"]


def test_lists_are_asked_for_in_pacific_time_and_the_cursor_moves_when_all_was_read():
    rows = case("shipments.two_labels_of_one_order")["shipments"]
    first = {"shipments": rows[:1], "page": 1, "pages": 2}
    last = {"shipments": [{**rows[1], "createDate": "2026-01-15T16:30:00.0000000"}], "pages": 2}
    with scripted(first, last) as (account, parts):
        pages = list(parts.list("shipments", SINCE))
        queries = [it.query for it in account.asked]
    assert {it["createDateStart"] for it in queries} == {"2026-01-15 12:30:00"}
    assert [(it["page"], it["storeId"]) for it in queries] == [("1", "12"), ("2", "12")]
    assert [it.after for it in pages] == [SINCE, Cursor(datetime(2026, 1, 16, 0, 30, tzinfo=UTC))]
    assert pages[0].changes[0].delivery.key == "F-1"


@pytest.mark.parametrize(
    ("topic", "query"),
    [
        ("voided", {"voidDateStart": "2026-01-15 12:30:00"}),
        ("fulfillments", {"createDateStart": "2026-01-15 12:30:00"}),
        ("orders", {"modifyDateStart": "2026-01-15 12:30:00", "sortBy": "ModifyDate"}),
    ],
)
def test_each_list_goes_by_its_own_time(topic, query):
    name = "shipments" if topic == "voided" else topic
    with scripted({name: [], "page": 1, "pages": 0}) as (account, parts):
        assert list(parts.list(topic, SINCE)) == []
        assert account.asked[0].query.items() >= query.items()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (
            {"x-rate-limit-limit": "40", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "23"},
            23,
        ),
        ({"retry-after": "7", "x-rate-limit-reset": "23"}, 7),
        ({}, 5),
    ],
)
def test_when_the_minute_is_used_up_it_waits_as_long_as_it_is_told(headers, seconds):
    with scripted(*[Told(429, headers=headers)] * 2) as (_, parts):
        with pytest.raises(TryLater) as later:
            parts.send(sample("fulfilment_order"), "k")
        assert later.value.retry_after == seconds
        with pytest.raises(TryLater) as later:
            list(parts.list("orders", SINCE))
        assert later.value.retry_after == seconds


@pytest.mark.parametrize("name", ["shipments", "orders"])
def test_what_is_in_another_store_is_nobodys(name):
    parts, row = CONFORMS.connected(), case(f"{name}.bare")
    mine = {**row, "advancedOptions": {"storeId": 12}}
    other = {**row, "advancedOptions": {"storeId": 13}}
    raw = json.dumps({name: [other, mine]}).encode()
    assert [it.fulfilment_order_id for it in parts.decode(name, raw)] == ["F-1"]
    with pytest.raises(Ignored):
        parts.decode(name, json.dumps({name: [other]}).encode())


NONE = {"orders": [], "total": 0, "page": 1, "pages": 0}
REFUSAL = {
    "Message": "The request is invalid.",
    "ModelState": {"apiOrder.shipTo.country": ["The country is not valid."]},
}


def test_a_refusal_names_the_field_and_what_is_wrong_with_it():
    answers = Told.json(REFUSAL, 400), NONE
    with scripted(*answers) as (_, parts), pytest.raises(Rejected) as refusal:
        parts.send(sample("fulfilment_order"), "k")
    assert refusal.value.path == "shipTo.country"
    assert "shipTo.country: The country is not valid." in str(refusal.value)


def test_an_order_that_left_and_takes_nothing_more_is_there():
    there = {"orderId": 9001, "orderKey": "F-1", "items": [{"sku": "CUP", "quantity": 2}]}
    words = {"Message": "order is shipped", "ExceptionMessage": "cannot be changed"}
    with scripted(Told.json(words, 400), {"orders": [there]}) as (_, parts):
        assert parts.send(sample("fulfilment_order"), "k") == Receipt("9001")
    other = {**there, "items": [{"sku": "CUP", "quantity": 3}]}
    with scripted({"orders": [other]}) as (_, parts), pytest.raises(Rejected) as refusal:
        parts.find(sample("fulfilment_order"))
    assert refusal.value.code == "differs_at_partner"


def batch_of(count):
    return [
        (sample("fulfilment_order", fulfilment_order_id=f"F-{n}"), f"k{n}") for n in range(count)
    ]


def test_of_many_orders_each_has_an_answer_of_its_own_whatever_their_order():
    rows = [
        {"orderId": 902, "orderKey": "F-2", "success": True, "errorMessage": None},
        {"orderId": None, "orderKey": "F-1", "success": False, "errorMessage": "no such country"},
        {"orderId": 900, "orderKey": "F-0", "success": True},
    ]
    broken = (sample("fulfilment_order", ship_to=None), "k9")
    with scripted({"hasErrors": True, "results": rows}, NONE) as (account, parts):
        outcomes = parts.send_many([*batch_of(4), broken])
        assert [it.path for it in account.asked] == ["/orders/createorders", "/orders"]
        assert len(json.loads(account.asked[0].body)) == 4
    assert outcomes[0] == Receipt("900")
    assert "no such country" in str(outcomes[1])
    assert outcomes[2] == Receipt("902")
    assert [type(it) for it in outcomes[3:]] == [OutcomeUnknown, BadData]


def cancel(*answers, **fields):
    with scripted(*answers) as (account, parts):
        receipt = parts.send(sample("fulfilment_cancellation", **fields), "k")
        return receipt.documents[0].status, [f"{it.method} {it.path}" for it in account.asked]


def test_what_becomes_of_the_wish_to_cancel():
    order = {**case("orders.bare"), "billTo": {"name": "A"}, "shipTo": {"name": "A", "phone": None}}
    known = {"warehouse_reference": "9001"}
    done, told = {**order, "orderStatus": "cancelled"}, "POST /orders/createorder"
    assert cancel(order, done, **known) == ("cancelled", ["GET /orders/9001", told])
    assert cancel({**order, "orderStatus": "shipped"}, **known)[0] == "cancel_refused"
    merged = {**order, "advancedOptions": {"mergedOrSplit": True}}
    assert cancel(merged, **known) == ("cancel_refused", ["GET /orders/9001"])
    late = Told.json({"ExceptionMessage": "cannot be changed"}, 400)
    left = {**order, "orderStatus": "shipped"}
    assert cancel(order, late, left, **known)[0] == "cancel_refused"
    with pytest.raises(Rejected, match="cannot be changed"):
        cancel(order, late, order, **known)
    with pytest.raises(OutcomeUnknown):
        cancel(order, order, **known)
    with pytest.raises(Rejected) as refusal:
        cancel(Told(404), **known)
    assert refusal.value.code == "unknown_at_partner"
    with pytest.raises(Rejected) as refusal:
        cancel(NONE)
    assert refusal.value.code == "unknown_at_partner"


def test_calls_bear_key_and_secret_and_name_the_partner():
    with scripted([]) as (account, parts):
        parts.check()
        headers = account.asked[0].headers
    assert headers["authorization"] == "Basic c2hpcC1rZXk6c2hpcC1zZWNyZXQ="
    assert headers["x-partner"] == "partner"
