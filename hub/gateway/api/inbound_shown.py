"""Inbound notices, receipts and differences as they are answered."""

from typing import Any

from sqlalchemy.engine import Connection

from hub.model.document import pieces
from hub.rules.inbound import deciding
from hub.store.views.inbound import receipts
from hub.store.views.inbound.notices import NoticeItem
from hub.store.views.inbound.receipts import DifferenceItem, ReceiptItem
from mappings.generic import tree_of


def shown_notice(item: NoticeItem) -> dict[str, Any]:
    """A notice: its document, and how far it is."""
    return {
        **tree_of(item.document),
        "id": item.key,
        "status": item.status,
        "warehouse_reference": item.warehouse_reference,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "progress": [
            {
                "line_no": line.line_no,
                "sku": line.sku,
                "quality": line.quality,
                "expected": pieces(line.expected),
                "received": pieces(line.received),
                "damaged": pieces(line.damaged),
                "open": pieces(line.open),
                "in_transit": pieces(line.transit),
            }
            for line in item.lines
        ],
        "sealed": item.sealed,
    }


def whole_notice(db: Connection, item: NoticeItem) -> dict[str, Any]:
    """A notice with its receipts and differences."""
    came = receipts.of_notice(db, item.id)
    differ = receipts.differences_of(db, [item.id, *(it.id for it in came)])
    return {
        **shown_notice(item),
        "receipts": [_receipt(it) for it in came],
        "differences": [shown_difference(it) for it in differ],
    }


def shown_difference(item: DifferenceItem) -> dict[str, Any]:
    """A difference, with the ways in which it may be decided now."""
    open_ = deciding.undecided(item.quantity, item.decided)
    return {
        "id": item.key,
        "merchant": item.merchant,
        "warehouse": item.warehouse,
        "inbound_notice_id": item.number,
        "code": item.code,
        "line_no": item.line_no,
        "sku": item.sku,
        "quality": item.quality,
        "quantity": pieces(item.quantity),
        "decided": pieces(item.decided),
        "decision": item.decision,
        "decided_by": item.decided_by,
        "decided_at": item.decided_at,
        "at": item.at,
        "possible": deciding.possible(item.code, is_transfer=item.is_transfer) if open_ else [],
    }


def _receipt(item: ReceiptItem) -> dict[str, Any]:
    return {
        "id": item.key,
        "receipt_id": item.receipt_id,
        "status": item.status,
        "complete": item.complete,
        "received_at": item.received_at,
        "at": item.at,
        "message_id": item.message_id,
        "pieces": [
            {
                "line_no": it.line_no,
                "sku": it.sku,
                "known": it.known,
                "quality": it.quality,
                "quantity": pieces(it.quantity),
                "batch": it.batch,
                "expires_on": it.expires_on,
            }
            for it in item.pieces
        ],
    }
