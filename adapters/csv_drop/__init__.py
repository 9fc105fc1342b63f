"""A warehouse that talks in CSV files by SFTP or FTPS: orders out, confirmations and stock in."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, Field

from adapters.csv_drop.listing import listing
from adapters.kit.files import Account, Drop, Folders, look_up, tell
from adapters.kit.http import Transport
from adapters.ports import Adapter, Clock, Cursor, Page, Parts, Receipt
from hub.model.document import Document
from mappings.csv_drop import KINDS, decoders
from mappings.csv_drop.layout import PLAIN, Incoming, Layout, described
from mappings.csv_drop.outward import file_of
from mappings.kit import Context, decode

_LARGEST = 256 * 1024 * 1024


class Settings(Account):
    """Settings and secrets of a CSV connection."""

    layout: Annotated[Layout, BeforeValidator(described)] = Field(
        PLAIN, description="plain, dropstream, or what differs from one of them"
    )


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One account."""
    layout, way = settings.layout, settings.way(transport)
    incoming = {kind: table for kind in KINDS if (table := getattr(layout, kind)) is not None}
    drops = {kind: Drop(way, _folders(settings, table)) for kind, table in incoming.items()}

    def check() -> None:
        """Every folder that is used can be listed."""
        for table in {table.folder: table for table in incoming.values()}.values():
            with Drop(way, _folders(settings, table)).visit() as visit:
                visit.ready()
        for told in filter(None, (layout.orders, layout.cancellations, layout.returns)):
            with Drop(way, Folders(outbox=told.folder)).visit() as visit:
                visit.has("-", None, settings.done, *told.taken)

    def pages(topic: str, _: Cursor) -> Iterator[Page]:
        """A file is there or it is not: nothing depends on since when."""
        if topic in incoming:
            yield from listing(drops[topic], topic, incoming[topic], at)

    def send(document: Document, _: str) -> Receipt:
        file = file_of(document, layout, at)
        return tell(Drop(way, Folders(outbox=file.layout.folder)), file.name, file.raw)

    def find(document: Document) -> Receipt | None:
        """By name and content."""
        file = file_of(document, layout, at)
        drop = Drop(way, Folders(outbox=file.layout.folder))
        return look_up(drop, file.name, file.raw, file.layout.taken)

    return Parts(
        check=check,
        decode=partial(_decoded, decoders(layout, clock), at),
        send=send,
        find=find,
        list=pages,
    )


def _decoded(table: object, at: Context, topic: str, raw: bytes) -> list[Document]:
    return decode(table, topic, raw, at)  # type: ignore[arg-type]


def _folders(settings: Settings, table: Incoming) -> Folders:
    return Folders(
        inbox=table.folder, done=settings.done, still_s=settings.still_s, most_bytes=_LARGEST
    )


ADAPTER = Adapter(Settings, connect)
