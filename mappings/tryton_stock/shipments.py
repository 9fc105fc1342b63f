"""A shipment to a customer -> `shipment` where it left, `fulfilment_status` before."""

from collections.abc import Iterator, Mapping, Sequence

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.fulfilment import FulfilmentStatus, Package, Shipment, ShippedLine, WarehouseWord
from mappings.kit import Context, tracking_numbers, wire
from mappings.kit.fields import needed
from mappings.tryton_stock import wire as told

_WORDS: Mapping[str, WarehouseWord] = {
    "assigned": "accepted",
    "picked": "picking",
    "packed": "packed",
    "cancelled": "cancelled",
}
"""State -> what it says of our order. One that is waiting says nothing yet."""


def shipment(raw: bytes, at: Context) -> list[Document]:
    """What left. A shipment in Tryton is final: what is not in it will not come."""
    it = wire(told.Shipment, raw, at)
    number, when = needed(it.number, "number"), needed(it.write_date, "write_date")
    reference, more = _reference(it)
    return [
        Shipment(
            source=at.source(number, occurred_at=when),
            fulfilment_order_id=reference,
            warehouse_reference=number,
            shipped_at=when,
            complete=True,
            packages=tuple(_packages(it, tracking_numbers(more), at)),
        )
    ]


def progress(raw: bytes, at: Context) -> list[Document]:
    """How far one is that did not leave."""
    it = wire(told.Shipment, raw, at)
    state, when = needed(it.state, "state"), needed(it.write_date, "write_date")
    word = _WORDS.get(state)
    if word is None:
        raise Ignored("no_consequence", f"a shipment that is {state} says nothing yet")
    reference, _ = _reference(it)
    number = it.number or reference
    return [
        FulfilmentStatus(
            source=at.source(f"{number}:{word}:{when:%Y%m%d%H%M%S%f}", occurred_at=when),
            fulfilment_order_id=reference,
            status=word,
            at=when,
            warehouse_reference=it.number,
        )
    ]


def _reference(it: told.Shipment) -> tuple[str, str]:
    """Our number, which is the first word, and what people wrote behind it."""
    number, _, more = needed(it.reference, "reference").partition(" ")
    return number, more


def _packages(it: told.Shipment, tracking: Sequence[str], at: Context) -> Iterator[Package]:
    """Packages with what is in them; what is in none, or all where there are none, under the
    numbers that stand on the shipment.
    """
    moves = {move.id: move for move in it.moves if move.state != "cancelled" and move.pieces > 0}
    for parcel in it.packages:
        inside = [moves.pop(key) for key in parcel.moves if key in moves]
        yield from _parcel(
            it, parcel.number, tracking_numbers(parcel.shipping_reference), inside, at
        )
    if moves:
        numbers = tracking_numbers(it.shipping_reference) or tracking
        yield from _parcel(it, None, numbers, list(moves.values()), at)


def _parcel(
    it: told.Shipment,
    name: str | None,
    numbers: Sequence[str],
    inside: Sequence[told.Move],
    at: Context,
) -> Iterator[Package]:
    """A parcel for each number; what is in them stands in the first."""
    carrier = it.carrier.rec_name if it.carrier else None
    for turn, number in enumerate(numbers or (None,)):
        yield Package(
            package_id=name if turn == 0 else None,
            carrier=at.carrier(carrier, path="carrier"),
            carrier_name=carrier,
            tracking_number=number,
            lines=() if turn else tuple(_line(move, at) for move in inside),
        )


def _line(move: told.Move, at: Context) -> ShippedLine:
    return ShippedLine(sku=move.sku(at), quantity=move.pieces)
