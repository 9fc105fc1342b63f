"""Tryton's stock as a merchant's own warehouse, over the JSON-RPC that the books use: told of
shipments and of goods to expect, and polled for what became of them. It posts nothing.
"""

from functools import partial
from typing import Literal

from pydantic import Field

from adapters.kit.http import Transport
from adapters.kit.tellings import Way, by_type
from adapters.ports import Adapter, Clock, Parts
from adapters.tryton.server.parties import Parties
from adapters.tryton.server.records import Records
from adapters.tryton.server.settings import Server
from adapters.tryton_stock.inbound import Inbound
from adapters.tryton_stock.listing import Listings
from adapters.tryton_stock.outbound import Outbound
from adapters.tryton_stock.warehouse import Warehouse
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder
from hub.model.stock import InboundCancellation, InboundNotice
from mappings.kit import Context, decode
from mappings.tryton_stock import DECODE


class Settings(Server):
    """One warehouse of one company."""

    warehouse: str = Field("WH", description="Code of the warehouse in Tryton")
    short: Literal["cut", "wait"] = Field(
        "cut",
        description="What cannot be reserved: cut from the shipment and told, or waited for",
    )
    category: str = Field(
        "", description="Category of the articles whose stock is told; empty: all goods"
    )
    supplier: str = Field(
        "", description="Code of the party of goods that are expected; empty: one is made"
    )


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One connection to one warehouse. One session, from the first call on."""
    rpc = settings.session(transport)
    records = Records(rpc, settings, at)
    house = Warehouse(rpc, records)
    out = Outbound(house, Parties(rpc, records), at, clock, cuts=settings.short == "cut")
    inward = Inbound(house, at, settings.supplier)
    send, find = by_type(
        {
            FulfilmentOrder: Way(out.order, out.found_order),
            FulfilmentCancellation: Way(out.cancel, out.found_cancelled),
            InboundNotice: Way(inward.notice, inward.found_notice),
            InboundCancellation: Way(inward.call_off, inward.found_called_off),
        }
    )
    return Parts(
        check=house.check,
        decode=partial(decode, DECODE, at=at),
        send=send,
        find=find,
        list=Listings(house, at, clock, settings.category),
    )


ADAPTER = Adapter(Settings, connect)
