"""Amounts as a file writes them. Which mark stands before the decimals is seen in the whole file:
one amount alone, such as 1,234, may be a thousand or one and a bit.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from hub.model.errors import BadData
from mappings.kit import numbers

Mark = Literal[".", ","]
_BLANKS = re.compile(r"[\s\u00a0\u202f'’$€£¥]")  # noqa: RUF001
"""What stands between digits, and signs of currencies around them: the currency is told apart."""
_FORMS = {
    ".": re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?", re.ASCII),
    ",": re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)?(?:,\d*)?", re.ASCII),
}
_EITHER = re.compile(r"[+-]?\d{1,3}[.,]\d{3}", re.ASCII)
"""A thousand, or one with three decimals."""
_CLEAR = re.compile(r"-?\d+([.,])\d\d?", re.ASCII)
"""Nothing but one mark and one or two decimals, as nearly all are: it can be read one way only."""
_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,13})(?:\.\d{1,6})?", re.ASCII)
_EXPONENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)[eE]([+-]?\d{1,2})", re.ASCII)


def mark_of(texts: Iterable[str], usual: Mark | None = ".", *, path: str = "amounts") -> Mark:
    """The mark that all amounts of a file agree on; `usual` where they could be read both ways.
    BadData where some have one and some the other, or where nothing tells.
    """
    seen: dict[Mark, str] = {}
    either = ""
    for told in texts:
        if clear := _CLEAR.fullmatch(told):
            seen.setdefault("." if clear[1] == "." else ",", told)
            continue
        text = _BLANKS.sub("", told)
        if _EITHER.fullmatch(text):
            either = text
            continue
        fits: list[Mark] = [mark for mark in (".", ",") if _FORMS[mark].fullmatch(text)]
        if len(fits) == 1:
            seen.setdefault(fits[0], text)
    if len(seen) > 1:
        message = f"one way of writing decimals is expected, it has {seen['.']} and {seen[',']}"
        raise BadData(message, path=path, code="bad_number")
    if seen:
        return next(iter(seen))
    if either and usual is None:
        message = f"nothing tells whether {either} is above a thousand: say it in the settings"
        raise BadData(message, path=path, code="bad_number")
    return usual or "."


def amount(told: str, mark: Mark = ".", *, path: str = "") -> Decimal:
    """An amount. BadData where it is none by this mark."""
    if mark == "." and _PLAIN.fullmatch(told):
        return Decimal(told) or Decimal(told).copy_abs()
    text = _BLANKS.sub("", unicodedata.normalize("NFKC", told)).replace("\u2212", "-")
    if text.endswith("-") and not text.startswith("-"):
        text = f"-{text[:-1]}"
    other = "," if mark == "." else "."
    exponent = _EXPONENT.fullmatch(text)
    if exponent is None and (not _FORMS[mark].fullmatch(text) or not any(map(str.isdigit, text))):
        message = f"an amount with {mark!r} before its decimals is expected, it is {told[:40]}"
        raise BadData(message, path=path, code="bad_number")
    plain = text.replace(other, "") if exponent is None else text
    plain = plain.replace(mark, ".").removesuffix(".")
    sign, digits = ("-", plain[1:]) if plain.startswith("-") else ("", plain.removeprefix("+"))
    whole, point, places = digits.partition(".")
    found = numbers.amount(f"{whole.lstrip('0') or '0'}{point}{places}", path=path)
    return -found if sign and found else found
