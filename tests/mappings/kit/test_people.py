"""Who bought and where it goes, whatever channel tells it."""

import pytest

from mappings.kit import Context, code_lists
from mappings.kit.people import Person, address, customer, joined

BUYER = Person("Ann Smit", "+31 2", "ann@example.org")


def postal(**told):
    at = Context("shop", codes=code_lists("shop"))
    place = {"path": "to.country", "country": (), "lines": (), **told}
    return address(at, **place), [(it.path, it.code) for it in at.warnings]


def test_an_address_without_any_part_is_none_whoever_could_stand_in():
    assert postal(stand_ins=(BUYER,), lines=(None, ""), city=None, country=("", None)) == (None, [])


def test_what_is_missing_stands_in_and_what_is_told_stays():
    found, _ = postal(city="Zwolle", phone="+31 9", stand_ins=(Person(email="a@b.example"), BUYER))
    assert (found.name, found.phone, found.email) == ("Ann Smit", "+31 9", "a@b.example")


def test_nobody_is_asked_for_more_than_is_missing():
    def stand_ins():
        yield BUYER
        raise AssertionError("asked for more")

    found, _ = postal(city="Zwolle", stand_ins=stand_ins())
    assert (found.name, found.phone, found.email) == tuple(BUYER)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"region": "BY"}, (None, "BY")),
        ({"region": "US-CA"}, (None, "US-CA")),
        ({"region": "Bayern"}, ("Bayern", None)),
        ({"region": "NI", "region_code": "DE-NI"}, ("NI", "DE-NI")),
        ({"city": "Zwolle"}, (None, None)),
    ],
)
def test_a_region_that_is_written_as_a_code_is_its_code(told, expected):
    found, _ = postal(**told)
    assert (found.region, found.region_code) == expected


def test_a_country_is_named_by_code_or_name_and_one_that_nobody_knows_is_left_out():
    assert postal(country=("??", "Belgique"), language="fr")[0].country == "BE"
    found, warned = postal(country=("Atlantis",), lines=("Main Street 1", None))
    assert (found.country, found.lines) == (None, ("Main Street 1",))
    assert warned == [("to.country", "unknown_country")]


def test_a_buyer_is_called_by_both_names_where_the_whole_is_not_told():
    assert customer(first_name="Ann", last_name="Smit").name == "Ann Smit"
    assert customer(name="A. Smit", first_name="Ann").name == "A. Smit"
    assert joined(None, "", "Smit") == "Smit"
    assert joined(None, "") is None


def test_a_guest_of_whom_nothing_is_known_is_none():
    assert customer(channel_customer_id=None, email="", language="nl") is None
