"""The types of wire fields, each read from bytes as partners write them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError
from typing_extensions import TypedDict

from hub.model.document import Number, OptId
from hub.model.errors import BadData
from mappings.kit import Context
from mappings.kit.fields import (
    DECIDES,
    Cash,
    CashSeen,
    Many,
    Measure,
    Moment,
    Utc,
    UtcSeen,
    Whole,
    Wire,
)
from mappings.kit.money import till
from mappings.kit.tables import wire


class Entry(Wire):
    sku: OptId = None


class Entered(TypedDict, total=False):
    sku: OptId
    price: CashSeen
    cost: Cash


class Payload(Wire):
    price: Whole = None
    at: Utc = None
    seen: UtcSeen = None
    here: Moment = None
    entries: Annotated[Many[Entry], DECIDES] = ()
    entered: Many[Entered] = ()
    cost: Cash = None
    weight: Measure = None


def read(text):
    at = Context("shop", zone=ZoneInfo("Asia/Shanghai"))
    return wire(Payload, text.encode(), at), [one.code for one in at.warnings]


@pytest.mark.parametrize(
    ("text", "skus", "warned"),
    [
        ("null", [], 0),
        ("[]", [], 0),
        ("{}", [], 0),
        ('{"sku": "A"}', ["A"], 1),
        ('[{"sku": "A"}, {"sku": "B"}]', ["A", "B"], 0),
        ('[[{"sku": "A"}, {"sku": "B"}]]', ["A", "B"], 1),
        ('{"entry": [{"sku": "A"}, {"sku": "B"}]}', ["A", "B"], 1),
        ('{"entry": {"sku": "A"}}', ["A"], 1),
    ],
)
def test_a_list_is_read_however_it_is_wrapped(text, skus, warned):
    payload, warnings = read(f'{{"entries": {text}}}')
    assert [one.sku for one in payload.entries] == skus
    assert len(warnings) == warned


@pytest.mark.parametrize("text", ['"A"', '["A"]', "7"])
def test_a_list_that_decides_and_is_none_is_refused(text):
    with pytest.raises(BadData) as error:
        read(f'{{"entries": {text}}}')
    assert error.value.path.startswith("entries")


@pytest.mark.parametrize("text", ["1250", '"1250"', "1250.0", "-3"])
def test_a_whole_number_has_either_sign(text):
    assert read(f'{{"price": {text}}}')[0].price == Decimal(text.strip('"'))


@pytest.mark.parametrize("text", ["12.5", '"x"', "true", "[]", "1e30"])
def test_what_is_no_whole_number_is_refused_by_its_place(text):
    with pytest.raises(BadData) as error:
        read(f'{{"price": {text}}}')
    assert error.value.path == "price"


@pytest.mark.parametrize(
    ("currency", "units", "amount"),
    [("EUR", 1250, "12.50"), ("JPY", 1250, "1250"), ("KWD", 1250, "1.250"), ("XXX", 5, "0.05")],
)
def test_smallest_units_are_an_amount_by_their_currency(currency, units, amount):
    assert str(till(currency).minor(Decimal(units))) == amount


def test_a_time_without_a_zone_is_utc_or_at_the_connections_place():
    payload, _ = read('{"at": "2026-03-01T08:00:00", "here": "2026-03-01T08:00:00"}')
    assert payload.at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert payload.here == datetime(2026, 3, 1, 0, tzinfo=UTC)


def test_a_time_that_decides_nothing_is_left_out_where_it_is_none():
    payload, warnings = read('{"seen": "soon"}')
    assert (payload.seen, warnings) == (None, ["bad_time"])
    with pytest.raises(BadData):
        read('{"at": "soon"}')


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        (Number("6.613333333333333"), "6.613333"),
        (Number("0.100000000000000005551115123126"), "0.100000"),
        ("1,234.50", "1234.50"),
        ("12.50", "12.50"),
        (Number("1.5e2"), "150"),
        ("", None),
    ],
)
def test_an_amount_is_read_at_once_however_fine_it_is(told, amount):
    cost = Payload.model_validate({"cost": told}).cost
    assert (None if cost is None else str(cost)) == amount


@pytest.mark.parametrize(
    "told", ["12,50", "1,234.50.1", "99999999999999.9999999", "0.0000001", "x"]
)
def test_what_is_no_amount_is_refused_in_the_words_of_the_plain_one(told):
    with pytest.raises(ValidationError, match="plain decimal number is expected"):
        Payload.model_validate({"cost": told})


def test_a_measure_with_separators_of_thousands_is_left_out():
    payload, warnings = read('{"weight": "1,234.50"}')
    assert (payload.weight, warnings) == (None, ["bad_number"])


def test_an_entry_that_is_a_dictionary_is_mended_as_a_model_is():
    payload, warnings = read('{"entered": [{"sku": [1], "price": "x"}, 7, {"sku": 5}]}')
    assert payload.entered == ({"sku": None, "price": None}, {"sku": "5"})
    assert sorted(warnings) == ["bad_number", "wrong_type", "wrong_type"]


def test_what_decides_in_such_an_entry_refuses_the_document():
    with pytest.raises(BadData) as error:
        read('{"entered": [{"cost": "x"}]}')
    assert (error.value.path, error.value.code) == ("entered.0.cost", "bad_number")
