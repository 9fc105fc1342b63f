"""Whether an order adds up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.order import Fee, Payment, Presentment, ShippingLine
from hub.rules.orders.order_totals import mismatches
from tests.rules.builders import line, order


def wrong(an_order):
    return [problem.path for problem in mismatches(an_order)]


def test_an_order_with_every_part_adds_up():
    an_order = order(
        line(1, quantity=3, unit_price="9.99", discount="1.00", tax="5.51"),
        line(2, unit_price="0.00"),
        shipping=(ShippingLine(price="5.00", discount="1.00", tax="0.76", total="4.76"),),
        fees=(Fee(amount="2.00", tax="0.38", total="2.38"),),
    )
    assert wrong(an_order) == []


def test_taxes_inside_prices_are_not_added_again():
    one = line(quantity=2, unit_price="11.90", tax="3.80", total="23.80")
    assert wrong(order(one, prices_include_tax=True)) == []
    assert wrong(order(one)) == ["lines.0.total"]


@pytest.mark.parametrize(
    ("given_", "paths"),
    [
        ({"totals": {"items": "10.01"}}, ["totals.items"]),
        ({"totals": {"tax": "0.01"}}, ["totals.tax"]),
        ({"totals": {"grand_total": "9.99"}}, ["totals.grand_total"]),
        (
            {"shipping": (ShippingLine(price="5.00", total="4.00"),)},
            ["shipping.0.total"],
        ),
        ({"fees": (Fee(amount="1.00", tax="0.19", total="1.00"),)}, ["fees.0.total"]),
    ],
)
def test_each_equation_that_fails_is_named(given_, paths):
    assert wrong(order(**given_)) == paths


def test_the_sentence_names_both_amounts():
    problem = next(mismatches(order(line(total="10.50"))))
    assert (problem.code, problem.message) == (
        "totals_mismatch",
        "line 1: 10.50 is stated, its parts make 10.00",
    )


@pytest.mark.parametrize(
    ("rounding", "lines", "fits"),
    [("0.01", 1, True), ("-0.01", 1, True), ("0.02", 1, False), ("0.02", 2, True)],
)
def test_rounding_is_at_most_a_cent_a_line(rounding, lines, fits):
    grand = Decimal(10) * lines + Decimal(rounding)
    an_order = order(
        *(line(n) for n in range(1, lines + 1)),
        totals={"rounding": rounding, "grand_total": grand},
    )
    assert wrong(an_order) == ([] if fits else ["totals.rounding"])


def test_a_unit_price_with_six_places_may_be_rounded_to_the_cent():
    assert (
        wrong(
            order(line(quantity=3, unit_price="0.333333", total="1.00"), totals={"items": "1.00"})
        )
        == []
    )
    assert wrong(
        order(line(quantity=3, unit_price="0.333333", total="1.02"), totals={"items": "1.00"})
    ) == ["lines.0.total"]
    assert wrong(order(line(quantity=3, unit_price="0.33", total="1.00"))) == ["lines.0.total"]


@pytest.mark.parametrize(
    ("currency", "price", "fits"),
    [
        ("EUR", "10.00", True),
        ("EUR", "10.001", False),
        ("JPY", "1000", True),
        ("JPY", "1000.5", False),
        ("KWD", "1.005", True),
        ("KWD", "1.0005", False),
    ],
)
def test_an_amount_has_the_places_of_its_currency(currency, price, fits):
    found = wrong(order(line(unit_price=price), currency=currency))
    expected = ["lines.0.total", "totals.items", "totals.grand_total"]
    assert found == ([] if fits else expected)


def test_a_payment_is_in_the_orders_or_the_customers_currency():
    paid = Payment(amount="11.00", currency="USD")
    assert wrong(order(payments=(paid,))) == ["payments.0.currency"]
    seen = Presentment(currency="USD", grand_total="11.00")
    assert wrong(order(payments=(paid,), presentment=seen)) == []


def test_the_largest_order_is_checked_without_breaking():
    huge = line(quantity=10**9, unit_price="99999999999999.999999", total="1")
    assert wrong(order(huge, totals={"items": "1", "grand_total": "1"})) == [
        *("lines.0.total", "totals.items")
    ]


amounts = st.decimals(min_value=0, max_value=9999, places=2)


@given(
    st.lists(st.tuples(st.integers(1, 99), amounts, amounts, amounts), min_size=1, max_size=6),
    st.booleans(),
)
def test_G19_what_is_made_from_its_parts_adds_up(parts, inclusive):
    lines = []
    for at, (quantity, price, discount, tax) in enumerate(parts, start=1):
        total = price * quantity - discount + (0 if inclusive else tax)
        lines.append(
            line(at, quantity=quantity, unit_price=price, discount=discount, tax=tax, total=total)
        )
    assert wrong(order(*lines, prices_include_tax=inclusive)) == []


@given(amounts, st.decimals(min_value="0.01", max_value=99, places=2))
def test_any_cent_too_much_is_found(price, extra):
    one = line(unit_price=price, total=price + extra)
    assert wrong(order(one)) == ["lines.0.total"]
