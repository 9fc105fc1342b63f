"""An order at Amazon -> `shipment` for each package that left, `fulfilment_status` for the rest,
`return_receipt` for what came back.

A package is told once, by the numbers of order, shipment and package: more may follow it. Once the
order is over, a last shipment without packages closes what will not come.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.fulfilment import FulfilmentStatus, Package, Shipment, ShortLine
from mappings.amazon_mcf import wire
from mappings.amazon_mcf.parcels import line_no, packages
from mappings.amazon_mcf.returned import came_back, kept
from mappings.kit import Context, shape
from mappings.kit.fields import needed
from mappings.kit.readers.envelope import resources

AROUND = ("response", "payload", "fulfillmentOrders")
KNOWN_BY = frozenset({"fulfillmentOrder", "sellerFulfillmentOrderId", "errors"})
_STATUSES = "fulfilment_statuses"
_OVER = frozenset({"shipped", "cancelled", "rejected"})
"""Our words for an order of which no more will come."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An order with our word for how it stands."""

    it: wire.Result
    number: str
    word: str

    @property
    def changed_at(self) -> datetime:
        order = self.it.fulfillment_order
        told = order.status_updated_date or order.status_updated_date_time or order.received_date
        return needed(told, "statusUpdatedDate")

    @property
    def is_over(self) -> bool:
        return self.word in _OVER


def decode(raw: bytes, at: Context) -> list[Document]:
    """The documents of an order, or of a list of them."""
    trees = resources(raw, at.warn, around=AROUND, marks=KNOWN_BY)
    documents = [document for tree in trees for document in _documents(tree, at)]
    if not documents:
        raise Ignored("no_consequence", "nothing left, and nothing is said of progress")
    return documents


def _documents(tree: dict[str, Any], at: Context) -> list[Document]:
    if "fulfillmentOrder" in tree:
        return told_of(shape(wire.Result, tree, at), at)
    if tree.get("errors"):
        raise BadData("it holds errors, and no order", path="errors", code="missing_field")
    if "sellerFulfillmentOrderId" in tree:
        return told_of(shape(wire.Result, {"fulfillmentOrder": tree}, at), at)
    return []


def told_of(it: wire.Result, at: Context) -> list[Document]:
    """The documents of one order."""
    order = it.fulfillment_order
    number = needed(order.seller_fulfillment_order_id, "sellerFulfillmentOrderId")
    status = needed(order.fulfillment_order_status, "fulfillmentOrderStatus")
    seen = Seen(it, number, at.ours(_STATUSES, status, path="fulfillmentOrderStatus"))
    left = list(_left(seen, at))
    documents: list[Document] = [*left, *came_back(seen.it, number, at)]
    if not left:
        return [*documents, *([] if seen.word == "none" else [_status(seen, seen.word, at)])]
    if seen.is_over:
        closing = _closing(seen, left, at)
        last = left[-1].model_copy(update={"complete": not closing})
        documents = [*left[:-1], last, *closing, *documents[len(left) :]]
    if seen.is_over and _has_arrived(it, at):
        documents.append(_status(seen, "delivered", at))
    return documents


def _gone(it: wire.Shipment, at: Context) -> bool:
    """Whether it left. A state that no list has says that it did, where it has a package's
    tracking number.
    """
    status = needed(it.fulfillment_shipment_status, "fulfillmentShipmentStatus")
    word = at.ours_or_none(_STATUSES, status)
    if word is None and not any(one.tracking_number for one in it.fulfillment_shipment_package):
        word = at.ours(_STATUSES, status, path="fulfillmentShipmentStatus")
    return word in {None, "shipped", "delivered"}


def _left(seen: Seen, at: Context) -> Iterator[Shipment]:
    gone = [one for one in seen.it.fulfillment_shipments if _gone(one, at)]
    for one in sorted(gone, key=lambda one: one.shipping_date or seen.changed_at):
        for name, parcels in packages(one, at):
            yield _shipment(seen, one, name, parcels, at)


def _shipment(
    seen: Seen, it: wire.Shipment, name: str, parcels: tuple[Package, ...], at: Context
) -> Shipment:
    shipment, left_at = needed(it.amazon_shipment_id, "amazonShipmentId"), it.shipping_date
    said = {
        "amazon_shipment_id": shipment,
        "fulfillment_center": it.fulfillment_center_id,
        "notes": [note for note in it.shipping_notes if note],
        "returns": kept(seen.it),
    }
    return Shipment(
        source=at.source(
            f"{seen.number}:{shipment}:{name}", occurred_at=left_at or seen.changed_at
        ),
        fulfilment_order_id=seen.number,
        warehouse_reference=seen.number,
        shipped_at=left_at or seen.changed_at,
        complete=False,
        packages=parcels,
        attributes={name: value for name, value in said.items() if value},
    )


def _closing(seen: Seen, left: Sequence[Shipment], at: Context) -> list[Document]:
    """What an order that is over still owed: told short, or left out without a word."""
    short = tuple(_short(seen.it.fulfillment_order_items))
    ordered = sum((it.quantity or ZERO for it in seen.it.fulfillment_order_items), ZERO)
    gone = sum((line.quantity for one in left for it in one.packages for line in it.lines), ZERO)
    if not short and gone >= ordered:
        return []
    return [
        Shipment(
            source=at.source(f"{seen.number}:closed", occurred_at=seen.changed_at),
            fulfilment_order_id=seen.number,
            warehouse_reference=seen.number,
            shipped_at=seen.changed_at,
            complete=True,
            short=short,
        )
    ]


def _short(items: Sequence[wire.Item]) -> Iterator[ShortLine]:
    for item in items:
        number = line_no(item.seller_fulfillment_order_item_id)
        reasons = (
            ("cancelled", item.cancelled_quantity),
            ("unfulfillable", item.unfulfillable_quantity),
        )
        for reason, count in reasons:
            if count:
                yield ShortLine(line_no=number, sku=item.seller_sku, quantity=count, reason=reason)


def _has_arrived(it: wire.Result, at: Context) -> bool:
    """Whether each package that left has told where it was put down."""
    gone = [one for one in it.fulfillment_shipments if _gone(one, at)]
    return all(
        one.fulfillment_shipment_package
        and all(parcel.delivery_information for parcel in one.fulfillment_shipment_package)
        for one in gone
    )


def _status(seen: Seen, word: Any, at: Context) -> FulfilmentStatus:
    when, order = seen.changed_at, seen.it.fulfillment_order
    return FulfilmentStatus(
        source=at.source(f"{seen.number}:{word}:{when:%Y%m%d%H%M%S%f}", occurred_at=when),
        fulfilment_order_id=seen.number,
        status=word,
        at=when,
        reason=order.fulfillment_order_status if word in {"rejected", "cancelled"} else None,
        warehouse_reference=seen.number,
    )
