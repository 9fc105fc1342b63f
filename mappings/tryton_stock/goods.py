"""A shipment from a supplier -> `goods_receipt`; quantities of products -> `stock_report`."""

from decimal import ROUND_FLOOR
from hashlib import sha256

from hub.model.document import ZERO, Document
from hub.model.errors import Ignored
from hub.model.stock import GoodsReceipt, ReceivedLine, ReportedLine, StockReport
from mappings.kit import Context, wire
from mappings.kit.fields import needed
from mappings.tryton_stock import wire as told


def receipt(raw: bytes, at: Context) -> list[Document]:
    """What came in, once it stands on the shelves."""
    it = wire(told.Shipment, raw, at)
    state = needed(it.state, "state")
    if state != "done":
        raise Ignored("no_consequence", f"goods that are {state} are not on the shelves yet")
    number, when = needed(it.number, "number"), needed(it.write_date, "write_date")
    lines = tuple(
        ReceivedLine(sku=move.sku(at), quantity=move.pieces)
        for move in it.moves
        if move.state == "done" and move.pieces > 0
    )
    if not lines:
        raise Ignored("no_consequence", "nothing was received")
    return [
        GoodsReceipt(
            source=at.source(number, occurred_at=when),
            inbound_notice_id=needed(it.reference, "reference"),
            receipt_id=number,
            warehouse_reference=number,
            received_at=when,
            complete=True,
            lines=lines,
        )
    ]


def quantities(raw: bytes, at: Context) -> list[Document]:
    """What there is on the shelves and on its way out of the door. Below zero there is nothing:
    Tryton lets more be sent than it counts. Of what is weighed, whole units.
    """
    it = wire(told.Quantities, raw, at)
    when, number = needed(it.at, "at"), sha256(raw).hexdigest()[:32]
    lines = tuple(_counted(one, at) for one in it.products)
    if not lines:
        raise Ignored("nothing_in_it", "no product is in it")
    return [
        StockReport(
            source=at.source(number, occurred_at=when),
            warehouse=at.connection,
            at=when,
            report_id=number,
            lines=lines,
        )
    ]


def _counted(one: told.Quantity, at: Context) -> ReportedLine:
    code = needed(one.code, "products.code")
    there = needed(one.quantity, "products.quantity")
    whole = max(there, ZERO).to_integral_value(ROUND_FLOOR)
    return ReportedLine(sku=told.sku(code, at), on_hand=whole)
