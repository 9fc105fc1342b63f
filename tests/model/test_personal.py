"""A partner's words without the person they quote."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from hub.model.catalogue import read
from hub.model.personal import hide, personal
from tests.kit.catalogue import sales_order

ORDER = read(
    "sales_order",
    sales_order(
        customer={"name": "Zoë van Dale", "email": "zoe@example.com", "language": "nl"},
        ship_to={
            "name": "Zoë van Dale",
            "lines": ["Prinsengracht 263", "apt. <3>"],
            "city": "Amsterdam",
            "postal_code": "1016 GV",
            "country": "NL",
            "phone": "+31 20 555 0134",
        },
        note="ring twice, please",
        delivery={"instructions": "behind the shed"},
    ),
)
VALUES = personal([ORDER])


def test_what_is_a_persons_is_found_and_codes_are_left():
    assert {
        "Zoë van Dale",
        *("Zoë", "van", "Dale"),
        "zoe@example.com",
        "Prinsengracht 263",
        "apt. <3>",
        "Amsterdam",
        "1016 GV",
        "+31 20 555 0134",
        "ring twice, please",
        "behind the shed",
    } == VALUES


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("no such street: Prinsengracht 263", "no such street: ***"),
        ("PRINSENGRACHT 263, AMSTERDAM", "***, ***"),
        (json.dumps({"name": "Zoë van Dale"}), '{"name": "***"}'),
        ("apt. &lt;3&gt; is no line", "*** is no line"),
        (f"to={quote('Zoë van Dale')}&x=1", "to=***&x=1"),
        ("call +31205550134 or 31 (20) 555-0134", "call *** or ***"),
        ("Dale is not Dalen", "*** is not Dalen"),
        ("cut off at: Prinsengr", "cut off at: ***"),
        ("POST answered 422: unknown SKU A in NL", "POST answered 422: unknown SKU A in NL"),
    ],
)
def test_a_quoted_person_is_masked_and_the_rest_stays(words: str, shown: str):
    assert hide(words, VALUES) == shown


def test_nobody_to_hide_changes_nothing():
    nobody = read(
        "stock_level",
        {
            "type": "stock_level",
            "source": {"connection": "hub", "id": "A"},
            "sku": "A",
            "channel": "shop",
            "available": "1",
            "at": datetime(2026, 11, 24, tzinfo=UTC),
            "version": 1,
        },
    )
    assert personal([nobody]) == frozenset()
    assert hide("anything (at all", ()) == "anything (at all"
