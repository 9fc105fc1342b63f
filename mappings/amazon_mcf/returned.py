"""What customers sent back to Amazon: pieces that were processed become `return_receipt`s, the
others are kept with what left.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hub.model.returns import ReturnReceipt, ReturnReceiptLine
from mappings.amazon_mcf import wire
from mappings.kit import Context
from mappings.kit.fields import needed

_PROCESSED = "processed"


def came_back(it: wire.Result, order: str, at: Context) -> Iterator[ReturnReceipt]:
    """A receipt for each piece that a fulfilment centre looked at."""
    skus = {
        one.seller_fulfillment_order_item_id: one.seller_sku for one in it.fulfillment_order_items
    }
    for place, one in enumerate(it.return_items):
        if one.status != _PROCESSED:
            continue
        path = f"returnItems.{place}"
        sku = skus.get(one.seller_fulfillment_order_item_id)
        quality = at.ours_or_none("qualities", one.return_received_condition)
        if sku is None or quality is None:
            message = "its article or its condition is not known: what came back was left out"
            at.warn("unreadable_entry", message, path=path)
            continue
        yield _receipt(one, order, sku, quality, path, at)


def _receipt(
    one: wire.ReturnItem, order: str, sku: str, quality: Any, path: str, at: Context
) -> ReturnReceipt:
    number = needed(one.seller_return_item_id, f"{path}.sellerReturnItemId")
    when = needed(one.status_changed_date, f"{path}.statusChangedDate")
    said = {"order": order, "shipment": one.amazon_shipment_id}
    reasons = {"reason": one.seller_return_reason_code, "found": one.amazon_return_reason_code}
    return ReturnReceipt(
        source=at.source(f"{order}:{number}", occurred_at=when),
        return_id=one.return_authorization_id or number,
        receipt_id=number,
        warehouse=at.connection,
        received_at=when,
        lines=(
            ReturnReceiptLine(
                sku=sku,
                quantity=Decimal(1),
                quality=quality,
                grade=one.return_received_condition,
                inspector_note=one.return_comment,
            ),
        ),
        attributes={name: value for name, value in {**said, **reasons}.items() if value},
    )


def kept(it: wire.Result) -> list[dict[str, str]]:
    """Pieces that are on their way back."""
    return [
        {"id": one.seller_return_item_id, "authorisation": one.return_authorization_id or ""}
        for one in it.return_items
        if one.status != _PROCESSED and one.seller_return_item_id
    ]
