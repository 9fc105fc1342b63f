"""What ShipBob posts and what it is asked: of one shipment the whole order, and what changed."""

import json
from datetime import UTC, datetime

import pytest

from adapters.kit.conformance import Sample
from adapters.kit.testing.scripted_partner import Told
from adapters.ports import Call, Cursor, documents_of
from adapters.shipbob.conformance import CONFORMS
from hub.model.errors import NotAuthentic
from tests.mappings.partners import PARTNERS

case = PARTNERS["shipbob"].case
SINCE = Cursor(datetime(2026, 5, 4, tzinfo=UTC))
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


def scripted(*answers):
    """An account that gives these answers, one after the other."""
    left = [Told.json(answer) for answer in answers]
    return CONFORMS.partner(lambda _: left.pop(0))


def test_a_delivery_is_worked_with_its_order_and_the_unsigned_form_of_api_1_is_refused():
    raw = json.dumps(case("order.shipment.delivered.alone")).encode()
    parts = CONFORMS.connected()
    told = parts.verify(CONFORMS.signed(Sample("order.shipped", raw)), NOW)
    assert (told.topic, told.key) == ("order.shipped", "F-1")
    legacy = {"shipbob-topic": "order_shipped", "shipbob-subscription-id": "1582"}
    with pytest.raises(NotAuthentic):
        parts.verify(Call("POST", "", legacy, raw), NOW)


@pytest.mark.parametrize(
    ("whole", "topic", "types"),
    [
        ("left_in_two_and_arrived", "order.shipped", ["shipment"] * 2 + ["fulfilment_status"]),
        ("one_cancelled_one_in_work", "order.shipment.cancelled", ["fulfilment_status"]),
    ],
)
def test_of_a_shipment_alone_the_whole_order_is_read_and_what_is_whole_is_not_asked_for(
    whole, topic, types
):
    order = case(f"order.{whole}")
    for body in (order["shipments"][0], {"topic": topic, "data": order["shipments"][0]}, order):
        with scripted(order) as (account, parts):
            documents = documents_of(parts, topic, json.dumps(body).encode())
            assert [it.type for it in documents] == types
            assert all(getattr(it, "status", "") != "cancelled" for it in documents)
            asked = [f"{it.method} {it.path}" for it in account.asked]
            assert asked == ([] if body is order else ["GET /2026-01/order/9001"])


def test_calls_bear_the_token_and_name_the_channel():
    with scripted({"items": []}) as (account, parts):
        parts.check()
        headers = account.asked[0].headers
    named = headers["authorization"], headers["shipbob_channel_id"]
    assert named == ("Bearer shipbob-token", "100")


def test_orders_are_paged_by_number_and_the_cursor_moves_when_all_were_read():
    def order(number, changed):
        shipment = {"id": number, "status": "Processing", "last_update_at": changed}
        return {"id": number, "reference_id": f"F-{number}", "shipments": [shipment]}

    many = [order(number, "2026-05-05T10:00:00.7654321+00:00") for number in range(250)]
    last = [order(250, "2026-05-04T09:00:00.1234567+00:00")]
    with scripted(many, last) as (account, parts):
        first, second = parts.list("orders", SINCE)
        fixed = {"SortOrder": "Oldest", "Limit": "250"}
        fixed["LastUpdateStartDate"] = "2026-05-04T00:00:00Z"
        assert [it.query for it in account.asked] == [{**fixed, "Page": at} for at in ("1", "2")]
    assert (len(first.changes), len(second.changes)) == (250, 1)
    assert first.after == SINCE
    assert second.after == Cursor(datetime(2026, 5, 5, 10, 0, 0, 765432, tzinfo=UTC))
    with scripted(many, []) as (_, parts):  # a page that is full may be the last
        (only,) = parts.list("orders", SINCE)
    assert only.after == second.after
    assert (first.changes[7].delivery.topic, first.changes[7].delivery.key) == ("order", "F-7")


@pytest.mark.parametrize(
    "before", ["http://127.0.0.1/2026-01/inventory-level", "/inventory-level", ""]
)
def test_levels_are_paged_by_link_whatever_its_form_and_counted_at_the_time_of_asking(before):
    def page(sku, after=None):
        level = {"inventory_id": 1, "sku": sku, "total_on_hand_quantity": 7}
        return {"items": [level], "next": after}

    with scripted(page("CUP", f"{before}?cursor=b"), page("TEA")) as (account, parts):
        pages = list(parts.list("inventory", Cursor()))
        assert [it.query for it in account.asked] == [{"PageSize": "250"}, {"cursor": "b"}]
    reports = [parts.decode("inventory_level", it.changes[0].raw)[0] for it in pages]
    assert [(it.lines[0].sku, it.at) for it in reports] == [("CUP", NOW), ("TEA", NOW)]
