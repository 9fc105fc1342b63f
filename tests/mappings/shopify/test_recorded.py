"""What is special about the recorded payloads of Shopify."""

import json
from decimal import Decimal

import pytest

from hub.model.errors import BadData, Ignored
from mappings.kit import Context, decode
from mappings.shopify import DECODE
from tests.kit.fixtures import SHARED
from tests.mappings.partners import FOLDER as ROOMS
from tests.mappings.recorded import SHOPIFY_ORDERS

FOLDER = SHARED / "channels" / "shopify"
CASES = ROOMS / "shopify" / "cases"


def recorded(kind):
    return sorted(FOLDER.glob(f"*{kind}*.json")) or sorted(CASES.glob(f"{kind}*.in.json"))


def test_ids_rounded_by_their_recorder_are_read_from_the_gid():
    path = FOLDER / "webhook-orders-create-2024-10-hookdeck.json"
    raw = (
        path if path.exists() else CASES / "orders.create.pick_up_on_delivery.in.json"
    ).read_bytes()
    (order,) = decode(DECODE, "orders/create", raw, Context("s"))
    assert order.channel_order_id in {"820982911946154508", "900719925474099312"}
    assert order.lines[0].channel_line_id in {"866550311766439020", "900719925474099215"}


def test_only_the_order_whose_lines_do_not_add_up_has_rounding():
    rounded = {}
    for path in SHOPIFY_ORDERS.paths:
        (order,) = decode(DECODE, "orders/create", path.read_bytes(), Context("s"))
        if order.totals.rounding:
            rounded[path.name] = str(order.totals.rounding)
    assert rounded == ({"order-pyapi.json": "-199.00"} if FOLDER.exists() else {})


@pytest.mark.parametrize(
    ("kind", "count"),
    [("webhook-refunds", 1), ("rest-refund-test", 4), ("refund-pyapi", 1)]
    if FOLDER.exists()
    else [("refunds", len(recorded("refunds")))],
)
def test_recorded_refunds_read(kind, count):
    read = []
    for path in recorded(kind):
        if "refunds-create-2023" in path.name:  # a sample without any time
            continue
        (refund, *_) = decode(DECODE, "refunds/create", path.read_bytes(), Context("s"))
        assert refund.amount == sum((one.amount for one in refund.payments), Decimal(0))
        read.append(refund.channel_order_id)
    assert len(read) == count


def test_recorded_products_read_as_one_article_a_variant():
    read = {}
    for path in recorded("product"):
        try:
            read[path.name] = len(
                decode(DECODE, "products/update", path.read_bytes(), Context("s"))
            )
        except Ignored as reason:
            read[path.name] = reason.code
    expected = {
        "product-goshopify.json": "no_sku",
        "product-pyapi.json": 4,
        "webhook-products-create-2024-10-hookdeck.json": 2,
        "webhook-products-delete-2024-10-hookdeck.json": "no_sku",
        "webhook-products-update-2024-10-hookdeck.json": 2,
    }
    assert read == (expected if FOLDER.exists() else {"products.update.two_variants.in.json": 2})


def deliveries():
    """Topic and bytes of recorded webhooks; our own samples where the collection is not there."""
    for path in sorted(FOLDER.glob("webhook-*hookdeck.json")):
        yield json.loads(path.read_bytes())["topic"], path.read_bytes()
    if not FOLDER.exists():
        for path in sorted(CASES.glob("*.in.json")):
            yield "/".join(path.name.split(".")[:2]), path.read_bytes()


RECORDED = {
    "fulfillments/create": {"told_by_order"},
    "fulfillments/update": {"told_by_order"},
    "inventory_levels/update": {"own_stock"},
    "orders/cancelled": {"sales_order"},
    "orders/create": {"sales_order"},
    "orders/delete": {"deleted_at_channel"},
    "orders/edited": {"told_by_order"},
    "orders/fulfilled": {"sales_order"},
    "orders/paid": {"sales_order"},
    "orders/partially_fulfilled": {"sales_order"},
    "orders/updated": {"sales_order"},
    "products/create": {"product"},
    "products/delete": {"kept"},
    "products/update": {"product"},
    "refunds/create": {"refund", "missing_field created_at"},  # one sample has no time at all
    "returns/approve": {"return"},
    "returns/request": {"return"},
}
OWN = {
    "orders/create": {"sales_order"},
    "orders/paid": {"sales_order"},
    "orders/updated": {"sales_order"},
    "products/update": {"product"},
    "refunds/create": {"refund"},
    "returns/close": {"return"},
    "returns/request": {"return"},
}


def test_every_recorded_webhook_has_its_fate_under_its_own_topic():
    fates = {}
    for topic, raw in deliveries():
        told = fates.setdefault(topic, set())
        try:
            told |= {document.type for document in decode(DECODE, topic, raw, Context("s"))}
        except Ignored as reason:
            told.add(reason.code)
        except BadData as bad:
            told.add(f"{bad.code} {bad.path}")
    taken = {topic: told for topic, told in fates.items() if told != {"not_subscribed"}}
    assert taken == (RECORDED if FOLDER.exists() else OWN)
