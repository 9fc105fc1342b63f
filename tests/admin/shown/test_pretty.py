"""Payloads laid out, edited and compared: no value changes on the way."""

import json

import pytest

from admin.shown import pretty

ODD = (
    '{"n":1.10,"big":12345678901234567890,"e":1E5,"s":"a, {b}: \\"c\\" [d]",'
    '"u":"\\u00e9","l":[[],{}],"z":{}}'
)


def test_json_in_one_line_is_laid_out_and_means_the_same():
    shown = pretty.laid_out(ODD)
    assert shown.splitlines()[:3] == ["{", '  "n": 1.10,', '  "big": 12345678901234567890,']
    assert '"s": "a, {b}: \\"c\\" [d]"' in shown
    assert json.loads(shown) == json.loads(ODD)
    assert "".join(shown.split()) == "".join(ODD.split())


@pytest.mark.parametrize("text", ["no json", "<a><b/></a>", '{\n "a": 1\n}', "", "[" * 5000])
def test_what_is_laid_out_or_no_json_stays_as_it_is(text: str):
    assert pretty.laid_out(text) == text


@pytest.mark.parametrize(
    "raw",
    [b"\xff", b"a\x00b", b"a\rb", b"\xef\xbb\xbf{}", "a\u2028b".encode(), b"a\x1bb"],
)
def test_what_a_text_field_would_change_cannot_be_edited(raw: bytes):
    assert pretty.editable(raw) is None


@pytest.mark.parametrize("raw", [b"ISA*1\r\nGS*2\r\n", b"a\nb\n", b"one", "é\tü".encode()])
def test_a_text_comes_back_from_a_form_with_its_own_line_ends(raw: bytes):
    field = pretty.editable(raw)
    assert field is not None
    sent = field.replace("\n", "\r\n")
    assert pretty.submitted(sent, raw) == raw


def test_a_comparison_shows_what_differs_with_a_little_around_it():
    before = "\n".join(str(n) for n in range(20))
    after = before.replace("10", "ten")
    found = [(line.mark, line.text) for line in pretty.compare(before, after)]
    assert found == [
        ("…", ""),
        *(("", str(n)) for n in (7, 8, 9)),
        ("-", "10"),
        ("+", "ten"),
        *(("", str(n)) for n in (11, 12, 13)),
    ]
    assert pretty.compare(before, before) == []
