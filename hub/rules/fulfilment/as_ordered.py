"""A shipment as the order knows it: what left of each order line, kits in place of their parts.

A kit stands in the parcel that completed it. Parcels before it hold nothing that was sold by
itself: nobody but the warehouse speaks of parts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.model.fulfilment import Package, Shipment, ShippedLine
from hub.model.product import Served
from hub.rules.fulfilment import serving
from hub.rules.fulfilment.shipping import Decision


@dataclass(frozen=True, slots=True)
class AsOrdered:
    """`sold`: pieces of order lines, in the order of what left, then kits; `packages` with them."""

    sold: tuple[Served, ...]
    kits: tuple[Served, ...]
    packages: tuple[Package, ...]


def as_ordered(
    shipment: Shipment, decision: Decision, left: Sequence[Served], before: Sequence[Served]
) -> AsOrdered:
    """`left`: what left now, one for each of the decision's; `before`: all that had left of the
    order by then.
    """
    sold = tuple(serving.now_whole(before, left))
    kits = sold[sum(it.kit is None for it in left) :]
    if not any(it.kit for it in left):
        return AsOrdered(sold, (), shipment.packages)
    packages = tuple(
        package.model_copy(update={"lines": tuple(_lines(at, package, decision, left, kits))})
        if any(it.kit and to.package == at for to, it in zip(decision.shipped, left, strict=True))
        else package
        for at, package in enumerate(shipment.packages)
    )
    return AsOrdered(sold, kits, packages)


def _lines(
    at: int, package: Package, decision: Decision, left: Sequence[Served], kits: Sequence[Served]
) -> Iterator[ShippedLine]:
    last: dict[tuple[int, str], int | None] = {}
    for shipped, it in zip(decision.shipped, left, strict=True):
        if it.kit is not None:
            last[it.order_line, it.kit.sku] = shipped.package
        elif shipped.package == at:
            yield ShippedLine(
                line_no=it.order_line,
                sku=it.sku,
                quantity=it.pieces,
                batch=shipped.batch,
                expires_on=shipped.expires_on,
                serials=shipped.serials,
            )
    for kit in kits:
        if last[kit.order_line, kit.sku] == at:
            yield ShippedLine(line_no=kit.order_line, sku=kit.sku, quantity=kit.pieces)
    for stray in decision.strays:
        if stray.package == at:
            yield package.lines[stray.at]
