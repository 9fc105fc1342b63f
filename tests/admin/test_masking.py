"""What a masked payload still shows, and what it never does."""

import json

import pytest

from admin import masking


def test_json_keeps_its_shape_and_what_is_harmless():
    raw = json.dumps(
        {
            "id": 7,
            "sku": "A-1",
            "customer": {"name": "Ada", "phones": ["+31", 316], "vip": True, "note": None},
            "lines": [{"quantity": "2", "title": "to Ada"}],
        }
    )
    assert json.loads(masking.payload(raw.encode())) == {
        "id": 7,
        "sku": "A-1",
        "customer": {"name": "•••", "phones": ["•••", "•••"], "vip": True, "note": None},
        "lines": [{"quantity": "2", "title": "•••"}],
    }


def test_xml_keeps_its_elements_and_hides_texts_attributes_and_comments():
    raw = b'<order who="Ada"><!-- Ada --><itemCode>A</itemCode><name>Ada</name>Ada<x/></order>'
    shown = masking.payload(raw)
    assert "Ada" not in shown
    assert "<itemCode>A</itemCode>" in shown
    assert "<name>•••</name>" in shown


@pytest.mark.parametrize(
    "raw",
    [
        b"name=Ada&city=Amsterdam",
        b"Ada",
        b"\xff\xfeAda",
        b"",
        b'{"name": "Ada"',
        b"[" * 100_000,
        b'<!DOCTYPE x [<!ENTITY a "Ada">]><x>&a;</x>',
        b"<name>Ada",
    ],
)
def test_what_cannot_be_read_is_hidden_whole(raw: bytes):
    assert masking.payload(raw) == "•••"


def test_a_text_alone_and_half_characters_do_no_harm():
    assert masking.payload(b'"Ada"') == '"•••"'
    assert masking.payload(rb'{"\ud800": 1}') == '{\n  "?": "•••"\n}'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ada@example.co.uk", "a•••@•••.uk"),
        ("ada@localhost", "a•••"),
        ("", "\N{EN DASH}"),
        (None, "\N{EN DASH}"),
    ],
)
def test_an_address_of_mail_shows_its_first_letter_and_its_end(text: str | None, shown: str):
    assert masking.email(text) == shown
