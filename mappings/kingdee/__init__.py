"""Canonical documents -> Kingdee K3Cloud (Galaxy). Source: the vendor's WebAPI templates as public
repositories quote them, recorded answers.

Base data is named by number. The order of fields in a model matters there.
"""

from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, StockChange
from mappings.kingdee.forms import (
    DUE,
    ORDER,
    OUT,
    VOUCHER,
    Model,
    Order,
    Terms,
    by_number,
    credited,
    order,
    receivable,
    sales_order,
    voucher,
)
from mappings.kingdee.goods import movements
from mappings.kit import Decoders, Encoders
from mappings.kit.ledger_lines import (
    booking,
    credit,
    delivered,
    goods_back,
    goods_changed,
    goods_in,
)

__all__ = [
    "DUE",
    "ENCODE",
    "ORDER",
    "OUT",
    "VOUCHER",
    "Model",
    "Order",
    "Terms",
    "by_number",
    "credited",
    "movements",
    "receivable",
    "sales_order",
    "voucher",
]
DECODE: Decoders = {}
ENCODE: Encoders = {
    SalesOrder: order,
    Shipment: delivered,
    Refund: credit,
    JournalEntry: booking,
    GoodsReceipt: goods_in,
    ReturnReceipt: goods_back,
    StockChange: goods_changed,
}
