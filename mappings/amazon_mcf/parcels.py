"""What left a fulfilment centre, package by package."""

from collections.abc import Iterator

from hub.model.fulfilment import Package, ShippedLine
from mappings.amazon_mcf.wire import Parcel, Shipment, ShipmentItem
from mappings.kit import Context, tracking_numbers
from mappings.kit.fields import needed

_UNNAMED = "0"
"""The number of a package that is not told, as Amazon writes it."""


def packages(shipment: Shipment, at: Context) -> Iterator[tuple[str, tuple[Package, ...]]]:
    """Package number -> the package, and one without lines for each further tracking number.
    Pieces that name no package of the shipment are in its only one, else in one by themselves;
    packages without pieces go with the first that has some.
    """
    told = {one.package_number or _UNNAMED: one for one in shipment.fulfillment_shipment_package}
    held: dict[str, list[ShippedLine]] = {number: [] for number in told}
    only = next(iter(told)) if len(told) == 1 else None
    for item in shipment.fulfillment_shipment_item:
        number = item.package_number or _UNNAMED
        held.setdefault(number if number in told else only or number, []).append(_line(item))
    full = [number for number, lines in held.items() if lines] or list(held)[:1] or [_UNNAMED]
    beside = [number for number in held if number not in full]
    for number in full:
        if told and number not in told:
            message = f"no package {number} is among the shipment's packages"
            at.warn("packages_differ", message, path="fulfillmentShipmentItem")
        together = [number, *(beside if number == full[0] else ())]
        yield (
            number,
            tuple(
                parcel
                for it in together
                for parcel in _parcels(it, told.get(it) or Parcel(), held.get(it, []), at)
            ),
        )


def line_no(told: str | None) -> int | None:
    """The line that an item's id stands for: ours are the numbers of lines."""
    ours = told is not None and told.isascii() and told.isdigit() and len(told) < 7
    return int(told) or None if ours and told else None


def _parcels(number: str, it: Parcel, lines: list[ShippedLine], at: Context) -> tuple[Package, ...]:
    carrier = at.carrier(it.carrier_code, path="carrierCode")
    own = it.tracking_number or it.amazon_fulfillment_tracking_number
    first, *others = tracking_numbers(own) or (None,)
    whole = Package(
        package_id=number,
        carrier=carrier,
        carrier_name=it.carrier_code,
        tracking_number=first,
        lines=tuple(lines),
    )
    bare = {"package_id": None, "lines": ()}
    further = [whole.model_copy(update={**bare, "tracking_number": it}) for it in others]
    return (whole, *further)


def _line(item: ShipmentItem) -> ShippedLine:
    batches = tuple(dict.fromkeys(filter(None, item.manufacturer_lot_codes)))
    return ShippedLine(
        line_no=line_no(item.seller_fulfillment_order_item_id),
        sku=item.seller_sku,
        quantity=needed(item.quantity, "fulfillmentShipmentItem.quantity"),
        batch=", ".join(batches) or None,
        serials=(item.serial_number,) if item.serial_number else (),
    )
