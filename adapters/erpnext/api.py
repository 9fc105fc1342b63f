"""Frappe's REST: documents listed, made and submitted, and the fate of each error by `exc_type`.

A call is one transaction: what was answered with an error did not happen.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from adapters.kit.http.line import lost
from adapters.kit.http.records import Readers, amount, number, read, several, text, word
from adapters.kit.refusals import answer
from adapters.kit.session import Session
from hub.model.errors import NotAuthorised, Rejected, TryLater

FATES: Mapping[str, type[Exception]] = {
    "AuthenticationError": NotAuthorised,
    "SessionExpired": NotAuthorised,
    "InvalidAuthorizationHeader": NotAuthorised,
    "InvalidAuthorizationPrefix": NotAuthorised,
    "InvalidAuthorizationToken": NotAuthorised,
    "SessionStopped": TryLater,
    "InReadOnlyMode": TryLater,
    "RateLimitExceededError": TryLater,
    "TooManyRequestsError": TryLater,
    "TooManyWritesError": TryLater,
    "QueryDeadlockError": TryLater,
    "QueryTimeoutError": TryLater,
    "TimestampMismatchError": TryLater,
    "DocumentLockedError": TryLater,
    "OperationalError": TryLater,
    "InterfaceError": TryLater,
    "InternalError": TryLater,
    "ConnectionError": TryLater,  # of its cache and queues
    "BusyLoadingError": TryLater,
    "QueueOverloaded": TryLater,
    "LockTimeoutError": TryLater,
}
"""`exc_type` -> fate. Any other is refused: validation, missing data, closed periods, rights."""
_FAILURES = frozenset(
    {"TypeError", "KeyError", "AttributeError", "ValueError", "IndexError", "ImportError"}
    | {"ProgrammingError", "UnboundLocalError", "ZeroDivisionError"}
)
"""It failed over its own code."""
_EXCEPTION = re.compile(r"^([\w.]+?)(?:: (.*))?$", re.DOTALL)
_TAG = re.compile(r"<[^>]{0,200}>")
_WORDS = 300
_ITEM: Readers = {
    "name": text,
    "item_code": text,
    "qty": amount,
    "delivered_qty": amount,
    "rate": amount,
}
_FIELDS: Readers = {
    "name": word,
    "docstatus": number,
    "grand_total": amount,
    "total_debit": amount,
    "customer": text,
    "currency": text,
    "items": several(_ITEM, ("name", "item_code", "qty", "rate")),
    "taxes": several({"description": text}),
}
"""What is read of a document, and how."""
_WHOLE = ("docstatus", "customer", "currency", "items")


def said(tree: Mapping[str, Any]) -> Exception | None:
    """The fate of an error; None where the body names none."""
    found = _EXCEPTION.match(str(tree.get("exception") or ""))
    name = str(tree.get("exc_type") or (found and found[1].rpartition(".")[2]) or "")
    if not name:
        return None
    words = " ".join(_words(tree) or [(found and found[2]) or name])[:_WORDS]
    if name in _FAILURES:
        return Rejected(f"ERPNext failed: {name}: {words}", code="partner_error")
    return FATES.get(name, Rejected)(f"{name}: {words}")


def _words(tree: Mapping[str, Any]) -> list[str]:
    """Its messages, a list of JSON texts in a JSON text, without tags."""
    told = _parsed(tree.get("_server_messages"))
    messages = [_parsed(one) for one in told] if isinstance(told, list) else []
    texts = [it.get("message") if isinstance(it, dict) else it for it in messages]
    return [" ".join(_TAG.sub(" ", str(text)).split()) for text in texts if text]


def _parsed(text: Any) -> Any:
    """What a JSON text holds; itself where it is none."""
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return text


class Frappe:
    """One site."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rows(self, doctype: str, filters: list[Any], fields: list[str]) -> list[Any]:
        """Documents that filters find, all of them, the oldest first."""
        query = {
            "filters": json.dumps(filters),
            "fields": json.dumps(["name", *fields]),
            "order_by": "creation asc",
            "limit_page_length": "0",
        }
        found = self._data("GET", f"{_path(doctype)}?{urlencode(query)}", write=False)
        if not isinstance(found, list):
            raise TryLater(f"{doctype} was listed in a form that nobody expects")
        try:
            return [read(row, _FIELDS, ("name", *fields)) for row in found]
        except ValueError as odd:
            raise TryLater(f"{doctype} was listed in an odd form: {odd}") from None

    def whole(self, doctype: str, name: str) -> dict[str, Any]:
        """A document with its lines."""
        found = self._document("GET", _path(doctype, name), None, write=False)
        missing = [field for field in _WHOLE if field not in found]
        if missing:
            raise TryLater(f"{doctype} was answered without {missing[0]}")
        return found

    def make(self, doctype: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A new draft."""
        return self._document("POST", _path(doctype), body, write=True)

    def write(self, doctype: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A document with other fields; `docstatus` 1 submits it, 2 cancels it."""
        return self._document("PUT", _path(doctype, name), body, write=True)

    def _document(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, write: bool
    ) -> dict[str, Any]:
        found = self._data(method, path, write=write, body=body)
        try:
            return read(found, _FIELDS, ("name",))
        except ValueError as odd:
            raise lost(f"{method} answered no document: {odd}", write=write) from None

    def _data(
        self, method: str, path: str, *, write: bool, body: Mapping[str, Any] | None = None
    ) -> Any:
        told = answer(self._session, method, path, meaning=said, write=write, body=body)
        if not isinstance(told, dict) or "data" not in told:
            raise lost(f"{method} answered no data", write=write)
        return told["data"]


def _path(doctype: str, name: str = "") -> str:
    below = f"/{quote(name, safe='')}" if name else ""
    return f"/api/resource/{quote(doctype, safe='')}{below}"
