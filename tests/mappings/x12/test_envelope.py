"""Envelopes as real files have them: wide or not, several, none, with counts that lie."""

import pytest

from hub.model.errors import BadData
from mappings.x12 import transactions
from mappings.x12.envelope import separators

ISA = (
    "ISA*00*          *00*          *ZZ*DEPOT          *ZZ*ACME           "
    "*260506*0900*U*00401*000000501*0*P*>~"
)
SET = "ST*945*0001~W06*F*F-1~SE*3*0001~"
WHOLE = f"{ISA}GS*SW*DEPOT*ACME*20260506*0900*501*X*004010~{SET}GE*1*501~IEA*1*000000501~"


def read(text):
    return list(transactions(text.encode()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ISA, ("*", ">", "~")),
        (ISA.replace(" ", ""), ("*", ">", "~")),
        (ISA.replace("ACME           ", "A-NAME-TOO-LONG-BY-FAR"), ("*", ">", "~")),
        (ISA.replace("*", "|").replace(">~", ":\n"), ("|", ":", "\n")),
        (ISA.replace(">~", ">\r\n"), ("*", ">", "\n")),
        (ISA.replace(">~", "\\~\n"), ("*", "\\", "~")),
        (ISA.replace(">~", "~\nGS*SW~\n"), ("*", "", "~")),
        (ISA.replace(">~", "{}~\nGS*SW~\n"), ("*", "{", "~")),
        ("ISA*00**00**08*DEPOT*ZZ*ACME*111201*1108~\nGS*SW*DEPOT*ACME*1*2*3~", ("*", "", "~")),
    ],
)
def test_separators_are_read_from_the_isa_however_wide_it_is(text, expected):
    assert separators(text) == expected


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (WHOLE, [("501", "501", "0001", ())]),
        (WHOLE.replace("~", "~\r\n"), [("501", "501", "0001", ())]),
        (f"\ufeff  {WHOLE}", [("501", "501", "0001", ())]),
        (WHOLE.rstrip("~"), [("501", "501", "0001", ())]),
        (
            WHOLE + WHOLE.replace("501", "502"),
            [("501", "501", "0001", ()), ("502", "502", "0001", ())],
        ),
        (WHOLE.replace(SET, SET * 2), [("501", "501", "0001", ())] * 2),
        (WHOLE.replace("SE*3*", "SE*12*"), [("501", "501", "0001", ("4",))]),
        (WHOLE.replace("SE*3*0001", "SE*3*0002"), [("501", "501", "0001", ("3",))]),
        (WHOLE.replace("SE*3*0001~", ""), [("501", "501", "0001", ("2",))]),
        (WHOLE.partition("GE*")[0], [("501", "501", "0001", ())]),
        (SET, [("", "", "0001", ())]),
        (SET.replace("~", "\n"), [("", "", "0001", ())]),
    ],
)
def test_sets_are_found_with_their_numbers_and_faults(text, numbers):
    found = [
        (it.envelope.number, it.envelope.group_number, it.number, it.faults) for it in read(text)
    ]
    assert found == numbers


def test_a_set_alone_reads_as_it_did_in_its_file():
    for told in read(
        WHOLE.replace(SET, SET + SET.replace("F-1", "F-2")) + WHOLE.replace("501", "7")
    ):
        (again,) = read(told.text)
        assert (again.envelope, again.segments, again.faults) == (
            told.envelope,
            told.segments,
            told.faults,
        )


@pytest.mark.parametrize("text", ["", "<html></html>", "ISA*00", "UNB+UNOA:1+X+Y'", "ISA" * 40])
def test_what_is_no_x12_is_refused_in_words(text):
    with pytest.raises(BadData) as wrong:
        read(text)
    assert (wrong.value.path, wrong.value.code) == ("ISA", "bad_data")
