"""Errors in words for people: no word of a library, what was found shortened and masked."""

import re
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, ValidationError
from pydantic_core import core_schema

from hub.model.plain import EXPECTED, found, problems_of

FOREIGN = re.compile(
    r"\b(input|should|valid|tuple|dict|dictionary|instance|str|int|float|bool|None|NoneType|Decimal"
    r"|Enum|pydantic|BaseModel|validator|exception|Error|Traceback|SQL|SELECT|relation|column)\b"
)
"""Words of a library or a database."""
_NEVER = {
    "no_such_attribute", "needs_python_object", "get_attribute_error", "frozen_field",
    "frozen_instance", "default_factory_not_called", "value_error", "assertion_error",
    "missing_sentinel_error", "ellipsis_error", "is_instance_of", "is_subclass_of",
    "callable_type", "missing_argument",
    "missing_keyword_only_argument", "unexpected_positional_argument",
    "missing_positional_only_argument", "multiple_argument_values",
}  # fmt: skip
"""Findings about code, not about a document; our own words are inside two of them."""


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=5)
    lines: tuple[int, ...] = Field(max_length=2)
    kind: Literal["small", "large"]
    colour: Colour
    price: Decimal = Field(max_digits=4)
    at: AwareDatetime
    id: UUID
    url: HttpUrl
    parts: dict[str, bool]
    more: "Sheet | None" = None


WRONG: dict[str, Any] = {
    "name": ["x"],
    "lines": "Keizersgracht 1",
    "kind": "huge",
    "colour": 7,
    "price": "12345.678",
    "at": "tomorrow",
    "id": "none",
    "url": "ftp:x",
    "parts": [True],
    "more": 4,
    "extra": 1,
}


def wrong(tree: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as raised:
        Sheet.model_validate(tree)
    return {problem.path: problem.message for problem in problems_of(raised.value)}


def test_every_finding_of_the_library_has_a_sentence() -> None:
    assert set(get_args(core_schema.ErrorType)) - set(EXPECTED) == _NEVER
    assert [text for text in EXPECTED.values() if FOREIGN.search(text)] == []


def test_a_whole_number_of_too_many_digits_is_a_bad_number() -> None:
    class Counted(BaseModel):
        pieces: int

    with pytest.raises(ValidationError) as refusal:
        Counted.model_validate({"pieces": "9" * 5000})
    (problem,) = problems_of(refusal.value)
    assert (problem.path, problem.code) == ("pieces", "bad_number")


def test_an_error_says_what_is_expected_and_what_was_found() -> None:
    assert wrong(WRONG) == {
        "name": "text is expected; found a list of 1",
        "lines": "a list is expected; found “Ke…” (15 characters)",
        "kind": "one of small or large is expected; found “huge”",
        "colour": "one of red or blue is expected; found 7",
        "price": "a number of at most 4 digits is expected; found 12345.678",
        "at": "a time such as 2026-11-24T10:15:00Z is expected; found “to…” (8 characters)",
        "id": "an id such as 018f6f2a-7c1e-7000-8000-000000000000 is expected; "
        "found “no…” (4 characters)",
        "url": "an address that begins with http or https is expected; found “ft…” (5 characters)",
        "parts": "an object is expected; found a list of 1",
        "more": "an object is expected; found 4",
        "extra": "there is no such field",
    }


def test_what_is_missing_is_said_to_be() -> None:
    assert set(wrong({}).values()) == {"it is missing"}


@given(
    st.fixed_dictionaries(
        {
            name: st.none() | st.text(max_size=9) | st.integers() | st.lists(st.booleans())
            for name in WRONG
        }
    )
)
def test_no_word_of_a_library_reaches_a_person(tree: dict[str, Any]) -> None:
    try:
        Sheet.model_validate(tree)
    except ValidationError as error:
        said = [re.sub(r"“.*?…?”", "", one.message) for one in problems_of(error)]
        assert [one for one in said if FOREIGN.search(one)] == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "nothing"),
        (True, "true"),
        (12, "12"),
        ("12.50", "12.50"),
        ("+31612345678", "“+3…” (12 characters)"),
        ("ada@example.com", "“ad…” (15 characters)"),
        ("  ", "an empty text"),
        ({"a": 1}, "an object of 1 fields"),
        ([1, 2], "a list of 2"),
    ],
)
def test_what_was_found_is_shown_as_far_as_it_is_harmless(value: object, expected: str) -> None:
    assert found(value) == f"found {expected}"
