"""What was recorded of ShipHero, file by file: two webhooks, and what is written of its schema."""

import json
from decimal import Decimal

import pytest

from adapters.shiphero.api import OPERATIONS
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "warehouses" / "shiphero"
PARTNER = PARTNERS["shiphero"]
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the collection is not there")

WEBHOOKS = {"webhook_shipment_update.json", "webhook_inventory_update.json"}
TAPS = {
    "tap_schema_orders.json",
    "tap_schema_products.json",
    "tap_schema_shipments.json",
    "tap_schema_vendors.json",
}
SCHEMA = "shiphero_schema.api-evangelist.graphql"


def test_all_of_the_collection_is_looked_at():
    told = {it.name for it in FOLDER.iterdir()} - {"SOURCES.md"}
    assert told == {*WEBHOOKS, *TAPS, SCHEMA}
    assert len(told) == 7


def test_the_recorded_shipment_left():
    raw = (FOLDER / "webhook_shipment_update.json").read_bytes()
    (shipment,) = PARTNER.read("Shipment Update", raw)
    (package,) = shipment.packages
    (line,) = package.lines
    assert shipment.fulfilment_order_id == "Order #243"
    assert shipment.shipped_at.isoformat() == "2022-05-24T18:20:15+00:00"
    assert (shipment.complete, package.carrier, package.service) == (True, "ups", "UPS Ground")
    assert (package.tracking_number, package.tracking_url) == ("Pickup", "https://foo.bar")
    assert (line.sku, line.quantity, line.line_no) == ("1122334581", 50, None)
    assert package.length_cm == Decimal("2.54")


def test_the_recorded_levels_are_those_of_the_warehouse_that_changed():
    raw = (FOLDER / "webhook_inventory_update.json").read_bytes()
    (report,) = PARTNER.read("Inventory Update", raw)
    assert [(it.sku, it.on_hand, it.reserved) for it in report.lines] == [("100100", 35, 0)]


@pytest.mark.parametrize("name", sorted(TAPS))
def test_what_others_read_of_it_is_a_tree_of_fields(name):
    assert json.loads((FOLDER / name).read_bytes())["properties"]


def test_what_is_told_stands_in_the_newer_schema_as_well():
    text = (FOLDER / SCHEMA).read_text("utf-8")
    told = ("order_create", "order_update", "order_cancel", "purchase_order_create")
    asked = ("orders", "order", "purchase_order", "warehouse_products", "account")
    words = " ".join(OPERATIONS.values())
    for name in (*told, *asked):
        assert f"{name}(" in text or f"{name}:" in text, name
        assert name in words
