"""ShipBob's inventory levels -> `stock_report`."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.stock import ReportedLine, StockReport
from mappings.kit import Context, shape
from mappings.kit.fields import needed
from mappings.kit.readers.envelope import resources
from mappings.shipbob.wire import Level

_OLD_NAMES = {
    "id": "inventory_id",
    "inventoryId": "inventory_id",
    "totalOnHandQuantity": "total_on_hand_quantity",
    "total_onhand_quantity": "total_on_hand_quantity",
    "totalCommitedQuantity": "total_committed_quantity",
    "totalExceptionQuantity": "total_exception_quantity",
    "totalSellableQuantity": "total_sellable_quantity",
}
"""What API 1.0 calls them -> their names of today."""


def levels(raw: bytes, at: Context, clock: Callable[[], datetime]) -> list[Document]:
    """What is on hand, of which so much is committed: what may be sold is the difference, less what
    orders in exception wait for.
    """
    told = [_level(tree, at) for tree in resources(raw, at.warn, around=["items", "data"])]
    when = max((it.at for it in told if it.at), default=None) or clock()
    number = sha256(raw).hexdigest()[:32]
    return [
        StockReport(
            source=at.source(number, occurred_at=when),
            warehouse=at.connection,
            at=when,
            report_id=number,
            lines=tuple(map(_line, told)),
        )
    ]


def _level(tree: dict[str, Any], at: Context) -> Level:
    return shape(Level, {_OLD_NAMES.get(name, name): value for name, value in tree.items()}, at)


def _line(it: Level) -> ReportedLine:
    told = [it.total_on_hand_quantity]
    if it.total_sellable_quantity is not None:
        promised = (it.total_committed_quantity or ZERO) + (it.total_exception_quantity or ZERO)
        told.append(it.total_sellable_quantity + promised)
    fewest = min((count for count in told if count is not None), default=None)
    return ReportedLine(
        sku=it.sku,
        item_code=it.inventory_id,
        on_hand=max(needed(fewest, "total_on_hand_quantity"), ZERO),
        reserved=it.total_committed_quantity,
    )
