"""What pieces come to for the order lines that they are for: parts of a kit count as kits.

A kit has left once all of its parts have, or once no more of them will leave. It is under way as
soon as any of them is: what it still wants are the pieces that it lacks, not another kit.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from hub.model.product import Kit, Served
from hub.rules.stock import kits

_ZERO = Decimal(0)
Parts = dict[str, Decimal]


def whole(served: Iterable[Served]) -> dict[int, Decimal]:
    """Pieces of each order line, of kits only those of which every part is among them that will
    be.
    """
    return _counted(served, _made)


def begun(served: Iterable[Served]) -> dict[int, Decimal]:
    """Pieces of each order line, of kits all of which any part is among them."""
    return _counted(served, lambda kit, parts: completed(kit, parts)[0])


def now_whole(before: Iterable[Served], more: Iterable[Served]) -> Iterator[Served]:
    """What more pieces add to those before, as pieces of order lines: as they are, but for parts,
    which are the kits that they complete.
    """
    had, new = list(before), list(more)
    yield from (it for it in new if it.kit is None)
    then, now = _by_kit(had), _by_kit((*had, *new))
    for line, kit in _by_kit(new):
        known, parts = now[line, kit]
        was = then.get((line, kit), (known, Parts()))[1]
        made = _made(known, parts) - _made(known, was)
        if made > 0:
            yield Served(line, kit, made)


def completed(kit: Kit, parts: Parts, most: Decimal | None = None) -> tuple[Decimal, Parts]:
    """How many kits these parts belong to, no more than `most`, and the pieces that those lack."""
    number = kits.available(kit.sku, kit.of, parts)
    left, lacking = dict(parts), Parts()
    for sku, pieces in (kits.picked(kit.sku, number, kit.of, parts) or {}).items():
        left[sku] -= pieces
    while (most is None or number < most) and any(pieces > 0 for pieces in left.values()):
        before, more = dict(left), Parts()
        _lay(kit, kit.sku, Decimal(1), left, more)
        if left == before:
            break  # these are no parts of it
        number += 1
        for sku, pieces in more.items():
            lacking[sku] = lacking.get(sku, _ZERO) + pieces
    return number, lacking


def _lay(kit: Kit, sku: str, wanted: Decimal, left: Parts, lacking: Parts) -> None:
    """Put together what is there of so many; a kit in it is taken apart where parts of it are."""
    ready = min(max(left.get(sku, _ZERO), _ZERO), wanted)
    missing = wanted - ready
    if ready:
        left[sku] -= ready
    parts = kit.of.get(sku, {})
    if missing and parts and (sku == kit.sku or any(left.get(part, _ZERO) > 0 for part in parts)):
        for part, each in parts.items():
            _lay(kit, part, missing * each, left, lacking)
    elif missing:
        lacking[sku] = lacking.get(sku, _ZERO) + missing


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Kits of an order line of which parts are among the pieces, and the parts that they lack."""

    order_line: int
    kit: str
    pieces: Decimal
    lacking: Parts


def unfinished(served: Iterable[Served]) -> list[Unfinished]:
    """The kits that have begun and not left, but for those of which no more will leave."""
    kits_of = _by_kit(served).items()
    begun_ = [(line, kit, parts, *completed(kit, parts)) for (line, _), (kit, parts) in kits_of]
    return [
        Unfinished(line, kit.sku, number - made, lacking)
        for line, kit, parts, number, lacking in begun_
        if (made := _made(kit, parts)) < number
    ]


def _made(kit: Kit, parts: Parts) -> Decimal:
    return completed(kit, parts)[0] if kit.ended else kits.available(kit.sku, kit.of, parts)


def parts_of(line: int, served: Iterable[Served]) -> tuple[Kit, Parts] | None:
    """The kit that an order line was planned as last, with the parts that serve it."""
    found = [(kit, parts) for (of, _), (kit, parts) in _by_kit(served).items() if of == line]
    return found[-1] if found else None


def _counted(
    served: Iterable[Served], count: Callable[[Kit, Parts], Decimal]
) -> dict[int, Decimal]:
    pieces, known = dict[int, Decimal](), list(served)
    for it in known:
        if it.kit is None:
            pieces[it.order_line] = pieces.get(it.order_line, _ZERO) + it.pieces
    for (line, _), (kit, parts) in _by_kit(known).items():
        pieces[line] = pieces.get(line, _ZERO) + count(kit, parts)
    return pieces


def _by_kit(served: Iterable[Served]) -> dict[tuple[int, str], tuple[Kit, Parts]]:
    found: dict[tuple[int, str], tuple[Kit, Parts]] = {}
    for it in served:
        if it.kit is not None:
            _, parts = found.setdefault((it.order_line, it.kit.sku), (it.kit, Parts()))
            parts[it.sku] = parts.get(it.sku, _ZERO) + it.pieces
    return found
