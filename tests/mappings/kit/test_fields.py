"""The types of wire fields, each read from bytes as partners write them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

import pytest

from hub.model.document import OptId
from hub.model.errors import BadData
from mappings.kit import Context
from mappings.kit.fields import DECIDES, Many, Moment, Utc, UtcSeen, Whole, Wire
from mappings.kit.money import till
from mappings.kit.tables import wire


class Entry(Wire):
    sku: OptId = None


class Payload(Wire):
    price: Whole = None
    at: Utc = None
    seen: UtcSeen = None
    here: Moment = None
    entries: Annotated[Many[Entry], DECIDES] = ()


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
