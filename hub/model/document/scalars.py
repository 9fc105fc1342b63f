"""Values without parts of which canonical documents are made: text, ids, codes, times, amounts,
quantities.

Each type reads what the contract allows and nothing else, and says what is wrong by one of our
codes. JSON numbers arrive as `Number`, their own text, so that no amount or id ever passes
through a float.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from hub.model.money import EXPONENT

NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Control characters (tab, line feed and carriage return excepted), lone surrogates and non-
characters.
"""

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,13})(\.[0-9]{1,6})?", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_NOT_IDS = frozenset({"null", "undefined", "None", "NaN"})
_MOST_PIECES = Decimal(10) ** 9
_SIX, _WIDE = Decimal("0.000000"), Context(prec=60)
"""Six places: a sum with it has exactly six where the other has no more."""
TEXT_LIMIT, _ID_LIMIT = 20_000, 200
_NO_TEXT = "control characters, lone surrogates and non-characters are not allowed"


class Number(str):
    """A JSON number as it was written. `str` so that ids keep every digit; never a float."""

    __slots__ = ()


class Cleaned(str):
    """Text out of which something was taken that is none. Free text may be so; nothing that
    decides may: an id, an amount, a SKU.
    """

    __slots__ = ()


_UNSEEN = "\u200b\u200e\u200f\u202a\u202c\u2060\ufeff"
"""Marks that nobody sees, and that come along where people copy a text."""


def clean(text: str) -> str:
    """NFC and trimmed, of marks that nobody sees as of blanks."""
    if text.isascii():
        return text.strip()
    found = unicodedata.normalize("NFC", text).strip()
    while found and (found[0] in _UNSEEN or found[-1] in _UNSEEN):
        found = found.strip(_UNSEEN).strip()
    return found


def _wrong(code: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(code, message)


def _read_text(value: Any) -> str:
    text = _read_optional_text(value)
    if text is None:
        raise _wrong("missing_field", "text is expected, it is empty")
    return text


def _read_optional_text(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong("wrong_type", "text is expected")
    if not value.isprintable() and NOT_TEXT.search(value):  # what is printable is always text
        raise _wrong("bad_text", _NO_TEXT)
    if len(value) > TEXT_LIMIT:
        raise _wrong("string_too_long", f"at most {TEXT_LIMIT} characters are allowed")
    return (value.strip() if value.isascii() else clean(value)) or None


def read_optional_id(value: Any) -> str | None:
    """An id as text, None where it is null or empty. Anything else raises."""
    if type(value) is Number and len(value) <= _ID_LIMIT and value.isdigit() and value.isascii():
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _read_optional_text(value)
    if text is None:
        return None
    if type(value) is Cleaned:
        raise _wrong("bad_text", _NO_TEXT)
    if isinstance(value, Number) and not text.lstrip("-").isdigit():
        raise _wrong("bad_id", "an id must be text or a whole number")
    if len(text) > _ID_LIMIT or text in _NOT_IDS:
        raise _wrong(
            "bad_id", f"an id has 1 to {_ID_LIMIT} characters and is not a word for nothing"
        )
    return text


def _read_id(value: Any) -> str:
    text = read_optional_id(value)
    if text is None:
        raise _wrong("bad_id", "an id is expected, it is empty")
    return text


def read_decimal(value: Any) -> Decimal:
    """A plain decimal: a Decimal, an int, or ASCII text of at most 14 digits and 6 places.
    Anything else raises.
    """
    if isinstance(value, str):
        if not _DECIMAL.fullmatch(value) or type(value) is Cleaned:
            raise _wrong("bad_number", "a plain decimal number is expected, such as 12 or 12.50")
        return Decimal(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal):
        raise _wrong("bad_number", "a decimal number written as text is expected")
    if _DECIMAL.fullmatch(str(value)):  # as nearly all are, in a third of the time
        return value
    if (
        not value.is_finite()
        or value.adjusted() > 13
        or "E" in str(value)
        or not _WIDE.add(value, _SIX).same_quantum(_SIX)
    ):
        raise _wrong("bad_number", "a finite number of at most 14 digits and 6 places is expected")
    return value


def _read_quantity(value: Any) -> Decimal:
    number = read_decimal(value)
    if abs(number) > _MOST_PIECES:
        raise _wrong("bad_quantity", "a quantity is at most 1000000000")
    return number


def _read_count(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise _wrong("bad_quantity", "a number of pieces is expected")
    number = _read_quantity(value)
    if number < 0 or number % 1:
        raise _wrong("bad_quantity", "a whole number of pieces, not below 0, is expected")
    return number


def _read_pieces(value: Any) -> Decimal:
    number = _read_count(value)
    if number == 0:
        raise _wrong("bad_quantity", "a quantity must be above 0")
    return number


def read_instant(value: Any) -> datetime:
    """An aware time in UTC, from ISO 8601 with its zone. Anything else raises."""
    if isinstance(value, str) and not isinstance(value, Number):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise _wrong("bad_time", "a time such as 2026-11-24T10:15:00Z is expected") from None
    if not isinstance(value, datetime):
        raise _wrong("bad_time", "a time such as 2026-11-24T10:15:00Z is expected")
    if value.tzinfo is None:
        raise _wrong("bad_time", "a time must name its zone")
    if not 1970 <= value.year <= 2199:
        raise _wrong("bad_time", "a year from 1970 to 2199 is expected")
    return value.astimezone(UTC)


def read_day(value: Any) -> date:
    """A calendar day, as such (YAML reads it so) or as text. Anything else raises."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if DAY.fullmatch(value) else "")
    except (TypeError, ValueError):
        raise _wrong("bad_time", "a date such as 2026-12-24 is expected") from None


def _read_country(value: Any) -> str | None:
    text = _read_optional_text(value)
    if text is None:
        return None
    if len(text) != 2 or not text.isascii() or not text.isalpha():
        raise _wrong("unknown_code", "a country is two letters (ISO 3166-1)")
    return text.upper()


def _read_currency(value: Any) -> str:
    text = _read_text(value).upper()
    if len(text) != 3 or not text.isascii() or not text.isalpha():
        raise _wrong("unknown_code", "a currency is three letters (ISO 4217)")
    return text


def _read_language(value: Any) -> str | None:
    text = _read_optional_text(value)
    if text is not None and not _LANGUAGE.fullmatch(text):
        raise _wrong("unknown_code", "a language is a BCP 47 tag such as zh-CN")
    return text


def plain(number: Decimal) -> str:
    """A decimal as the wire shows it: no exponent, its places kept."""
    return format(number, "f")


def pieces(number: Decimal) -> str:
    """A quantity as the wire shows it: no trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def show_instant(at: datetime) -> str:
    """RFC 3339 in UTC with `Z`."""
    moment = at if at.tzinfo is UTC else at.astimezone(UTC)
    return moment.isoformat()[:-6] + "Z"


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """How a value is read, what its JSON schema is, and how JSON shows it, where not as it is.

    It says of what is shown as it is that no function is needed, and of what may be null that none
    need be called for it: calling one for each value takes a third of the time.

    JSON text is what we wrote ourselves and sealed (`thaw`); what others send comes as a tree. So
    it was read once already, and `stored` makes the value of its text; without it, text it is.
    """

    read: Callable[[Any], Any]
    schema: dict[str, Any]
    show: Callable[[Any], str] | None = None
    nullable: bool = False
    stored: Callable[[Any], Any] | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        shown: core_schema.SerSchema = core_schema.simple_ser_schema("any")
        if self.show is not None:
            shown = core_schema.plain_serializer_function_ser_schema(
                self.show, return_schema=core_schema.str_schema(), when_used="json-unless-none"
            )
        read = core_schema.json_or_python_schema(
            core_schema.str_schema()
            if self.stored is None
            else core_schema.no_info_plain_validator_function(self.stored),
            core_schema.no_info_plain_validator_function(self.read),
            serialization=shown,
        )
        return core_schema.nullable_schema(read, serialization=shown) if self.nullable else read

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema)


_AMOUNT = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,13})(\.[0-9]{1,6})?$"}
_COUNT = {"type": "string", "pattern": r"^[0-9]+$"}
_NULLABLE = {"anyOf": [{"type": "string"}, {"type": "null"}]}

Text = Annotated[str, _Read(_read_text, {"type": "string", "minLength": 1})]
OptText = Annotated[str | None, _Read(_read_optional_text, _NULLABLE, nullable=True)]
Id = Annotated[str, _Read(_read_id, {"type": "string", "minLength": 1, "maxLength": _ID_LIMIT})]
OptId = Annotated[str | None, _Read(read_optional_id, _NULLABLE, nullable=True)]
Amount = Annotated[Decimal, _Read(read_decimal, _AMOUNT, stored=Decimal)]
"""Shown as it is: none that was read has an exponent."""
Quantity = Annotated[Decimal, _Read(_read_quantity, _AMOUNT, pieces, stored=Decimal)]
"""A measured quantity, up to 6 places, of either sign."""
Pieces = Annotated[Decimal, _Read(_read_pieces, _COUNT, pieces, stored=Decimal)]
"""Whole pieces, above 0."""
Count = Annotated[Decimal, _Read(_read_count, _COUNT, pieces, stored=Decimal)]
"""Whole pieces, 0 included."""
Instant = Annotated[
    datetime,
    _Read(
        read_instant,
        {"type": "string", "format": "date-time"},
        stored=datetime.fromisoformat,
    ),
]
"""Shown as pydantic shows it: what is in UTC, and it always is, as `show_instant` does."""
Country = Annotated[str | None, _Read(_read_country, _NULLABLE, nullable=True)]
Currency = Annotated[str, _Read(_read_currency, {"type": "string", "pattern": "^[A-Z]{3}$"})]
Language = Annotated[str | None, _Read(_read_language, _NULLABLE, nullable=True)]

ZERO = Decimal(0)


def is_currency(code: str) -> bool:
    """Whether ISO 4217 knows the code."""
    return code in EXPONENT
