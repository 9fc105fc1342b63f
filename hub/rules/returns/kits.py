"""Kits that come back as the parts that were sent: what is expected, what of it is paid back, and
how everybody but the warehouse hears of it.

A kit's price is shared by what its parts cost in the price list, else by their pieces. It counts as
paid back once all of its parts are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.money import add
from hub.model.order import OrderLine
from hub.model.product import Kit, Served
from hub.model.returns import Disposition, ReturnLine, ReturnQuality
from hub.rules.fulfilment import serving
from hub.rules.returns.money import OfKits, Wish
from hub.rules.stock import kits

_ZERO, _ONE = Decimal(0), Decimal(1)
Parts = Mapping[str, Decimal]
Left = tuple[Kit, Parts]
"""A kit that was sent as parts, and pieces of it."""
_FROM_BEST: Sequence[ReturnQuality] = ("good", "second", "defective", "uninspected", "missing")
"""A kit is what the worst of its parts is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Pieces of a part, or of the kit itself, that are to be paid back, by their worth or by an
    amount.
    """

    sku: str
    pieces: Decimal
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid back of an order's line: parts, and the kits that were counted for them."""

    parts: Parts
    kits: Decimal


def is_part(kit: Kit, sku: str | None) -> bool:
    """Whether an article is a part of a kit."""
    return sku is not None and sku != kit.sku and sku in kits.within(kit.sku, kit.of)


def expected(kit: Kit, line: ReturnLine, left: Parts) -> dict[str, Decimal]:
    """The pieces that come back by a line of a return: of a part of the kit these, else of so many
    kits. `left`: what left for them and is not on its way back. What left as a kit comes first;
    kits of which too little left are expected whole.
    """
    asked = line.quantity
    if is_part(kit, line.sku):
        return {line.sku or "": asked}
    made = min(asked, kits.available(kit.sku, kit.of, left))
    pieces = kits.picked(kit.sku, made, kit.of, left) or {}
    if asked > made:
        pieces[kit.sku] = pieces.get(kit.sku, _ZERO) + asked - made
    return pieces


def left(line: int, served: Sequence[Served], back: Sequence[Served] = ()) -> Left | None:
    """The kit of an order's line that was sent as parts, and the pieces that left for it, kits that
    lay there ready among them, less those that come `back` already; None where it is no such line.
    """
    its = serving.parts_of(line, served)
    if its is None:
        return None
    kit, parts = its
    for it in served:
        if it.kit is None and it.order_line == line:
            _put(parts, {it.sku: it.pieces})
    for it in back:
        if it.order_line == line:
            _put(parts, {it.sku: -it.pieces})
    return kit, parts


def in_parts(
    lines: Sequence[ReturnLine], sold: Sequence[OrderLine | None], left: Mapping[int, Left]
) -> list[tuple[ReturnLine, OrderLine | None]]:
    """Lines of a return as the pieces that come back, each with the order's line that it means.
    `left`: order line -> its kit, and what left for it and is not on its way back.
    """
    rest = {number: dict(parts) for number, (_, parts) in left.items()}
    pieces_of = list[tuple[ReturnLine, OrderLine | None]]()
    for line, bought in zip(lines, sold, strict=True):
        if bought is None or bought.line_no not in left:
            pieces_of.append((line.model_copy(update={"kit": None}), bought))
            continue
        kit, parts = left[bought.line_no][0], rest[bought.line_no]
        for sku, pieces in sorted(expected(kit, line, parts).items()):
            part_of = None if sku == kit.sku else kit.sku
            update = {"sku": sku, "kit": part_of, "quantity": pieces}
            pieces_of.append((line.model_copy(update=update), bought))
            parts[sku] = parts.get(sku, _ZERO) - pieces
    return pieces_of


def articles(kit: Kit) -> set[str]:
    """The articles whose prices say what the kit's parts are worth."""
    return set(kits.expand(kit.sku, _ONE, kit.of))


def wishes(
    line: int,
    kit: Kit,
    asked: Sequence[Asked],
    paid: Iterable[Paid],
    prices: Mapping[str, Decimal | None],
) -> list[Wish]:
    """What is to be paid back of an order's line for these pieces: by their worth, all in one, then
    what is given by an amount.
    """
    each = _weights(kit, prices)
    whole, had, counted = each[kit.sku], dict[str, Decimal](), _ZERO
    for before in paid:
        counted += before.kits
        _put(had, before.parts)
    wanted = []
    for its in (
        [it for it in asked if it.amount is None],
        [it for it in asked if it.amount is not None],
    ):
        parts, begun = dict[str, Decimal](), _weight(had, each) - counted * whole
        for it in its:
            _put(parts, {it.sku: it.pieces} if it.pieces else {})
        _put(had, parts)
        made = max(kits.available(kit.sku, kit.of, had) - counted, _ZERO)
        of_kits = OfKits(parts, _weight(parts, each), whole, max(begun, _ZERO))
        amounts = [it.amount for it in its if it.amount is not None]
        if its:
            wanted.append(Wish(line, made, add(*amounts) if amounts else None, of_kits))
            counted += made
    return wanted


def as_sold(kit: Kit, lines: Sequence[ReturnLine]) -> ReturnLine | None:
    """The lines of a return that are of one order's line, as those know it who never heard of
    parts: one line of so many kits. None where they are no whole one.
    """
    parts = dict[str, Decimal]()
    for line in lines:
        _put(parts, {line.sku or "": line.quantity})
    asked = kits.available(kit.sku, kit.of, parts)
    if not asked:
        return None
    came = _dispositions(kit, lines)
    update = {"sku": kit.sku, "kit": None, "quantity": asked, "dispositions": came}
    return lines[0].model_copy(update=update)


def put_together(kit: Kit, parts: Parts) -> dict[str, Decimal]:
    """Pieces as kits where all parts of one are among them; the rest as they are."""
    made = kits.available(kit.sku, kit.of, parts)
    taken = kits.picked(kit.sku, made, kit.of, parts) or {}
    rest = {sku: pieces - taken.get(sku, _ZERO) for sku, pieces in parts.items()}
    rest[kit.sku] = rest.get(kit.sku, _ZERO) + made
    return {sku: pieces for sku, pieces in sorted(rest.items()) if pieces > 0}


def _dispositions(kit: Kit, lines: Sequence[ReturnLine]) -> tuple[Disposition, ...]:
    came, known, qualities = dict[str, Decimal](), _ZERO, []
    for quality in _FROM_BEST:
        for line in lines:
            pieces = (it.quantity for it in line.dispositions if it.quality == quality)
            _put(came, {line.sku or "": sum(pieces, _ZERO)})
        made = kits.available(kit.sku, kit.of, came)
        if made > known:
            qualities.append(Disposition(quality=quality, quantity=made - known))
            known = made
    return tuple(qualities)


def _weights(kit: Kit, prices: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    """What one of the kit and of each of its parts weighs: by the prices of what it is made of
    where all are known, else by their number.
    """
    known = {sku: prices.get(sku) for sku in articles(kit)}
    worth = {sku: max(price, _ZERO) for sku, price in known.items() if price is not None}
    if len(worth) < len(known) or not any(worth.values()):
        worth = dict.fromkeys(known, _ONE)
    return {
        sku: sum((worth[it] * n for it, n in kits.expand(sku, _ONE, kit.of).items()), _ZERO)
        for sku in (kit.sku, *kits.within(kit.sku, kit.of))
    }


def _weight(parts: Parts, each: Parts) -> Decimal:
    return sum((each.get(sku, _ZERO) * pieces for sku, pieces in parts.items()), _ZERO)


def _put(into: dict[str, Decimal], parts: Parts) -> None:
    for sku, pieces in parts.items():
        into[sku] = into.get(sku, _ZERO) + pieces
