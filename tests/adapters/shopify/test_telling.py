"""Telling a shop that keeps its own record: what we send takes effect there, once."""

import json

import pytest

from adapters.kit.http import Http, Transport
from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.ports import Receipt, documents_of
from adapters.shopify.admin import Admin
from hub.model.errors import NotAuthorised, OutcomeUnknown, Rejected, TryLater
from tests.adapters.shopify.shop import adapter, body, connected, level, shipment


def fulfilments(shop):
    return [
        (one["document"]["numbers"], {it["sku"]: it["quantity"] for it in one["document"]["lines"]})
        for one in shop.record
        if one["kind"] == "fulfilment"
    ]


def test_a_shipment_becomes_a_fulfilment_with_its_tracking_number():
    with connected() as (shop, ours):
        shop.place(body())
        receipt = ours.send(shipment(("T1", {1: 2, 2: 1, 3: 3})), "k")
        (made,) = [one["document"] for one in shop.record]
    assert receipt == Receipt(made["fulfilment_id"])
    assert (made["numbers"], made["company"]) == (["T1"], "DHL Express")
    assert {it["sku"]: it["quantity"] for it in made["lines"]} == {"CUP": 2, "POT": 1, "JAR": 3}


def test_each_parcel_is_a_fulfilment_of_its_own_and_of_one_location():
    with connected(locations={1: "Here", 2: "There"}) as (shop, ours):
        shop.place(body(), locations={13: 2})
        ours.send(shipment(("T1", {1: 1, 3: 3}), ("T2", {1: 1, 2: 1})), "k")
        assert fulfilments(shop) == [
            (["T1"], {"CUP": 1}),
            (["T1"], {"JAR": 3}),
            (["T2"], {"CUP": 1, "POT": 1}),
        ]


@pytest.mark.parametrize("number", ["T1", None])
def test_G08_the_same_shipment_again_has_no_second_effect(number):
    told = shipment((number, {1: 1}))
    with connected() as (shop, ours):
        shop.place(body())
        assert ours.find(told) is None
        first = ours.send(told, "k")
        assert ours.find(told) == first
        assert ours.send(told, "k") == first
        assert fulfilments(shop) == [([number] if number else [], {"CUP": 1})]


def test_G09_after_a_lost_answer_the_shop_is_asked_and_has_it():
    told = shipment(("T1", {1: 2}))
    with connected() as (shop, ours):
        shop.place(body())
        shop.misbehave([{"do": "lost", "kind": "fulfillmentCreate", "times": 1}])
        with pytest.raises(OutcomeUnknown):
            ours.send(told, "k")
        assert ours.find(told) is not None
        assert fulfilments(shop) == [(["T1"], {"CUP": 2})]


def test_a_shipment_that_broke_off_goes_on_with_the_parcels_that_are_missing():
    told = shipment(("T1", {1: 2}), ("T2", {2: 1}))
    with connected() as (shop, ours):
        shop.place(body())
        shop.misbehave([{"do": "500_before", "kind": "fulfillmentCreate", "times": 1, "skip": 1}])
        with pytest.raises(OutcomeUnknown):
            ours.send(told, "k")
        assert ours.find(told) is None
        ours.send(told, "k")
        assert fulfilments(shop) == [(["T1"], {"CUP": 2}), (["T2"], {"POT": 1})]


def test_a_shop_with_fewer_open_pieces_than_were_shipped_is_told_nothing():
    with connected() as (shop, ours):
        shop.place({**body(), "cancelled_at": "2026-05-04T11:00:00Z"})
        with pytest.raises(Rejected, match="line 11: the shop has 2 pieces fewer"):
            ours.send(shipment(("T1", {1: 2})), "k")
        with pytest.raises(Rejected, match="does not know the order"):
            ours.send(shipment(("T1", {1: 2}), number=9), "k")
        assert shop.record == []


def test_lines_beyond_the_first_page_are_fetched():
    pages = {None: (["a"], True), "c1": (["b"], True), "c2": (["d"], False)}

    def lines(after):
        ids, more = pages[after]
        nodes = [
            {"id": f"gid://shopify/FulfillmentOrderLineItem/{n}", "remainingQuantity": 1,
             "lineItem": {"id": f"gid://shopify/LineItem/{ {'a': 11, 'b': 12, 'd': 13}[n] }"}}
            for n in ids
        ]  # fmt: skip
        cursor = {None: "c1", "c1": "c2", "c2": None}[after]
        return {"nodes": nodes, "pageInfo": {"hasNextPage": more, "endCursor": cursor}}

    created = []

    def script(asked):
        told = json.loads(asked.body)
        if "fulfillmentCreate" in told["query"]:
            created.append(told["variables"]["fulfillment"])
            made = {"fulfillment": {"id": "gid://shopify/Fulfillment/5"}, "userErrors": []}
            return Told.json({"data": {"fulfillmentCreate": made}})
        after = told["variables"].get("after")
        planned = {"id": "gid://shopify/FulfillmentOrder/3", "status": "OPEN"}
        planned["lineItems"] = lines(after)
        if "MoreLines" in told["query"]:
            return Told.json({"data": {"fulfillmentOrder": planned}})
        order = {"fulfillmentOrders": {"nodes": [planned]}, "fulfillments": []}
        return Told.json({"data": {"order": order}})

    with Loopback(script) as partner:
        adapter(partner.url).send(shipment(("T1", {1: 1, 2: 1, 3: 1})), "k")
    (group,) = created[0]["lineItemsByFulfillmentOrder"]
    assert [it["id"].rsplit("/", 1)[1] for it in group["fulfillmentOrderLineItems"]] == [
        "a",
        "b",
        "d",
    ]


@pytest.mark.parametrize("version", ["2025-10", "2026-04", "2026-07"])
def test_a_stock_level_is_set_in_every_api_version(version):
    with connected(version) as (shop, ours):
        shop.item("CUP")
        assert ours.find(level(available=5)) is None
        assert ours.send(level(available=5), "k").reference
        assert ours.find(level(available=5)) is not None
        assert [one["document"]["quantity"] for one in shop.record] == [5]


def test_G08_a_level_under_the_same_key_is_set_once():
    with connected() as (shop, ours):
        shop.item("CUP")
        told = level(available=5)
        assert ours.send(told, "k") == ours.send(told, "k")
        assert [one["document"]["quantity"] for one in shop.record] == [5]
        ours.send(level(available=4, version=2), "k2")
        assert [one["document"]["quantity"] for one in shop.record] == [5, 4]


def test_an_item_is_looked_up_once():
    with connected() as (shop, ours):
        shop.item("CUP")
        for version in (1, 2, 3):
            ours.send(level(available=version, version=version), f"k{version}")
        kinds = [one["kind"] for one in shop.calls]
    assert kinds == ["productVariants", "locations", *["inventorySetQuantities"] * 3]


def test_an_article_that_the_shop_does_not_list_needs_no_level():
    with connected() as (shop, ours):
        assert ours.send(level("NO'SUCH"), "k").reference == "not listed"
        assert ours.find(level("NO'SUCH")) == Receipt("not listed", kept=False)
        assert shop.record == []


def test_with_several_locations_one_must_be_chosen():
    with connected(locations={1: "Here", 2: "There"}) as (shop, ours):
        shop.item("CUP")
        with pytest.raises(Rejected, match="location_id"):
            ours.send(level(), "k")
        adapter(shop.url, location_id="2").send(level(), "k")
        assert [one["document"]["location_id"] for one in shop.record] == ["2"]


def test_an_edited_order_is_read_as_it_stands_now():
    with connected() as (shop, ours):
        shop.place(body())
        ours.send(shipment(("T1", {1: 2, 2: 1, 3: 3})), "k")
        raw = b'{"order_edit": {"id": 1, "order_id": 5001}}'
        (order,) = documents_of(ours, "orders/edited", raw)
    assert (order.channel_order_id, order.fulfilment_state) == ("5001", "fulfilled")
    assert [line.fulfilled_quantity for line in order.lines] == [2, 1, 3]


def test_the_shop_says_its_name_when_asked():
    with connected() as (shop, ours):
        ours.check()
        assert [one["kind"] for one in shop.calls] == ["shop"]


def test_a_wrong_token_is_not_authorised():
    with connected() as (shop, _), pytest.raises(NotAuthorised):
        adapter(shop.url, access_token="wrong").check()


def test_a_throttled_call_waits_until_the_bucket_is_full_enough():
    with connected() as (shop, ours):
        shop.place(body())
        shop.misbehave([{"do": "throttled", "kind": "fulfillmentCreate", "times": 1}])
        with pytest.raises(TryLater) as caught:
            ours.send(shipment(("T1", {1: 2})), "k")
        assert caught.value.retry_after == 1.0
        assert shop.record == []


def coded(code):
    return {"errors": [{"message": "m", "extensions": {"code": code}}]}


def refused(**error):
    return {"data": {"f": {"userErrors": [{"message": "no", **error}]}}}


@pytest.mark.parametrize(
    ("answer", "write", "fate"),
    [
        (coded("THROTTLED"), True, TryLater),
        (coded("ACCESS_DENIED"), True, NotAuthorised),
        (coded("INTERNAL_SERVER_ERROR"), True, OutcomeUnknown),
        (coded("INTERNAL_SERVER_ERROR"), False, TryLater),
        (coded("undefinedField"), True, Rejected),
        ({"errors": "Not Found"}, True, Rejected),
        ({"errors": [None]}, True, Rejected),
        ({"data": None}, True, OutcomeUnknown),
        ({"data": {}}, True, OutcomeUnknown),
        ([], True, OutcomeUnknown),
        (refused(field=["a"]), True, Rejected),
        (refused(code="CHANGE_FROM_QUANTITY_STALE"), True, TryLater),
    ],
)
def test_what_is_wrong_inside_a_200_has_its_fate(answer, write, fate):
    with Loopback(lambda _: Told.json(answer)) as partner:
        admin = Admin(Http(partner.url, transport=Transport.local()), "2026-07")
        with pytest.raises(fate):
            admin.tell("f", "mutation { f }", {}) if write else admin.ask("{ f }")
