"""The lines of one fulfilment order while a shipment is matched against them, piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from hub.model.fulfilment import ShippedLine, ShortLine

_ZERO = Decimal(0)

Place = tuple[int, int] | None
"""Package and line within the shipment; None for contents that were not named."""


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line of a fulfilment order with what became of it so far."""

    line_no: int
    sku: str
    ordered: Decimal
    shipped: Decimal = _ZERO
    short: Decimal = _ZERO
    item_code: str | None = None

    @property
    def open(self) -> Decimal:
        """Pieces that may still leave."""
        return max(self.ordered - self.shipped - self.short, _ZERO)

    def is_called(self, line: ShippedLine | ShortLine) -> bool:
        """Whether the warehouse means this article, by either of its numbers."""
        numbers = {line.sku, line.item_code if isinstance(line, ShippedLine) else None} - {None}
        return bool(numbers & {self.sku, self.item_code})


@dataclass(slots=True)
class Entry:
    """Pieces of one line that left in one place of the shipment."""

    sku: str
    line: ShippedLine | None
    quantity: Decimal = _ZERO
    over: Decimal = _ZERO
    of_short: Decimal = _ZERO


@dataclass(slots=True)
class Book:
    """Open pieces by line, and what the shipment takes from them."""

    lines: Sequence[KnownLine]
    entries: dict[tuple[int, Place], Entry] = field(default_factory=dict)
    given_up: list[tuple[KnownLine, Decimal, str]] = field(default_factory=list)
    _open: dict[int, Decimal] = field(default_factory=dict)
    _short: dict[int, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start from what is open and short before the shipment."""
        self._open = {line.line_no: line.open for line in self.lines}
        self._short = {line.line_no: line.short for line in self.lines}

    @property
    def open(self) -> Decimal:
        return sum(self._open.values(), _ZERO)

    @property
    def short(self) -> Decimal:
        return sum(self._short.values(), _ZERO)

    def knows(self, line: ShippedLine) -> bool:
        """Whether the article was ordered here at all."""
        return any(True for _ in self._meant(line))

    def numbered(self, line: ShippedLine, quantity: Decimal, place: Place) -> Decimal:
        """Take from the line of that number, as far as it is open."""
        if line.line_no is None:
            return _ZERO
        meant = [known for known in self._meant(line) if known.line_no == line.line_no]
        return self._take(meant, line, quantity, place)

    def named(self, line: ShippedLine, quantity: Decimal, place: Place) -> Decimal:
        """Take from open lines of that article, in order."""
        return self._take(self._meant(line), line, quantity, place)

    def beyond(self, line: ShippedLine, quantity: Decimal, place: Place) -> Decimal:
        """Book what is more than open: given up as short before, else over on its first line."""
        meant, left = list(self._meant(line)), quantity
        for known in meant:
            again = min(left, self._short[known.line_no])
            if again > 0:
                entry = self._entry(known, line, place)
                entry.quantity += again
                entry.of_short += again
                self._short[known.line_no] -= again
                left -= again
        if meant and left > 0:
            entry = self._entry(meant[0], line, place)
            entry.quantity += left
            entry.over += left
        return quantity if meant else _ZERO

    def ship_open(self, except_for: Sequence[ShortLine]) -> None:
        """All that is open left, except for what is told short."""
        kept = dict.fromkeys(self._open, _ZERO)
        for short in except_for:
            left = short.quantity
            for known in self._meant(short):
                keep = min(max(left, _ZERO), self._open[known.line_no] - kept[known.line_no])
                kept[known.line_no] += keep
                left -= keep
        for known in self.lines:
            quantity = self._open[known.line_no] - kept[known.line_no]
            if quantity > 0:
                self._entry(known, None, None).quantity += quantity
                self._open[known.line_no] -= quantity

    def shorten(self, line: ShortLine) -> Decimal:
        """Give up pieces of a line; returns how many of them were not open."""
        left = max(line.quantity, _ZERO)
        for known in self._meant(line):
            left -= self._give_up(
                known, min(left, self._open[known.line_no]), line.reason or "short"
            )
        return left

    def give_up(self, reason: str) -> None:
        """Nothing more will come: what is still open is short."""
        for known in self.lines:
            self._give_up(known, self._open[known.line_no], reason)

    def _meant(self, line: ShippedLine | ShortLine) -> Iterator[KnownLine]:
        """Lines that may be meant: the numbered one first, unless its article is another."""
        unnamed = line.sku is None and getattr(line, "item_code", None) is None
        first = next((known for known in self.lines if known.line_no == line.line_no), None)
        if first is not None and (unnamed or first.is_called(line)):
            yield first
            same = [known for known in self.lines if known is not first and known.sku == first.sku]
        else:
            same = [known for known in self.lines if known.is_called(line)]
        yield from same

    def _take(
        self,
        meant: Iterator[KnownLine] | Sequence[KnownLine],
        line: ShippedLine,
        quantity: Decimal,
        place: Place,
    ) -> Decimal:
        taken = _ZERO
        for known in meant:
            take = min(quantity - taken, self._open[known.line_no])
            if take > 0:
                self._entry(known, line, place).quantity += take
                self._open[known.line_no] -= take
                taken += take
        return taken

    def _give_up(self, known: KnownLine, quantity: Decimal, reason: str) -> Decimal:
        if quantity > 0:
            self._open[known.line_no] -= quantity
            self._short[known.line_no] += quantity
            self.given_up.append((known, quantity, reason))
        return quantity

    def _entry(self, known: KnownLine, line: ShippedLine | None, place: Place) -> Entry:
        return self.entries.setdefault((known.line_no, place), Entry(known.sku, line))
