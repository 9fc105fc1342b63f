"""Amazon's inventories -> `stock_report`."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.stock import ReportedLine, StockReport
from mappings.amazon_mcf.wire import Details, Stored, Summary
from mappings.kit import Context, Decoder, shape
from mappings.kit.fields import needed
from mappings.kit.readers.envelope import resources

Clock = Callable[[], datetime]
Lines = Callable[[dict[str, Any], Context], tuple[datetime | None, Iterator[ReportedLine]]]


def summaries(clock: Clock) -> Decoder:
    """Inventory summaries (FBA): what can be shipped and what is promised is on hand, what is
    being moved or looked at is not, and what cannot be sold is defective.
    """
    return partial(_report, _summary, clock)


def stored(clock: Clock) -> Decoder:
    """Inventory of the distribution centres (AWD)."""
    return partial(_report, _stored, clock)


def _report(lines: Lines, clock: Clock, raw: bytes, at: Context) -> list[Document]:
    around, marks = (
        ("response", "payload", "inventorySummaries", "inventory"),
        frozenset({"sellerSku", "sku"}),
    )
    told = [lines(tree, at) for tree in resources(raw, at.warn, around=around, marks=marks)]
    when = max((moment for moment, _ in told if moment), default=None) or clock()
    number = sha256(raw).hexdigest()[:32]
    return [
        StockReport(
            source=at.source(number, occurred_at=when),
            warehouse=at.connection,
            at=when,
            report_id=number,
            lines=tuple(line for _, some in told for line in some),
        )
    ]


def _summary(tree: dict[str, Any], at: Context) -> tuple[datetime | None, Iterator[ReportedLine]]:
    it = shape(Summary, tree, at)
    return it.at or it.last_updated_time, _of_summary(it)


def _of_summary(it: Summary) -> Iterator[ReportedLine]:
    details: Details = needed(it.inventory_details, "inventoryDetails")
    promised = (
        details.reserved_quantity and details.reserved_quantity.pending_customer_order_quantity
    )
    free = needed(details.fulfillable_quantity, "inventoryDetails.fulfillableQuantity")
    yield ReportedLine(
        sku=it.seller_sku,
        item_code=it.fn_sku,
        on_hand=max(free + (promised or ZERO), ZERO),
        reserved=promised,
    )
    broken = details.unfulfillable_quantity
    count = broken and broken.total_unfulfillable_quantity
    if count:
        yield ReportedLine(
            sku=it.seller_sku, item_code=it.fn_sku, quality="defective", on_hand=max(count, ZERO)
        )


def _stored(tree: dict[str, Any], at: Context) -> tuple[datetime | None, Iterator[ReportedLine]]:
    it = shape(Stored, tree, at)
    return it.at, _of_stored(it)


def _of_stored(it: Stored) -> Iterator[ReportedLine]:
    """By day of expiry, where these come to all that is there."""
    total = needed(it.total_onhand_quantity, "totalOnhandQuantity")
    promised = it.inventory_details and it.inventory_details.reserved_distributable_quantity
    days = [(one.onhand_quantity or ZERO, one.expiration) for one in it.expiration_details]
    if len(days) < 2 or sum((count for count, _ in days), ZERO) != total:
        days = [(total, days[0][1] if len(days) == 1 and days[0][0] == total else None)]
    for place, (count, day) in enumerate(days):
        yield ReportedLine(
            sku=it.sku,
            on_hand=max(count, ZERO),
            reserved=promised if place == 0 else None,
            expires_on=day and day.date().isoformat(),
        )
