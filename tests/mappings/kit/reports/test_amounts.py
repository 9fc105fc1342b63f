"""Amounts in whatever way a file writes them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import BadData
from mappings.kit.reports.amounts import amount, mark_of

AMOUNTS = st.decimals(-99_999_999, 99_999_999, places=2, allow_nan=False, allow_infinity=False)


def written(number: Decimal, mark: str, thousands: str) -> str:
    text = f"{number:,.2f}".replace(",", "_").replace(".", mark)
    return text.replace("_", thousands)


@given(st.lists(AMOUNTS, min_size=1), st.sampled_from([".,", ",.", ". ", ", ", ".", ","]))
def test_a_file_is_read_as_it_was_written(numbers, marks):
    texts = [written(number, marks[0], marks[1:]) for number in numbers]
    mark = mark_of(texts, usual=None)
    assert [amount(text, mark) for text in texts] == numbers


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1250", ".", "1250"),
        ("-12.5", ".", "-12.5"),
        ("+3", ".", "3"),
        (".5", ".", "0.5"),
        ("-,50", ",", "-0.50"),
        ("0012.30", ".", "12.30"),
        ("12,00-", ",", "-12.00"),
        ("\u2212 7.00", ".", "-7.00"),
        ("1 234,50", ",", "1234.50"),
        ("1'234.50", ".", "1234.50"),
        ("0", ".", "0"),
        ("-0.00", ".", "0.00"),
    ],
)
def test_an_amount(text, mark, number):
    assert amount(text, mark) == Decimal(number)


@pytest.mark.parametrize("text", ["", "-", ".", "twelve", "1.2.3", "12,34", "1,23,456.00", "1e99"])
def test_what_is_none(text):
    with pytest.raises(BadData):
        amount(text, ".")


def test_what_can_be_read_both_ways_is_read_as_usual_or_refused():
    assert mark_of(["1,234", "500"], usual=".") == "."
    assert mark_of(["1,234", "500,00"], usual=".") == ","
    with pytest.raises(BadData, match="nothing tells"):
        mark_of(["1,234", "500"], usual=None)


def test_a_file_that_writes_both_ways_is_refused():
    with pytest.raises(BadData, match="one way of writing"):
        mark_of(["12.34", "12,34"])
