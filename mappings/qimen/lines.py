"""Lines of a confirmation, cut by batch, and their way into packages.

Package items name an article and sometimes a line; two lines may hold one article. Pieces are
matched by line number, then by article in the order of the lines; what no package claims stays with
the last one, so that nothing a warehouse says it shipped is lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.fulfilment import Quality, ShippedLine
from mappings.qimen.fields import Reader, line_no, needed, pieces, serials
from mappings.qimen.tree import Node, plain


@dataclass(frozen=True, slots=True)
class Piece:
    """Pieces of one line, of one batch."""

    line_no: int | None
    sku: str
    item_code: str | None
    quantity: Decimal
    quality: Quality = "good"
    grade: str | None = None
    batch: str | None = None
    produced_on: str | None = None
    expires_on: str | None = None
    serials: tuple[str, ...] = ()

    def taken(self, quantity: Decimal) -> tuple["Piece", "Piece"]:
        """The piece cut in two, serial numbers with it."""
        count = int(quantity)
        head = replace(self, quantity=quantity, serials=self.serials[:count])
        return head, replace(self, quantity=self.quantity - quantity, serials=self.serials[count:])


def read_pieces(reader: Reader, lines: Iterable[Node], path: str = "orderLines") -> list[Piece]:
    """All pieces of the lines. Goods still in transit are left out, with a warning."""
    found: list[Piece] = []
    for index, node in enumerate(lines):
        found.extend(_pieces(reader, node, f"{path}.{index}"))
    return found


def _pieces(reader: Reader, node: Node, path: str) -> list[Piece]:
    quality = reader.quality(node, path=f"{path}.inventoryType")
    if quality is None:
        reader.at.warn("in_transit", "goods in transit are left out", path=path)
        return []
    whole = Piece(
        line_no=line_no(node),
        sku=needed(node, "itemCode", path=path),
        item_code=node.text("itemId"),
        quantity=pieces(node, "actualQty", "quantity", path=path),
        quality=quality,
        grade=None if quality == "good" else node.text("inventoryType"),
        serials=serials(node),
        **_batch(reader, node, path),
    )
    return _by_batch(reader, whole, node.entries("batchs"), path)


def _batch(reader: Reader, node: Node, path: str) -> dict[str, Any]:
    return {
        "batch": node.text("batchCode") or _production_batch(node.text("produceCode")),
        "produced_on": reader.date(node.text("productDate"), path=f"{path}.productDate"),
        "expires_on": reader.date(node.text("expireDate"), path=f"{path}.expireDate"),
    }


def _production_batch(text: str | None) -> str | None:
    """The production batch, unless it is one of the dates that stand for none."""
    return None if text in {"19000101", "1900-01-01", "0000-00-00"} else text


def _by_batch(reader: Reader, whole: Piece, batches: list[Node], path: str) -> list[Piece]:
    """The line cut by its batches where they add up to it; else the line's own quantity counts."""
    if not batches:
        return [whole]
    places = [f"{path}.batchs.{index}" for index in range(len(batches))]
    told = list(zip(batches, places, strict=True))
    counts = [
        pieces(batch, "actualQty", "quantity", path=place)
        if batch.first("actualQty", "quantity")
        else whole.quantity
        for batch, place in told
    ]
    if sum(counts, ZERO) != whole.quantity:
        reader.at.warn("batches_differ", "batches do not add up to the line", path=path)
        reader.notes.setdefault("batches", []).extend(plain(batch) for batch in batches)
        same = len(batches) == 1
        return [replace(whole, **_batch(reader, *told[0]))] if same else [whole]
    rest, found = whole, []
    for (batch, place), count in zip(told, counts, strict=True):
        head, rest = rest.taken(count)
        own = tuple(batch.texts("snCode")) or head.serials
        if quality := reader.quality(_with_quality(batch, whole), path=f"{place}.inventoryType"):
            head = replace(head, quality=quality, grade=_grade(batch, whole, quality))
        found.append(replace(head, serials=own, **_batch(reader, batch, place)))
    return found


def _with_quality(batch: Node, whole: Piece) -> Node:
    code = batch.text("inventoryType") or whole.grade or "ZP"
    return Node("batch", None, (Node("inventoryType", code),))


def _grade(batch: Node, whole: Piece, quality: Quality) -> str | None:
    return None if quality == "good" else batch.text("inventoryType") or whole.grade


def packed(
    reader: Reader, packages: list[Node], lines: list[Piece]
) -> list[tuple[ShippedLine, ...]]:
    """The lines of each package, the line pieces shared out among them."""
    left = [piece for piece in lines if piece.quantity > ZERO]
    told = bool(left)
    found: list[list[Piece]] = []
    for index, package in enumerate(packages):
        got: list[Piece] = []
        for place, item in enumerate(package.entries("items")):
            got += _claimed(reader, item, left, f"packages.{index}.items.{place}", told=told)
        found.append(got)
    if left and found:
        if any(found):
            reader.at.warn("packages_differ", "lines hold more than the packages", path="packages")
        found[-1] += left
    return [tuple(shipped(piece) for piece in _joined(got)) for got in found]


def _claimed(
    reader: Reader, item: Node, left: list[Piece], path: str, *, told: bool
) -> list[Piece]:
    """Take the pieces of a package item out of what is left of the lines."""
    sku, number = needed(item, "itemCode", path=path), line_no(item)
    wanted = pieces(item, "quantity", "actualQty", path=path)
    got: list[Piece] = []
    fitting = [p for p in left if p.sku == sku]
    for piece in sorted(fitting, key=lambda p: number is not None and p.line_no != number):
        if wanted <= ZERO:
            break
        head, rest = piece.taken(min(wanted, piece.quantity))
        at = next(place for place, other in enumerate(left) if other is piece)
        left[at : at + 1] = [rest] if rest.quantity > ZERO else []
        got.append(head)
        wanted -= head.quantity
    if wanted > ZERO:
        if told:
            reader.at.warn("packages_differ", "packages hold more than the lines", path=path)
        got.append(Piece(number, sku, item.text("itemId"), wanted))
    return got


def _joined(got: list[Piece]) -> list[Piece]:
    """Pieces of one line and batch in one package, added up."""
    found: dict[Piece, Piece] = {}
    for piece in got:
        same = replace(piece, quantity=ZERO, serials=())
        known = found.get(same, same)
        found[same] = replace(
            piece,
            quantity=known.quantity + piece.quantity,
            serials=known.serials + piece.serials,
        )
    return list(found.values())


def shipped(piece: Piece) -> ShippedLine:
    """Pieces in a package."""
    return ShippedLine(
        line_no=piece.line_no,
        sku=piece.sku,
        item_code=piece.item_code,
        quantity=piece.quantity,
        batch=piece.batch,
        produced_on=piece.produced_on,
        expires_on=piece.expires_on,
        serials=piece.serials,
    )
