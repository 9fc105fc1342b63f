"""DESADV read: its levels of packages (CPS, PAC), which stand in one another, and their lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.errors import BadData
from mappings.edifact.envelope import Message
from mappings.edifact.heads import Head
from mappings.edifact.segments import Article, article, first_of, marks, notes, number, quantities
from mappings.edifact.syntax import Segment
from mappings.edifact.terms import Terms
from mappings.kit.readers.segments import groups

_ORDERED = "21"
_BATCH = "BX"
_ORDER, _PERHAPS = ("ON", "VN"), ("CR", "DQ", "AAJ")
"""References (1153) to the order, and those in which some name it."""
_MORE = frozenset({"AC", "CM", "CE", "AE"})
"""Discrepancies (4221) of more than was ordered."""
_MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """A LIN with what stands under it."""

    under: Sequence[Segment]
    which: Article
    order: str
    line_no: int | None
    ordered: Decimal
    shipped: Decimal
    code: str


@dataclass(frozen=True, slots=True)
class Level:
    """A CPS: what it says of itself, and its lines. `above`: the one it stands in."""

    number: str
    above: str
    own: Sequence[Segment]
    rows: Sequence[Row]


def order_of(
    head: Head, terms: Terms, under: Sequence[Segment] = (), around: Sequence[Segment] = ()
) -> str:
    """The order that a line, or an advice as a whole, is about: the first reference that is ours,
    else the likeliest to be. `around`: what its package says, in which some name it.
    """
    own = notes(under)
    told = [*own.numbers(*_ORDER), *notes(around).numbers(*_ORDER)]
    told += head.notes.numbers(*_ORDER, *_PERHAPS)
    ours = next((it for it in (*told, *own.numbers(*_PERHAPS)) if terms.is_ours(it)), None)
    if not told:
        raise BadData("the order is expected in RFF+ON", path="RFF.1154", code="missing_field")
    return terms.ours_of(ours or told[0])


def levels_of(told: Message, head: Head, terms: Terms) -> Iterator[Level]:
    """The packages of the advice; without any CPS all lines are in one."""
    found = list(groups(told.segments, "CPS", "UNS", "CNT", "UNT"))
    below = [part for _, part in found] or [told.segments]
    numbers = [(cps.at(1) or str(at), cps.at(2) or "") for at, (cps, _) in enumerate(found)]
    numbers = numbers or [("1", "")]
    for (number_, above), part in zip(numbers, below, strict=True):
        first = next((at for at, it in enumerate(part) if it.name == "LIN"), len(part))
        lines = groups(part, "LIN", "CPS", "UNS", "CNT", "UNT")
        own = part[:first] if found else ()
        rows = [_row(line, under, own, head, terms) for line, under in lines]
        yield Level(number_, above, own, rows)


def _row(
    line: Segment, under: Sequence[Segment], around: Sequence[Segment], head: Head, terms: Terms
) -> Row:
    told = quantities(under, head.decimal_mark, (*terms.despatched, _ORDERED))
    lacking, code = _discrepancy(under, head.decimal_mark)
    refers = notes(under)
    own = refers.one(*_ORDER)
    ordered = told.get(_ORDERED)
    shipped = first_of(told, terms.despatched)
    if shipped is None and ordered is not None:
        shipped = ordered - lacking
    if shipped is None:
        raise BadData("a despatched quantity is expected", path="QTY.6063", code="missing_field")
    line_no = refers.line(*_ORDER) or _line_of(refers.one("LI"), own)
    if shipped < 0:
        raise BadData("a quantity not below 0 is expected", path="QTY.6060", code="bad_number")
    return Row(
        under,
        article(line, under, terms.sku_qualifiers, line_no),
        order_of(head, terms, under, around),
        line_no,
        shipped + lacking if ordered is None else ordered,
        shipped,
        code,
    )


def _line_of(told: str | None, order: str | None) -> int | None:
    """The order's line by RFF+LI: some write the order's own number there."""
    is_line = told and told != order and told.isdecimal() and 0 < int(told) <= _MOST_LINES
    return int(told or 0) if is_line else None


def _discrepancy(under: Sequence[Segment], decimal_mark: str) -> tuple[Decimal, str]:
    """How many are missing by QVR, and why. Some write the number where its kind should stand."""
    lacking, code = ZERO, ""
    for it in under:
        if it.name == "QVR":
            told = it.at(1) or it.at(1, 2)
            lacking += abs(number(told, decimal_mark, path="QVR.6064")) if told else ZERO
            code = it.at(2) or code
    return (ZERO if code in _MORE else lacking), code


def batch_of(under: Sequence[Segment]) -> str | None:
    """The batch that a line names by RFF+BT or GIN+BX."""
    return notes(under).one("BT") or next(iter(marks(under, _BATCH)), None)
