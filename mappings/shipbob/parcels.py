"""ShipBob's parcels: the cartons of a shipment, if they hold what it does; else one for all."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from hub.model.fulfilment import Package
from mappings.kit import Context
from mappings.kit.units import GRAMS, MILLIMETRES, measured
from mappings.shipbob import wire
from mappings.shipbob.contents import Pieces, lines, pieces


def parcels(it: wire.Shipment, recipe: Pieces, at: Context) -> Iterator[Package]:
    """What left, by parcel. One without lines for each further tracking number."""
    number, *others = it.way.numbers or (None,)
    cartons = _cartons(it, at)
    if not cartons:
        yield _parcel(it, number, it.measurements, it.products, recipe, at)
    for each in cartons:
        name = each.barcode or each.id
        yield _parcel(it, number, each.measurements, each.products, recipe, at, name)
    for other in others:
        yield _parcel(it, other, None, (), recipe, at)


def _cartons(it: wire.Shipment, at: Context) -> list[wire.Carton]:
    """Those that can be believed (B2B)."""
    cartons = [each for around in it.parent_cartons for each in around.cartons or (around,)]
    packed = [product for each in cartons for product in each.products]
    if not it.products or pieces(packed) == pieces(it.products):
        return cartons
    if packed:
        at.warn("packages_differ", "cartons do not hold what was shipped", path="cartons")
    return []


def _parcel(
    it: wire.Shipment,
    number: str | None,
    told: wire.Measurements | None,
    held: Sequence[wire.Product],
    recipe: Pieces,
    at: Context,
    package_id: str | None = None,
) -> Package:
    way, size = it.way, told or wire.Measurements()
    carrier = at.carrier(way.carrier, path="tracking.carrier")
    return Package(
        package_id=package_id,
        carrier=carrier,
        carrier_name=way.carrier,
        service=way.carrier_service,
        tracking_number=number,
        tracking_url=way.tracking_url,
        weight_kg=_metric(size.total_weight_oz, GRAMS["oz"], GRAMS["kg"]),
        length_cm=_metric(size.length_in, MILLIMETRES["in"], MILLIMETRES["cm"]),
        width_cm=_metric(size.width_in, MILLIMETRES["in"], MILLIMETRES["cm"]),
        height_cm=_metric(size.depth_in, MILLIMETRES["in"], MILLIMETRES["cm"]),
        lines=tuple(line for each in held for line in lines(each, recipe, at)),
    )


def _metric(told: Decimal | None, unit: Decimal, ours: Decimal) -> Decimal | None:
    found = measured(told, unit)
    return found / ours if found else None
