"""What the segments of the warehouse sets have in common: articles, dates, references, weights.

Source: the 4010 element tables of W01, W04, W07, W12, W19, LIN, N9, G62 and W03.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from hub.model.errors import BadData
from mappings.kit import Context, numbers, times
from mappings.kit.fields import MOST_PIECES
from mappings.kit.readers.segments import unpadded
from mappings.kit.units import GRAMS
from mappings.x12.envelope import Segment, Transaction

_KILOGRAMS = {
    "K": Decimal(1),
    "KG": Decimal(1),
    "L": GRAMS["lb"] / 1000,
    "LB": GRAMS["lb"] / 1000,
    "01": GRAMS["lb"] / 1000,
    "50": Decimal(1),
}
_GRAM = Decimal("0.001")
_SHORT = 2
"""Characters of a qualifier."""
SKU_QUALIFIERS = ("VN", "SK", "BP", "VP", "IN", "VC", "IT", "MG", "UP", "UI", "UA", "EN", "UK")
"""Kinds of article numbers, the likeliest to be the merchant's own first."""
_NAMED = frozenset({"UPC", "EAN", "GTIN"})
_QUALIFIERS = frozenset({*SKU_QUALIFIERS, "LT", "PJ", "SW", "UD", "BO", "IZ", "PI", "SN", "SZ"})
"""Kinds of numbers by which one that stands in another's place is known."""
_CODES = ("UP", "UI", "UA", "EN", "UK")
_ZONES = {
    **dict.fromkeys(("UT", "GM"), "UTC"),
    **dict.fromkeys(("ET", "ES", "ED"), "America/New_York"),
    **dict.fromkeys(("CT", "CS", "CD"), "America/Chicago"),
    **dict.fromkeys(("MT", "MS", "MD"), "America/Denver"),
    **dict.fromkeys(("PT", "PS", "PD"), "America/Los_Angeles"),
}
"""Where a clock goes (623). `LT` and what is not here is the connection's own place."""
_TAKES_BACK = {"01": "cancels", "03": "deletes", "04": "changes", "05": "replaces"}
"""Purposes (353) by which a set speaks of what was told before."""


@dataclass(frozen=True, slots=True)
class Article:
    """Which article, by the merchant's number and by the code on it; its batch where told here."""

    sku: str | None
    item_code: str | None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """The references under a line or a document: qualifier -> what stands there, in its order."""

    by: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def one(self, *qualifiers: str) -> str | None:
        """The first of the first kind that is told."""
        return next((told for kind in qualifiers for told in self.by.get(kind, ())), None)

    def all(self, qualifier: str) -> Sequence[str]:
        """Every one of a kind."""
        return self.by.get(qualifier, ())


def notes(segments: Iterable[Segment]) -> Notes:
    """What the N9 or REF among segments refer to: the number, or the words where there is none."""
    found: dict[str, list[str]] = {}
    for segment in segments:
        if segment.name in {"N9", "REF"} and (told := segment.at(2) or segment.at(3)):
            found.setdefault(segment.at(1) or "", []).append(told)
    return Notes(found)


def article(
    segment: Segment, code_at: int | None, pairs_at: Sequence[int], kinds: Sequence[str]
) -> Article:
    """The article of a line: a code at `code_at`, qualifier and number at each of `pairs_at`. Of
    the numbers the merchant's own is the first of `kinds` that is told.
    """
    told: dict[str, str] = {}
    code = segment.at(code_at) if code_at else None
    if is_qualifier(code) and not is_qualifier(segment.at((code_at or 0) + 1)):
        code, pairs_at = None, [place - 1 for place in pairs_at]  # its place was left out
    for place in pairs_at:
        kind, number = segment.at(place), segment.at(place + 1)
        if is_qualifier(number) and not is_qualifier(kind):  # some put the kind behind
            kind, number = number, kind
        if number:
            told.setdefault((kind or "").upper(), number)
    if code in _NAMED:  # some name the kind of code, and put it beside
        code = segment.at((code_at or 0) + 1)
    sku = next((told[kind] for kind in kinds if kind in told), None)
    others = (number for kind, number in told.items() if kind not in {"", "LT", "PJ"})
    sku = sku or next(others, None) or code or told.get("")  # at last a number of no kind
    item = code or next((told[kind] for kind in _CODES if kind in told), None)
    return Article(sku, item if item != sku else None, told.get("LT"))


def listed(segment: Segment, kinds: Sequence[str]) -> Article:
    """The article of a LIN, whose own number before it may be left out."""
    first = 1 if is_qualifier(segment.at(1)) and not is_qualifier(segment.at(2)) else 2
    return identified(article(segment, None, range(first, 30, 2), kinds), segment)


def is_qualifier(told: str | None) -> bool:
    """Whether it is a kind of number, and no number."""
    return told is not None and told.upper() in _QUALIFIERS


def lot(segment: Segment, place: int) -> str | None:
    """The number of a lot; what stands there and is a kind of number is none."""
    return None if is_qualifier(segment.at(place)) else segment.at(place)


def identified(which: Article, segment: Segment) -> Article:
    """An article that must be known by a number. BadData where it is by none."""
    if which.sku is None and which.item_code is None:
        message = f"{segment.name} names no article"
        raise BadData(message, path=segment.name, code="missing_field")
    return which


def not_negative(told: Decimal, segment: Segment, place: int) -> Decimal:
    """A quantity of which there can be none, but not fewer."""
    if told < 0:
        path = f"{segment.name}{place:02}"
        raise BadData("a quantity not below 0 is expected", path=path, code="bad_number")
    return told


def unshifted(segment: Segment, code_at: int) -> Segment:
    """A line whose elements stand one too far from its code on: then a qualifier, which has two
    characters, stands where the number of the first pair should.
    """
    pair = segment.at(code_at + 1), segment.at(code_at + 2)
    if (
        segment.at(code_at)
        or not all(pair)
        or len(pair[0] or "") == _SHORT
        or len(pair[1] or "") > _SHORT
    ):
        return segment
    return Segment((*segment[:code_at], *segment[code_at + 1 :]))


def quantity(segment: Segment, place: int) -> Decimal | None:
    """A quantity, None where none is told. Leading zeros are padding."""
    told = segment.at(place)
    if told is None:
        return None
    sign, digits = ("-", told[1:]) if told.startswith("-") else ("", told.removeprefix("+"))
    return numbers.decimal(sign + unpadded(digits), path=f"{segment.name}{place:02}")


def told_first(segment: Segment, place: int, *others: str) -> None:
    """BadData where a set takes back or changes what was told before, by its purpose: what was
    booked is not unmade by itself. `others`: purposes that may stand there all the same.
    """
    purpose = segment.at(place) or "00"
    if purpose in _TAKES_BACK and purpose not in others:
        message = f"{purpose} {_TAKES_BACK[purpose]} what was told: book by hand what differs"
        raise BadData(message, path=f"{segment.name}{place:02}", code="correction")


def marked(segments: Iterable[Segment], *kinds: str) -> list[tuple[str, str]]:
    """The marks and numbers of packages (MAN) of some kinds, each with its kind: a segment holds
    one or two.
    """
    return [
        (kind, told)
        for it in segments
        if it.name == "MAN"
        for place in (1, 4)
        if (kind := it.at(place) or "") in kinds and (told := it.at(place + 1))
    ]


def needed(segment: Segment, place: int) -> str:
    """An element that must be there. BadData names it as the standard does: W0602."""
    told = segment.at(place)
    if told is None:
        path = f"{segment.name}{place:02}"
        raise BadData(f"{path} is empty", path=path, code="missing_field")
    return told


def needed_quantity(segment: Segment, place: int) -> Decimal:
    """A quantity that must be there."""
    needed(segment, place)
    return quantity(segment, place) or Decimal(0)


def moment(
    segment: Segment, day_at: int, clock_at: int | None, at: Context, zone: str | None = None
) -> datetime | None:
    """A moment from a day and, where it is told, a clock: by the connection's own clock where no
    zone is told.
    """
    day, clock = segment.at(day_at), segment.at(clock_at) if clock_at else None
    if day is None:
        return None
    path, day = f"{segment.name}{day_at:02}", _with_century(day)
    told = f"{day}{clock:0<6}"[:14] if clock and clock.isdecimal() and len(day) == 8 else day
    try:
        return times.moment(told, _zone(zone, at) if told != day else at.zone, path=path)
    except BadData as error:
        at.warn(error.code, str(error), path=path)
        return None


def _zone(told: str | None, at: Context) -> tzinfo:
    name = _ZONES.get((told or "").upper())
    return at.zone if name is None else ZoneInfo(name)


def written_at(told: Transaction, at: Context) -> datetime | None:
    """When the group was written, else its interchange."""
    return moment(told.envelope.group, 4, 5, at) or moment(told.envelope.head, 9, 10, at)


def _with_century(day: str) -> str:
    """Before 4010 a year has two digits."""
    return f"20{day}" if len(day) == 6 and day.isdecimal() else day


def is_day(told: str | None) -> bool:
    """Whether it is written as a day is."""
    return told is not None and told.isdecimal() and len(told) == 8 and told[:2] in {"19", "20"}


def carrier_of(code: str | None, name: str | None, at: Context, path: str) -> str | None:
    """Our code of a carrier by its code and name, which some write in each other's place."""
    return at.carrier(code, name, path=path, lists=("scac", "carriers"))


def dated(segments: Iterable[Segment], qualifiers: Sequence[str], at: Context) -> datetime | None:
    """The time that a G62 or DTM tells for the first of some qualifiers."""
    told: dict[str, datetime | None] = {}
    for segment in segments:
        if segment.name == "G62":
            told.setdefault(segment.at(1) or "", moment(segment, 2, 4, at, segment.at(5)))
        elif segment.name == "DTM":
            told.setdefault(segment.at(1) or "", moment(segment, 2, 3, at, segment.at(4)))
    return next((told[kind] for kind in qualifiers if told.get(kind)), None)


def day(segments: Iterable[Segment], qualifier: str, at: Context) -> str | None:
    """The day that a G62 or DTM tells for a qualifier, None where it is none."""
    for segment in segments:
        if segment.name in {"G62", "DTM"} and segment.at(1) == qualifier and segment.at(2):
            try:
                told = _with_century(segment.at(2) or "")
                return times.day(told, at.zone, path=f"{segment.name}02")
            except BadData as error:
                at.warn(error.code, str(error), path=error.path)
    return None


def kilograms(told: Decimal | None, unit: str | None) -> Decimal | None:
    """A weight in kilograms; None where it, or its unit, is not known."""
    one = _KILOGRAMS.get(unit or "")
    return (told * one).quantize(_GRAM) if told and one and told < MOST_PIECES else None
