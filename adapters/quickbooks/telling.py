"""What QuickBooks is told, and asked whether it has it.

A request under a `requestid` has one effect. A number that is there already is refused (6140), or
taken twice where the company allows it: so it is looked for first, and what is there is compared.
"""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from requests import Response

from adapters.kit.http.line import lost
from adapters.kit.session import Session
from adapters.ports import Receipt, takes_nothing
from hub.model.document import Document
from hub.model.errors import (
    BadData,
    NotAuthorised,
    NotUnderstood,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from hub.model.order import Refund, SalesOrder
from hub.model.settlement import JournalEntry
from mappings.kit import Context, encode
from mappings.quickbooks import Terms, Told, objects_of
from mappings.quickbooks.answers import Fault, Object, fault, objects

DUPLICATE = "6140"
_FATES: Mapping[str, type[Exception]] = {
    "3001": TryLater,  # too many requests
    "3200": NotAuthorised,  # the token, after one was renewed
    "5010": TryLater,  # somebody else changed it
}
_ANSWERED = frozenset({400, 403})
_BROKEN = ("SYSTEMFAULT",)
_TAKES = (JournalEntry, SalesOrder, Refund)


class Telling:
    """One company."""

    def __init__(self, session: Session, at: Context, terms: Terms, version: str) -> None:
        self._session, self._at, self._version = session, at, version
        self._encoders = objects_of(terms)

    def check(self) -> None:
        """Ask for the company."""
        self._query("select Id from CompanyInfo")

    def send(self, document: Document, key: str) -> Receipt:
        """Post it, where it is not there."""
        if not isinstance(document, _TAKES):
            return takes_nothing(document, key)
        told = self._told(document)
        there = self._there(told)
        if there is not None:
            return _same(told, there)
        answer = self._posted(told, key)
        if isinstance(answer, Fault):
            there = self._there(told) if DUPLICATE in answer.codes else None
            if there is None:
                raise self._fate(answer, write=True)
            return _same(told, there)
        return answer

    def find(self, document: Document) -> Receipt | None:
        """Whether it is there."""
        if not isinstance(document, _TAKES):
            return None
        told = self._told(document)
        there = self._there(told)
        return None if there is None else _same(told, there)

    def _told(self, document: Document) -> Told:
        if isinstance(document, SalesOrder) and document.state == "cancelled":
            message = "a cancelled order is taken back there by a person"
            raise Rejected(message, path="state", code="not_supported")
        told: Told = encode(self._encoders, document, self._at)
        return told

    def _there(self, told: Told) -> Object | None:
        quoted = told.number.replace("\\", "\\\\").replace("'", "\\'")
        query = f"select * from {told.kind} where DocNumber = '{quoted}'"  # noqa: S608  # quoted
        found = self._query(query)
        return next((it for it in found if it.number == told.number), None)

    def _posted(self, told: Told, key: str) -> Receipt | Fault:
        response = self._session.request(
            "POST",
            f"/{told.kind.lower()}",
            params={"minorversion": self._version, "requestid": str(uuid5(NAMESPACE_URL, key))},
            data=told.raw,
            headers={"Content-Type": "application/xml"},
            own=_ANSWERED,
        )
        refused = _refusal(response)
        if refused is not None:
            return refused
        try:
            made = [it for it in objects(response.content) if it.kind == told.kind]
        except BadData:
            raise NotUnderstood("QuickBooks answered nothing that can be read") from None
        if not made or not made[0].id:
            raise OutcomeUnknown("the answer names nothing that was made")
        return Receipt(made[0].id)

    def _query(self, text: str) -> list[Object]:
        query = {"query": text, "minorversion": self._version}
        response = self._session.request("GET", "/query", params=query, own=_ANSWERED)
        refused = _refusal(response)
        if refused is not None:
            raise self._fate(refused, write=False)
        try:
            return objects(response.content)
        except BadData:
            raise TryLater("QuickBooks answered no list") from None

    def _fate(self, answer: Fault, *, write: bool) -> Exception:
        codes = " ".join(answer.codes)
        words = self._session.scrub(answer.words)[:400]
        said = f"QuickBooks refuses it ({codes or answer.kind}): {words}"
        if answer.kind.upper() in _BROKEN:
            return lost(said, write=write)
        named = (_FATES.get(code.lstrip("0")) for code in answer.codes)
        usual = NotAuthorised if answer.kind.upper().startswith("AUTH") else Rejected
        return (next(filter(None, named), None) or usual)(said)


def _refusal(response: Response) -> Fault | None:
    """The fault that an answer is, whatever its status."""
    said = fault(response.content)
    if said is None and response.status_code in _ANSWERED:
        return Fault("SERVICE" if response.status_code == 400 else "AUTHENTICATION", (), "")
    return said


def _same(told: Told, there: Object) -> Receipt:
    if there.sums() != told.sums:
        message = f"{told.number} is there with other amounts"
        raise Rejected(message, code="differs_at_partner")
    if not there.id:
        raise TryLater(f"QuickBooks answered {told.number} without its id")
    return Receipt(there.id)
