"""Returns and money back between the hub and a shop: each told once, each echo known as ours."""

import json
from datetime import UTC, datetime

import pytest

from adapters.kit.samples import sample
from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.ports import documents_of
from hub.model.errors import Ignored, NotAuthorised, OutcomeUnknown, Rejected
from tests.adapters.shopify.shop import adapter, body, call, connected, shipment


@pytest.fixture
def sides():
    """A shop that has sent two cups and a pot, and the hub's side."""
    with connected() as (shop, ours):
        shop.place(body())
        ours.send(shipment(("T1", {1: 2, 2: 1})), "s")
        yield shop, ours


def heard(shop, ours, topic, told):
    """What the hub makes of a webhook, as the gateway and a worker do."""
    headers, raw = shop.webhook(topic, told)
    delivery = ours.verify(call(headers, raw), datetime.now(UTC))
    return delivery, documents_of(ours, delivery.topic, raw)


def named(told):
    """A body that only names its return, as of most topics."""
    return {name: told[name] for name in ("id", "admin_graphql_api_id", "status", "order")}


def test_a_return_that_a_customer_asks_for_is_approved_and_closed(sides):
    shop, ours = sides
    told = shop.ask_return(5001, {11: 1}, "size_too_small", "too small for an egg")
    delivery, (asked,) = heard(shop, ours, "returns/request", told)
    assert (delivery.key, asked.status, asked.customer_note) == (
        "5001", "requested", "too small for an egg",
    )  # fmt: skip
    assert [(it.channel_line_id, it.reason) for it in asked.lines] == [("11", "size_too_small")]
    approved = asked.model_copy(update={"return_id": "R-9", "status": "approved"})
    assert ours.find(approved) is None
    first = ours.send(approved, "k1")
    assert first == ours.send(approved, "k1") == ours.find(approved)
    assert shop.returned(told["id"])["status"] == "OPEN"
    for status in ("received", "inspected", "refunded"):
        assert ours.send(approved.model_copy(update={"status": status}), "k2") == first
    ours.send(approved.model_copy(update={"status": "closed"}), "k3")
    assert shop.returned(told["id"])["status"] == "CLOSED"
    _, (closed,) = heard(shop, ours, "returns/close", named(told))
    assert (closed.status, closed.lines[0].sku) == ("closed", "CUP")
    assert closed.source.occurred_at is not None
    steps = [one["document"]["status"] for one in shop.record if one["kind"] == "return"]
    assert steps == ["REQUESTED", "OPEN", "CLOSED"]


def test_a_return_that_is_refused_is_declined_with_the_reason(sides):
    shop, ours = sides
    told = shop.ask_return(5001, {11: 1})
    _, (asked,) = heard(shop, ours, "returns/request", told)
    refused = asked.model_copy(
        update={"status": "rejected", "attributes": {"decision_reason": "final_sale"}}
    )
    ours.send(refused, "k")
    assert shop.returned(told["id"])["decline"] == {"reason": "FINAL_SALE", "note": None}
    assert ours.find(refused.model_copy(update={"status": "cancelled"})) is not None


def test_a_return_that_began_here_is_made_there_once_and_comes_back_under_our_number(sides):
    shop, ours = sides
    line = {"channel_line_id": "11", "sku": "CUP", "quantity": "2", "reason": "defective"}
    begun = sample("return", return_id="R-10", lines=[line])
    shop.misbehave([{"do": "lost", "kind": "returnCreate", "times": 1}])
    with pytest.raises(OutcomeUnknown):
        ours.send(begun, "k")
    there = ours.find(begun)
    assert there is not None
    assert ours.send(begun, "k") == there
    assert len([one for one in shop.record if one["kind"] == "return"]) == 1
    number = int(there.reference)
    gid = f"gid://shopify/Return/{number}"
    _, (echo,) = heard(shop, ours, "returns/update", {"admin_graphql_api_id": gid})
    assert (echo.return_id, echo.channel_return_id) == ("R-10", str(number))
    with pytest.raises(Rejected, match="2 pieces fewer to take back"):
        ours.send(begun.model_copy(update={"return_id": "R-11"}), "k2")


def test_what_ends_and_was_never_told_needs_no_return_there(sides):
    _, ours = sides
    ended = sample("return", status="cancelled")
    assert ours.send(ended, "k").kept is False


def test_a_return_that_the_shop_knows_no_more_is_passed_by(sides):
    shop, ours = sides
    gone = {"admin_graphql_api_id": "gid://shopify/Return/1"}
    with pytest.raises(Ignored):
        heard(shop, ours, "returns/update", gone)
    with pytest.raises(Rejected, match="does not know the return"):
        ours.send(sample("return", channel_return_id="1"), "k")


def test_money_goes_back_once_and_its_echo_is_ours(sides):
    shop, ours = sides
    lines = [{"channel_line_id": "11", "sku": "CUP", "quantity": "1", "amount": "10.00"}]
    told = sample("refund", refund_id="R-9-1", amount="10.00", reason="too small", lines=lines)
    shop.misbehave([{"do": "lost", "kind": "refundCreate", "times": 1}])
    with pytest.raises(OutcomeUnknown):
        ours.send(told, "k")
    first = ours.find(told)
    assert first is not None
    assert ours.send(told, "k") == first
    (made,) = [one["document"] for one in shop.record if one["kind"] == "refund"]
    assert (made["note"], made["amount"]) == ("too small (Order Hub no. R-9-1)", "10.00")
    assert shop.order(5001)["financial_status"] == "partially_refunded"
    webhook = {
        "id": int(first.reference), "order_id": 5001, "created_at": "2026-05-20T10:00:00Z",
        "note": made["note"], "refund_line_items": [],
        "transactions": [{"id": 3, "kind": "refund", "amount": "10.00", "currency": "EUR"}],
    }  # fmt: skip
    _, (echo,) = heard(shop, ours, "refunds/create", webhook)
    assert (echo.refund_id, echo.reason) == ("R-9-1", "too small")
    assert echo.attributes["channel_refund_id"] == first.reference


@pytest.mark.parametrize("version", ["2026-01", "2026-07"])
def test_shipping_alone_and_a_rest_go_back_in_every_version(version):
    with connected(version) as (shop, ours):
        shop.place(body())
        ways = sample("refund", refund_id="a", amount="4.90", shipping_amount="4.90")
        ours.send(ways, "k1")
        ours.send(sample("refund", refund_id="b", amount="55.10"), "k2")
        made = [one["document"] for one in shop.record if one["kind"] == "refund"]
        assert [(it["shipping"], it["amount"]) for it in made] == [
            ("4.90", "4.90"),
            (None, "55.10"),
        ]
        with pytest.raises(Rejected, match="only 0"):
            ours.send(sample("refund", refund_id="c", amount="0.01"), "k3")


def test_a_shop_that_gave_no_right_to_returns_says_so():
    denied = {"errors": [{"message": "Access denied", "extensions": {"code": "ACCESS_DENIED"}}]}
    answer = Told(200, json.dumps(denied).encode(), {"content-type": "application/json"})
    with Loopback(lambda _: answer) as partner, pytest.raises(NotAuthorised):
        adapter(partner.url).send(sample("return", channel_return_id="1"), "k")
