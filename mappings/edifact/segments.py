"""What the segments of the warehouse messages have in common: articles, dates, quantities,
references, measures.

Source: the segment tables of the UN directories D.96A to D.01B: LIN, PIA, QTY, DTM, RFF, MEA, GIN.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypeVar

from hub.model.document import ZERO
from hub.model.errors import BadData
from mappings.edifact.syntax import Segment
from mappings.edifact.syntax.dates import plain
from mappings.kit import Context, numbers, times
from mappings.kit.readers.segments import unpadded
from mappings.kit.units import GRAMS, MILLIMETRES, measured

SKU_QUALIFIERS = ("SA", "BP", "IN", "VP", "MF", "SK", "", "EN", "SRV", "EU", "UP", "UA")
"""Kinds of article numbers (7143), the likeliest to be the merchant's own first; some name none."""
_CODES = ("EN", "SRV", "EU", "UP", "UA")
_NO_ARTICLES = frozenset({"NB", "SN", "HS", "CC", "GN", "GU", "LI", "BB"})
_BATCH = "NB"
_KILOGRAMS = {
    "KGM": GRAMS["kg"] / 1000,
    "GRM": GRAMS["g"] / 1000,
    "LBR": GRAMS["lb"] / 1000,
    "TNE": Decimal(1000),
}
_CENTIMETRES = {
    "CMT": MILLIMETRES["cm"] / 10,
    "MMT": MILLIMETRES["mm"] / 10,
    "MTR": MILLIMETRES["m"] / 10,
    "INH": MILLIMETRES["in"] / 10,
}
_GROSS = frozenset({"G", "AAB", "AAD", "AAC", "WT", ""})
_LENGTHS = {"LN": "length_cm", "WD": "width_cm", "HT": "height_cm"}
EXPIRY, PRODUCTION = ("36", "361"), ("94",)
"""DTM: until when it keeps, and when it was made."""
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Article:
    """Which article, by the merchant's number and by the code on it; its batch where told here."""

    sku: str | None
    item_code: str | None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """The references among segments: qualifier -> (number, line) in their order."""

    by: Mapping[str, Sequence[tuple[str, str | None]]] = field(default_factory=dict)

    def numbers(self, *qualifiers: str) -> list[str]:
        """The numbers of some kinds, in the order of the kinds."""
        return [told[0] for kind in qualifiers for told in self.by.get(kind, ())]

    def one(self, *qualifiers: str) -> str | None:
        """The number of the first kind that is told."""
        return next(iter(self.numbers(*qualifiers)), None)

    def line(self, *qualifiers: str) -> int | None:
        """The line that stands beside the first number of these kinds that has one."""
        told = (line for kind in qualifiers for _, line in self.by.get(kind, ()))
        return next((int(line) for line in told if line and is_line(line)), None)


def is_line(told: str) -> bool:
    """Whether a text can be the number of a line: not every number that stands there is one."""
    return told.isascii() and told.isdecimal() and 0 < int(told) <= 99_999


def notes(segments: Iterable[Segment]) -> Notes:
    """What the RFF among segments refer to."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for segment in segments:
        if segment.name == "RFF" and (number := segment.at(1, 2)):
            found.setdefault(segment.at(1) or "", []).append((number, segment.at(1, 3)))
    return Notes(found)


def article(
    line: Segment, under: Iterable[Segment], kinds: Sequence[str], line_no: int | None = None
) -> Article:
    """The article of a LIN and the PIA below it. Of the numbers the merchant's own is the first of
    `kinds` that is told. BadData where there is none, and no line of ours that says it.
    """
    told: dict[str, str] = {}
    pairs = [(line.at(3), line.at(3, 2))]
    for it in under:
        if it.name == "PIA" and it.at(1) in {"1", "5", None}:
            pairs += [(it.at(at), it.at(at, 2)) for at in range(2, 7)]
    for number, kind in pairs:
        if number:
            told.setdefault(kind or "", number)
    sku = next((told[kind] for kind in kinds if kind in told), None)
    others = (number for kind, number in told.items() if kind not in _NO_ARTICLES)
    sku = sku or next(others, None)
    item = next((told[kind] for kind in _CODES if kind in told), None)
    if sku is None and line_no is None:
        message = "an article number is expected in LIN or PIA"
        raise BadData(message, path="LIN.7140", code="missing_field")
    return Article(sku, item if item != sku else None, told.get(_BATCH))


def number(told: str, decimal_mark: str, *, path: str) -> Decimal:
    """A number as EDIFACT writes it: either mark parts decimals, zeros may pad it, a minus may
    stand behind it. BadData where the mark could also part thousands.
    """
    sign = "-" if told.startswith("-") or told.endswith("-") else ""
    digits = told.strip("+-").strip()
    other = {",": ".", ".": ","}.get(decimal_mark, ",")
    if other in digits:
        if _THOUSANDS.fullmatch(digits) or decimal_mark in digits:
            message = f"a number without {other!r} is expected: {decimal_mark!r} parts its decimals"
            raise BadData(message, path=path, code="bad_number")
        digits = digits.replace(other, decimal_mark)
    return numbers.decimal(sign + unpadded(digits.replace(decimal_mark, ".")), path=path)


def quantities(
    segments: Iterable[Segment], decimal_mark: str, kinds: Sequence[str] | None = None
) -> dict[str, Decimal]:
    """Kind of quantity (6063) -> how much: the sum where a kind is told several times. `kinds`:
    those that are read.
    """
    told: dict[str, Decimal] = {}
    for it in segments:
        kind = (it.at(1) or "").upper()
        if it.name == "QTY" and (kinds is None or kind in kinds):
            written = it.at(1, 2)
            if written is None:
                raise BadData("a quantity is expected", path="QTY.6060", code="missing_field")
            amount = number(written, decimal_mark, path="QTY.6060")
            told[kind] = told.get(kind, ZERO) + amount
    return told


def first_of(told: Mapping[str, Decimal], kinds: Iterable[str]) -> Decimal | None:
    """The quantity of the first kind that is told."""
    return next((told[kind] for kind in kinds if kind in told), None)


def kilograms(segments: Iterable[Segment], decimal_mark: str, at: Context) -> Decimal | None:
    """The gross weight among measures; None where none is told, or not in a unit that is known."""
    for it in segments:
        kind = it.at(2) or ""
        is_weight = it.name == "MEA" and (it.at(1) == "WT" or kind in _GROSS - {""})
        if is_weight and kind in _GROSS and (weight := _measure(it, _KILOGRAMS, decimal_mark, at)):
            return weight
    return None


def lengths(
    segments: Iterable[Segment], decimal_mark: str, at: Context
) -> dict[str, Decimal | None]:
    """Length, width and height in centimetres, where they are told."""
    return {
        _LENGTHS[it.at(2) or ""]: _measure(it, _CENTIMETRES, decimal_mark, at)
        for it in segments
        if it.name == "MEA" and it.at(2) in _LENGTHS
    }


def _measure(
    it: Segment, units: Mapping[str, Decimal], decimal_mark: str, at: Context
) -> Decimal | None:
    told, unit = it.at(3, 2), it.at(3)
    if told is None:
        return None
    try:
        amount = number(told, decimal_mark, path="MEA.6314")
    except BadData as error:
        at.warn(error.code, str(error), path=error.path)
        return None
    return measured(amount, units.get((unit or "").upper())) if amount > 0 else None


def marks(segments: Iterable[Segment], *kinds: str) -> list[str]:
    """The identities of some kinds that GIN names, each once. A range is its two ends."""
    found: list[str] = []
    for it in segments:
        if it.name == "GIN" and it.at(1) in kinds:
            for place in range(2, 7):
                found += [told.strip() for told in it.parts(place) if told.strip()]
    return list(dict.fromkeys(found))


def dated(segments: Iterable[Segment], kinds: Sequence[str], at: Context) -> datetime | None:
    """The moment that a DTM tells for the first of some kinds."""
    told: dict[str, datetime | None] = {}
    for it in segments:
        if it.name == "DTM" and it.at(1) in kinds and it.at(1, 2):
            found = _read(it, at, times.moment)
            told.setdefault(it.at(1) or "", found)
    return next((told[kind] for kind in kinds if told.get(kind)), None)


def written_at(head: Segment, at: Context) -> datetime | None:
    """When an interchange was written, by its UNB."""
    told = f"{head.at(4) or ''}{head.at(4, 2) or ''}"
    return _read(Segment([("DTM",), ("", told)]), at, times.moment) if told else None


def _read(it: Segment, at: Context, reader: Callable[..., T]) -> T | None:
    """What a DTM says; None, with a warning, where it is no date."""
    try:
        return reader(plain(it.at(1, 2) or "", it.at(1, 3)), at.zone, path="DTM.2380")
    except BadData as error:
        at.warn(error.code, str(error), path=error.path)
        return None


def day(segments: Iterable[Segment], kinds: Sequence[str], at: Context) -> str | None:
    """The day that a DTM tells for the first of some kinds, None where it is none. A month alone is
    how long something keeps.
    """
    told: dict[str, str | None] = {}
    read = partial(times.day, month_is_last=EXPIRY[0] in kinds)
    for it in segments:
        if it.name == "DTM" and it.at(1) in kinds and it.at(1, 2):
            told.setdefault(it.at(1) or "", _read(it, at, read))
    return next((told[kind] for kind in kinds if told.get(kind)), None)
