"""A shop that was never there: its session ends, its events name ids, it refuses as data."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from adapters.kit.http import Transport
from adapters.kit.registry import make
from adapters.kit.samples import sample
from adapters.kit.signature import hex_hmac, sign_standard
from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.ports import Call, documents_of
from hub.model.errors import BadData, Ignored, NotAuthentic, NotAuthorised, Rejected
from mappings.kit import Context
from tests.mappings.partners import PARTNERS

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
CODE = "5UMES5ZPRQ96BNW7"
FORBIDDEN = {"errors": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}], "data": None}
PLACED = b'{"type": "OrderPlacedEvent", "data": {"orderId": "2", "code": "5UMES5ZPRQ96BNW7"}}'
KEY = {"webhook_secret": "hush", "api_key": "key"}
USER = {"webhook_secret": "hush", "password": "open-sesame"}
ENTERED = {"data": {"login": {"__typename": "CurrentUser"}}}


@contextmanager
def shop(*answers, secrets=KEY, entered=ENTERED, **settings):
    """A shop that answers log-ins, and the rest in turn."""
    left, opened = list(answers), []

    def script(asked):
        if b"mutation logIn" in asked.body:
            opened.append(asked)
            return Told.json(entered, **{"vendure-auth-token": f"token-{len(opened)}"})
        return Told.json(left.pop(0) if len(left) > 1 else left[0])

    with Loopback(script) as partner:
        settings["api_url"] = f"{partner.url}/admin-api"
        at = Context("shop")
        yield partner, make("vendure", settings, secrets, at, Transport.local(5), lambda: NOW)


def orders():
    tree = PARTNERS["vendure"].case("order.placed_with_a_coupon")
    order = tree["data"].pop("order")
    return {"data": {**tree["data"], "orders": {"items": [order]}}}


def call(raw):
    return Call("POST", "", sign_standard("hush", "msg_1", NOW, raw), raw)


def variables(asked):
    return json.loads(asked.body)["variables"]


# --- sessions


def test_a_session_that_ended_is_opened_once_more():
    with shop(FORBIDDEN, orders(), secrets=USER, username="hub") as (partner, parts):
        (order,) = documents_of(parts, "OrderPlacedEvent", PLACED)
        assert order.channel_order_id == "2"
        tokens = [it.headers.get("authorization") for it in partner.asked]
        assert [token for token in tokens if token] == ["Bearer token-1", "Bearer token-2"]


def test_who_may_not_do_it_even_with_a_fresh_session_is_not_authorised():
    with shop(FORBIDDEN, secrets=USER, username="hub") as (partner, parts):
        with pytest.raises(NotAuthorised):
            parts.check()
        assert len(partner.asked) == 4


def test_a_wrong_password_is_not_authorised_and_stands_in_no_error():
    refused = {"data": {"login": {"errorCode": "INVALID_CREDENTIALS_ERROR"}}}
    with (
        shop({}, secrets=USER, entered=refused, username="hub") as (_, parts),
        pytest.raises(NotAuthorised) as error,
    ):
        parts.check()
    assert "open-sesame" not in str(error.value)


# --- events

EVENTS = [
    ("OrderPlacedEvent", {"data": {"orderId": "2", "code": CODE}}, "2"),
    ("OrderPlacedEvent", {"id": 2, "code": CODE, "toState": "X"}, "2"),
    ("OrderPlacedEvent", {"order": CODE}, CODE),
    ("OrderPlacedEvent", {"payload": {"orderCode": CODE}}, CODE),
    ("OrderStateTransitionEvent", {"order": {"id": 2, "state": "Shipped"}}, "2"),
    ("RefundStateTransitionEvent", {"data": {"id": 9, "order": {"id": "2"}}}, "2"),
    ("ProductVariantEvent", {"data": {"variantIds": ["31"]}}, "product:31"),
    ("ProductVariantEvent", {"entity": [{"id": 31}]}, "product:31"),
]
WANTED = {
    "2": {"id": {"eq": "2"}},
    CODE: {"code": {"eq": CODE}},
    "product:31": {"id": {"in": ["31"]}},
}


@pytest.mark.parametrize("name", ["type", "event", "eventType"])
@pytest.mark.parametrize(("kind", "told", "key"), EVENTS)
def test_an_event_names_what_is_asked_for_in_the_connection_s_channel(name, kind, told, key):
    raw = json.dumps({name: kind, **told}).encode()
    with shop({"data": {}}, channel_token="eu") as (partner, parts):
        delivery = parts.verify(call(raw), NOW)
        assert (delivery.topic, delivery.key) == (kind, key)
        with pytest.raises(Ignored):
            documents_of(parts, delivery.topic, raw)
        (asked,) = partner.asked
        assert asked.headers["vendure-token"] == "eu"
        assert asked.headers["vendure-api-key"] == "key"
        assert variables(asked)["options"]["filter"] == WANTED[key]


@pytest.mark.parametrize(
    ("event", "fate"),
    [
        ({"type": "OrderPlacedEvent", "id": {"$ne": 1}}, BadData),
        ({"type": "OrderPlacedEvent", "data": {"orderId": "1 or 2"}}, BadData),
        ({"type": "RefundStateTransitionEvent", "id": "9"}, BadData),
        ({"type": "ProductVariantEvent", "variantIds": "31"}, BadData),
        ({"type": "StockMovementEvent"}, Ignored),
    ],
)
def test_an_event_about_nothing_ends_well(event, fate):
    raw = json.dumps(event).encode()
    with shop({}) as (partner, parts):
        delivery = parts.verify(call(raw), NOW)
        assert delivery.key is None
        with pytest.raises(fate):
            documents_of(parts, delivery.topic, raw)
        assert partner.asked == []


def test_a_plain_signature_over_the_body_is_taken_where_the_connection_says_so():
    signed = Call("POST", "", {"x-signature": hex_hmac("hush", PLACED)}, PLACED)
    with shop({}, signature="hex") as (_, parts):
        delivery = parts.verify(signed, NOW)
        assert delivery.content == delivery.id
        assert delivery == parts.verify(signed, NOW)
        with pytest.raises(NotAuthentic):
            parts.verify(call(PLACED), NOW)
    with shop({}) as (_, parts), pytest.raises(NotAuthentic):
        parts.verify(signed, NOW)


# --- what it is told


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ({"data": {"cancelOrder": {"errorCode": "QUANTITY_TOO_GREAT_ERROR"}}}, Rejected),
        ({"data": {"cancelOrder": {"errorCode": "ORDER_STATE_TRANSITION_ERROR"}}}, Rejected),
        ({"errors": [{"message": "null value in column"}], "data": None}, Rejected),
        ({"errors": [{"message": "?", "extensions": {"code": "BAD_USER_INPUT"}}]}, Rejected),
        (FORBIDDEN, NotAuthorised),
    ],
)
def test_what_the_shop_refuses_as_data_has_its_fate(answer, fate):
    there = {"id": "5001", "state": "PaymentSettled", "history": {"items": []}}
    settings = {"serverConfig": {"moneyStrategyPrecision": 2}}
    order = {"data": {"globalSettings": settings, "orders": {"items": [there]}}}
    with shop(order, answer) as (_, parts), pytest.raises(fate):
        parts.send(sample("order_cancellation"), "key-1")


def test_a_sku_that_the_shop_does_not_list_is_kept_for_later():
    with shop({"data": {"productVariants": {"items": []}}}) as (_, parts):
        assert parts.send(sample("stock_level"), "key-1").kept is False


def test_stock_at_several_places_needs_one_to_be_named():
    levels = [{"stockLocationId": it, "stockOnHand": 5, "stockAllocated": 2} for it in ("1", "2")]
    variant = {"id": "31", "sku": "CUP", "stockLevels": levels}
    stock = {"data": {"productVariants": {"items": [variant]}}}
    with shop(stock) as (_, parts), pytest.raises(Rejected):
        parts.send(sample("stock_level"), "key-1")
    told = {"data": {"updateProductVariant": {"id": "31"}}}
    with shop(stock, told, stock_location_id="2") as (partner, parts):
        parts.send(sample("stock_level"), "key-1")
        expected = [{"stockLocationId": "2", "stockOnHand": 9}]
        assert variables(partner.asked[-1])["input"]["stockLevels"] == expected
