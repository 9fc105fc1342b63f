"""What a warehouse says left, or will not leave, of a notice that told of several fulfilment
orders: each hears its own part of it. All that was told is somebody's, and nothing is told twice.

Pieces go where the notice's line numbers say, else by article and what is open, the first
fulfilment order first: by the book that matches the lines of one (`matching.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.model.fulfilment import SHARED_PARCELS, Package, Shipment, ShippedLine, ShortLine
from hub.rules.fulfilment.matching import Book, KnownLine
from hub.rules.fulfilment.shipping import match


@dataclass(frozen=True, slots=True)
class Member:
    """One of the fulfilment orders of a notice. `number`: its own; `offset`: what was added to its
    line numbers; `is_living`: pieces of it may still turn out missing.
    """

    number: str
    offset: int
    lines: tuple[KnownLine, ...]
    is_living: bool = True


@dataclass(slots=True)
class _Part:
    """What one of them hears: lines by package, pieces that it will not get."""

    member: Member
    lines: dict[int, list[ShippedLine]] = field(default_factory=dict)
    short: list[ShortLine] = field(default_factory=list)


def apportion(shipment: Shipment, members: Sequence[Member]) -> list[Shipment]:
    """What each hears of it; who has no part in it hears nothing. `members`: the one whose number
    the warehouse knows comes first; what is nobody's is told of it, and so is what is charged.
    """
    parts = {member.number: _Part(member) for member in members}
    whose = {line.line_no + member.offset: member for member in members for line in member.lines}
    book = Book([replace(it, line_no=it.line_no + m.offset) for m in members for it in m.lines])
    is_named = any(package.lines for package in shipment.packages)
    everything = not is_named and _means_everything(shipment, members)
    leader = parts[members[0].number]
    strays = _share(book, shipment, parts, whose) if is_named else []
    for package, line in strays:
        leader.lines.setdefault(package, []).append(line)
    _shorten(book, shipment, parts, whose)
    is_strange = any(line.quantity > 0 for _, line in strays)
    if shipment.complete and not everything and not is_strange:
        _close(book, parts, whose)
    heard = [
        it
        for part in parts.values()
        if (it := _heard(shipment, part, everything=everything, is_strange=is_strange)) is not None
    ]
    if not heard:
        return [shipment.model_copy(update={"fulfilment_order_id": members[0].number})]
    return _charged_once(heard)


def _charged_once(heard: Sequence[Shipment]) -> list[Shipment]:
    """Costs, and parcels that several of them tell of, belong to the first."""
    known: set[str | None] = set()
    charged = []
    for first, it in zip((True, *[False] * len(heard)), heard, strict=False):
        names = [package.tracking_number or package.package_id for package in it.packages]
        shared = [at for at, name in enumerate(names, start=1) if name in known]
        known.update(names)
        update: dict[str, Any] = {} if first else {"costs": ()}
        if shared:
            update["attributes"] = {**it.attributes, SHARED_PARCELS: shared}
        charged.append(it.model_copy(update=update))
    return charged


def source_id(told: str, member: Member) -> str:
    """By what one's own telling is known: whoever is told of several needs to tell them apart."""
    return told if member.offset == 0 else f"{told}:{member.number}"


def _means_everything(shipment: Shipment, members: Sequence[Member]) -> bool:
    """Parcels without contents, or no parcels at all where nothing left before and all is well."""
    if shipment.packages:
        return True
    shipped = any(line.shipped > 0 for member in members for line in member.lines)
    return shipment.complete and not shipment.short and not shipped


def _share(
    book: Book, shipment: Shipment, parts: Mapping[str, _Part], whose: Mapping[int, Member]
) -> list[tuple[int, ShippedLine]]:
    """Give each line to whom it belongs; returns those that are nobody's."""
    match(book, shipment)
    used: dict[tuple[int, int], int] = {}
    for (number, place), entry in book.entries.items():
        if place is None or entry.line is None:  # only of contents that nobody named
            continue
        member, first = whose[number], used.get(place, 0)
        used[place] = last = first + int(entry.quantity)
        mine = entry.line.model_copy(
            update={
                "line_no": number - member.offset,
                "sku": entry.sku,
                "item_code": None,
                "quantity": entry.quantity,
                "serials": entry.line.serials[first:last],
            }
        )
        parts[member.number].lines.setdefault(place[0], []).append(mine)
    return [
        (at, line)
        for at, package in enumerate(shipment.packages)
        for line in package.lines
        if line.quantity < 0 or (line.quantity > 0 and not book.knows(line))
    ]


def _shorten(
    book: Book, shipment: Shipment, parts: Mapping[str, _Part], whose: Mapping[int, Member]
) -> None:
    """Give each piece that will not come to whom it belongs; what is not open is told of the one
    whose number the warehouse knows.
    """
    for lacking in shipment.short:
        left = book.shorten(lacking)
        if left > 0:
            rest = lacking.model_copy(update={"quantity": left})
            next(iter(parts.values())).short.append(rest)
    _give_up(book, parts, whose)


def _close(book: Book, parts: Mapping[str, _Part], whose: Mapping[int, Member]) -> None:
    """Nothing more will come, and of some nothing came: they hear what they lack."""
    before = len(book.given_up)
    book.give_up("not_shipped")
    silent = {number for number, part in parts.items() if not part.lines and part.member.is_living}
    _give_up(book, parts, whose, before, silent)


def _give_up(
    book: Book,
    parts: Mapping[str, _Part],
    whose: Mapping[int, Member],
    since: int = 0,
    of: set[str] | None = None,
) -> None:
    for line, quantity, reason in book.given_up[since:]:
        member = whose[line.line_no]
        if of is None or member.number in of:
            number = line.line_no - member.offset
            lacks = ShortLine(line_no=number, sku=line.sku, quantity=quantity, reason=reason)
            parts[member.number].short.append(lacks)


def _heard(
    shipment: Shipment, part: _Part, *, everything: bool, is_strange: bool
) -> Shipment | None:
    """One's own telling. Where an article came that is nobody's, the others wait for what they
    still lack: it may be theirs, under a wrong number.
    """
    packages = shipment.packages if everything else tuple(_packages(shipment, part))
    is_open = any(line.open > 0 for line in part.member.lines)
    if not part.lines and not part.short and not (everything and is_open):
        return None
    leads = part.member.offset == 0
    own = source_id(shipment.source.id, part.member)
    return shipment.model_copy(
        update={
            "source": shipment.source.model_copy(update={"id": own}),
            "fulfilment_order_id": part.member.number,
            "packages": packages,
            "short": tuple(part.short),
            "complete": shipment.complete and (leads or not is_strange),
        }
    )


def _packages(shipment: Shipment, part: _Part) -> list[Package]:
    return [
        package.model_copy(update={"lines": tuple(part.lines.get(at, ()))})
        for at, package in enumerate(shipment.packages)
        if at in part.lines or (part.lines and not package.lines)
    ]
