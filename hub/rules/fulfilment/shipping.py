"""What a shipment means for its fulfilment order: pieces shipped, short, beyond, and what next.

What was shipped is booked as it was told, and the difference to what was ordered is flagged: a
warehouse that is refused would only say it again. `booked` decides whether stock moves and the
channel hears of it, under the shipment's own key; the event only moves the status.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.document import pieces
from hub.model.errors import Problem
from hub.model.fulfilment import Shipment, ShippedLine, ShortLine
from hub.rules.fulfilment.matching import Book, KnownLine, Place
from hub.states.fulfilment_order import SHIPPABLE, Event, State

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class FulfilmentKnown:
    """A fulfilment order before the shipment; `tracking`: numbers of parcels that already left."""

    lines: tuple[KnownLine, ...]
    tracking: frozenset[str] = frozenset()

    @property
    def anything_shipped(self) -> bool:
        return any(line.shipped > 0 for line in self.lines)


@dataclass(frozen=True, slots=True)
class Shipped:
    """Pieces of a line that left now (an increment).

    `over` of them were never ordered on it, `of_short` had been given up as short before. `package`
    is the position of the parcel, None where the shipment names none for them.
    """

    line_no: int
    sku: str
    quantity: Decimal
    package: int | None = None
    over: Decimal = _ZERO
    of_short: Decimal = _ZERO
    batch: str | None = None
    serials: tuple[str, ...] = ()
    expires_on: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Pieces of a line that will not leave under this fulfilment order."""

    line_no: int
    sku: str
    quantity: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Stray:
    """Pieces of an article that was never ordered here; `package` and `at` say where it stands."""

    package: int
    at: int
    sku: str | None
    item_code: str | None
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Decision:
    """What a shipment does to a fulfilment order.

    `event`: for the life cycle, None where nothing moves. `missing`: let go of here, their
    reservations released; what the order still wants of them is planned anew. `flags`: differences
    for a person. `repeated`: all of it is known, and nothing else counts.
    """

    event: Event | None
    shipped: tuple[Shipped, ...] = ()
    missing: tuple[Missing, ...] = ()
    strays: tuple[Stray, ...] = ()
    flags: tuple[Problem, ...] = ()
    repeated: bool = False

    @property
    def booked(self) -> bool:
        """Something left the building: book it and tell the channel, whatever the verdict."""
        return bool(self.shipped or self.strays)


def decide(known: FulfilmentKnown, state: State, shipment: Shipment) -> Decision:
    """Match a shipment against what was ordered.

    Lines by number first, then by SKU or item code, then filled up in order; what is beyond goes to
    the first line of its article. Quantities are increments.
    """
    if _is_repeat(known, shipment):
        flag = Problem("packages", "repeated_shipment", "these parcels have left already")
        return Decision(None, flags=(flag,), repeated=True)
    book = Book(known.lines)
    flags, strays = list(_ship(book, known, shipment)), tuple(_strays(book, shipment))
    flags += list(_shorten(book, shipment.short))
    if shipment.complete and not strays:
        book.give_up("not_shipped")
    shipped = tuple(_shipped(book))
    missing = tuple(_missing(book)) if state in _LIVING else ()
    flags += list(_differences(shipped, strays))
    return Decision(
        event=_event(book, known, state, shipment),
        shipped=shipped,
        missing=missing,
        strays=strays,
        flags=tuple(flags),
    )


_LIVING = SHIPPABLE | {State.DELIVERED}
"""Where pieces may still turn out missing: a delivered one may get its papers later."""


def rest(known: FulfilmentKnown, reason: str) -> tuple[Missing, ...]:
    """The open pieces of every line.

    What a rejected, cancelled or short one leaves to plan anew.
    """
    return tuple(
        Missing(line.line_no, line.sku, line.open, reason) for line in known.lines if line.open > 0
    )


def _is_repeat(known: FulfilmentKnown, shipment: Shipment) -> bool:
    """Told again under another id: nothing is open, and every parcel's number is known."""
    numbers = [package.tracking_number for package in shipment.packages]
    named = [number for number in numbers if number is not None]
    return (
        bool(named)
        and len(named) == len(numbers)
        and known.tracking.issuperset(named)
        and not any(line.open for line in known.lines)
    )


def _ship(book: Book, known: FulfilmentKnown, shipment: Shipment) -> Iterator[Problem]:
    """Put every line of every package into the book; yields what cannot be taken at its word."""
    if not any(package.lines for package in shipment.packages):
        yield from _ship_unnamed(book, known, shipment)
        return
    for (package, at), line in _told(shipment):
        if line.quantity < 0:
            path = f"packages.{package}.lines.{at}.quantity"
            yield Problem(path, "bad_quantity", "a shipped quantity is not below zero")
    match(book, shipment)


def match(book: Book, shipment: Shipment) -> None:
    """Put every line of every package into the book."""
    lines = [(place, line) for place, line in _told(shipment) if line.quantity > 0]
    left = {place: line.quantity for place, line in lines}
    for pick in (book.numbered, book.named, book.beyond):
        for place, line in lines:
            left[place] -= pick(line, left[place], place)


def _ship_unnamed(book: Book, known: FulfilmentKnown, shipment: Shipment) -> Iterator[Problem]:
    """No contents are named: all that is open and not told short, if nothing more comes.

    Without any parcel it means that only where nothing left before and nothing is told short; else
    it closes what other shipments left open.
    """
    if shipment.packages and not shipment.complete:
        message = "these parcels name no contents, and more are to come: say what is in them"
        yield Problem("packages", "no_contents", message)
    elif shipment.packages:
        book.ship_open(except_for=shipment.short)
    elif shipment.complete and not shipment.short:
        if not known.anything_shipped:
            book.ship_open(except_for=())
        elif book.open > 0:
            message = f"closed without parcels: {pieces(book.open)} pieces stay unshipped"
            yield Problem("packages", "closed_short", message)


def _told(shipment: Shipment) -> Iterator[tuple[tuple[int, int], ShippedLine]]:
    for package, parcel in enumerate(shipment.packages):
        for at, line in enumerate(parcel.lines):
            yield (package, at), line


def _strays(book: Book, shipment: Shipment) -> Iterator[Stray]:
    for (package, at), line in _told(shipment):
        if line.quantity > 0 and not book.knows(line):
            yield Stray(package, at, line.sku, line.item_code, line.quantity)


def _shorten(book: Book, short: Sequence[ShortLine]) -> Iterator[Problem]:
    for at, line in enumerate(short):
        left = book.shorten(line)
        if left > 0:
            message = f"{pieces(left)} pieces are told short that are not open here"
            yield Problem(f"short.{at}", "short_beyond_open", message)


def _shipped(book: Book) -> Iterator[Shipped]:
    used: dict[Place, int] = {}
    for (number, place), entry in book.entries.items():
        line, first = entry.line, used.get(place, 0)
        used[place] = first + int(entry.quantity)
        yield Shipped(
            number,
            entry.sku,
            entry.quantity,
            package=place[0] if place else None,
            over=entry.over,
            of_short=entry.of_short,
            batch=line.batch if line else None,
            expires_on=line.expires_on if line else None,
            serials=line.serials[first : used[place]] if line else (),
        )


def _missing(book: Book) -> Iterator[Missing]:
    for line, quantity, reason in book.given_up:
        yield Missing(line.line_no, line.sku, quantity, reason)


def _differences(shipped: Sequence[Shipped], strays: Sequence[Stray]) -> Iterator[Problem]:
    for left in shipped:
        path = "packages" if left.package is None else f"packages.{left.package}"
        if left.over > 0:
            message = f"line {left.line_no}: {pieces(left.over)} more shipped than ordered"
            yield Problem(path, "over_shipped", message)
        if left.of_short > 0:
            message = f"line {left.line_no}: {pieces(left.of_short)} shipped after being told short"
            yield Problem(path, "shipped_after_short", message)
    for stray in strays:
        path = f"packages.{stray.package}.lines.{stray.at}"
        message = f"{stray.sku or stray.item_code or 'an article without number'} was not ordered"
        yield Problem(path, "never_ordered", message)


def _event(book: Book, known: FulfilmentKnown, state: State, shipment: Shipment) -> Event | None:
    """How the life cycle goes on. A final state is only left to speak where goods moved."""
    moved = bool(book.entries) or (bool(shipment.packages) and state in SHIPPABLE)
    if book.open > 0:
        return Event.SHIP_PART if moved else None
    if state not in SHIPPABLE and not moved:
        return None
    if book.short == 0:
        return Event.SHIP
    if state is State.CANCEL_REQUESTED and not moved and not known.anything_shipped:
        return Event.CANCEL
    return Event.SHORT if state in _LIVING else Event.SHIP
