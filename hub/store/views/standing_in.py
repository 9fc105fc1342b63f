"""What stands in for a document that does not open: what is in clear beside it, marked as sealed.

Its key is gone or it was altered. That is one row's trouble: a list shows the others whole.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from hub.logs import get
from hub.model.document import Document, Source
from hub.model.fulfilment import FulfilmentLine, FulfilmentOrder, Shipment
from hub.model.order import Refund, SalesOrder, Totals
from hub.store.base import ids
from hub.store.base.sealing import Vault, VaultError

D = TypeVar("D", bound=Document)


def opened(vault: Vault, row: Any, kind: type[D], instead: Callable[[], D]) -> tuple[D, bool]:
    """A row's document, and whether another stands in for it."""
    place = f"{kind.TYPE}.document"
    try:
        raw = vault.open(row.document, place, row.merchant_id, row.id)
    except VaultError as error:
        get("hub.store").error("cannot_open", place=place, id=str(row.id), reason=str(error))
        return instead(), True
    return kind.model_validate_json(raw), False


def order(row: Any) -> SalesOrder:
    """An order without what is sealed."""
    return SalesOrder.model_construct(
        source=Source(connection=row.channel, id=row.channel_order_id),
        channel_order_id=row.channel_order_id,
        order_number=row.order_number,
        placed_at=row.placed_at,
        currency=row.currency,
        lines=(),
        totals=Totals(items=row.grand_total, grand_total=row.grand_total),
    )


def fulfilment_order(row: Any, lines: list[Any]) -> FulfilmentOrder:
    """A fulfilment order without what is sealed."""
    number = ids.short("F", row.id)
    return FulfilmentOrder.model_construct(
        source=Source(connection=row.warehouse, id=number),
        fulfilment_order_id=number,
        order_number=number,
        channel_order_id=number,
        merchant=row.merchant_id,
        warehouse=row.warehouse,
        revision=row.revision,
        created_at=row.created_at,
        lines=tuple(
            FulfilmentLine.model_construct(
                line_no=line.line_no, sku=line.sku, quantity=line.ordered
            )
            for line in lines
        ),
    )


def shipment(row: Any) -> Shipment:
    """A shipment without its parcels."""
    number = ids.short("F", row.fulfilment_order_id)
    return Shipment.model_construct(
        source=Source(connection="hub", id=str(row.id)),
        fulfilment_order_id=number,
        shipped_at=row.shipped_at,
    )


def refund(row: Any, channel_order_id: str) -> Refund:
    """A refund without what it is made of."""
    return Refund.model_construct(
        source=Source(connection="hub", id=row.refund_id),
        refund_id=row.refund_id,
        channel_order_id=channel_order_id,
        created_at=row.at,
        currency=row.currency,
        amount=row.amount,
    )
