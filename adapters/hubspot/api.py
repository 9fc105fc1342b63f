"""HubSpot's answers: its errors by category, its limits by policy.

An error is `{status, message, correlationId, category, policyName, context}`, alone or in the
`errors` of a batch (207).
"""

import json
from collections.abc import Mapping
from typing import Any

from adapters.kit.http.answers import read_answer
from adapters.kit.http.client import written
from adapters.kit.http.fates import retry_after
from adapters.kit.http.wire import reply_of
from adapters.kit.session import Session
from hub.model.errors import EndpointMissing, NotAuthorised, OutcomeUnknown, Rejected, TryLater

_OWN = (400, 403, 404, 409, 423, 429, 477)
_WORDS = 300
Tree = dict[str, Any]


class NotThere(EndpointMissing):
    """It knows no such object."""


class Exists(Rejected):
    """Another contact bears that e-mail address."""

    code = "differs_at_partner"

    def __init__(self, message: str, number: str | None = None) -> None:
        super().__init__(message)
        self.number = number


ERRORS: Mapping[str, type[Exception]] = {
    "VALIDATION_ERROR": Rejected,
    "INVALID_AUTHENTICATION": NotAuthorised,
    "EXPIRED_AUTHENTICATION": NotAuthorised,
    "MISSING_SCOPES": NotAuthorised,
    "BANNED": NotAuthorised,
    "CONFLICT": Exists,
    "OBJECT_ALREADY_EXISTS": Exists,
    "OBJECT_NOT_FOUND": NotThere,
    "RESOURCE_NOT_FOUND": NotThere,
    "RATE_LIMITS": TryLater,
    "RATE_LIMIT": TryLater,
    "MIGRATION_IN_PROGRESS": TryLater,
    "TRANSIENT": TryLater,
    "INTERNAL_ERROR": OutcomeUnknown,
}
"""Category -> fate."""
STATUSES: Mapping[int, type[Exception]] = {
    403: NotAuthorised,
    404: NotThere,
    409: Exists,
    423: TryLater,
    429: TryLater,
    477: TryLater,
}
"""Where no category says it; all else is refused."""
WAITS_S: Mapping[str, float] = {
    "SECONDLY": 1,
    "TEN_SECONDLY_ROLLING": 10,
    "MINUTELY": 60,
    "HOURLY": 900,
    "DAILY": 3600,
}
"""Policy that a limit stands in -> how long to let it alone, where no header says it."""


class Api:
    """One account."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def call(self, method: str, path: str, body: Tree | None = None) -> Any:
        """What it answers; None where that is nothing. Its refusals as fates."""
        kind = {"Content-Type": "application/json"} if body is not None else {}
        raw = None if body is None else written(body)
        response = self._session.request(method, path, data=raw, headers=kind, own=_OWN)
        reply = reply_of(response)
        if reply.status >= 300:
            raise self.fate(_tree(reply.body), reply.status, reply.headers)
        return read_answer(method, reply, "json", write=method != "GET")

    def fate(
        self, said: Tree, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> Exception:
        """What an error means. `said` is one of a batch, or the whole answer."""
        category = str(said.get("category") or "")
        kind = ERRORS.get(category) or STATUSES.get(status, Rejected)
        if kind is NotThere and not said:
            kind = EndpointMissing  # a page of somebody else's
        spoken = str(said.get("message") or f"HubSpot answered {status}")
        words = str(self._session.scrub(spoken))[:_WORDS]
        if kind is TryLater:
            wait = retry_after((headers or {}).get("retry-after"))
            policy = WAITS_S.get(str(said.get("policyName")), 5.0 if status == 429 else None)
            return TryLater(words, retry_after=wait or policy)
        return Exists(words, _existing(spoken)) if kind is Exists else kind(words)


def _existing(words: str) -> str | None:
    """The number in `Contact already exists. Existing ID: 151`."""
    _, found, rest = words.partition("Existing ID:")
    number = rest.strip().split(" ")[0].rstrip(".,") if found else ""
    return number if number.isascii() and number.isdigit() else None


def _tree(raw: bytes) -> Tree:
    try:
        tree = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}
