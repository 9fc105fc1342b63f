"""Extensiv's order -> `shipment` where it left, `fulfilment_status` where it did not."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.errors import Ignored
from hub.model.fulfilment import FulfilmentStatus, Package, Shipment, ShippedLine, WarehouseWord
from mappings.extensiv import wire
from mappings.extensiv.hal import rows
from mappings.kit import Context, shape, tracking_numbers
from mappings.kit.fields import needed


def decode(raw: bytes, at: Context) -> list[Document]:
    """The documents of an order, or of a list of them."""
    told = [shape(wire.Order, tree, at) for tree in rows(raw, at, "orders")]
    documents = [document for it in told for document in _documents(it, at)]
    if not documents:
        raise Ignored("no_consequence", "nothing left, and nothing is said of progress")
    return documents


def _documents(it: wire.Order, at: Context) -> Iterator[Document]:
    number = needed(it.reference_num, "reference_num")
    if it.is_closed and it.process_date:
        yield _shipment(it, number, it.process_date, at)
        return
    for word, when in _steps(it):
        if when:
            yield _status(it, number, word, when, at)
            return


def _steps(it: wire.Order) -> Iterator[tuple[WarehouseWord, datetime | None]]:
    """How far it is: the first of these that has a time."""
    latest = it.last_modified_date or it.creation_date
    yield "cancelled", needed(latest, "last_modified_date") if it.is_closed else None
    yield "packed", it.pack_done_date
    yield "picking", it.pick_done_date
    yield "accepted", latest if it.fully_allocated else None


def _status(
    it: wire.Order, number: str, word: WarehouseWord, when: datetime, at: Context
) -> FulfilmentStatus:
    order = needed(it.order_id or it.id, "order_id")
    return FulfilmentStatus(
        source=at.source(f"{order}:{word}:{when:%Y%m%d%H%M%S%f}", occurred_at=when),
        fulfilment_order_id=number,
        status=word,
        at=when,
        warehouse_reference=order,
    )


def _shipment(it: wire.Order, number: str, when: datetime, at: Context) -> Shipment:
    order = needed(it.order_id or it.id, "order_id")
    said = {"bill_of_lading": it.way.bill_of_lading, "mode": it.way.mode}
    return Shipment(
        source=at.source(order, occurred_at=when),
        fulfilment_order_id=number,
        warehouse_reference=order,
        shipped_at=when,
        complete=True,
        packages=tuple(_packages(it, at)),
        attributes={name: value for name, value in said.items() if value},
    )


def _packages(it: wire.Order, at: Context) -> Iterator[Package]:
    """Packages with what is in them, if they hold what the order's lines do; else these lines
    in the first of them.
    """
    items = {one.order_item_id: one for one in it.order_items}
    inside_all = (one for parcel in it.packages for one in parcel.package_contents)
    packed = _sums((_called(_whole(one, items)), _quantity(one)) for one in inside_all)
    ordered = _sums((_called(one), _quantity(one)) for one in it.order_items)
    believed = bool(packed) and (packed == ordered or not ordered)
    if packed and not believed:
        at.warn("packages_differ", "packages do not hold what the lines say", path="packages")
    common = tracking_numbers(it.way.tracking_number)
    parcels = it.packages or (wire.Parcel(),)
    for place, parcel in enumerate(parcels):
        inside = parcel.package_contents if believed else it.order_items if place == 0 else ()
        own = tracking_numbers(parcel.tracking_number)
        numbers = own or (common if place == 0 or len(common) == 1 else ())
        lines = tuple(_line(one, items) for one in inside)
        for turn, number in enumerate(numbers or (None,)):
            yield _package(it, parcel, number, () if turn else lines, at)


def _package(
    it: wire.Order,
    parcel: wire.Parcel,
    number: str | None,
    lines: tuple[ShippedLine, ...],
    at: Context,
) -> Package:
    way = it.way
    carrier = at.carrier(
        way.carrier, way.scac_code, path="routing_info.carrier", lists=("carriers", "scac")
    )
    return Package(
        package_id=parcel.package_id,
        carrier=carrier,
        carrier_name=way.carrier or way.scac_code,
        service=way.mode,
        tracking_number=number,
        lines=lines,
    )


def _whole(one: wire.Item, items: dict[str | None, wire.Item]) -> wire.Item:
    """The order's line that a package's content is of; what names none is its own."""
    return one if one.item_identifier else items.get(one.order_item_id, one)


def _sums(told: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for name, count in told:
        sums[name] = sums.get(name, ZERO) + count
    return sums


def _called(one: wire.Item) -> str:
    return one.article.sku or one.article.id or ""


def _quantity(one: wire.Item) -> Decimal:
    return needed(one.qty, "qty")


def _line(one: wire.Item, items: dict[str | None, wire.Item]) -> ShippedLine:
    line = _whole(one, items)
    return ShippedLine(
        sku=line.article.sku,
        item_code=line.article.id,
        quantity=_quantity(one),
        batch=one.lot_number or line.lot_number,
        expires_on=one.expires_on or line.expires_on,
        serials=one.serials or (line.serials if one.qty == line.qty else ()),
    )
