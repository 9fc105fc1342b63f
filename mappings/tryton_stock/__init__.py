"""Tryton's stock, both ways: what a warehouse that is kept there is told, and what its shipments,
receipts and quantities say. Source: trytond 8.2, recorded calls.

A topic is a record with the moves in it, as the adapter reads them together.
"""

from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder
from hub.model.stock import InboundCancellation, InboundNotice
from mappings.kit import Decoders, Encoders
from mappings.tryton_stock.goods import quantities, receipt
from mappings.tryton_stock.outward import (
    Coming,
    Going,
    Piece,
    cancellation,
    coming,
    going,
    missing,
    not_coming,
)
from mappings.tryton_stock.shipments import progress, shipment

__all__ = ["DECODE", "ENCODE", "Coming", "Going", "Piece", "missing"]

DECODE: Decoders = {
    "shipment": shipment,
    "progress": progress,
    "receipt": receipt,
    "quantities": quantities,
}
ENCODE: Encoders = {
    FulfilmentOrder: going,
    FulfilmentCancellation: cancellation,
    InboundNotice: coming,
    InboundCancellation: not_coming,
}
