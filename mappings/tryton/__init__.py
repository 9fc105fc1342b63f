"""Canonical documents -> Tryton. Source: trytond 8.2, recorded calls.

What comes out still names products by SKU, taxes by rate and countries by code: looking up ids is
the adapter's part. Tryton tells nothing by itself, so nothing is decoded.
"""

from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, StockChange
from mappings.kit import Decoders, Encoders
from mappings.kit.bills.sale import sale
from mappings.kit.ledger_lines import (
    booking,
    credit,
    delivered,
    goods_back,
    goods_changed,
    goods_in,
)

DECODE: Decoders = {}
ENCODE: Encoders = {
    SalesOrder: sale,
    Shipment: delivered,
    Refund: credit,
    JournalEntry: booking,
    GoodsReceipt: goods_in,
    ReturnReceipt: goods_back,
    StockChange: goods_changed,
}
