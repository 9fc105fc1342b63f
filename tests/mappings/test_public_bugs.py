"""Inputs made after faults that users of such systems reported in public, with what is right.

They lie beside the checkout. Where they do not, our own cases of the same kinds stand in for them:
`orders.create.odd_where_nobody_reads` and the odd confirmations among Qimen's.
"""

from datetime import UTC, datetime

import pytest

from mappings.kit import Context, code_lists, decode, zone
from mappings.qimen import decoders
from mappings.shopify import DECODE
from tests.kit.fixtures import SHARED

FOLDER = SHARED / "bugs"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the collection is not there")

# what is right: lines, country, and the places that are warned of
ORDERS = {
    "01-longitude-exponent.json": (1, "GB", []),
    "02-half-emoji.json": (1, "NL", [("line_items.0.title", "bad_text")]),
    "02-note-vertical-tab.json": (1, "NL", [("note", "bad_text")]),
    "06-line-quantity-0.json": (1, "NL", [("line_items.1", "no_pieces")]),
    "17-country-name-only.json": (1, "NL", []),
    "17-country-three-letters.json": (1, "NL", []),
}
# when it left, how it is followed, until when it keeps, and the codes that are warned of
TWO_O_CLOCK = datetime(2026, 11, 22, 2, tzinfo=UTC)
CONFIRMATIONS = {
    "q1-time-compact.xml": (["SF1"], None, []),
    "q1-time-iso-zone.xml": (["SF1"], None, []),
    "q2-expiry-epoch-ms.xml": (["SF1"], "2026-03-01", []),
    "q2-expiry-slashes.xml": (["SF1"], "2026-03-01", []),
    "q3-gbk-undeclared.xml": (["ZT1"], None, ["bad_encoding"]),
    "q4-express-list.xml": (["SF1", "SF2", "SF3"], None, []),
    "q5-status-lower.xml": (["SF1"], None, []),
}


@pytest.mark.parametrize("name", ORDERS)
def test_an_odd_order_is_the_order(name):
    lines, country, warned = ORDERS[name]
    at = Context("shop-eu", codes=code_lists("shopify"))
    (order,) = decode(DECODE, "orders/create", (FOLDER / name).read_bytes(), at)
    assert (len(order.lines), order.ship_to.country) == (lines, country)
    assert [(one.path, one.code) for one in at.warnings] == warned
    assert order.totals.rounding == 0
    for text in (order.note or "", order.lines[0].title):
        assert "\x0b" not in text
        assert "\ud83d" not in text


@pytest.mark.parametrize("name", CONFIRMATIONS)
def test_an_odd_confirmation_is_the_shipment(name):
    numbers, expires, warned = CONFIRMATIONS[name]
    at = Context("wh-ams", "acme", code_lists("qimen"), zone("Asia/Shanghai"))
    raw = (FOLDER / name).read_bytes()
    (shipment,) = decode(decoders(), "deliveryorder.confirm", raw, at)
    assert (shipment.type, shipment.shipped_at) == ("shipment", TWO_O_CLOCK)
    assert [one.tracking_number for one in shipment.packages] == numbers
    (line,) = [line for one in shipment.packages for line in one.lines]
    assert (line.sku, line.quantity, line.expires_on) == ("CUP", 3, expires)
    assert [one.code for one in at.warnings] == warned


def test_every_file_of_the_collection_is_read_by_a_test():
    elsewhere = ("README", "03-", "04-", "07-", "13-")  # in the tests of the channel's own rules
    named = {one.name for one in FOLDER.iterdir() if not one.name.startswith(elsewhere)}
    assert named == {*ORDERS, *CONFIRMATIONS}
