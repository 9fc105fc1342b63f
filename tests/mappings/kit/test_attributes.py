"""What has no canonical place is kept plain, without what is private; text of pages, and units."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.document import TEXT_LIMIT, Cleaned, Number
from mappings.kit import existing
from mappings.kit.attributes import MOST, MOST_DEPTH, kept, plain, private, properties, told
from mappings.kit.markup import unescaped, untagged
from mappings.kit.units import GRAMS, MILLIMETRES, measured

IS_PRIVATE = private("receipt|card", within="fingerprint")


@pytest.mark.parametrize(
    "name",
    ["token", "access_token", "accessToken", "_wp-session", "customer_ip", "user-agent", "Secret",
     "receipt", "card", "xfingerprinty", "passwords", "IP"],
)  # fmt: skip
def test_a_private_field_is_known_by_a_word_of_its_name(name):
    assert IS_PRIVATE(name)
    assert kept([(name, "x")], IS_PRIVATE) == {}
    assert plain({"a": [{name: 1, "b": 2}]}, IS_PRIVATE) == {"a": [{"b": 2}]}


@pytest.mark.parametrize(
    "name", ["zip", "tokenised", "gift_cards", "agency", "ship_to", "recipient"]
)
def test_a_word_that_only_begins_or_ends_like_it_is_none(name):
    assert not IS_PRIVATE(name)


def test_what_says_nothing_is_left_out_and_no_and_zero_are_kept():
    pairs = [
        ("a", None),
        ("b", ""),
        ("c", []),
        ("d", {}),
        ("e", False),
        ("f", 0),
        (None, 1),
        ("", 1),
    ]
    assert kept(pairs, IS_PRIVATE) == {"e": False, "f": 0}
    assert told(dict(pairs[:6])) == {"e": False, "f": 0}


def test_there_are_at_most_so_many_and_none_is_deeper_or_longer():
    assert len(kept(((str(it), 1) for it in range(MOST + 5)), IS_PRIVATE)) == MOST
    deep: object = "bottom"
    for _ in range(MOST_DEPTH + 1):
        deep = [deep]
    assert "bottom" not in json.dumps(plain(deep, IS_PRIVATE))
    assert "bottom" in json.dumps(plain(deep[0], IS_PRIVATE))
    assert len(plain("x" * (TEXT_LIMIT + 1), IS_PRIVATE)) == TEXT_LIMIT


def test_numbers_are_the_text_they_were_written_as():
    tree = plain({"a": Number("1.50"), "b": Cleaned("x")}, IS_PRIVATE)
    assert tree == {"a": "1.50", "b": "x"}
    assert {type(it) for it in tree.values()} == {str}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([{"name": "Engraving", "value": "A"}, {"name": "", "value": 1}, 7], [("Engraving", "A")]),
        ({"Engraving": "A", "Wrap": None}, [("Engraving", "A"), ("Wrap", None)]),
        ([{"value": "A"}, {"name": 7, "value": "A"}], []),
        (None, []), ("text", []), (5, []),
    ],
)  # fmt: skip
def test_properties_come_as_a_list_or_as_an_object(sent, expected):
    assert properties(sent) == expected


def test_text_of_a_page_is_read_as_it_is_shown():
    assert unescaped(" Bed &amp; Breakfast ") == "Bed & Breakfast"
    assert unescaped("1 < 2") == "1 < 2"
    assert untagged("<p>Bed &amp; <b>Breakfast</b></p>") == "Bed &  Breakfast"
    assert [unescaped(it) for it in (None, "", "&nbsp;")] == [None, None, None]
    assert [untagged(it) for it in (None, "", "<br>")] == [None, None, None]


@given(st.text())
def test_any_text_at_all_is_text_of_a_page(body):
    assert len(untagged(body) or "") <= TEXT_LIMIT


def test_a_measure_is_in_grams_or_millimetres_and_one_of_nothing_is_not_known():
    assert measured(Decimal("1.5"), GRAMS["lb"]) == Decimal("680.389")
    assert measured(Decimal(2), MILLIMETRES["in"]) == Decimal("50.800")
    assert measured(Decimal(0), GRAMS["kg"]) is None
    assert measured(Decimal(1), None) is None


def test_an_id_of_0_names_nothing():
    assert [existing(it) for it in ("7", "0", None)] == ["7", None, None]
