"""Whatever stands in a field on which nothing depends: the order is read, and what it is worth and
what it holds stay as they were.
"""

import json
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.model.errors import BadData
from mappings.kit import Context, code_lists, decode
from mappings.shopify import DECODE
from tests.mappings.recorded import SHOPIFY_ORDERS, shopify_resource
from tests.mappings.shopify.test_hostile import places, put

pytestmark = pytest.mark.slow

# fmt: off
DECIDES = frozenset({
    # ids
    "id", "admin_graphql_api_id", "parent_id", "line_item_id", "order_id",
    # quantities
    "quantity", "current_quantity", "fulfillable_quantity",
    # amounts and their currencies
    "amount", "price", "price_set", "shop_money", "tax_amount", "tax_amount_set", "subtotal",
    "amount_set", "subtotal_set", "total_tax", "total_tax_set", "total_price", "total_price_set",
    "current_total_price", "current_total_price_set", "total_discount", "total_discount_set",
    "total_discounts", "total_discounts_set", "total_outstanding", "total_tip_received",
    "total_tip_received_set", "discounted_price", "discounted_price_set", "currency",
    "currency_code", "original_total_duties_set", "original_total_additional_fees_set",
    "subtotal_amount_set", "total_duties_set", "total_line_items_price", "subtotal_price",
    # what holds them
    "order", "orders", "body", "headers", "line_items", "shipping_lines", "tax_lines", "refunds",
    "discount_allocations", "duties", "refund_line_items", "order_adjustments", "transactions",
    "refund_shipping_lines", "fulfillments", "line_item", "presentment_money",
    # states, and the times that order them
    "financial_status", "fulfillment_status", "status", "kind", "restock_type", "created_at",
    "updated_at", "cancelled_at", "closed_at",
    # yes or no that changes what is sent or what it costs
    "test", "taxes_included", "duties_included", "requires_shipping", "gift_card", "is_removed",
    "restock", "tip_payment_gateway",
})
# fmt: on
TELLS_WHAT_IT_IS = frozenset(
    {"sku", "variant_id", "product_id", "taxable", "discount_codes", "type", "code"}
)
"""A line that names no article may be a tip; what is taxed, and what a code is for, shares amounts
out. An order in which these are odd is read all the same, and then judged by what it says.
"""
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=30)
    | st.sampled_from(["null", "None", "x" * 20_001, "\x0b", "\ud83d", "0000-00-00", "9" * 400]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


def read(tree):
    at = Context("shop-eu", codes=code_lists("shopify"))
    return decode(DECODE, "orders/create", json.dumps(tree).encode(), at)[0]


def worth(order):
    """What must not change: money, pieces, states."""
    lines = [(one.quantity, one.total, one.tax, one.cancelled_quantity) for one in order.lines]
    states = (order.state, order.payment_state, order.fulfilment_state, order.test)
    return order.channel_order_id, order.currency, order.totals, lines, states


@cache
def rest_orders():
    trees = [(path.name, json.loads(path.read_bytes())) for path in SHOPIFY_ORDERS.paths]
    return {name: tree for name, tree in trees if shopify_resource(tree, "order") is not None}


def undecided(tree):
    """The places of a tree on which nothing depends."""
    return [
        path
        for path in places(tree)
        if isinstance(path[-1], str) and not DECIDES & {path[-1]} and not _amount_inside(path)
    ]


def _amount_inside(path):
    return any(str(step).endswith(("_set", "money")) for step in path)


def test_there_are_many_fields_on_which_nothing_depends():
    found = {str(path[-1]) for tree in rest_orders().values() for path in undecided(tree)}
    assert found >= {
        "note", "tags", "sku", "title", "name", "vendor", "properties", "grams", "country_code",
        "country", "customer", "shipping_address", "discount_applications", "discount_codes", "zip",
        "phone", "email", "taxable", "order_number", "processed_at", "variant_id", "rate",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(rest_orders()))
@given(data=st.data())
@settings(
    max_examples=40, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
def test_a_field_on_which_nothing_depends_stops_no_order(name, data):
    tree = json.loads(json.dumps(rest_orders()[name]))
    before, spoilt = read(tree), set()
    for path in data.draw(st.lists(st.sampled_from(undecided(tree)), min_size=1, max_size=4)):
        try:
            put(tree, path, data.draw(ANYTHING))
            spoilt |= set(path)
        except (KeyError, TypeError, IndexError):
            continue  # it stood in a part that holds something else by now
    try:
        after = read(tree)
    except BadData as error:
        pytest.fail(f"parked for {error.path}: {error.code}")
    if not TELLS_WHAT_IT_IS & spoilt:
        assert worth(after) == worth(before)
