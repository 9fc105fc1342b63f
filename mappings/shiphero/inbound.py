"""ShipHero's purchase orders and returns -> `goods_receipt`, `return_receipt`.

Both tell again with each change how much came in all. Who adds up receipts must be told each piece
once: what came is told when the warehouse is done, not on the way.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NoReturn

from hub.model.document import ZERO, Document
from hub.model.errors import Ignored
from hub.model.returns import ReturnReceipt, ReturnReceiptLine
from hub.model.stock import GoodsReceipt, ReceivedLine
from mappings.kit import Context, shape
from mappings.kit.fields import needed
from mappings.reading import read_json_object
from mappings.shiphero import wire
from mappings.shiphero.shipments import check_test

_DONE = frozenset(
    {"closed", "complete", "completed", "received", "fulfilled", "fully received", "restocked"}
)
Clock = Callable[[], datetime]


def purchase_order(raw: bytes, at: Context, *, clock: Clock) -> list[Document]:
    """What came in of a purchase order, once it is closed or all of it is there."""
    body = read_json_object(raw, at.warn)
    check_test(body)
    tree = body.get("purchase_order", body)
    it = shape(wire.PurchaseOrder, tree if isinstance(tree, dict) else {}, at)
    number, came = needed(it.po_number, "purchase_order.po_number"), _came(it.line_items)
    if not came or not _is_done(it.fulfillment_status or it.status, it.line_items):
        _not_yet()
    when = it.date_closed or it.updated_at or clock()
    there = it.po_uuid or it.id
    return [
        GoodsReceipt(
            source=at.source(f"{there or number}:received", occurred_at=when),
            inbound_notice_id=number,
            receipt_id=f"{there or number}:received",
            warehouse_reference=there,
            received_at=when,
            complete=True,
            lines=tuple(
                ReceivedLine(
                    sku=line.sku,
                    item_code=line.vendor_sku if line.sku is None else None,
                    quantity=line.quantity_received or ZERO,
                )
                for line in came
            ),
        )
    ]


def returned(raw: bytes, at: Context, *, clock: Clock) -> list[Document]:
    """What came back of a return: as good what goes on sale again, as defective the rest."""
    body = read_json_object(raw, at.warn)
    check_test(body)
    it = shape(wire.Return, body, at)
    there, came = it.return_id or it.return_uuid, _came(it.items)
    number = needed(it.partner_id or there, "return_id")
    if not came or not _is_done(it.status, it.items):
        _not_yet()
    when = it.updated_at or clock()
    told = {"partner_order_id": it.partner_order_id, "order_number": it.order_number}
    return [
        ReturnReceipt(
            source=at.source(f"{there or number}:received", occurred_at=when),
            return_id=number,
            receipt_id=f"{there or number}:received",
            warehouse=at.connection,
            received_at=when,
            carrier=at.ours_or_none("carriers", it.shipping_carrier),
            tracking_number=it.tracking_number,
            lines=tuple(line for item in came for line in _lines(item)),
            attributes={name: value for name, value in told.items() if value},
        )
    ]


def _came(lines: Sequence[wire.Arrived]) -> list[wire.Arrived]:
    return [line for line in lines if (line.quantity_received or ZERO) > ZERO]


def _is_done(status: str | None, lines: Sequence[wire.Arrived]) -> bool:
    """Closed; or all there, of what was expected."""
    wanted = [line for line in lines if line.quantity]
    return status in _DONE or (
        bool(wanted)
        and all((it.quantity_received or ZERO) >= (it.quantity or ZERO) for it in wanted)
    )


def _not_yet() -> NoReturn:
    raise Ignored("no_consequence", "it is not closed, and not all of it is there")


def _lines(item: wire.Arrived) -> list[ReturnReceiptLine]:
    all_of_it = item.quantity_received or ZERO
    good = all_of_it if item.restock is None else min(item.restock, all_of_it)
    parts = {"good": good, "defective": all_of_it - good}
    return [
        ReturnReceiptLine(
            sku=needed(item.sku, "items.sku"),
            quantity=count,
            quality="good" if quality == "good" else "defective",
            grade=item.condition,
            inspector_note=item.item_reason,
        )
        for quality, count in parts.items()
        if count > ZERO
    ]
