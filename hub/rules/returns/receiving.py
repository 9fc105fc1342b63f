"""What came back: which line each piece is of, and into which stock it goes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from hub.model.errors import Problem
from hub.model.returns import ReturnReceipt, ReturnReceiptLine
from hub.model.stock import GoodsReceipt

_ZERO = Decimal(0)
UNINSPECTED = "uninspected"
STOCK: Mapping[str, str | None] = {
    "good": "good",
    "second": "second",
    "defective": "defective",
    "wrong_article": "wrong_article",
    UNINSPECTED: UNINSPECTED,
    "missing": None,
}
"""What a piece turned out to be -> the quality of the stock that it goes into; None: nobody's."""
THERE = frozenset({"good", "second", "defective", UNINSPECTED})
"""Pieces that the customer did send back."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A line of a return, with what came of it: what is there, what is missing or another."""

    line_no: int
    sku: str | None
    quantity: Decimal
    came: Mapping[str, Decimal]

    @property
    def there(self) -> Decimal:
        """Pieces that the customer sent back."""
        return sum((self.came.get(quality, _ZERO) for quality in sorted(THERE)), _ZERO)

    @property
    def accounted(self) -> Decimal:
        """Pieces of which something is known: back, or missing."""
        return self.there + self.came.get("missing", _ZERO)


@dataclass(frozen=True, slots=True)
class Piece:
    """Pieces of one line in one state; negative where an inspection takes them out of another.
    `is_known`: the SKU is an article of the merchant.
    """

    line_no: int | None
    sku: str
    quality: str
    quantity: Decimal
    is_known: bool = True
    batch: str | None = None

    @property
    def stock(self) -> str | None:
        """The quality of the stock that holds it."""
        return STOCK.get(self.quality) if self.is_known else None


def faults(receipt: ReturnReceipt) -> Iterator[Problem]:
    """What is wrong with a receipt in itself."""
    for at, line in enumerate(receipt.lines):
        if line.quantity < 0 or line.quantity % 1:
            message = "whole pieces, none or more, are expected"
            yield Problem(f"lines.{at}.quantity", "bad_quantity", message)


def match(
    lines: Sequence[Awaited], came: Iterable[ReturnReceiptLine], meant: Mapping[str, str]
) -> list[Piece]:
    """The pieces of a receipt on the lines they are of. What is no article of the return, or more
    than it, has no line: it is there, and a person looks. `meant`: warehouse's code -> SKU.
    """
    open_ = {line.line_no: line.quantity - line.accounted for line in lines}
    return [piece for told in came for piece in _placed(lines, told, open_, meant)]


def _placed(
    lines: Sequence[Awaited],
    came: ReturnReceiptLine,
    open_: dict[int, Decimal],
    meant: Mapping[str, str],
) -> Iterator[Piece]:
    sku = meant.get(came.sku, came.sku)
    whole = Piece(None, sku, came.quality, came.quantity, came.sku in meant, came.batch)
    left = came.quantity
    if came.quality != "wrong_article":
        for line in lines:
            if line.sku != sku or came.line_no not in (None, line.line_no):
                continue
            take = min(left, max(open_[line.line_no], _ZERO))
            if take > 0:
                open_[line.line_no] -= take
                left -= take
                yield replace(whole, line_no=line.line_no, quantity=take)
    if left > 0:
        quality = came.quality
        if quality == "good" and not any(line.sku == sku for line in lines):
            quality = "wrong_article"  # nobody asked for it back: not to be sold unseen
        yield replace(whole, quality=quality, quantity=left)


def inspected(line: Awaited, pieces: Sequence[tuple[str, Decimal]], index: int) -> list[Piece]:
    """What an inspection moves: pieces out of those nobody looked at, into what they are. Raises
    ValueError with the path where there are not so many.
    """
    total = sum((quantity for _, quantity in pieces), _ZERO)
    unseen = line.came.get(UNINSPECTED, _ZERO)
    if total > unseen:
        raise ValueError(f"lines.{index}.quantity")
    sku = line.sku or ""
    moved = [
        Piece(line.line_no, sku, quality, quantity) for quality, quantity in pieces if quantity
    ]
    return [Piece(line.line_no, sku, UNINSPECTED, -total), *moved] if total else []


def as_return(receipt: GoodsReceipt, warehouse: str) -> ReturnReceipt:
    """A goods receipt whose notice is a return, as the receipt of that return."""
    return ReturnReceipt(
        source=receipt.source,
        return_id=receipt.inbound_notice_id,
        receipt_id=receipt.receipt_id,
        warehouse=warehouse,
        received_at=receipt.received_at,
        lines=tuple(
            ReturnReceiptLine(
                sku=line.sku or line.item_code or "",
                quantity=line.quantity,
                quality=line.quality,
                batch=line.batch,
                serials=line.serials,
            )
            for line in receipt.lines
        ),
        attributes=receipt.attributes,
    )
