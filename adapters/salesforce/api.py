"""Salesforce's answers: its errors by code.

An error is `{message, errorCode, fields}` in a list, of a row of a collection `{message,
statusCode, fields}`. An external id that several records bear is answered 300, with their URLs.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from requests import Response

from adapters.kit.http.answers import read_answer
from adapters.kit.http.client import written
from adapters.kit.http.fates import retry_after
from adapters.kit.http.wire import reply_of
from adapters.kit.session import Session
from hub.model.errors import EndpointMissing, NotAuthorised, OutcomeUnknown, Rejected, TryLater

_OWN = (300, 400, 403, 404, 405, 409, 412, 415, 429, 500, 503)
_WORDS = 300
Tree = dict[str, Any]


class NotThere(Rejected):
    """It knows no such record."""

    code = "unknown_at_partner"


class Doubled(Rejected):
    """Another record is this one already, or several are: a person has to see to it there."""

    code = "differs_at_partner"


ERRORS: Mapping[str, type[Exception]] = {
    "INVALID_SESSION_ID": NotAuthorised,
    "API_DISABLED_FOR_ORG": NotAuthorised,
    "API_CURRENTLY_DISABLED": NotAuthorised,
    "INSUFFICIENT_ACCESS": NotAuthorised,
    "INSUFFICIENT_ACCESS_OR_READONLY": NotAuthorised,
    "REQUEST_LIMIT_EXCEEDED": TryLater,
    "UNABLE_TO_LOCK_ROW": TryLater,
    "SERVER_UNAVAILABLE": TryLater,
    "SERVICE_UNAVAILABLE": TryLater,
    "QUERY_TIMEOUT": TryLater,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": TryLater,
    "DUPLICATES_DETECTED": Doubled,
    "DUPLICATE_VALUE": Doubled,
    "DUPLICATE_EXTERNAL_ID": Doubled,
    "NOT_FOUND": NotThere,
    "ENTITY_IS_DELETED": NotThere,
    "INVALID_TYPE": EndpointMissing,
    "UNKNOWN_EXCEPTION": OutcomeUnknown,
}
"""Code -> fate. What is not here is refused: REQUIRED_FIELD_MISSING, INVALID_FIELD,
INVALID_EMAIL_ADDRESS, STRING_TOO_LONG, FIELD_CUSTOM_VALIDATION_EXCEPTION and the like."""
STATUSES: Mapping[int, type[Exception]] = {
    300: Doubled,
    403: NotAuthorised,
    404: EndpointMissing,
    429: TryLater,
    500: OutcomeUnknown,
    503: TryLater,
}
"""Where no code says it."""
_NO_FIELD = "external id field"
"""Words of a NOT_FOUND that is about a field that nobody made, not about a record."""
WAITS_S: Mapping[str, float] = {"REQUEST_LIMIT_EXCEEDED": 900, "UNABLE_TO_LOCK_ROW": 5}
"""How long to let it alone, where no header says it. Limits are counted over 24 hours."""


class Api:
    """One organisation."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def call(self, method: str, path: str, body: Tree | None = None) -> Any:
        """What it answers; None where that is nothing. Its refusals as fates."""
        kind = {"Content-Type": "application/json"} if body is not None else {}
        raw = None if body is None else written(body)
        response = self._session.request(method, path, data=raw, headers=kind, own=_OWN)
        if response.status_code >= 300:
            raise self._refusal(response)
        return read_answer(method, reply_of(response), "json", write=method != "GET")

    def fate(self, said: Tree, status: int = 400, wait: float | None = None) -> Exception:
        """What an error means."""
        code = str(said.get("errorCode") or said.get("statusCode") or "")
        kind = ERRORS.get(code) or STATUSES.get(status, Rejected)
        if kind is NotThere and _NO_FIELD in str(said.get("message")).lower():
            kind = EndpointMissing
        spoken = ": ".join(filter(None, (code, str(said.get("message") or ""))))
        words = str(self._session.scrub(spoken or f"Salesforce answered {status}"))[:_WORDS]
        if kind is TryLater:
            return TryLater(words, retry_after=wait or WAITS_S.get(code))
        if issubclass(kind, Rejected):
            return kind(words, path=_field(said))
        return kind(words)

    def _refusal(self, response: Response) -> Exception:
        status, wait = response.status_code, retry_after(response.headers.get("Retry-After"))
        if status == 300:
            return Doubled("several records bear that external id")
        said = _errors(response.content)
        return self.fate(said[0] if said else {}, status, wait)


def _field(said: Tree) -> str:
    fields = said.get("fields")
    return str(fields[0]) if isinstance(fields, list) and fields else ""


def _errors(raw: bytes) -> Sequence[Tree]:
    try:
        tree = json.loads(raw)
    except (ValueError, RecursionError):
        return ()
    rows = tree if isinstance(tree, list) else [tree]
    return [row for row in rows if isinstance(row, dict)]
