"""Canonical sales orders, shipments and refunds -> Tryton. Source: trytond 8.2, recorded calls.

What comes out still names products by SKU, taxes by rate and countries by code: looking up ids is
the adapter's part. Tryton tells nothing by itself, so nothing is decoded.
"""

from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from mappings.kit import Decoders, Encoders
from mappings.tryton.refund import credit
from mappings.tryton.sale import sale
from mappings.tryton.shipment import delivered

DECODE: Decoders = {}
ENCODE: Encoders = {SalesOrder: sale, Shipment: delivered, Refund: credit}
