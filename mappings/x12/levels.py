"""856 read: its levels (HL), which stand in one another, and the lines in them.

The usual ones are shipment (S), order (O), pallet (T), package (P) and item (I), in the order that
the partners agreed: packages stand in orders, around them, or in items.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from mappings.kit.readers.segments import Group, groups
from mappings.x12.envelope import Segment, Transaction
from mappings.x12.segments import (
    Article,
    listed,
    needed_quantity,
    not_negative,
    quantity,
)
from mappings.x12.terms import Terms

ORDER = "O"
PACKAGES = ("P", "T")
"""What a line is packed in: the package, else the pallet."""
_DEPTH = {"S": 0, ORDER: 1, "T": 2, "P": 3, "I": 4}


@dataclass(frozen=True, slots=True)
class Level:
    """An HL with what stands under it before the next. `above`: the one it stands in."""

    number: str
    code: str
    own: Sequence[Segment]
    above: "Level | None" = None
    inside: list["Level"] = field(default_factory=list)

    def out(self) -> Iterator["Level"]:
        """It, then those around it, outwards."""
        level: Level | None = self
        while level is not None:
            yield level
            level = level.above

    def around(self, code: str) -> "Level | None":
        """The nearest level of a code that it is or stands in."""
        return next((level for level in self.out() if level.code == code), None)


@dataclass(frozen=True, slots=True)
class Item:
    """A line that left, and the level it stands in."""

    level: Level
    under: Sequence[Segment]
    which: Article
    shipped: Decimal
    ordered: Decimal | None
    code: str | None

    @property
    def packages(self) -> list[Level]:
        """What it is packed in: a level around it, or those that stand in it."""
        around = next((it for code in PACKAGES if (it := self.level.around(code))), None)
        return [around] if around else [it for it in self.level.inside if it.code in PACKAGES]


def levels_of(told: Transaction) -> list[Level]:
    """All levels in their order. One that names none around it stands in the last one above it."""
    told.first("HL")
    found: list[Level] = []
    by_number: dict[str, Level] = {}
    for head, under in groups(told.segments, "HL", "CTT", "SE"):
        code = (head.at(3) or "").upper()
        above = by_number.get(head.at(2) or "") or _last_above(found, code)
        level = Level(head.at(1) or str(len(found) + 1), code, under, above)
        if above is not None:
            above.inside.append(level)
        by_number[level.number] = level
        found.append(level)
    return found


def _last_above(found: Sequence[Level], code: str) -> Level | None:
    depth = _DEPTH.get(code, 4)
    return next((it for it in reversed(found) if _DEPTH.get(it.code, 4) < depth), None)


def items_of(levels: Sequence[Level], terms: Terms) -> list[Item]:
    """The lines of all levels: a LIN with its SN1."""
    return [
        item
        for level in levels
        for row in groups(level.own, "LIN")
        if (item := _item(level, row, terms)) is not None
    ]


def _item(level: Level, row: Group[Segment], terms: Terms) -> Item | None:
    line, under = row
    count = next((it for it in under if it.name == "SN1"), None)
    if count is None:
        return None  # it only describes what others count
    return Item(
        level=level,
        under=under,
        which=listed(line, terms.sku_qualifiers),
        shipped=not_negative(needed_quantity(count, 2), count, 2),
        ordered=quantity(count, 5),
        code=count.at(8),
    )
