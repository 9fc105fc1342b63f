"""What the shop is told: parcels, what of them it knows, and where their pieces come from."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hub.model.document import Source
from hub.model.errors import BadData, Rejected
from hub.model.fulfilment import Package, Shipment, ShippedLine, ShippedOrder, ShippedOrderLine
from hub.model.stock import StockLevel
from mappings.kit import Context, encode
from mappings.shopify import ENCODE
from mappings.shopify.outward import OpenLine, Parcel, Told, fulfilments, parcels, untold

AT = Context("shop-eu")
SHIPPED = datetime(2026, 5, 5, 12, tzinfo=UTC)
ORDER = ShippedOrder(
    channel="shop-eu", channel_order_id="5001", order_number="#1", merchant="acme", warehouse="wh",
    lines=(
        ShippedOrderLine(line_no=1, channel_line_id="61", sku="CUP", quantity=2),
        ShippedOrderLine(line_no=2, channel_line_id="62", sku="POT", quantity=1),
    ),
)  # fmt: skip


def package(number, *lines, carrier="dhl", **more):
    shipped = tuple(ShippedLine(line_no=n, quantity=pieces) for n, pieces in lines)
    return Package(carrier=carrier, tracking_number=number, lines=shipped, **more)


def shipment(*packages, order=ORDER):
    return Shipment(
        source=Source(connection="wh", id="c1"), fulfilment_order_id="F-1", shipped_at=SHIPPED,
        packages=packages, order=order,
    )  # fmt: skip


def test_packages_that_name_their_contents_are_parcels_of_their_own():
    told = parcels(shipment(package("T1", (1, 2)), package("T2", (2, 1), carrier="ups")), AT)
    assert told == [
        Parcel(Counter({"61": 2}), "DHL Express", ("T1",)),
        Parcel(Counter({"62": 1}), "UPS", ("T2",)),
    ]


def test_packages_without_contents_are_one_parcel_with_every_number():
    told = parcels(shipment(package("T1"), package("T2")), AT)
    assert told == [Parcel(Counter({"61": 2, "62": 1}), "DHL Express", ("T1", "T2"))]
    assert told[0].tracking() == {"company": "DHL Express", "numbers": ["T1", "T2"]}


def test_pieces_are_matched_by_sku_where_the_warehouse_names_no_line():
    line = ShippedLine(sku="POT", quantity=1)
    (told,) = parcels(shipment(Package(tracking_number="T", lines=(line,))), AT)
    assert told.lines == Counter({"62": 1})


def test_a_carrier_of_the_connections_own_list_comes_first():
    own = Context("shop-eu", codes={"tracking_companies": {"Deutsche Post DHL": "dhl"}})
    (told,) = parcels(shipment(package("T1", (1, 2))), own)
    assert told.company == "Deutsche Post DHL"


def test_a_line_that_the_order_does_not_have_is_named():
    with pytest.raises(BadData) as caught:
        parcels(shipment(package("T1", (7, 1))), AT)
    assert caught.value.path == "packages.0.lines.0"
    with pytest.raises(BadData) as caught:
        parcels(shipment(order=None), AT)
    assert caught.value.path == "order"


def told(number, lines, at=SHIPPED):
    return Told("9", at, frozenset({number} if number else ()), Counter(lines))


def test_what_the_shop_has_under_the_same_number_is_not_told_again():
    parcel = Parcel(Counter({"61": 2, "62": 1}), None, ("T1",))
    assert untold([parcel], [told("T1", {"61": 2, "62": 1})], SHIPPED) == []
    assert untold([parcel], [told("T2", {"61": 2, "62": 1})], SHIPPED) == [parcel]
    assert untold([parcel], [told("T1", {"61": 2})], SHIPPED) == [
        Parcel(Counter({"62": 1}), None, ("T1",))
    ]


def test_without_a_number_only_what_was_made_after_the_goods_left_counts():
    parcel = Parcel(Counter({"61": 1}))
    before = told("", {"61": 1}, SHIPPED - timedelta(days=1))
    after = told("", {"61": 1}, SHIPPED + timedelta(minutes=1))
    assert untold([parcel], [before], SHIPPED) == [parcel]
    assert untold([parcel], [after], SHIPPED) == []
    assert untold([parcel, parcel], [after], SHIPPED) == [parcel]


def row(number, line, remaining, place="L1"):
    return OpenLine(f"FO-{place}", place, number, line, remaining)


def test_one_call_never_mixes_locations():
    rows = [row("a", "61", 1), row("b", "61", 1, "L2"), row("c", "62", 1)]
    parcel = Parcel(Counter({"61": 2, "62": 1}), "DPD", ("T1",), ("https://t.example/T1",))
    first, second = fulfilments(parcel, rows, notify=True)
    assert first == {
        "lineItemsByFulfillmentOrder": [
            {
                "fulfillmentOrderId": "FO-L1",
                "fulfillmentOrderLineItems": [
                    {"id": "a", "quantity": 1},
                    {"id": "c", "quantity": 1},
                ],
            }
        ],
        "notifyCustomer": True,
        "trackingInfo": {"company": "DPD", "number": "T1", "url": "https://t.example/T1"},
    }
    assert second["lineItemsByFulfillmentOrder"][0]["fulfillmentOrderId"] == "FO-L2"
    assert [one.remaining for one in rows] == [0, 0, 0]


def test_more_pieces_than_the_shop_has_open_are_refused_and_none_is_taken():
    rows = [row("a", "61", 1)]
    with pytest.raises(Rejected, match="line 61: the shop has 1 pieces fewer"):
        fulfilments(Parcel(Counter({"61": 2})), rows, notify=False)
    assert rows[0].remaining == 1


def test_a_shipment_and_a_level_as_the_command_line_shows_them():
    shown = encode(ENCODE, shipment(package("T1", (1, 2))), AT)
    assert shown == {
        "orderId": "gid://shopify/Order/5001",
        "fulfillments": [
            {
                "trackingInfo": {"company": "DHL Express", "number": "T1"},
                "lineItems": [{"id": "gid://shopify/LineItem/61", "quantity": 2}],
            }
        ],
    }
    level = StockLevel(
        source=Source(connection="hub", id="1"), sku="CUP", channel="shop-eu",
        available=Decimal(-3), at=SHIPPED, version=7,
    )  # fmt: skip
    assert encode(ENCODE, level, AT) == {
        "name": "available", "reason": "correction", "sku": "CUP", "quantity": 0,
        "referenceDocumentUri": "orderhub://stock-level/7",
    }  # fmt: skip
