"""The values in Shopify's payloads: ids, amounts, pieces; and what all wire models have in common.

JSON numbers are read from their own text; what is missing or empty is None.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, PlainValidator
from pydantic_core import PydanticCustomError, core_schema

from hub.model.document import Number, read_decimal
from hub.model.errors import BadData

_GID = re.compile(r"gid://shopify/[A-Za-z]+/([0-9]{1,30})", re.ASCII)
_MOST_PIECES, _MOST_DIGITS, _MOST_TEXT = 10**9, 13, 20_000
_RATE_PLACES = Decimal("0.000001")


def identity(plain: str | None, gid: Any) -> str | None:
    """The true id: the one inside the gid where there is one, since numbers may have been
    rounded on their way.
    """
    found = _GID.fullmatch(gid) if isinstance(gid, str) else None
    return found[1] if found else plain


def reference(plain: str | None) -> str | None:
    """The id of something that may no longer exist: 0 means that there is none."""
    return None if plain == "0" else plain


def _cash(value: Any) -> Decimal | None:
    return None if value == "" else read_decimal(value)


def _rate(value: Any) -> Decimal | None:
    """What is no rate at all is none: the amount of the tax stands beside it."""
    try:
        rate = Decimal(value).quantize(_RATE_PLACES).normalize() + 0
    except (InvalidOperation, TypeError, ValueError):
        return None
    return rate if rate.is_finite() and rate.adjusted() <= _MOST_DIGITS else None


def _grams(value: Any) -> Decimal | None:
    found = _cash(value)
    if found is not None and abs(found) > _MOST_PIECES:
        raise PydanticCustomError("bad_quantity", f"a weight is at most {_MOST_PIECES} grams")
    return found


def bounded(amount: Decimal, path: str) -> Decimal:
    """An amount that was worked out, where it has no more digits than amounts may have."""
    if amount.adjusted() > _MOST_DIGITS:
        raise BadData("a number of at most 14 digits is expected", path=path, code="bad_number")
    return amount


def joined(*names: str | None) -> str | None:
    """Names as one text."""
    text = " ".join(name for name in names if name)
    if len(text) > _MOST_TEXT:
        raise BadData(f"a name has at most {_MOST_TEXT} characters", code="too_long")
    return text or None


def _count(value: Any) -> Decimal:
    whole = value if isinstance(value, Number) else str(value) if type(value) is int else ""
    if not whole.isdigit() or int(whole) > _MOST_PIECES:
        raise PydanticCustomError(
            "bad_quantity", "a whole number of pieces, not below 0, is expected"
        )
    return Decimal(whole)


def _pieces(value: Any) -> Decimal:
    found = _count(value) if value is not None else None
    if not found:
        raise PydanticCustomError("bad_quantity", "a quantity must be above 0")
    return found


def _none_is_empty(value: Any) -> Any:
    return () if value is None else value


def _nothing_is_none(value: Any) -> Any:
    return None if value in ({}, [], "") else value


@dataclass(frozen=True, slots=True)
class _OrNull:
    """Reads what is there. For null, which stands in most fields, nothing is called."""

    read: Callable[[Any], Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.nullable_schema(core_schema.no_info_plain_validator_function(self.read))


Cash = Annotated[Decimal | None, _OrNull(_cash)]
Grams = Annotated[Decimal | None, _OrNull(_grams)]
Rate = Annotated[Decimal | None, _OrNull(_rate)]
Pieces = Annotated[Decimal, PlainValidator(_pieces)]
Count = Annotated[Decimal | None, _OrNull(_count)]
EMPTY = BeforeValidator(_none_is_empty)
NOTHING = BeforeValidator(_nothing_is_none)


class Wire(BaseModel):
    """A part of a payload. Unknown fields are kept beside it for those who want them."""

    model_config = ConfigDict(frozen=True, extra="allow", arbitrary_types_allowed=True)

    @property
    def extra(self) -> dict[str, Any]:
        """What no field of the model names."""
        return self.model_extra or {}
