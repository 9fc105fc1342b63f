"""Tryton's answers: recorded ones, ones of our own after them, and the fate of each."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.tryton.server.rpc import Warned, fate, untagged, written
from hub.model.errors import NotAuthorised, Rejected, TryLater
from mappings.reading import read_json, silently
from tests.kit.fixtures import SHARED

D = Decimal
FRAMES = 'Traceback (most recent call last):\n  File "pool.py", line 7, in execute\n    run()\n'
RECORDED = SHARED / "backoffice" / "tryton"


def test_values_are_tagged_and_back() -> None:
    at = datetime(2026, 11, 24, 9, 5, 0, 489349, tzinfo=UTC)
    values = {"price": D("7.50"), "day": at.date(), "at": at, "many": [1, "x", None, True]}
    wire = written(values)
    assert json.loads(wire)["price"] == {"__class__": "Decimal", "decimal": "7.50"}
    assert json.loads(wire)["at"]["__class__"] == "datetime"
    assert untagged(read_json(wire)) == values


def test_whole_numbers_are_ids_and_others_exact_quantities() -> None:
    found = untagged(read_json(b'{"id": 7, "quantity": 2.5, "negative": -3}'))
    assert found == {"id": 7, "quantity": D("2.5"), "negative": -3}
    assert type(found["id"]) is int


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (["UserError", ["Not enough stock.", "In warehouse WH.", None]], Rejected, "Not enough"),
        (["UserError", ["Only this."]], Rejected, "Only this."),
        (["ConcurrencyException", "Records were modified"], TryLater, "busy"),
        (["LoginException", ["name", "message", "type"]], NotAuthorised, "session"),
        (["database is locked", "Traceback ..."], TryLater, "database is locked"),
        (["'no_such_field'", "Traceback ..."], Rejected, "no_such_field"),
        (
            ["Verklemmung entdeckt", f"{FRAMES}psycopg2.errors.DeadlockDetected: V"],
            TryLater,
            "Verk",
        ),
        (["connexion perdue", f"{FRAMES}psycopg2.OperationalError: c\n"], TryLater, "connexion"),
        (["'x'", f"{FRAMES}KeyError: 'x'\n"], Rejected, "'x'"),
        ("unreadable", Rejected, "unreadable"),
        ([], Rejected, "failed"),
    ],
)
def test_each_error_has_its_fate(error, kind, words) -> None:
    found = fate(error)
    assert type(found) is kind
    assert words in str(found)


def test_a_warning_says_what_it_is_about_in_every_language() -> None:
    warned = fate(["UserWarning", ["0f3c.check_quantity_product", "Verschieden.", ""]])
    assert isinstance(warned, Warned)
    assert (warned.kind, warned.words) == ("check_quantity_product", "Verschieden.")


def test_recorded_errors_have_the_fates_that_their_names_say() -> None:
    """Without the recordings there is nothing to read, and the cases above stand alone."""
    found = {}
    for file in sorted(RECORDED.glob("*.json")):
        body = json.loads(file.read_text("utf-8"))["response"]["body"]
        error = body.get("error") if isinstance(body, dict) else None
        if error:
            found[file.stem[:2]] = type(fate(error)).__name__
    expected = {
        **dict.fromkeys(("13", "15", "32", "40", "42", "49", "52"), "Rejected"),
        "28": "Warned",
        "46": "TryLater",
    }
    assert {name: found.get(name) for name in expected if found} == (expected if found else {})


@pytest.mark.parametrize("raw", [b"1E+1000000", b'{"__class__":"Decimal","decimal":"1E+1000000"}'])
def test_a_number_that_would_fill_a_request_is_no_amount(raw: bytes) -> None:
    assert untagged(read_json(raw, silently)) == "1E+1000000"


def test_a_whole_number_of_too_many_digits_stays_text() -> None:
    assert untagged(read_json(b"9" * 4301, silently)) == "9" * 4301
