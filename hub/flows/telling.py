"""Whom to tell what became of an order: its channel, and the books of its merchant."""

from collections.abc import Sequence
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.document import Document
from hub.model.order import CancelledLine, OrderCancellation, Refund
from hub.store.config.snapshot import Connection
from hub.store.messages.outbox import Telling
from hub.store.orders import timeline
from hub.store.orders.orders import OrderRow
from hub.store.orders.timeline import Event

BOOKS = ("erp", "finance", "crm")
_WHO_HEARS = (*BOOKS, "carrier")
"""Who is told of a merchant's orders beside their channel: books, and whoever tracks parcels."""


def to_channel(
    unit: Unit, document: Document, order: OrderRow, cause: UUID | None
) -> list[Telling]:
    """The channel the order came from, where it takes such documents."""
    return to_channels(unit, [(document, order, cause)])


def to_channels(
    unit: Unit, documents: Sequence[tuple[Document, OrderRow, UUID | None]]
) -> list[Telling]:
    """The channels that the orders came from, where they take such documents."""
    tellings, untold = list[Telling](), list[Event]()
    for document, order, cause in documents:
        partner = unit.directory.connections.get(order.channel)
        linked = "exchange_of" in order.document.attributes  # the channel knows no such order
        if partner is None or linked or document.type not in partner.takes:
            untold += _untold(document, order, cause)
        else:
            key = order.channel_order_id
            tellings.append(_telling(partner, document, order, key, "1", cause))
    timeline.note(unit.db, untold)
    return tellings


def _untold(document: Document, order: OrderRow, cause: UUID | None) -> list[Event]:
    """That the channel was not told what became of its order. Where it takes no shipments, they
    stand on the order anyway.
    """
    match document:
        case OrderCancellation():
            pieces = (f"{line.quantity.normalize():f} of {_named(line)}" for line in document.lines)
            what = {"cancelled": ", ".join(pieces)}
        case Refund():
            what = {"refunded": f"{document.amount} {document.currency}"}
        case _:
            return []
    detail = {"partner": order.channel, "document": document.type, **what}
    return [Event(order.merchant, order.id, "not_told", detail, cause)]


def _named(line: CancelledLine) -> str:
    return line.sku or f"line {line.line_no}"


def to_books(
    unit: Unit, documents: Sequence[tuple[Document, OrderRow]], cause: UUID | None
) -> list[Telling]:
    """Every ERP, finance, CRM and carrier connection of the merchant that takes such documents.
    Test orders are never told.
    """
    tellings = []
    for document, order in documents:
        if order.document.test:
            continue
        for kind in _WHO_HEARS:
            for partner in unit.directory.listeners(kind, document.type, order.merchant):
                key = f"{order.channel}/{order.channel_order_id}"
                revision = str(order.version) if document is order.document else "1"
                tellings.append(_telling(partner, document, order, key, revision, cause))
    return tellings


def _telling(
    partner: Connection,
    document: Document,
    order: OrderRow,
    key: str,
    revision: str,
    cause: UUID | None,
) -> Telling:
    return Telling(
        document=document,
        connection=partner.code,
        merchant=order.merchant,
        shards=partner.shards,
        key=key,
        revision=revision,
        correlation_id=order.correlation_id,
        cause_id=cause,
        order_id=order.id,
    )
