"""The order generator: repeatable, exact to the last minor unit, in Shopify's shape."""

import json
from decimal import Decimal
from itertools import islice

import pytest

from sandbox.catalogue import CATALOGUE, MARKETS, gtin13
from sandbox.order_money import Money
from sandbox.orders import generate
from tests.kit.fixtures import SHARED

D = Decimal
ORDERS = list(generate(400, seed=11))


def is_tip(line):
    return line["title"] == "Tip"


def allocated(item):
    return sum((D(it["amount"]) for it in item["discount_allocations"]), D(0))


@pytest.mark.parametrize("order", ORDERS[:60], ids=lambda it: it["name"])
def test_the_totals_add_up_exactly(order):
    lines, shipping = order["line_items"], order["shipping_lines"]
    goods = [line for line in lines if not is_tip(line)]
    subtotal = sum(D(it["price"]) * it["quantity"] - allocated(it) for it in goods)
    shipped = sum(D(it["price"]) - allocated(it) for it in shipping)
    tax = sum((D(t["price"]) for it in lines + shipping for t in it["tax_lines"]), D(0))
    tip = sum(D(line["price"]) for line in lines if is_tip(line))
    assert D(order["subtotal_price"]) == subtotal
    assert D(order["total_tax"]) == tax == sum((D(t["price"]) for t in order["tax_lines"]), D(0))
    assert D(order["total_tip_received"]) == tip
    added = D(0) if order["taxes_included"] else tax
    assert D(order["total_price"]) == subtotal + shipped + tip + added
    assert D(order["total_discounts"]) == sum(D(it["amount"]) for it in order["discount_codes"])
    assert shipped == sum(D(it["discounted_price"]) for it in shipping)


def test_the_same_seed_gives_the_same_orders_and_another_others():
    assert list(generate(5, seed=3)) == list(generate(5, seed=3))
    assert list(islice(generate(9, seed=3), 5)) == list(generate(5, seed=3))
    ids = {it["id"] for seed in (3, 4) for it in generate(50, seed=seed)}
    assert len(ids) == 100
    assert min(ids) > 2**31


def test_names_count_and_line_ids_are_unique():
    assert [it["name"] for it in ORDERS[:3]] == ["#1001", "#1002", "#1003"]
    lines = [line["id"] for it in ORDERS for line in it["line_items"]]
    assert len(set(lines)) == len(lines)


def test_all_that_may_occur_does_occur():
    seen = {
        "countries": {it["shipping_address"]["country_code"] for it in ORDERS},
        "currencies": {it["currency"] for it in ORDERS},
        "included": {it["taxes_included"] for it in ORDERS},
        "unpaid": {it["financial_status"] for it in ORDERS},
        "targets": {a["target_type"] for it in ORDERS for a in it["discount_applications"]},
        "kinds": {code["type"] for it in ORDERS for code in it["discount_codes"]},
        "ships": {line["requires_shipping"] for it in ORDERS for line in it["line_items"]},
    }
    assert seen == {
        "countries": {"NL", "DE", "BE", "GB", "SE", "US", "JP"},
        "currencies": {"EUR", "GBP", "SEK", "USD", "JPY"},
        "included": {True, False},
        "unpaid": {"paid", "pending"},
        "targets": {"line_item", "shipping_line"},
        "kinds": {"percentage", "fixed_amount"},
        "ships": {True, False},
    }
    assert any(it["note"] for it in ORDERS)
    assert any(is_tip(line) for it in ORDERS for line in it["line_items"])
    assert max(len(it["line_items"]) for it in ORDERS) > 5


def test_yen_have_no_decimals():
    order = next(it for it in ORDERS if it["currency"] == "JPY")
    assert "." not in order["total_price"]


def test_without_traits_every_order_is_plain_and_stays_in_its_markets():
    for order in generate(60, seed=2, markets=["NL", "BE"], traits=frozenset()):
        assert order["currency"] == "EUR"
        assert order["discount_codes"] == []
        assert order["note"] is None
        assert order["financial_status"] == "paid"
        assert all(line["requires_shipping"] for line in order["line_items"])


def test_a_split_loses_nothing():
    money = Money(MARKETS[0])
    shares = money.split(D("10.00"), [D(1), D(1), D(1)])
    assert sorted(shares) == [D("3.33"), D("3.33"), D("3.34")]
    assert sum(shares) == D("10.00")


def test_article_numbers_have_right_check_digits():
    assert gtin13("400638133393") == "4006381333931"
    assert {it.sku: it.gtin for it in CATALOGUE}["TSHIRT-M"] == "4006381333931"


def test_the_shape_is_that_of_a_recorded_order():
    recorded = SHARED / "channels/shopify/order-partially-refunded-202607-appjs.json"
    if not recorded.exists():
        names = {"id", "admin_graphql_api_id", "line_items", "shipping_lines", "total_price_set"}
        assert names <= set(ORDERS[0]), "our own short list, the recordings are not here"
        return
    order = json.loads(recorded.read_text())["order"]
    assert set(ORDERS[0]) == set(order)
    for part in ("line_items", "shipping_lines"):
        assert set(ORDERS[0][part][0]) == set(order[part][0])
    assert set(order["customer"]) == set(ORDERS[0]["customer"])
    assert set(order["shipping_address"]) == set(ORDERS[0]["shipping_address"])
