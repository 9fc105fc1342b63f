"""Numbers, words, countries and tracking numbers, as partners write them."""

from decimal import Decimal

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from hub.model.document import Cleaned, read_decimal
from hub.model.errors import BadData
from mappings.kit import Context, code_lists, numbers, tracking_numbers, word
from mappings.kit.countries import country
from mappings.kit.words import folded, laid_over


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", "3"), ("3.00", "3.00"), ("3E0", "3"), ("3e0", "3"), ("+3", "3"), ("1e3", "1000"),
        ("1.5E1", "15"), ("３．５", "3.5"), ("３Ｅ０", "3"), (".5", "0.5"), ("-2.50", "-2.50"),
        ("3.0000000", "3"), ("100E-2", "1.00"), ("0E-40", "0"), ("-0.00", "0.00"),
    ],
)  # fmt: skip
def test_a_number_is_read_in_every_form(text, number):
    assert str(numbers.decimal(text)) == number
    assert read_decimal(numbers.decimal(text)) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "1,000", "12,50", "1_000", "007", "0x10", "NaN", "Infinity", "1e400", "1E+1000000", "1e99",
        "9" * 31, "1" + "0" * 14, "0.0000001", "6.13e-05", "١٢", "-0", "--1", "1e", "", " ", "1 2",
        None, True, 5, [], Cleaned("12"), "²",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(text):
    with pytest.raises(BadData) as caught:
        numbers.decimal(text, path="qty")
    assert (caught.value.code, caught.value.path) == ("bad_number", "qty")


@pytest.mark.parametrize("text", ["1e99", "1" + "0" * 26, "9" * 30 + ".5", "-1e28", "1,5"])
def test_an_amount_too_long_to_be_rounded_is_refused(text):
    with pytest.raises(BadData) as caught:
        numbers.amount(text, path="total")
    assert (caught.value.code, caught.value.path) == ("bad_number", "total")


def test_an_amount_is_rounded_to_six_places_and_its_groups_are_taken():
    assert numbers.amount("0.1000000000000000055") == Decimal("0.100000")
    assert numbers.amount("1,234.50") == Decimal("1234.50")


def test_a_measure_is_rounded_where_a_number_that_decides_is_refused():
    assert numbers.measure("6.13e-05") == Decimal("0.000061")
    with pytest.raises(BadData):
        numbers.measure("-1")
    with pytest.raises(BadData):
        numbers.whole("1.5")


@given(st.decimals("-99999999999999", "99999999999999", places=6))
def test_any_number_in_any_form_comes_back(number):
    plain = format(number, "f")
    for text in (plain, f"{number:e}", f"{number:E}", f"+{plain}".replace("+-", "-")):
        assert numbers.decimal(text) == number


@given(st.text() | st.from_regex(r"[-+0-9.,eE]{1,40}", fullmatch=True))
def test_any_text_at_all_is_a_plain_number_or_refused(text):
    try:
        found = numbers.decimal(text)
    except BadData as error:
        assert error.code == "bad_number"
    else:
        assert read_decimal(found) == found
        assert "E" not in str(found)


# --- words


@given(st.sampled_from(["PARTDELIVERED", "paid", "partially paid"]), st.data())
def test_a_word_is_the_same_whatever_its_case_and_blanks(text, data):
    upper = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    cased = "".join(c.upper() if up else c.lower() for c, up in zip(text, upper, strict=True))
    assert word(f"\t {cased.replace(' ', '  ')} \n") == text.lower()


def test_a_list_is_asked_whatever_the_case_and_the_own_entry_counts_before_the_common_one():
    at = Context("wh", codes={"words": laid_over({"DELIVERED": "ours"}, {"delivered": "theirs"})})
    told = ("DELIVERED", "delivered", " Delivered ")
    assert {at.ours("words", one, path="") for one in told} == {"ours"}
    assert folded({"A": 1, "a": 2}) == {"a": 1}


# --- countries


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NL", "NL"), ("nl", "NL"), ("NLD", "NL"), ("nld", "NL"), ("528", "NL"), ("4", "AF"),
        ("UK", "GB"), ("DEU", "DE"), ("Netherlands", "NL"), ("the netherlands", "NL"),
        ("Nederland", "NL"), ("Deutschland", "DE"), ("DEUTSCHLAND", "DE"), ("中国", "CN"),
        ("日本", "JP"), ("España", "ES"), ("Espana", "ES"), ("Österreich", "AT"),
        ("Niederlande", "NL"), ("Pays-Bas", "NL"), ("荷兰", "NL"), ("Côte d'Ivoire", "CI"),
        ("Hong Kong", "HK"), ("香港", "HK"), ("U.S.A.", "US"), ("United States of America", "US"),
        ("England", "GB"), ("Holland", "NL"), ("Turkey", "TR"), ("Türkiye", "TR"), ("XK", "XK"),
        ("Bosnia and Herzegovina", "BA"), ("Россия", "RU"), ("South Korea", "KR"), ("EL", "GR"),
        (" Netherlands ", "NL"),
    ],
)  # fmt: skip
def test_a_country_is_found_by_code_or_name(text, code):
    at = Context("shop", codes=code_lists("shopify"))
    assert at.country(text, path="country") == code
    assert at.warnings == []


def test_what_names_no_country_is_left_out_with_a_warning_and_the_next_word_counts():
    at = Context("shop", codes=code_lists("shopify"))
    assert at.country("Atlantis", path="ship_to.country") is None
    assert [(one.code, one.path) for one in at.warnings] == [("unknown_country", "ship_to.country")]
    assert at.country("??", None, "Belgique", path="country") == "BE"
    assert at.country(None, "", path="country") is None
    assert len(at.warnings) == 1


def test_a_connection_may_say_what_a_name_means():
    at = Context("shop", codes={"countries": {"The Islands": "FO"}})
    assert at.country("the  islands", path="country") == "FO"


REAL = [code for code in Locale("en").territories if len(code) == 2 and code.isalpha()]
ODD = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


@pytest.mark.parametrize("language", ["en", "de", "fr", "nl", "es", "zh", "ja", "pl", "pt-BR"])
def test_every_country_is_found_by_its_name_in_a_language_of_the_order(language):
    names = Locale.parse(language.replace("-", "_")).territories
    named = [code for code in REAL if code in names and code not in ODD]
    assert len(named) > 240
    found = {code: country(names[code], language) for code in named}
    assert {code: other for code, other in found.items() if code != other} == {}


@given(st.text(max_size=30))
def test_any_text_at_all_is_a_country_of_two_letters_or_none(text):
    found = country(text)
    assert found is None or (len(found) == 2 and found.isascii() and found.isupper())


# --- tracking numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SF1,SF2,SF3", ("SF1", "SF2", "SF3")),
        ("SF1，SF2、SF3；SF4", ("SF1", "SF2", "SF3", "SF4")),
        ("SF1; SF2|SF3\nSF4", ("SF1", "SF2", "SF3", "SF4")), ("SF1 SF2", ("SF1", "SF2")),
        ("SF1/SF2", ("SF1", "SF2")),
        ("773012345678 / 773012345679", ("773012345678", "773012345679")),
        ("SF1,SF1,", ("SF1",)), (" , ", ()), ("", ()), (None, ()), ("SF1", ("SF1",)),
    ],
)  # fmt: skip
def test_several_tracking_numbers_are_several(text, found):
    assert tracking_numbers(text) == found


@pytest.mark.parametrize(
    "number",
    [
        "1Z 999 AA1 01 2345 6784", "RR 123 456 789 CN", "9400 1000 0000 0000 0000 00",
        "99.00.123456.12345678", "1234567890/1", "AB 1234 5678 9GB", "JJD000123456 7",
        "784-12345675", "DPD 15501234567890",
    ],
)  # fmt: skip
def test_what_is_one_tracking_number_is_never_cut(number):
    assert tracking_numbers(number) == (number,)
