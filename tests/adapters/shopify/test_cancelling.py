"""What the hub gives up is taken out of the shop's order, once, and nothing is paid back."""

import gzip
import json
from typing import Any

import pytest
from graphql import build_client_schema, parse, validate

from adapters.shopify import cancelling, paying_back
from hub.model.document import Source
from hub.model.errors import OutcomeUnknown, Rejected
from hub.model.order import CancelledLine, OrderCancellation
from tests.adapters.shopify.shop import body, connected, shipment
from tests.kit.fixtures import SHARED

SCHEMA = SHARED / "schemas" / "shopify" / "admin_2026-07.introspection.json.gz"


def given_up(*lines: tuple[int, int], whole: bool = False) -> OrderCancellation:
    return OrderCancellation(
        source=Source(connection="shop-eu", id="5001:3"),
        channel_order_id="5001",
        order_number="#5001",
        whole=whole,
        lines=tuple(
            CancelledLine(line_no=at, channel_line_id=str(id_), quantity=pieces)
            for at, (id_, pieces) in enumerate(lines, start=1)
        ),
    )


def test_an_order_given_up_whole_is_cancelled_without_paying_back():
    with connected() as (shop, ours):
        shop.place(body())
        assert ours.find(given_up((11, 2), whole=True)) is None
        ours.send(given_up((11, 2), whole=True), "k")
        ours.send(given_up((11, 2), whole=True), "k2")
        (cancelled,) = [one["document"] for one in shop.record if one["kind"] == "cancel"]
        assert (cancelled["refund"], cancelled["restock"]) == (False, False)
        assert shop.order(5001)["financial_status"] == "paid"
        assert ours.find(given_up((11, 2), whole=True)) is not None


@pytest.mark.parametrize("version", ["2026-01", "2026-07"])
def test_pieces_given_up_are_no_longer_to_be_sent(version):
    with connected(version) as (shop, ours):
        shop.place(body())
        ours.send(shipment(("T1", {1: 1})), "s")
        told = given_up((11, 1), (13, 3))
        assert ours.find(told) is None
        first = ours.send(told, "k")
        assert ours.send(told, "k") == first == ours.find(told)
        (made,) = [one["document"] for one in shop.record if one["kind"] == "refund"]
        assert (made["transactions"], made["note"]) == ([], "Given up by Order Hub, no. 5001:3")
        shown = shop.order(5001)["line_items"]
        assert {line["id"]: line.get("current_quantity") for line in shown} == {
            11: 1,
            12: None,
            13: 0,
        }
        with pytest.raises(Rejected, match="line 13: the shop has 3 pieces fewer"):
            ours.send(shipment(("T2", {3: 3})), "s2")


def test_after_a_lost_answer_the_shop_is_asked_and_has_it():
    with connected() as (shop, ours):
        shop.place(body())
        shop.misbehave([{"do": "lost", "kind": "refundCreate", "times": 1}])
        with pytest.raises(OutcomeUnknown):
            ours.send(given_up((11, 1)), "k")
        assert ours.find(given_up((11, 1))) is not None


def test_a_shop_that_has_sent_part_of_it_refuses_to_cancel_and_says_so():
    with connected() as (shop, ours):
        shop.place(body())
        ours.send(shipment(("T1", {1: 1})), "s")
        with pytest.raises(Rejected, match="outstanding fulfillments"):
            ours.send(given_up((11, 2), whole=True), "k")


@pytest.mark.skipif(not SCHEMA.exists(), reason="the published schema is not beside the checkout")
@pytest.mark.parametrize(
    ("field", "query"),
    [("orderCancel", cancelling.CANCEL), ("refundCreate", paying_back.PAY_BACK_KEYED)],
)
def test_what_is_asked_is_in_the_published_schema(field, query):
    told: dict[str, Any] = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    schema = build_client_schema(told["data"], assume_valid=True)
    assert field in query
    assert validate(schema, parse(query)) == []
    assert validate(schema, parse(cancelling.ORDER)) == []
