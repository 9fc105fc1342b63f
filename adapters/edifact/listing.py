"""A warehouse's file as deliveries: one for each message, and the CONTRL that answers each
interchange.

An interchange that is not whole is one delivery: nothing of it is taken until it is mended or comes
again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from adapters.kit.files import Parted
from adapters.kit.http.numbering import Numbers
from adapters.kit.signature import digest
from adapters.ports import Delivery, Listed
from hub.model.errors import BadData
from mappings.edifact import (
    KIND,
    KNOWN,
    Message,
    Sent,
    Terms,
    Told,
    answer,
    interchange,
    interchanges,
    refusals,
)
from mappings.kit import Context

_ABOUT = {"DESADV": ("ON", "VN"), "RECADV": ("AAK", "ON", "VN")}
_HEADS = frozenset({"CPS", "LIN"})


def parted(
    raw: bytes, when: datetime | None, terms: Terms, answers: "Answers", at: Context
) -> Parted | None:
    """The messages of a file; None where it is no EDIFACT."""
    try:
        sent = list(interchanges(raw))
    except BadData:
        return None
    told = [it for whole in sent for it in _listed(whole, terms)]
    return Parted(told, answers.to(sent, when, terms, at)) if told else None


def _listed(whole: Sent, terms: Terms) -> Iterator[Listed]:
    envelope = f"{whole.envelope.sender}:{whole.envelope.number}"
    if refusals(whole, lenient=terms.lenient) or not whole.messages:
        raw = whole.text.encode()
        yield Listed(Delivery("file", f"{envelope}:"[:200], None, digest(raw)), raw)
        return
    for it in whole.messages:
        raw = it.text.encode()
        id_ = f"{envelope}:{it.number}"[:200]
        yield Listed(Delivery(it.kind or "file", id_, _about(it), digest(raw)), raw)


def _about(told: Message) -> str | None:
    """The order or notice of the head: what speaks of one of them takes effect in order."""
    kinds = _ABOUT.get(told.kind, ())
    for segment in told.segments:
        if segment.name in _HEADS:
            return None
        if segment.name == "RFF" and segment.at(1) in kinds:
            return segment.at(1, 2)
    return None


class Answers:
    """When a CONTRL is due: `always`, only where it is asked for, or `never`."""

    def __init__(self, when: str, numbers: Numbers) -> None:
        self._when, self._numbers = when, numbers

    def to(
        self, sent: Sequence[Sent], at_: datetime | None, terms: Terms, at: Context
    ) -> Iterator[tuple[str, bytes]]:
        """Name and content of each."""
        for whole in sent:
            body = answer(whole, KNOWN, lenient=terms.lenient)
            if body is None or not self._is_due(whole):
                continue
            of = f"{whole.envelope.sender}:{whole.envelope.number}:{digest(whole.text.encode())}"
            control = self._numbers.of(f"{KIND}:{of}")
            said = Told(control, "", at_ or terms.clock())
            yield f"{KIND}_{control:09}.edi", interchange(KIND, body, said, terms, at)

    def _is_due(self, whole: Sent) -> bool:
        return self._when == "always" or (self._when == "asked" and whole.envelope.asks)
