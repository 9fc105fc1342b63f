"""Alibaba Qimen: signed XML over HTTP, through the gateway or to a warehouse directly.

Source: the published API metadata of taobao.qimen.* (2.0) and the rules of the TOP signature.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from adapters.kit.http import Transport
from adapters.kit.settings import revealed
from adapters.ports import Adapter, Call, Clock, Cursor, Delivery, Page, Parts
from adapters.qimen.calling import Caller
from adapters.qimen.door import answered, authentic, is_call
from adapters.qimen.listing import TOPIC, levels
from adapters.qimen.settings import Settings
from adapters.qimen.warehouse import Warehouse
from hub.model.document import Document
from hub.model.errors import Contradiction
from mappings.kit import Context, code_lists, decode, zone
from mappings.qimen import Terms, check_topic, decoders, identity, topic_of


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One warehouse that speaks Qimen."""
    codes = {**code_lists("qimen"), **at.codes}
    at = replace(at, codes=codes, zone=zone(settings.time_zone))
    secrets, read, owner = revealed(settings.app_secret), decoders(clock), settings.terms()
    caller = Caller(settings, transport, clock)
    warehouse = Warehouse(caller, owner, at)

    def verify(call: Call, now: datetime) -> Delivery:
        params = authentic(call, secrets, settings.customer_id, now, settings.sign_method)
        topic = topic_of(params.get("method", ""))
        known = identity(topic, call.body)
        return Delivery(topic, known.id, known.key)

    def listing(_: str, since: Cursor) -> Iterator[Page]:
        return levels(caller, owner, settings.stock_items, since)

    def read_one(topic: str, raw: bytes) -> list[Document]:
        if topic != TOPIC:
            check_topic(topic)
        documents = decode(read, topic, raw, at)
        for document in documents:
            _check_owner(document, owner)
        return documents

    return Parts(
        check=warehouse.check,
        verify=verify,
        decode=read_one,
        send=warehouse.send,
        find=warehouse.find,
        list=listing,
    )


ADAPTER = Adapter(Settings, connect, answer=answered, recognises=lambda call: is_call(call.query))


def _check_owner(document: Document, terms: Terms) -> None:
    """Stock of another owner or another warehouse is never booked as ours."""
    if document.type not in {"stock_report", "stock_change"}:
        return
    ours = {"ownerCode": terms.owner_code, "warehouseCode": terms.warehouse_code}
    for name, own in ours.items():
        named = document.attributes.get(name)
        if named is not None and "OTHER" not in {own, named} and named != own:
            raise Contradiction(f"{named} is told, this connection has {own}", path=name)
