"""What a SOAP fault means: one fate for each, by its code or what its detail holds."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree
from zeep.exceptions import Fault

from adapters.kit.http.line import lost
from hub.model.errors import NotAuthorised, OutcomeUnknown, Rejected

Table = Mapping[str, type[Exception]]
"""Local name of a fault's code, subcode or detail element, or the text in one of these -> fate."""

FAULTS: Table = {
    "FailedAuthentication": NotAuthorised,
    "InvalidSecurity": NotAuthorised,
    "InvalidSecurityToken": NotAuthorised,
    "MessageExpired": NotAuthorised,
    "Server": OutcomeUnknown,
    "Receiver": OutcomeUnknown,
}
"""Of SOAP 1.1, SOAP 1.2 and WS-Security. What is not here is `Rejected`: the partner understood.
A read never has an unknown outcome."""

_WORDS = 300


def fate_of_fault(
    fault: Fault, fates: Table, scrub: Callable[[str], str], *, write: bool
) -> Exception:
    """The fate of a fault, with the partner's words."""
    names = list(_names(fault))
    known = [table[name] for table in (fates, FAULTS) for name in names if name in table]
    kind = known[0] if known else (Rejected if names else OutcomeUnknown)
    words = ": ".join(filter(None, (names[0] if names else "fault", fault.message)))
    words = scrub(" ".join(words.split()))[:_WORDS]
    return lost(words, write=write) if issubclass(kind, OutcomeUnknown) else kind(words)


def _names(fault: Fault) -> Iterator[str]:
    """Code, subcodes, and of the detail the names of its elements and their short texts."""
    for code in (fault.code, *(fault.subcodes or ())):
        if code:
            yield from _refinements(_local(str(code)))
    detail: Any = fault.detail
    if not isinstance(detail, etree._Element):  # noqa: SLF001  # lxml has no public name for it
        return
    for element in detail.iter(etree.Element):
        if element is not detail:
            yield etree.QName(element).localname
        text = (element.text or "").strip()
        if text and len(text) <= 80 and " " not in text:
            yield _local(text)


def _refinements(code: str) -> Iterator[str]:
    """A code, and what it is made of: `Client.Duplicate` is more of a `Duplicate` than of a
    `Client` (SOAP 1.1, section 4.4.1).
    """
    yield code
    if "." in code:
        yield from reversed(code.split("."))


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]
