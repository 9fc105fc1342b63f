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
from mappings.kit import times
from mappings.qimen.fields import Reader, line_no, needed, pieces, serials
from mappings.qimen.tree import Node, plain

# fmt: off
_PLACED = frozenset({
    "orderLineNo", "itemCode", "itemId", "itemName", "ownerCode", "inventoryType", "planQty",
    "actualQty", "quantity", "batchCode", "produceCode", "productDate", "expireDate", "qrCode",
    "snCode", "remark", "outBizCode", "orderSourceCode", "subSourceCode", "sourceOrderCode",
    "subSourceOrderCode", "extCode", "unit", "supplierName", "supplierCode", "batches", "batchList",
})
# fmt: on
"""Fields of a line that have a place, or say nothing that is not known."""


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
    note: str | None = None

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
        item_code=reader.reference(node, "itemId", path=path),
        quantity=_counted(node, path),
        quality=quality,
        grade=None if quality == "good" else node.text("inventoryType"),
        serials=serials(node),
        note=node.text("remark"),
        **_batch(reader, node, path),
    )
    if said := node.extras(_PLACED):
        reader.notes.setdefault("lines", []).append({"line": whole.sku, **said})
    return _by_batch(reader, whole, node.entries("batchs"), path)


def _counted(node: Node, path: str) -> Decimal:
    """The pieces of a line; where it says none, those of its batches together."""
    batches = node.entries("batchs")
    if node.first("actualQty", "quantity") or not batches:
        return pieces(node, "actualQty", "quantity", path=path)
    counts = [
        pieces(batch, "actualQty", "quantity", path=f"{path}.batchs.{index}")
        for index, batch in enumerate(batches)
    ]
    return sum(counts, ZERO)


def _batch(reader: Reader, node: Node, path: str) -> dict[str, Any]:
    return {
        "batch": node.text("batchCode") or _production_batch(reader, node.text("produceCode")),
        "produced_on": reader.date(node, "productDate", path=path),
        "expires_on": reader.date(node, "expireDate", path=path, expiry=True),
    }


def _production_batch(reader: Reader, text: str | None) -> str | None:
    """The production batch, unless it is one of the dates that stand for none."""
    return None if text is None or times.says_none(text, reader.at.zone) else text


def _by_batch(reader: Reader, whole: Piece, batches: list[Node], path: str) -> list[Piece]:
    """The line cut by its batches where they add up to it; else the line's own quantity counts."""
    if not batches:
        return [whole]
    places = [f"{path}.batchs.{index}" for index in range(len(batches))]
    placed = list(zip(batches, places, strict=True))
    counts = [
        pieces(batch, "actualQty", "quantity", path=place)
        if batch.first("actualQty", "quantity")
        else whole.quantity
        for batch, place in placed
    ]
    if sum(counts, ZERO) != whole.quantity:
        reader.at.warn("batches_differ", "batches do not add up to the line", path=path)
        reader.notes.setdefault("batches", []).extend(plain(batch) for batch in batches)
        same = len(batches) == 1
        return [replace(whole, **_batch(reader, *placed[0]))] if same else [whole]
    rest, parts = whole, []
    for (batch, place), count in zip(placed, counts, strict=True):
        head, rest = rest.taken(count)
        own = tuple(batch.texts("snCode")) or head.serials
        if quality := reader.quality(_with_quality(batch, whole), path=f"{place}.inventoryType"):
            head = replace(head, quality=quality, grade=_grade(batch, whole, quality))
        parts.append(replace(head, serials=own, **_batch(reader, batch, place)))
    return parts


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
    listed = bool(left)
    contents: list[list[Piece]] = []
    for index, package in enumerate(packages):
        got: list[Piece] = []
        for place, item in enumerate(package.entries("items")):
            got += _claimed(reader, item, left, f"packages.{index}.items.{place}", listed=listed)
        contents.append(got)
    if left and contents:
        if any(contents):
            reader.at.warn("packages_differ", "lines hold more than the packages", path="packages")
        contents[-1] += left
    return [tuple(shipped(piece) for piece in _joined(got)) for got in contents]


def _claimed(
    reader: Reader, item: Node, left: list[Piece], path: str, *, listed: bool
) -> list[Piece]:
    """Take the pieces of a package item out of what is left of the lines."""
    sku, number = needed(item, "itemCode", path=path), line_no(item)
    wanted = pieces(item, "quantity", "actualQty", path=path)
    got: list[Piece] = []
    fitting = [it for it in left if it.sku == sku]
    fitting = fitting or [it for it in left if it.sku.casefold() == sku.casefold()]
    for piece in sorted(fitting, key=lambda it: number is not None and it.line_no != number):
        if wanted <= ZERO:
            break
        head, rest = piece.taken(min(wanted, piece.quantity))
        at = next(place for place, other in enumerate(left) if other is piece)
        left[at : at + 1] = [rest] if rest.quantity > ZERO else []
        got.append(head)
        wanted -= head.quantity
    if wanted > ZERO:
        if listed:
            reader.at.warn("packages_differ", "packages hold more than the lines", path=path)
        code = reader.reference(item, "itemId", path=path)
        got.append(Piece(number, sku, code, wanted))
    return got


def _joined(got: list[Piece]) -> list[Piece]:
    """Pieces of one line and batch in one package, added up."""
    joined: dict[Piece, Piece] = {}
    for piece in got:
        same = replace(piece, quantity=ZERO, serials=(), note=None)
        known = joined.get(same, same)
        joined[same] = replace(
            piece,
            quantity=known.quantity + piece.quantity,
            serials=known.serials + piece.serials,
        )
    return list(joined.values())


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
