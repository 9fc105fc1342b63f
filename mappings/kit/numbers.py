"""The one reader of partners' numbers: `3`, `3.00`, `+3`, `3E0`, also in wide digits. Thousands
separators, decimal commas, underscores and leading zeros are refused: nobody knows what they mean.
In amounts, separators of thousands before a decimal point can mean nothing else.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hub.model.document import Cleaned
from hub.model.errors import BadData

_WIDE = {0xFF10 + digit: 0x30 + digit for digit in range(10)}
_WIDE.update({ord(wide): ord(plain) for wide, plain in zip("．＋－Ｅｅ", ".+-Ee", strict=True)})  # noqa: RUF001
_NUMBER = re.compile(
    r"[+-]?(?:(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?",
    re.ASCII,
)
_USUAL = re.compile(r"-?(?:0|[1-9][0-9]{0,13})(?:\.[0-9]{1,6})?", re.ASCII)
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4}\.[0-9]{1,6}", re.ASCII)
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2}", re.IGNORECASE | re.ASCII)
MOST_DIGITS, PLACES = 14, 6
_SMALLEST = Decimal(1).scaleb(-PLACES)


def decimal(value: Any, *, path: str = "") -> Decimal:
    """A number of at most 14 digits and 6 places. BadData where it is none."""
    if isinstance(value, str) and _USUAL.fullmatch(value) and type(value) is not Cleaned:
        usual = Decimal(value)
        if usual:
            return usual
    found = _read(value)
    if found is None or found.adjusted() >= MOST_DIGITS or found % _SMALLEST:
        message = "a decimal number of at most 14 digits and 6 places is expected, such as 12.50"
        raise BadData(message, path=path, code="bad_number")
    return _plain(found)


def amount(value: Any, *, path: str = "") -> Decimal:
    """Money, to 6 places: what is finer comes of binary fractions. Also 1,234.50. BadData where it
    is none.
    """
    if isinstance(value, str) and _GROUPED.fullmatch(value) and type(value) is not Cleaned:
        return Decimal(value.replace(",", ""))
    found = _read(value)
    if found is None or found.adjusted() >= MOST_DIGITS:  # too long to be rounded
        return decimal(value, path=path)
    if not found % _SMALLEST or abs(found) < _SMALLEST:
        return decimal(value, path=path)
    return decimal(format(found.quantize(_SMALLEST, rounding=ROUND_HALF_UP), "f"), path=path)


def measure(value: Any, *, path: str = "") -> Decimal:
    """A weight or length, not below 0, to 6 places. BadData where it is none."""
    found = _read(value)
    if found is None or found.adjusted() >= MOST_DIGITS or found < 0:
        message = "a measure not below 0 is expected, such as 12.5"
        raise BadData(message, path=path, code="bad_number")
    rounded = found.quantize(_SMALLEST, rounding=ROUND_HALF_UP) if found % _SMALLEST else found
    return _plain(rounded)


def is_rounded(text: str) -> bool:
    """Whether a spreadsheet has rounded a long number: 4.3E+13. It names nothing any more."""
    return _ROUNDED.fullmatch(text) is not None


def whole(value: Any, *, path: str = "") -> int:
    """A whole number. BadData where it is none."""
    found = decimal(value, path=path)
    if found % 1:
        raise BadData("a whole number is expected", path=path, code="bad_number")
    return int(found)


def _read(value: Any) -> Decimal | None:
    if not isinstance(value, str) or type(value) is Cleaned:
        return None
    text = value if value.isascii() else value.translate(_WIDE)
    if not _NUMBER.fullmatch(text) or text == "-0":
        return None
    found = Decimal(text)  # at most 60 digits, an exponent of at most 99
    return found or found.copy_abs()


def _plain(number: Decimal) -> Decimal:
    """Without an exponent and with no more places than amounts have; its own places stay."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -PLACES <= exponent <= 0:
        return number
    least = number.normalize()
    return Decimal(format(least, "f"))
