"""Money is exact: sums, shares and roundings, as laws."""

from decimal import Decimal, Inexact, Rounded

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.money import EXPONENT, Money, add, fits, round_to, split, times, unit

AMOUNTS = st.decimals(-(10**12), 10**12, places=2)
WEIGHTS = st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=30)
CURRENCIES = st.sampled_from(sorted(EXPONENT))


@given(AMOUNTS, WEIGHTS)
def test_G19_shares_sum_to_the_whole(total, weights):
    assert sum(split(total, weights, "EUR")) == total


@given(st.integers(-(10**9), 10**9), WEIGHTS, CURRENCIES)
def test_G19_every_share_is_a_whole_amount_of_its_currency(units, weights, currency):
    total = units * unit(currency)
    shares = split(total, weights, currency)
    assert sum(shares) == total
    assert all(fits(share, currency) for share in shares)
    assert len(shares) == len(weights)


@given(AMOUNTS, WEIGHTS)
def test_G19_no_share_is_further_than_one_unit_from_its_proportion(total, weights):
    whole = sum(weights)
    for share, weight in zip(split(total, weights, "EUR"), weights, strict=True):
        proportion = total * weight / whole if whole else total / len(weights)
        assert abs(share - proportion) < Decimal("0.0100001")


@given(AMOUNTS, WEIGHTS)
def test_a_negative_total_mirrors_the_positive_one(total, weights):
    assert split(-total, weights, "EUR") == [-share for share in split(total, weights, "EUR")]


@given(AMOUNTS, WEIGHTS, st.integers(1, 1000))
def test_only_the_proportion_of_weights_matters(total, weights, factor):
    assert split(total, weights, "EUR") == split(total, [it * factor for it in weights], "EUR")


def test_the_rest_goes_to_the_largest_remainders_and_a_tie_to_the_first():
    assert split(Decimal("10.00"), [Decimal(1)] * 3, "EUR") == [
        Decimal("3.34"), Decimal("3.33"), Decimal("3.33"),
    ]  # fmt: skip
    assert split(Decimal("0.05"), [Decimal(1), Decimal(8), Decimal(1)], "EUR") == [
        Decimal("0.01"), Decimal("0.04"), Decimal("0.00"),
    ]  # fmt: skip
    assert split(Decimal(10), [Decimal(0)] * 4, "JPY") == [3, 3, 2, 2]


@pytest.mark.parametrize(
    ("total", "weights"),
    [("1.00", []), ("1.00", [Decimal(-1), Decimal(2)]), ("1.005", [Decimal(1)])],
)
def test_what_cannot_be_shared_is_refused(total, weights):
    with pytest.raises(ValueError, match=r"weights|whole amount"):
        split(Decimal(total), weights, "EUR")


@given(st.lists(AMOUNTS, max_size=50))
def test_G19_sums_are_exact(amounts):
    assert add(*amounts) == sum(amounts, Decimal(0))


@given(AMOUNTS, st.integers(1, 10**9))
def test_G19_products_are_exact(price, pieces):
    assert times(price, Decimal(pieces)) == price * pieces


def test_what_38_digits_cannot_hold_raises_instead_of_rounding():
    long = Decimal("1" * 30)
    with pytest.raises((Inexact, Rounded)):
        times(long, long)
    with pytest.raises((Inexact, Rounded)):
        add(Decimal("1e30"), Decimal("1e-30"))


@pytest.mark.parametrize(
    ("amount", "currency", "rule", "rounded"),
    [
        ("2.345", "EUR", "half_up", "2.35"), ("2.345", "EUR", "half_even", "2.34"),
        ("-2.345", "EUR", "half_up", "-2.35"), ("2.5", "JPY", "half_up", "3"),
        ("2.5", "JPY", "half_even", "2"), ("1.2345", "KWD", "half_up", "1.235"),
    ],
)  # fmt: skip
def test_rounding_is_by_the_currency_and_the_rule_named(amount, currency, rule, rounded):
    assert str(round_to(Decimal(amount), currency, rule)) == rounded


@given(AMOUNTS, CURRENCIES)
def test_rounding_moves_at_most_half_a_unit(amount, currency):
    rounded = round_to(amount, currency)
    assert fits(rounded, currency)
    assert abs(rounded - amount) <= unit(currency) / 2


def test_units_follow_iso_4217():
    shown = {code: str(unit(code)) for code in ("EUR", "JPY", "KWD", "CLF")}
    assert shown == {"EUR": "0.01", "JPY": "1", "KWD": "0.001", "CLF": "0.0001"}
    assert fits(Decimal("1.0"), "JPY")
    assert not fits(Decimal("1.5"), "JPY")
    with pytest.raises(KeyError):
        unit("XXX")


def test_G19_two_currencies_never_mix():
    euro, yen = Money(Decimal("1.00"), "EUR"), Money(Decimal(1), "JPY")
    assert euro + euro - euro == euro
    assert -euro == Money(Decimal("-1.00"), "EUR")
    for mix in (lambda: euro + yen, lambda: yen - euro):
        with pytest.raises(ValueError, match="do not add"):
            mix()


@given(AMOUNTS, WEIGHTS)
def test_money_splits_as_its_amount_does(total, weights):
    shares = Money(total, "EUR").split(weights)
    assert [share.amount for share in shares] == split(total, weights, "EUR")
    assert {share.currency for share in shares} == {"EUR"}
