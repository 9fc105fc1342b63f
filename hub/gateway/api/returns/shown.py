"""Returns, parcels and their money as they are answered."""

from typing import Any

from hub.gateway.routes import Ask
from hub.model.document import pieces
from hub.states.machine import allowed
from hub.states.returns import RETURN, State
from hub.store.views.returns import parcels
from hub.store.views.returns.cases import CaseItem
from hub.store.views.returns.parcels import ParcelItem
from mappings.generic import tree_of


def shown_return(item: CaseItem) -> dict[str, Any]:
    """A return: its document, and how far it is."""
    return {
        **tree_of(item.document),
        "id": item.key,
        "status": item.status,
        "order_id": item.order_id,
        "order_number": item.order_number,
        "channel": item.channel,
        "asked": item.asked,
        "possible": [str(event) for event in allowed(RETURN, State(item.status))],
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "progress": [
            {
                "line_no": line.line_no,
                "sku": line.sku,
                "order_line_no": line.order_line,
                "quantity": pieces(line.quantity),
                "received": pieces(line.received),
                "paid": f"{line.paid.normalize():f}",
            }
            for line in item.lines
        ],
        "sealed": item.sealed,
    }


def whole_return(ask: Ask, item: CaseItem) -> dict[str, Any]:
    """A return with what came of it."""
    return {
        **shown_return(item),
        "receipts": [shown_parcel(it) for it in parcels.of_return(ask.db, item.id)],
        "money": [
            {
                "refund_id": it.refund_id,
                "part": it.part,
                "order_line_no": it.order_line,
                "quantity": pieces(it.quantity),
                "amount": f"{it.amount.normalize():f}",
                "tax": f"{it.tax.normalize():f}",
                "by": it.actor,
                "at": it.at,
            }
            for it in parcels.money_of(ask.db, item.id)
        ],
        "exchange": _exchange(item),
    }


def _exchange(item: CaseItem) -> dict[str, Any] | None:
    if item.exchange_order_id is None:
        return None
    return {
        "order_id": item.exchange_order_id,
        "credit": f"{item.exchange_credit.normalize():f}",
        "price": f"{item.exchange_price.normalize():f}",
        "due": f"{item.exchange_due.normalize():f}",
    }


def shown_parcel(item: ParcelItem) -> dict[str, Any]:
    """A receipt with its pieces."""
    return {
        "id": item.key,
        "merchant": item.merchant,
        "warehouse": item.warehouse,
        "return_id": item.number or None,
        "receipt_id": item.receipt_id,
        "status": item.status,
        "by": item.actor,
        "tracking": item.tracking,
        "order_number": item.order_number,
        "received_at": item.received_at,
        "at": item.at,
        "pieces": [
            {
                "line_no": it.line_no,
                "sku": it.sku,
                "known": it.known,
                "quality": it.quality,
                "quantity": pieces(it.quantity),
            }
            for it in item.pieces
        ],
    }
