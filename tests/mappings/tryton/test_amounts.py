"""Amounts: what is taken apart comes to the same cent again."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import BadData
from hub.model.money import round_to
from hub.model.order import TaxLine
from mappings.kit.bills.amounts import Correction, corrections, price_pairs
from mappings.kit.ledger_lines import Taxed, taxed

D = Decimal
CENTS = st.integers(-10_000_000, 10_000_000).map(lambda cents: D(cents).scaleb(-2))
RATES = st.sampled_from([D("0.055"), D("0.06"), D("0.19"), D("0.20"), D("0.25")])


@given(st.integers(1, 5000).map(D), CENTS)
def test_prices_times_pieces_come_to_the_amount(pieces: Decimal, amount: Decimal) -> None:
    pairs = price_pairs(pieces, amount, "EUR")
    booked = sum((round_to(count * price, "EUR", "half_even") for count, price in pairs), D(0))
    assert sum(count for count, _ in pairs) == pieces
    assert abs(booked - amount) <= (D("0.01") if len(pairs) == 2 else D(0))
    assert all(price == price.quantize(D("0.0001")) for _, price in pairs)


@pytest.mark.parametrize(
    ("pieces", "amount", "expected"),
    [
        ("7", "100.00", [(D(7), D("14.2857"))]),
        ("1000", "33.33", [(D(300), D("0.0334")), (D(700), D("0.0333"))]),
        ("1", "-4.90", [(D(1), D("-4.9000"))]),
        ("2", "0", [(D(2), D("0.0000"))]),
    ],
)
def test_a_price_is_cut_in_two_only_where_it_must(pieces, amount, expected) -> None:
    assert price_pairs(D(pieces), D(amount), "EUR") == expected


def test_rates_that_the_channel_names_are_taken() -> None:
    stated = [TaxLine(rate=D("0.06"), amount=D("6")), TaxLine(rate=D("0.025"), amount=D("2.50"))]
    item = taxed(D(100), D("8.50"), stated, [], "p")
    assert item == Taxed(D(100), ((D("0.06"), D("6")), (D("0.025"), D("2.50"))))
    assert item.gross == D("108.50")


def test_what_the_tax_lines_leave_out_goes_to_the_first() -> None:
    stated = [TaxLine(rate=D("0.06"), amount=D("6"))]
    assert taxed(D(100), D("6.01"), stated, [], "p").taxes == ((D("0.06"), D("6.01")),)


def test_no_tax_is_no_tax_whatever_rate_stands_beside_it() -> None:
    stated = [TaxLine(rate=D("0.06"), amount=D(0))]
    assert taxed(D(100), D(0), stated, [(D("0.06"),)], "p").taxes == ()


@pytest.mark.parametrize(
    ("tax", "seen", "expected"),
    [
        ("20.00", [], ((D("0.2000"), D("20.00")),)),
        ("8.50", [(D("0.06"), D("0.025"))], ((D("0.06"), D("6.0000")), (D("0.025"), D("2.5000")))),
        ("19.00", [(D("0.20"),), (D("0.19"),)], ((D("0.19"), D("19.00")),)),
    ],
)
def test_a_rate_that_nobody_names_is_found_from_the_amounts(tax, seen, expected) -> None:
    assert taxed(D(100), D(tax), [], seen, "p").taxes == expected
    assert taxed(D(100), D(tax), [TaxLine(amount=D(tax))], seen, "p").taxes == expected


def test_a_tax_on_nothing_is_bad_data() -> None:
    with pytest.raises(BadData) as refused:
        taxed(D(0), D("1.00"), [], [], "shipping.0.tax")
    assert (refused.value.path, refused.value.code) == ("shipping.0.tax", "bad_tax")


@given(st.lists(st.tuples(CENTS.map(abs), RATES), min_size=1, max_size=8))
def test_tax_rounded_by_line_needs_no_correction(lines) -> None:
    items = [Taxed(net, ((rate, round_to(net * rate, "EUR")),)) for net, rate in lines if net]
    assert corrections(items, "EUR") == []


@given(CENTS.map(abs), CENTS.map(abs), RATES)
def test_a_correction_makes_the_tax_come_out(net, tax, rate) -> None:
    fixes = corrections([Taxed(net, ((rate, tax),))], "EUR")
    base = net + sum((fix.base for fix in fixes), D(0))
    assert abs(round_to(base * rate, "EUR", "half_even") - tax) <= D("0.01")


def test_a_tax_taken_before_a_discount_is_corrected_by_its_base() -> None:
    items = [Taxed(D("199.00"), ((D("0.06"), D("3.98")),))]
    assert corrections(items, "USD") == [Correction(D("0.06"), D("-132.67"))]
