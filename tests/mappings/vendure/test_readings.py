"""What a shop means where its answers differ from a case. Answers of a shop that we ran, some with
amounts of our own.
"""

import json

import pytest

from hub.model.errors import BadData, Ignored
from mappings.kit import Context, decode
from mappings.vendure import decoders
from tests.mappings.equations import assert_adds_up
from tests.mappings.partners import PARTNERS

VENDURE = PARTNERS["vendure"]
case = VENDURE.case
ORDERS = [
    path.name.removesuffix(".in.json")
    for path in VENDURE.cases
    if VENDURE.topic(path) != "product" and b'"unitPrice":' in path.read_bytes()
]


def read(tree):
    return VENDURE.read("order", tree)


def test_what_was_cancelled_costs_what_it_did_when_it_was_bought():
    (placed,) = read(case("order.placed_with_a_coupon"))
    tree = case("OrderStateTransitionEvent.shipped_and_cancelled_in_part")
    tree["data"]["activeChannel"]["pricesIncludeTax"] = False
    (later,) = read(tree)
    assert [line.total for line in later.lines] == [line.total for line in placed.lines]
    assert later.totals.grand_total == placed.totals.grand_total
    assert [line.cancelled_quantity for line in later.lines] == [0, 2, 0]


def test_an_order_is_the_same_bare_listed_or_in_any_field():
    tree = case("order.placed_with_a_coupon")
    order, shop = tree["data"].pop("order"), tree["data"]
    (expected,) = read({"data": {**shop, "order": order}})
    for wrapped in ({"orders": {"items": [order]}}, {"orderByCode": order}):
        assert read({"data": {**shop, **wrapped}}) == [expected]
    (bare,) = read(order)
    assert read([order]) == [bare]
    assert bare.prices_include_tax
    assert bare.totals.grand_total == expected.totals.grand_total


@pytest.mark.parametrize("name", ORDERS)
def test_both_tax_modes_come_to_the_same_to_the_cent(name):
    sums = []
    for taxed in (True, False):
        tree = case(name)
        tree["data"]["activeChannel"] = {"pricesIncludeTax": taxed}
        orders = read(tree)
        assert {order.prices_include_tax for order in orders} == {taxed}
        sums.append([(it.totals.grand_total, it.totals.tax) for it in orders])
        for order in orders:
            assert_adds_up(order)
            assert order.totals.rounding == 0
    assert sums[0] == sums[1]


@pytest.mark.parametrize("state", ["AddingItems", "ArrangingPayment", "Draft", "Created"])
def test_a_cart_is_no_order(state):
    tree = case("order.placed_with_a_coupon")
    tree["data"]["order"]["state"] = state
    with pytest.raises(Ignored):
        read(tree)


def test_an_error_that_stands_where_an_order_was_asked_for_is_named():
    refused = {"errorCode": "QUANTITY_TOO_GREAT_ERROR", "message": "too many"}
    with pytest.raises(BadData, match="QUANTITY_TOO_GREAT_ERROR"):
        read({"data": {"cancelOrder": refused}})


def test_the_command_line_reads_without_a_connection():
    tree, at = case("order.cancelled_as_a_whole"), Context("shop-fi")
    assert decode(decoders(), "order", json.dumps(tree).encode(), at) == read(tree)
