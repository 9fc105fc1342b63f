"""What is wrong with a value, in words for people: what is expected, and what was found instead.

A library that checks values names them in its own language ("Input should be a valid tuple"); here
each kind of finding has a sentence. What was found is shown shortened, and masked where it may be
personal.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from hub.model.errors import BadData, Problem

_SHOWN_DIGITS, _SHOWN_LETTERS = 8, 2
_WORD = re.compile(r"[A-Za-z_]{1,40}")
_NUMERIC = frozenset("0123456789+-.,eE")

# fmt: off
EXPECTED: Mapping[str, str] = {
    "missing":                    "it is missing",
    "extra_forbidden":            "there is no such field",
    "unexpected_keyword_argument": "there is no such field",
    "none_required":              "nothing is expected",
    "literal_error":              "one of {expected} is expected",
    "enum":                       "one of {expected} is expected",
    "greater_than":               "more than {gt} is expected",
    "greater_than_equal":         "{ge} or more is expected",
    "less_than":                  "less than {lt} is expected",
    "less_than_equal":            "{le} or less is expected",
    "multiple_of":                "a multiple of {multiple_of} is expected",
    "finite_number":              "a finite number is expected",
    "too_short":                  "at least {min_length} entries are expected",
    "too_long":                   "at most {max_length} entries are expected",
    "string_too_short":           "at least {min_length} characters are expected",
    "string_too_long":            "at most {max_length} characters are expected",
    "string_pattern_mismatch":    "text of another form is expected",
    "string_not_ascii":           "plain letters and digits are expected",
    "string_unicode":             "text is expected",
    "bytes_too_short":            "at least {min_length} bytes are expected",
    "bytes_too_long":             "at most {max_length} bytes are expected",
    "bytes_invalid_encoding":     "text is expected",
    "string_type":                "text is expected",
    "bytes_type":                 "text is expected",
    "bool_type":                  "true or false is expected",
    "bool_parsing":               "true or false is expected",
    "int_type":                   "a whole number is expected",
    "int_parsing":                "a whole number is expected",
    "int_parsing_size":           "a whole number of fewer digits is expected",
    "int_from_float":             "a whole number is expected",
    "float_type":                 "a number is expected",
    "float_parsing":              "a number is expected",
    "decimal_type":               "a number is expected",
    "decimal_parsing":            "a number is expected",
    "decimal_max_digits":         "a number of at most {max_digits} digits is expected",
    "decimal_max_places":         "a number of at most {decimal_places} places is expected",
    "decimal_whole_digits":       "a number of at most {whole_digits} digits is expected",
    "fraction_type":              "a number is expected",
    "fraction_parsing":           "a number is expected",
    "complex_type":               "a number is expected",
    "complex_str_parsing":        "a number is expected",
    "list_type":                  "a list is expected",
    "tuple_type":                 "a list is expected",
    "set_type":                   "a list is expected",
    "frozen_set_type":            "a list is expected",
    "deque_type":                 "a list is expected",
    "iterable_type":              "a list is expected",
    "iteration_error":            "a list is expected",
    "set_item_not_hashable":      "plain values are expected in this list",
    "dict_type":                  "an object is expected",
    "frozen_dict_type":           "an object is expected",
    "ordered_dict_type":          "an object is expected",
    "counter_type":               "an object is expected",
    "mapping_type":               "an object is expected",
    "model_type":                 "an object is expected",
    "model_attributes_type":      "an object is expected",
    "dataclass_type":             "an object is expected",
    "dataclass_exact_type":       "an object is expected",
    "named_tuple_type":           "an object is expected",
    "arguments_type":             "an object is expected",
    "invalid_key":                "a name is expected as the key",
    "union_tag_invalid":          "one of {expected_tags} is expected",
    "union_tag_not_found":        "it does not say which kind it is",
    "date_type":                  "a date such as 2026-11-24 is expected",
    "date_parsing":               "a date such as 2026-11-24 is expected",
    "date_from_datetime_parsing": "a date such as 2026-11-24 is expected",
    "date_from_datetime_inexact": "a date without a time of day is expected",
    "date_past":                  "a date in the past is expected",
    "date_future":                "a date in the future is expected",
    "time_type":                  "a time of day such as 15:00 is expected",
    "time_parsing":               "a time of day such as 15:00 is expected",
    "datetime_type":              "a time such as 2026-11-24T10:15:00Z is expected",
    "datetime_parsing":           "a time such as 2026-11-24T10:15:00Z is expected",
    "datetime_object_invalid":    "a time such as 2026-11-24T10:15:00Z is expected",
    "datetime_from_date_parsing": "a time such as 2026-11-24T10:15:00Z is expected",
    "datetime_past":              "a time in the past is expected",
    "datetime_future":            "a time in the future is expected",
    "timezone_naive":             "a time without a zone is expected",
    "timezone_aware":             "a time that names its zone is expected",
    "timezone_offset":            "a time in another zone is expected",
    "time_delta_type":            "a duration is expected",
    "time_delta_parsing":         "a duration is expected",
    "url_type":                   "an address such as https://api.example.com is expected",
    "url_parsing":                "an address such as https://api.example.com is expected",
    "url_syntax_violation":       "an address such as https://api.example.com is expected",
    "url_too_long":               "an address of at most {max_length} characters is expected",
    "url_scheme":                 "an address that begins with {expected_schemes} is expected",
    "uuid_type":                  "an id such as 018f6f2a-7c1e-7000-8000-000000000000 is expected",
    "uuid_parsing":               "an id such as 018f6f2a-7c1e-7000-8000-000000000000 is expected",
    "uuid_version":               "an id such as 018f6f2a-7c1e-7000-8000-000000000000 is expected",
    "json_type":                  "JSON is expected",
    "json_invalid":               "JSON is expected",
    "recursion_loop":             "it is nested in itself",
    "recursion_depth_exceeded":   "it is nested too deep",
}
# fmt: on
"""Kind of finding -> the sentence. `{…}` is filled with the bound that the finding names."""
# fmt: off
FOUND: Mapping[str, str] = {
    "nothing": "found nothing",
    "true":    "found true",
    "false":   "found false",
    "object":  "found an object of {0} fields",
    "list":    "found a list of {0}",
    "secret":  "found a secret",
    "empty":   "found an empty text",
    "value":   "found {0}",
    "text":    "found {0} ({1} characters)",
}
# fmt: on
"""What was found, by its kind."""
_BOUND = re.compile(r"\{(\w+)\}")
_ANYTHING = "another kind of value is expected"
_SAY_NO_FINDING = frozenset({"missing", "extra_forbidden", "unexpected_keyword_argument"})
_PREFIXES = ("Value error, ", "Assertion failed, ")


def sentence(kind: str, message: str, context: Mapping[str, Any], value: Any) -> str:
    """One finding in plain words. `message` is the library's, ours where we raised it ourselves;
    `kind` and `context` say what it is about.
    """
    if kind in _SAY_NO_FINDING:
        return EXPECTED[kind]
    return f"{_expected(kind, message, context)}; {found(value, whole=_is_listed(kind))}"


def _expected(kind: str, message: str, context: Mapping[str, Any]) -> str:
    template = EXPECTED.get(kind)
    bounds = {name: _plain(value) for name, value in context.items()}
    if template is not None and all(name in bounds for name in _BOUND.findall(template)):
        return template.format_map(bounds)
    for prefix in _PREFIXES:
        if message.startswith(prefix):
            return message.removeprefix(prefix)
    return message if not message.startswith("Input should") else _ANYTHING


def found(value: Any, *, whole: bool = False) -> str:
    """What was found: its kind and size, numbers as they are, of a text no more than its beginning.
    `whole`: a word out of a list of words, shown as it is where it is one.
    """
    match value:
        case None:
            return FOUND["nothing"]
        case bool():
            return FOUND["true" if value else "false"]
        case Mapping():
            return FOUND["object"].format(len(value))
        case list() | tuple() | set() | frozenset():
            return FOUND["list"].format(len(value))
        case _ if hasattr(value, "get_secret_value"):
            return FOUND["secret"]
        case _:
            return _text(str(value), whole=whole)


def _text(text: str, *, whole: bool) -> str:
    if not text.strip():
        return FOUND["empty"]
    digits = sum(char.isdigit() for char in text)
    if 0 < digits <= _SHOWN_DIGITS and len(text) <= 2 * _SHOWN_DIGITS and set(text) <= _NUMERIC:
        return FOUND["value"].format(text)
    if whole and _WORD.fullmatch(text):
        return FOUND["value"].format(f"“{text}”")
    return FOUND["text"].format(f"“{text[:_SHOWN_LETTERS]}…”", len(text))


def _is_listed(kind: str) -> bool:
    return kind in {"literal_error", "enum"}


def _plain(value: Any) -> str:
    """A bound as people write it."""
    return str(value).replace("'", "").replace('"', "")


_CODES = {
    "missing": "missing_field",
    "extra_forbidden": "unknown_field",
    "unexpected_keyword_argument": "unknown_field",
    "literal_error": "unknown_code",
    "enum": "unknown_code",
    "string_too_long": "too_long",
    "too_long": "too_large",
    "too_short": "missing_field",
    "recursion_loop": "too_deep",
    "int_from_float": "wrong_type",
    "int_parsing_size": "bad_number",
}
"""pydantic's error type -> ours; types that end in `_type` or `_parsing` are `wrong_type`, our own
pass as they are.
"""
MOST_PROBLEMS = 200
"""Nobody reads more of one document."""


def problem_of(item: Any) -> Problem:
    """One of pydantic's findings, in plain words; of the value that was found no more than is
    harmless.
    """
    kind = item["type"]
    code = _CODES.get(kind) or ("wrong_type" if kind.endswith(("_type", "_parsing")) else kind)
    path = ".".join(str(step) or '""' for step in item["loc"])
    words = sentence(kind, item["msg"], item.get("ctx", {}), item.get("input"))
    return Problem(path, code, words)


def problems_of(error: ValidationError) -> list[Problem]:
    """Translate pydantic's findings."""
    listed = error.errors(include_url=False)
    found = [problem_of(item) for item in listed[:MOST_PROBLEMS]]
    around = {parent for problem in found for parent in _parents(problem.path)}
    return [p for p in found if p.code != "missing_field" or p.path not in around] or found


def _parents(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition(".")[0]
        if path:
            yield path


def bad_data(error: ValidationError) -> BadData:
    """One `BadData` that names the first problem and carries the rest."""
    return refused(problems_of(error))


def refused(problems: Sequence[Problem]) -> BadData:
    """One `BadData` of these problems."""
    first, *rest = problems
    more = tuple(rest[: MOST_PROBLEMS - 1])
    return BadData(first.message, path=first.path, code=first.code, more=more)
