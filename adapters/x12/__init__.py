"""A warehouse that speaks ANSI X12 in files: 940 out, 945, 856, 944, 947, 846 in, 997 both ways."""

import re
from collections.abc import Iterator

from pydantic import Field, field_validator

from adapters.kit.files import Account, Drop, Folders, Numbered, deliveries, look_up, tell, told_at
from adapters.kit.http import Transport
from adapters.ports import Adapter, Clock, Cursor, Page, Parts, Receipt
from adapters.x12.listing import parted
from hub.model.document import Document
from mappings.kit import Context, decode
from mappings.x12 import Told, decoders, file_of, set_of
from mappings.x12.segments import SKU_QUALIFIERS
from mappings.x12.terms import Terms

_PARTY = re.compile(r"[0-9A-Z]{2}:.{1,15}")
_LARGEST = 32 * 1024 * 1024


class Settings(Account):
    """Settings and secrets of a connection that speaks X12."""

    sender: str = Field(description="we: qualifier and id of ISA05 and ISA06, such as ZZ:ACME")
    receiver: str = Field(description="the warehouse: qualifier and id, such as ZZ:DEPOT")
    group_sender: str | None = Field(None, description="GS02, where not the id of ISA06")
    group_receiver: str | None = Field(None, description="GS03, where not the id of ISA08")
    depositor: str | None = Field(None, description="N1*DE: qualifier and id, such as 91:ACME")
    warehouse: str | None = Field(None, description="N1*WH: qualifier and id, such as 92:EAST")
    version: str = Field("004010", pattern="00[45]010", description="004010 or 005010")
    test: bool = Field(False, description="mark what is told as a test (ISA15)")
    inbox: str = Field("out", description="the folder that the warehouse writes")
    outbox: str = Field("in", description="the folder that the warehouse reads")
    taken: tuple[str, ...] = Field((), description="folders to which it moves what it has read")
    acknowledge: bool = Field(True, description="answer each group that comes with a 997")
    sku_qualifiers: tuple[str, ...] = Field(
        SKU_QUALIFIERS, min_length=1, description="kinds of article numbers, the merchant's first"
    )
    on_hand: tuple[str, ...] = Field(
        ("17", "33", "1", "01", "QA"),
        description="QTY01 that is stock on hand, likeliest first",
    )
    damaged_is_included: bool = Field(True, description="W07 counts what W13 calls damaged")
    omitted_is_short: bool = Field(False, description="a 945 names all that will be shipped")
    unit: str = Field("EA", description="unit of measure of W01")
    hold: str | None = Field(
        None, pattern="[0-9A-Z]{2}", description="W0413 of pieces to come that are defective"
    )
    encoding: str = Field("utf-8", description="character set of what is told")

    @field_validator("sender", "receiver", "depositor", "warehouse")
    @classmethod
    def _is_party(cls, told: str | None) -> str | None:
        if told is not None and not _PARTY.fullmatch(told):
            raise ValueError(
                "a qualifier of two characters and an id are expected, such as ZZ:ACME"
            )
        return told

    def terms(self, numbers: Numbered, clock: Clock) -> Terms:
        """What was agreed."""
        return Terms(
            order_of=numbers.ours,
            is_ours=numbers.is_ours,
            acknowledged=numbers.acknowledged,
            clock=clock,
            sku_qualifiers=self.sku_qualifiers,
            on_hand=self.on_hand,
            damaged_is_included=self.damaged_is_included,
            omitted_is_short=self.omitted_is_short,
            sender=_parted(self.sender),
            receiver=_parted(self.receiver),
            group_sender=self.group_sender,
            group_receiver=self.group_receiver,
            depositor=_parted(self.depositor) if self.depositor else None,
            warehouse=_parted(self.warehouse) if self.warehouse else None,
            version=self.version,
            is_test=self.test,
            unit=self.unit,
            hold=self.hold,
            encoding=self.encoding,
        )


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One account."""
    numbers = Numbered(transport.numbers)
    terms = settings.terms(numbers, clock)
    drop = Drop(
        settings.way(transport),
        Folders(settings.inbox, settings.done, settings.outbox, settings.still_s, _LARGEST),
    )
    table = decoders(terms)

    def check() -> None:
        """Both folders can be listed."""
        with drop.visit() as visit:
            visit.ready()
            visit.has("-", None, settings.done, *settings.taken)

    def pages(_: str, __: Cursor) -> Iterator[Page]:
        """A file is there or it is not: nothing depends on since when."""
        answering = transport.numbers if settings.acknowledge else None
        yield from deliveries(drop, lambda raw, when: parted(raw, when, terms, answering, at))

    def written(document: Document) -> tuple[str, bytes]:
        """Name and content, the same whenever the document is told: both bear its number."""
        kind = set_of(document)
        control = numbers.control(document)
        told = Told(control, numbers.number(document), told_at(document) or clock())
        return f"{kind}_{control:09}.x12", file_of(document, told, terms, at)

    def send(document: Document, _: str) -> Receipt:
        return tell(drop, *written(document))

    def find(document: Document) -> Receipt | None:
        return look_up(drop, *written(document), settings.taken)

    def decoded(topic: str, raw: bytes) -> list[Document]:
        return decode(table, topic, raw, at)

    return Parts(check=check, decode=decoded, send=send, find=find, list=pages)


def _parted(party: str) -> tuple[str, str]:
    kind, _, number = party.partition(":")
    return kind, number


ADAPTER = Adapter(Settings, connect)
