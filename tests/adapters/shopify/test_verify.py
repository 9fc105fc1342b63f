"""Who may deliver, and what a delivery is about."""

import json
from datetime import UTC, datetime

import pytest

from adapters.kit.signature import base64_hmac
from hub.model.errors import BadData, NotAuthentic
from sandbox.shopify import Shop
from tests.adapters.shopify.shop import adapter, body, call

HUSH = "hush"
NOW = datetime(2026, 5, 4, tzinfo=UTC)
RAW = json.dumps(body()).encode()


def signed(raw=RAW, topic="orders/create", prefix="X-Shopify-", secret=HUSH, **headers):
    named = {
        f"{prefix}Hmac-SHA256": base64_hmac(secret, raw),
        f"{prefix}Topic": topic,
        f"{prefix}Webhook-Id": "w-1",
        f"{prefix}Shop-Domain": "demo-shop.myshopify.com",
        **headers,
    }
    return call(named, raw)


def test_what_the_shop_sends_is_authentic_and_names_topic_id_and_order():
    shop = Shop(secret="hush")
    headers, raw = shop.webhook("orders/paid", body(), webhook_id="w-9")
    found = adapter().verify(call(headers, raw), NOW)
    assert (found.topic, found.id, found.key) == ("orders/paid", "w-9", "5001")


def test_the_known_answer_of_the_documentation_verifies():
    raw = b'"my secret message"'
    given = {
        "X-Shopify-Hmac-SHA256": "hMTq0K2x7oyOjoBwGYeTj5oxfnaVYXzbanUG9aajpKI=",
        "X-Shopify-Topic": "orders/create",
    }
    assert adapter(shop=None).verify(call(given, raw), NOW).topic == "orders/create"


def test_headers_without_their_prefix_are_read_as_well():
    assert adapter().verify(signed(prefix="Shopify-"), NOW).id == "w-1"


def test_a_secret_that_is_being_replaced_still_signs():
    both = adapter(webhook_secret="new\nhush")
    assert both.verify(signed(secret="hush"), NOW).key == "5001"
    assert both.verify(signed(secret="new"), NOW).key == "5001"


@pytest.mark.parametrize(
    "delivery",
    [
        signed(secret="other"),
        signed(**{"X-Shopify-Hmac-SHA256": ""}),
        signed(**{"X-Shopify-Hmac-SHA256": "????"}),
        signed(
            **{"X-Shopify-Hmac-SHA256": f"{base64_hmac('hush', RAW)},{base64_hmac('hush', RAW)}"}
        ),
        signed(**{"X-Shopify-Hmac-SHA256": base64_hmac("hush", RAW + b" ")}),
        signed(**{"X-Shopify-Shop-Domain": "other-shop.myshopify.com"}),
        signed(**{"X-Shopify-Shop-Domain": ""}),
        signed(**{"X-Shopify-Triggered-At": "2026-04-30T23:59:59.123456789Z"}),
        call({"X-Shopify-Topic": "orders/create"}, RAW),
    ],
)
def test_G26_what_does_not_prove_its_sender_is_refused(delivery):
    with pytest.raises(NotAuthentic):
        adapter().verify(delivery, NOW)


@pytest.mark.parametrize("shop", ["demo-shop", "Demo-Shop.myshopify.com", None])
def test_the_shop_may_be_named_by_name_or_domain_or_not_at_all(shop):
    own = adapter(shop=shop)
    given = {"X-Shopify-Shop-Domain": "demo-shop.myshopify.com"}
    assert own.verify(signed(**given), NOW).id == "w-1"


@pytest.mark.parametrize("told", ["2026-05-01T00:00:01.123456789Z", "yesterday", "2026-01-01"])
def test_a_delivery_is_taken_as_long_as_the_shop_may_repeat_it(told):
    assert adapter().verify(signed(**{"X-Shopify-Triggered-At": told}), NOW).id == "w-1"


def test_a_repeat_is_recognised_by_what_is_signed_whatever_its_headers_say():
    def content(topic, raw=RAW, number="w-1"):
        told = signed(raw, topic, **{"X-Shopify-Webhook-Id": number})
        return adapter().verify(told, NOW).content

    first = content("orders/create")
    assert first == content("orders/create", number="w-2")
    assert first != content("orders/create", RAW + b" ")
    assert first != content("orders/paid")  # read by another rule, it may be worth reading
    assert content("made/up") == content("made/up/too", number="w-2") != first


def test_without_an_id_the_digest_of_topic_and_body_recognises_a_repeat():
    bare = signed(**{"X-Shopify-Webhook-Id": ""})
    other = signed(topic="orders/paid", **{"X-Shopify-Webhook-Id": ""})
    first, again, third = (adapter().verify(one, NOW).id for one in (bare, bare, other))
    assert first == again
    assert first != third
    assert len(first) == 64


@pytest.mark.parametrize(
    ("topic", "tree", "key"),
    [
        ("orders/create", {"id": 5001}, "5001"),
        ("orders/create", {"id": 820982911946154500, "note": "x",
                           "admin_graphql_api_id": "gid://shopify/Order/820982911946154508"},
         "820982911946154508"),
        ("orders/edited", {"order_edit": {"id": 7, "order_id": 5001}}, "5001"),
        ("orders/delete", {"id": 5001}, "5001"),
        ("refunds/create", {"id": 7, "order_id": 5001,
                            "admin_graphql_api_id": "gid://shopify/Refund/7"}, "5001"),
        ("fulfillments/update", {"id": 7, "order_id": 5001}, "5001"),
        ("products/update", {"id": 72}, "product:72"),
        ("inventory_levels/update", {"inventory_item_id": 1}, None),
        ("orders/create", {"id": "x y"}, None),
        ("orders/create", {"id": [1]}, None),
        ("orders/create", {}, None),
        ("orders/create", [], None),
    ],
)  # fmt: skip
def test_a_delivery_is_about_its_order(topic, tree, key):
    assert adapter().verify(signed(json.dumps(tree).encode(), topic), NOW).key == key


def test_the_order_that_a_header_names_is_the_key():
    told = signed(b"{}", "refunds/create", **{"X-Shopify-Order-Id": "5001"})
    assert adapter().verify(told, NOW).key == "5001"


def test_an_unreadable_body_has_no_key_and_is_kept_for_its_decoder():
    own, broken = adapter(), b'{"id": 1'
    assert own.verify(signed(broken), NOW).key is None
    with pytest.raises(BadData) as caught:
        own.decode("orders/create", broken)
    assert caught.value.code == "bad_json"
