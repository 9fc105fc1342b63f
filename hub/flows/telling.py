"""Whom to tell what: the channel of an order, the warehouse of a fulfilment order, the books of a
merchant.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.document import Document
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder
from hub.store.directory import Partner
from hub.store.orders import OrderRow
from hub.store.outbox import Telling

BOOKS = ("erp", "finance", "crm")


def to_warehouse(
    partner: Partner,
    document: FulfilmentOrder | FulfilmentCancellation,
    merchant: str,
    order: OrderRow,
    cause: UUID | None,
) -> Telling:
    """A notice, or the wish to take it back. Both run under the fulfilment order's key and its
    `merchant`, whose goods it ships, so never out of order.
    """
    return Telling(
        document=document,
        connection=partner.code,
        merchant=merchant,
        shards=partner.shards,
        key=document.fulfilment_order_id,
        revision="1",
        correlation_id=order.correlation_id,
        cause_id=cause,
        order_id=order.id,
    )


def to_channel(
    unit: Unit, document: Document, order: OrderRow, cause: UUID | None
) -> list[Telling]:
    """The channel the order came from, where it takes such documents."""
    partner = unit.directory.partners.get(order.channel)
    if partner is None or document.type not in partner.takes:
        return []
    return [_telling(partner, document, order, order.channel_order_id, "1", cause)]


def to_books(
    unit: Unit, documents: Sequence[tuple[Document, OrderRow]], cause: UUID | None
) -> list[Telling]:
    """Every ERP, finance and CRM connection of the merchant that takes such documents. Test orders
    are never told.
    """
    found = []
    for document, order in documents:
        if order.document.test:
            continue
        for kind in BOOKS:
            for partner in unit.directory.listeners(kind, document.type, order.merchant):
                key = f"{order.channel}/{order.channel_order_id}"
                revision = str(order.version) if document is order.document else "1"
                found.append(_telling(partner, document, order, key, revision, cause))
    return found


def _telling(
    partner: Partner,
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
