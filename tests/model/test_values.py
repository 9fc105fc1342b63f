"""The values that documents are made of: what is read, and by which code the rest is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from hub.model.document import (
    Address,
    Amount,
    Count,
    Country,
    Currency,
    Id,
    Instant,
    Language,
    Number,
    OptId,
    OptText,
    Pieces,
    Quantity,
    Text,
    is_currency,
    pieces,
    plain,
    show_instant,
)

READERS = {
    name: TypeAdapter(kind)
    for name, kind in {
        "text": Text, "opt_text": OptText, "id": Id, "opt_id": OptId, "amount": Amount,
        "quantity": Quantity, "pieces": Pieces, "count": Count, "instant": Instant,
        "country": Country, "currency": Currency, "language": Language,
    }.items()
}  # fmt: skip


def read(kind, value):
    return READERS[kind].validate_python(value)


def refusal(kind: str, value: Any) -> str:
    """By which code a value is refused; `read` where it is not."""
    try:
        read(kind, value)
    except ValidationError as error:
        (one,) = error.errors()
        return one["type"]
    return "read"


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("text", "  Cafe\u0301 ", "Café"), ("text", "\u202ertl", "\u202ertl"),
        ("text", "a\tb\r\nc", "a\tb\r\nc"),
        ("text", "\u200e\ufeff a\u200b \u202c", "a"),
        ("text", "zero\u200bwidth", "zero\u200bwidth"),
        ("text", "👩‍👩‍👧", "👩‍👩‍👧"), ("text", "<script>", "<script>"), ("text", "=1+1", "=1+1"),
        ("text", "'; DROP TABLE x", "'; DROP TABLE x"), ("text", "{{ 7*7 }}", "{{ 7*7 }}"),
        ("opt_text", "", None), ("opt_text", "  ", None), ("opt_text", None, None),
        ("text", "x" * 20_000, "x" * 20_000),
        ("id", 9007199254740993, "9007199254740993"), ("id", Number("820982911946154508"),
         "820982911946154508"), ("id", " A 1 ", "A 1"), ("id", "007", "007"), ("opt_id", "", None),
        ("id", "x" * 200, "x" * 200), ("opt_id", None, None),
        ("amount", "12", Decimal(12)), ("amount", Number("9.5"), Decimal("9.5")),
        ("amount", "-0.01", Decimal("-0.01")), ("amount", 12, Decimal(12)),
        ("amount", Decimal("1.10"), Decimal("1.10")), ("amount", "99999999999999.999999",
         Decimal("99999999999999.999999")),
        ("pieces", Number("5"), Decimal(5)), ("pieces", "5", Decimal(5)),
        ("pieces", Number("5.0"), Decimal(5)), ("pieces", 10**9, Decimal(10**9)),
        ("count", 0, Decimal(0)), ("quantity", "-1.5", Decimal("-1.5")),
        ("country", "de", "DE"), ("country", "", None), ("currency", " eur ", "EUR"),
        ("currency", "XXX", "XXX"), ("language", "zh-Hant-TW", "zh-Hant-TW"),
    ],
)  # fmt: skip
def test_a_value_is_read_as_it_was_meant(kind, value, found):
    assert read(kind, value) == found


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        *[("text", text, "bad_text") for text in (
            "a\x00", "\x1b[2J", "\x7f", "\ud800", "\ufdd0", "\uffff",
        )],
        ("text", "", "missing_field"), ("text", None, "missing_field"),
        ("text", 5, "wrong_type"), ("text", [], "wrong_type"), ("text", b"x", "wrong_type"),
        *[("id", value, "bad_id") for value in (
            "", None, "null", "undefined", "NaN", "None", "x" * 201,
        )],
        *[("id", Number(value), "bad_id") for value in ("1.0", "1.5")],
        ("id", 1.0, "wrong_type"), ("id", True, "wrong_type"),
        *[("amount", value, "bad_number") for value in (
            "", " 12 ", "12,50", "1_000", "١٢", "0x10", "NaN", "Infinity", "-Infinity", "1e400",
            "1E+1000000", "007", "+1", "1.", ".5", "1.1234567", "9" * 15, "9" * 4301, None, True,
            1.5, float("nan"), Decimal("NaN"), Decimal("1e20"), Decimal("0.0000001"), [], "12 EUR",
        )],
        *[("pieces", value, "bad_quantity") for value in (0, -1, "5.5", True, False, 10**9 + 1)],
        ("pieces", 5.0, "bad_number"), ("pieces", "five", "bad_number"),
        *[("count", value, "bad_quantity") for value in (-1, "0.5", True)],
        ("quantity", 10**9 + 1, "bad_quantity"),
        *[("instant", value, "bad_time") for value in (
            "2026-01-01T00:00:00", "2026-01-01", "2026-02-30T00:00:00Z", "0000-00-00",
            "0001-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "26-01-01T00:00:00Z", 1767225600000,
            Number("1767225600"), "now", "", None, datetime(2026, 1, 1),  # noqa: DTZ001
            "2200-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
        )],
        ("country", "DEU", "unknown_code"), ("country", "D1", "unknown_code"),
        ("country", "ÄÖ", "unknown_code"), ("currency", "EURO", "unknown_code"),
        ("currency", "€", "unknown_code"), ("currency", "", "missing_field"),
        ("language", "de_DE", "unknown_code"), ("language", "d", "unknown_code"),
    ],
)  # fmt: skip
def test_a_value_that_is_wrong_is_refused_by_its_code(kind, value, code):
    assert refusal(kind, value) == code


def test_text_beyond_its_limit_is_refused():
    assert "too_long" in refusal("text", "x" * 20_001)


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z"),
        ("2025-12-31T19:00:00-05:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00.125Z", "2026-01-01T00:00:00.125000Z"),
        ("2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00Z"),
    ],
)
def test_a_time_is_shown_in_utc(given_, shown):
    assert show_instant(read("instant", given_)) == shown


@given(st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_every_time_survives_being_written_and_read(at):
    again = read("instant", show_instant(at))
    assert again == at.astimezone(UTC)
    assert again.tzinfo is UTC
    assert READERS["instant"].dump_json(again).decode() == f'"{show_instant(at)}"'


@given(st.decimals(-(10**13), 10**13, places=4))
def test_G19_every_amount_survives_being_written_and_read(amount):
    written = plain(amount)
    assert "E" not in written
    assert read("amount", written) == amount
    assert plain(read("amount", written)) == written


def test_quantities_are_shown_without_needless_zeros():
    assert [pieces(Decimal(it)) for it in ("5", "5.0", "5.50", "100", "0", "-1.500")] == [
        "5", "5", "5.5", "100", "0", "-1.5",
    ]  # fmt: skip


@given(st.text(max_size=60))
def test_any_text_at_all_is_read_or_refused_by_code(text):
    assert refusal("text", text) in {"read", "bad_text", "missing_field"}
    assert refusal("amount", text) in {"read", "bad_number"}
    assert refusal("instant", text) in {"read", "bad_time"}
    assert refusal("id", text) in {"read", "bad_text", "bad_id"}


def test_an_address_may_miss_every_part_and_never_changes():
    address = Address()
    assert address == Address(name="", lines=(), country=None)
    with pytest.raises(ValidationError):
        address.name = "x"
    assert refusal_of(Address, {"street": "x"}) == "extra_forbidden"


def refusal_of(model, tree):
    with pytest.raises(ValidationError) as caught:
        model.model_validate(tree)
    return caught.value.errors()[0]["type"]


def test_iso_4217_knows_money_and_not_its_absence():
    assert [code for code in ("EUR", "JPY", "CLF", "XXX", "EURO", "") if is_currency(code)] == [
        "EUR", "JPY", "CLF",
    ]  # fmt: skip
