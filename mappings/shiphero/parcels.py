"""ShipHero's packages as ours: whose lines are in them, weight in ounces, sizes in inches."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.fulfilment import Package, ShippedLine
from mappings.kit import Context, tracking_numbers
from mappings.kit.fields import needed
from mappings.kit.units import GRAMS, MILLIMETRES, measured
from mappings.shiphero import wire

_OURS = re.compile(r"(.+):([1-9][0-9]{0,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Units:
    """In what the account weighs and measures."""

    weight: str = "oz"
    length: str = "in"


def key(order: str, line_no: int) -> str:
    """What a line of ours is called there."""
    return f"{order}:{line_no}"


def line(item: wire.Item, order: str | None) -> ShippedLine:
    """Pieces of an article; the line's number where it is as we gave it."""
    ours = _OURS.fullmatch(item.partner_line_item_id or item.id or "")
    number = int(ours[2]) if ours and ours[1] == order else None
    until = item.lot_expiration
    return ShippedLine(
        line_no=number,
        sku=item.sku,
        quantity=needed(item.quantity, "line_items.quantity"),
        batch=item.lot_name,
        expires_on=until.date().isoformat() if until else None,
        serials=item.serials,
    )


def parcels(it: wire.Fulfillment, units: Units, at: Context) -> Iterator[Package]:
    """What left, by package. What a package says of itself goes before what the shipment says."""
    told = list(it.packages) or [it.package or wire.Package()]
    names = {each.called for each in told}
    spare = [item for item in it.line_items if len(told) == 1 or item.package not in names]
    for place, each in enumerate(told):
        own = each.line_items or (
            [item for item in it.line_items if item.package == each.called] if len(told) > 1 else ()
        )
        held = [*own, *(spare if place == 0 and not each.line_items else ())]
        yield from _package(it, each.label, held, units, at)


def _package(
    it: wire.Fulfillment, each: wire.Package, held: Iterable[wire.Item], units: Units, at: Context
) -> Iterator[Package]:
    first, *others = tracking_numbers(each.tracking_number or it.tracking_number) or (None,)
    named = each.shipping_carrier or each.carrier or it.shipping_carrier
    carrier = at.carrier(named, path="shipping_carrier")
    service = each.shipping_method or it.shipping_method
    url = each.tracking_url or each.custom_tracking_url or it.custom_tracking_url
    order = it.partner_order_id or it.order_number
    yield Package(
        package_id=each.called,
        carrier=carrier,
        carrier_name=named,
        service=service,
        tracking_number=first,
        tracking_url=url,
        weight_kg=_in(GRAMS["kg"], each.weight, GRAMS[units.weight]),
        length_cm=_in(MILLIMETRES["cm"], each.length, MILLIMETRES[units.length]),
        width_cm=_in(MILLIMETRES["cm"], each.width, MILLIMETRES[units.length]),
        height_cm=_in(MILLIMETRES["cm"], each.height, MILLIMETRES[units.length]),
        lines=tuple(line(item, order) for item in held if item.quantity != ZERO),
    )
    for number in others:
        yield Package(carrier=carrier, carrier_name=named, service=service, tracking_number=number)


def _in(ours: Decimal, told: Decimal | None, unit: Decimal) -> Decimal | None:
    found = measured(told, unit)
    return found / ours if found else None
