"""A warehouse that speaks UN/EDIFACT in files: ORDERS or INSDES, and what is to come, out; DESADV,
RECADV, INVRPT in; CONTRL both ways.
"""

import re
from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from adapters.edifact.listing import Answers, parted
from adapters.kit.files import (
    Account,
    Drop,
    Folders,
    Numbered,
    deliveries,
    look_up,
    tell,
    told_at,
)
from adapters.kit.http import Transport
from adapters.ports import Adapter, Clock, Cursor, Page, Parts, Receipt
from hub.model.document import Document
from mappings.edifact import Terms, Told, decoders, file_of, kind_of
from mappings.edifact.segments import SKU_QUALIFIERS
from mappings.edifact.terms import DESPATCHED, ON_HAND, TRACKING
from mappings.kit import Context, decode

_PARTY = re.compile(r"[^:+'?]{1,35}(?::[^:+'?]{1,4}(?::[^:+'?]{1,14})?)?")
_LARGEST = 32 * 1024 * 1024


class Settings(Account):
    """Settings and secrets of a connection that speaks EDIFACT."""

    sender: str = Field(description="we: id and qualifier of UNB, such as 4012345000009:14")
    receiver: str = Field(description="the warehouse: id and qualifier, such as 4098765000008:14")
    depositor: str | None = Field(None, description="NAD+GO: party and agency: 4012345000009:9")
    warehouse: str | None = Field(None, description="NAD+WH: party and agency: 4098765000015:9")
    syntax: str = Field(
        "UNOC:3", pattern="UNO[A-KWY]:[1-4]", description="character set and version of UNB"
    )
    version: str = Field(
        "D:96A:UN",
        pattern="D:[0-9]{2}[AB]:UN(:[A-Z0-9]{1,6})?",
        description="version of messages, with the association's code where one is used: "
        "D:96A:UN:EAN008",
    )
    agreement: str | None = Field(None, max_length=35, description="UNB 0032, such as EANCOM")
    order_by: Literal["ORDERS", "INSDES"] = Field(
        "ORDERS", description="the message that tells what to ship"
    )
    notice_by: Literal["DESADV", "ORDERS"] = Field(
        "DESADV", description="the message that tells what to expect"
    )
    return_version: str = Field(
        "D:96A:EN:EAN001",
        pattern="D:[0-9]{2}[AB]:(UN|EN)(:[A-Z0-9]{1,6})?",
        description="version of RETANN, which stands in D.96A as EANCOM's own",
    )
    test: bool = Field(False, description="mark what is told as a test (UNB 0035)")
    inbox: str = Field("out", description="the folder that the warehouse writes")
    outbox: str = Field("in", description="the folder that the warehouse reads")
    taken: tuple[str, ...] = Field((), description="folders to which it moves what it has read")
    acknowledge: Literal["always", "asked", "never"] = Field(
        "always", description="when an interchange is answered with a CONTRL"
    )
    ask: bool = Field(True, description="ask for a CONTRL to what is told (UNB 0031)")
    lenient: bool = Field(False, description="read what counts wrongly, with a warning")
    sku_qualifiers: tuple[str, ...] = Field(
        SKU_QUALIFIERS, min_length=1, description="kinds of article numbers, the merchant's first"
    )
    despatched: tuple[str, ...] = Field(
        DESPATCHED, min_length=1, description="QTY 6063 that is what left"
    )
    on_hand: tuple[str, ...] = Field(
        ON_HAND, min_length=1, description="QTY 6063 that is stock on hand"
    )
    tracking: tuple[str, ...] = Field(TRACKING, description="RFF 1153 that is a tracking number")
    omitted_is_short: bool = Field(False, description="a DESADV names all that will be shipped")
    unit: str = Field("PCE", max_length=3, description="unit of measure of QTY")

    @field_validator("sender", "receiver", "depositor", "warehouse")
    @classmethod
    def _is_party(cls, told: str | None) -> str | None:
        if told is not None and not _PARTY.fullmatch(told):
            raise ValueError("an id and a qualifier are expected, such as 4012345000009:14")
        return told

    @model_validator(mode="after")
    def _has_the_message(self) -> Self:
        if self.order_by == "INSDES" and re.match("D:9[0-7]", self.version):
            raise ValueError("INSDES stands in the directories from D.98A on: version D:98A:UN")
        return self

    def terms(self, numbers: Numbered, clock: Clock) -> Terms:
        """What was agreed."""
        return Terms(
            ours_of=numbers.ours,
            is_ours=numbers.is_ours,
            acknowledged=numbers.acknowledged,
            clock=clock,
            sku_qualifiers=self.sku_qualifiers,
            despatched=self.despatched,
            on_hand=self.on_hand,
            tracking=self.tracking,
            omitted_is_short=self.omitted_is_short,
            lenient=self.lenient,
            sender=_parts(self.sender),
            receiver=_parts(self.receiver),
            depositor=_parts(self.depositor) if self.depositor else None,
            warehouse=_parts(self.warehouse) if self.warehouse else None,
            syntax=self.syntax,
            version=self.version,
            order_by=self.order_by,
            notice_by=self.notice_by,
            return_version=self.return_version,
            agreement=self.agreement,
            is_test=self.test,
            asks=self.ask,
            unit=self.unit,
        )


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One account."""
    numbers = Numbered(transport.numbers)
    terms = settings.terms(numbers, clock)
    answers = Answers(settings.acknowledge, transport.numbers)
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
        yield from deliveries(drop, lambda raw, when: parted(raw, when, terms, answers, at))

    def written(document: Document) -> tuple[str, bytes]:
        """Name and content, the same whenever the document is told: both bear its number."""
        kind = kind_of(document, terms)
        control = numbers.control(document)
        told = Told(control, numbers.number(document), told_at(document) or clock())
        return f"{kind}_{control:09}.edi", file_of(document, told, terms, at)

    def send(document: Document, _: str) -> Receipt:
        return tell(drop, *written(document))

    def find(document: Document) -> Receipt | None:
        return look_up(drop, *written(document), settings.taken)

    def decoded(topic: str, raw: bytes) -> list[Document]:
        return decode(table, topic, raw, at)

    return Parts(check=check, decode=decoded, send=send, find=find, list=pages)


def _parts(party: str) -> tuple[str, ...]:
    return tuple(party.split(":"))


ADAPTER = Adapter(Settings, connect)
