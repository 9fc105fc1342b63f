"""A shipment as the order knows it: what left of each order line, kits in place of their parts.

A kit stands in the parcel that completed it. Parcels before it hold nothing that was sold by
itself: nobody but the warehouse speaks of parts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.fulfilment import (
    Package,
    Shipment,
    ShippedLine,
    ShippedOrder,
    ShippedOrderLine,
)
from hub.model.order import SalesOrder
from hub.model.product import Served
from hub.rules.fulfilment import serving
from hub.rules.fulfilment.serving import Unfinished
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


def of_order(
    sold: SalesOrder, whence: tuple[str, str, str], left: Iterable[Served]
) -> ShippedOrder:
    """The order behind a shipment, with what left of it. `whence`: its channel, whose goods they
    are, and the warehouse.
    """
    ids = {line.line_no: line.channel_line_id for line in sold.lines}
    channel, merchant, warehouse = whence
    return ShippedOrder(
        channel=channel,
        channel_order_id=sold.channel_order_id,
        order_number=sold.order_number,
        merchant=merchant,
        warehouse=warehouse,
        lines=tuple(
            ShippedOrderLine(
                line_no=it.order_line,
                channel_line_id=ids.get(it.order_line),
                sku=it.sku,
                quantity=it.pieces,
            )
            for it in left
        ),
    )


def never_whole(shipments: Sequence[Shipment], kits: Sequence[Unfinished]) -> Shipment:
    """Kits that will not be finished as one shipment: the parcels that hold parts of them, and as
    `missing` what they lack.
    """
    last = shipments[-1]
    parcels = [it.model_copy(update={"lines": ()}) for sent in shipments for it in sent.packages]
    if parcels:
        lines = (ShippedLine(line_no=k.order_line, sku=k.kit, quantity=k.pieces) for k in kits)
        parcels[-1] = parcels[-1].model_copy(update={"lines": tuple(lines)})
    missing = [
        {"order_line": it.order_line, "kit": it.kit, "parts": _shown(it.lacking)} for it in kits
    ]
    return Shipment(
        source=last.source.model_copy(update={"id": f"{last.source.id}:unfinished"}),
        fulfilment_order_id=last.fulfilment_order_id,
        warehouse_reference=last.warehouse_reference,
        shipped_at=last.shipped_at,
        packages=tuple(parcels),
        attributes={"missing": missing},
    )


def _shown(parts: Mapping[str, Decimal]) -> dict[str, str]:
    return {sku: f"{pieces.normalize():f}" for sku, pieces in sorted(parts.items()) if pieces}


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
