"""What a goods receipt means for the notice that it names: which line each piece belongs to, and
how what came differs from what was expected.

Differences are worked out from all that was received, not from one receipt after the other, so that
receipts in any order end alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.errors import Problem
from hub.model.stock import GoodsReceipt, ReceivedLine

_ZERO = Decimal(0)
DAMAGED = "defective"

Meant = Mapping[str, str]
"""What a warehouse calls an article -> the merchant's SKU, where that is known."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A line of a notice: what was announced, and how far it has come. `damaged`: received
    defective where it was announced as good.
    """

    line_no: int
    sku: str
    quantity: Decimal
    received: Decimal = _ZERO
    damaged: Decimal = _ZERO
    quality: str = "good"
    item_code: str | None = None
    batch: str | None = None

    def is_called(self, line: ReceivedLine) -> bool:
        """Whether the warehouse means this article, by either of its numbers."""
        return bool(({line.sku, line.item_code} - {None}) & {self.sku, self.item_code})


@dataclass(frozen=True, slots=True)
class Piece:
    """Pieces of one article that came in. `line_no`: the line of the notice, None where none
    announced it; `is_known`: whether `sku` is an article of the merchant, else it is what the
    warehouse calls it, and nothing can be booked.
    """

    sku: str
    quality: str
    quantity: Decimal
    line_no: int | None = None
    is_known: bool = True
    batch: str | None = None
    expires_on: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """How what came differs from what was expected, of one article and line."""

    code: str
    sku: str
    quality: str
    quantity: Decimal
    line_no: int | None = None

    @property
    def key(self) -> str:
        """What makes it the same difference when it is worked out anew."""
        return f"{self.code}:{self.line_no or ''}:{self.quality}:{self.sku}"


def faults(receipt: GoodsReceipt) -> Iterator[Problem]:
    """What is wrong with a receipt in itself: it only ever adds pieces, of articles it names."""
    for at, line in enumerate(receipt.lines):
        if line.quantity < 0:
            yield Problem(
                f"lines.{at}.quantity", "bad_quantity", "a quantity of 0 or more is expected"
            )
        if line.sku is None and line.item_code is None and line.line_no is None:
            yield Problem(
                f"lines.{at}.sku", "missing_field", "sku, item_code or line_no is expected"
            )


def code_of(line: ReceivedLine) -> str:
    """What the warehouse calls the article; its line number where that is all it names."""
    return line.sku or line.item_code or f"line {line.line_no}"


def match(expected: Sequence[Expected], lines: Iterable[ReceivedLine], meant: Meant) -> list[Piece]:
    """Which line each received piece belongs to.

    The line of that number, unless its article is another; then lines of the article, of the same
    batch first, as far as they are open; what is more than expected goes to the first of them. An
    article that no line announces stands for itself.
    """
    open_ = {line.line_no: max(line.quantity - line.received, _ZERO) for line in expected}
    pieces: list[Piece] = []
    for line in lines:
        if line.quantity > 0:
            pieces += _placed(_candidates(expected, line, meant), line, open_, meant)
    return pieces


def _candidates(expected: Sequence[Expected], line: ReceivedLine, meant: Meant) -> list[Expected]:
    unnamed = line.sku is None and line.item_code is None
    sku = meant.get(code_of(line))
    same = [it for it in expected if it.is_called(line) or (sku is not None and it.sku == sku)]
    if unnamed:
        same = [it for it in expected if it.line_no == line.line_no]
    return sorted(same, key=lambda it: (it.line_no != line.line_no, it.batch != line.batch))


def _placed(
    candidates: Sequence[Expected], line: ReceivedLine, open_: dict[int, Decimal], meant: Meant
) -> Iterator[Piece]:
    if not candidates:
        code = code_of(line)
        yield _piece(line, meant.get(code, code), line.quantity, None, is_known=code in meant)
        return
    taken: dict[int, Decimal] = {}
    left = line.quantity
    for it in candidates:
        take = min(left, open_[it.line_no])
        if take > 0:
            taken[it.line_no] = take
            open_[it.line_no] -= take
            left -= take
    if left > 0:
        first = candidates[0].line_no
        taken[first] = taken.get(first, _ZERO) + left
    by_number = {it.line_no: it for it in candidates}
    for number, quantity in taken.items():
        yield _piece(line, by_number[number].sku, quantity, number, is_known=True)


def _piece(
    line: ReceivedLine, sku: str, quantity: Decimal, line_no: int | None, *, is_known: bool
) -> Piece:
    return Piece(sku, line.quality, quantity, line_no, is_known, line.batch, line.expires_on)


def still_open(line: Expected, *, complete: bool) -> Decimal:
    """Pieces that are still expected: none once receiving is complete."""
    return _ZERO if complete else max(line.quantity - line.received, _ZERO)


def differences(
    expected: Iterable[Expected], strays: Iterable[Piece], *, complete: bool
) -> list[Difference]:
    """How all that came differs from what was announced; what is missing counts once receiving is
    complete. `strays`: pieces that no line announced.
    """
    apart = [difference for line in expected for difference in _of_line(line, complete=complete)]
    sums: dict[tuple[str, str, str], Decimal] = {}
    for piece in strays:
        code = "wrong_sku" if piece.is_known else "unknown_sku"
        place = (code, piece.sku, piece.quality)
        sums[place] = sums.get(place, _ZERO) + piece.quantity
    return apart + [Difference(*place, quantity) for place, quantity in sorted(sums.items())]


def _of_line(line: Expected, *, complete: bool) -> Iterator[Difference]:
    beyond = line.received - line.quantity
    if beyond > 0:
        yield Difference("over", line.sku, line.quality, beyond, line.line_no)
    if beyond < 0 and complete:
        yield Difference("short", line.sku, line.quality, -beyond, line.line_no)
    if line.damaged > 0:
        yield Difference("damaged", line.sku, DAMAGED, line.damaged, line.line_no)
