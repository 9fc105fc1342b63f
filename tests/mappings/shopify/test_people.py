"""Names and phones that carriers need, from wherever the order tells them."""

import json

import pytest

from tests.kit.fixtures import SHARED
from tests.mappings.shopify.sample import order, read

STREET = {"address1": "Verzonnenlaan 1", "city": "Zwolle", "zip": "8011 AB", "country_code": "NL"}
ANN = {"first_name": "Ann", "last_name": "Smit"}
BOB = {"name": "Bob Vos", "phone": "+31 4", **STREET}


def told(**changes):
    found = read(order(**{"shipping_address": STREET, **changes})).ship_to
    assert found is not None
    return found.name, found.phone


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (None, None)),
        ({"shipping_address": BOB, "customer": ANN, "phone": "+31 2"}, ("Bob Vos", "+31 4")),
        ({"customer": {**ANN, "phone": "+31 3"}}, ("Ann Smit", "+31 3")),
        ({"customer": ANN, "phone": "+31 2"}, ("Ann Smit", "+31 2")),
        ({"billing_address": BOB}, ("Bob Vos", "+31 4")),
        ({"customer": {"default_address": BOB}}, ("Bob Vos", "+31 4")),
        (
            {
                "phone": "+31 2",
                "shipping_lines": [
                    {"code": "OLD", "price": "0", "phone": "+31 8", "is_removed": True},
                    {"code": "X", "price": "0", "phone": "+31 9"},
                ],
            },
            (None, "+31 9"),
        ),
    ],
)
def test_what_an_address_lacks_stands_in_from_elsewhere(changes, expected):
    assert told(**changes) == expected


def test_a_buyer_alone_is_no_address():
    assert read(order(customer={**ANN, "phone": "+31 3"})).ship_to is None


@pytest.mark.skipif(not SHARED.exists(), reason="the collection is not beside the checkout")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("03-name-on-customer", ("Mirjam Oudkerk", "+31 600000012")),
        ("03-phone-on-shipping-line", ("Mirjam Oudkerk", "+31 600000077")),
    ],
)
def test_a_reported_order_has_who_and_where_to_call(name, expected):
    found = read(json.loads((SHARED / "bugs" / f"{name}.json").read_text("utf-8"))).ship_to
    assert found is not None
    assert (found.name, found.phone) == expected


@pytest.mark.skipif(not SHARED.exists(), reason="the collection is not beside the checkout")
def test_a_reported_order_says_which_line_is_anothers():
    found = read(
        json.loads((SHARED / "bugs" / "13-two-fulfilment-services.json").read_text("utf-8"))
    )
    assert [(line.sku, line.ours_to_ship) for line in found.lines] == [
        ("CUP", True),
        ("POSTER", False),
    ]
