"""Parcels as the channel and the books hear of them: what left of order lines. A parcel that holds
parts of kits only, none of which is whole yet, is told with the one that completes a kit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from hub.flows.unit import Told, Unit
from hub.model.fulfilment import Package, Shipment
from hub.model.product import Served
from hub.rules.fulfilment.as_ordered import AsOrdered, as_ordered, of_order
from hub.rules.fulfilment.shipping import Decision
from hub.rules.orders import edited, review_effects
from hub.store.orders import shipments
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow


@dataclass(frozen=True, slots=True)
class Booked:
    """A shipment with what the rules make of it."""

    id: UUID
    row: FulfilmentRow
    shipment: Shipment
    decision: Decision
    telling: Told

    @property
    def left(self) -> list[Served]:
        """The pieces that left, for their order lines."""
        lines = {line.line_no: line for line in self.row.lines}
        return [lines[it.line_no].serving(it.quantity) for it in self.decision.shipped]


@dataclass(slots=True)
class Parcel:
    """A shipment as the books hear of it, and as the channel does: not at all where nothing but
    gifts left.
    """

    entry: Booked
    order: OrderRow
    document: Shipment
    for_channel: Shipment | None = field(init=False)

    def __post_init__(self) -> None:
        sold = self.order.document
        of_channel = review_effects.without_gifts(self.document, sold)
        self.for_channel = of_channel and edited.as_sold(of_channel, sold)


def to_tell(
    unit: Unit,
    booked: Sequence[Booked],
    orders: Mapping[UUID, OrderRow],
    whole: Mapping[UUID, Sequence[FulfilmentRow]],
) -> list[Parcel]:
    """What is to be told of shipments that are booked. `whole`: all fulfilment orders of each
    order.
    """
    before = {id_: _before(id_, booked, whole.get(id_, ())) for id_ in orders}
    of_kits = {entry.row.order_id for entry in booked if any(it.kit for it in entry.left)}
    silent = shipments.withheld(unit.db, unit.vault, of_kits)
    kept, over, parcels = dict[UUID, UUID](), set[UUID](), list[Parcel]()
    for entry in booked:
        order, left = orders[entry.row.order_id], entry.left
        its = as_ordered(entry.shipment, entry.decision, left, before[order.id])
        before[order.id] += left
        if left and not its.sold and not entry.decision.strays:
            silent.setdefault(order.id, []).append(entry.shipment)
            kept[entry.id] = order.id
            continue
        earlier: list[Package] = []
        if its.kits:
            earlier = [
                it for left_before in silent.pop(order.id, ()) for it in left_before.packages
            ]
            kept = {id_: of for id_, of in kept.items() if of != order.id}
            over.add(order.id)
        parcels.append(Parcel(entry, order, _document(entry, order, its, earlier)))
    shipments.withhold(unit.db, over, kept)
    return parcels


def _before(order: UUID, booked: Sequence[Booked], rows: Sequence[FulfilmentRow]) -> list[Served]:
    """What had left of an order before these shipments."""
    all_ = [line.serving(line.shipped) for row in rows for line in row.lines]
    new = (one for it in booked if it.row.order_id == order for one in it.left)
    return [*all_, *(Served(it.order_line, it.sku, -it.pieces, it.kit) for it in new)]


def _document(
    entry: Booked, order: OrderRow, its: AsOrdered, earlier: Sequence[Package]
) -> Shipment:
    whence = (order.channel, entry.row.merchant, entry.row.warehouse)
    sold = of_order(order.document, whence, its.sold)
    bare = (package.model_copy(update={"lines": ()}) for package in earlier)
    update = {"order": sold, "packages": (*bare, *its.packages)}
    return entry.shipment.model_copy(update=update)
