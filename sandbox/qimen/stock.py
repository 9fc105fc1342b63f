"""The warehouse's own stock: pieces by item and quality, and those set aside for orders."""

from collections.abc import Mapping
from dataclasses import dataclass, field

GOOD = "ZP"
PLENTY = 1_000_000


@dataclass(slots=True)
class Shelf:
    pieces: dict[str, int] = field(default_factory=dict)  # by inventoryType
    locked: int = 0


class Stock:
    """With an opening table, an item that is neither in it nor synchronised is not known here.

    Without one, every item is known and there is plenty of it.
    """

    def __init__(self, opening: Mapping[str, int] | None) -> None:
        self._strict = opening is not None
        self.shelves = {code: Shelf({GOOD: n}) for code, n in (opening or {}).items()}

    def know(self, code: str) -> None:
        self.shelves.setdefault(code, Shelf({GOOD: 0 if self._strict else PLENTY}))

    def knows(self, code: str) -> bool:
        if not self._strict:
            self.know(code)
        return code in self.shelves

    def on_hand(self, code: str, quality: str = GOOD) -> int:
        shelf = self.shelves.get(code)
        return shelf.pieces.get(quality, 0) if shelf else 0

    def lock(self, code: str, pieces: int) -> None:
        """Sets pieces aside for an order (negative: gives them back)."""
        self.shelves[code].locked += pieces

    def change(self, code: str, delta: int, quality: str = GOOD) -> int:
        """Puts pieces in or takes them out, and tells what is there then."""
        pieces = self.shelves[code].pieces
        pieces[quality] = pieces.get(quality, 0) + delta
        return pieces[quality]
