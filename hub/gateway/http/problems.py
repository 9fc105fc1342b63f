"""Problem documents (RFC 9457): what every refusal and failure looks like, without internals."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from hub.gateway.http.body import Refused
from hub.model.errors import (
    BadData,
    IllegalTransition,
    NeedsPerson,
    NotFound,
    OutcomeUnknown,
    Problem,
    TryLater,
    UnknownCode,
)
from hub.store.base.failures import DatabaseAway, sqlstate
from hub.store.base.sealing import VaultError
from hub.store.people.idempotency import OtherBody, StillRunning

CONTENT_TYPE = "application/problem+json"

TITLES: dict[int, str] = {
    400: "The request cannot be read",
    401: "Not authentic",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Too slow",
    409: "Not possible as things stand",
    413: "Too large",
    415: "Not a type that is read here",
    422: "The content is wrong",
    429: "Too many requests",
    431: "Too long a head",
    500: "An error of ours",
    503: "Not able to serve now",
}
"""Every status a problem has, and its title."""

UNREADABLE = frozenset({"empty_body", "bad_json", "bad_encoding", "too_deep", "too_large"})
"""Codes of a body that could not be read at all, where they name no field."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A refusal or failure on its way out. `errors` say where, with which code, in a sentence."""

    status: int
    errors: Sequence[Problem]
    headers: Mapping[str, str] = field(default_factory=dict)

    def tree(self, correlation_id: UUID) -> dict[str, Any]:
        """The problem document, as a tree."""
        return {
            "type": f"/api/v1/docs#{self.errors[0].code}",
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.errors[0].message,
            "errors": [problem.as_dict() for problem in self.errors],
            "correlation_id": str(correlation_id),
        }

    def document(self, correlation_id: UUID) -> bytes:
        """The problem document."""
        return json.dumps(self.tree(correlation_id), ensure_ascii=False).encode()


class Stop(Exception):
    """A handler's own refusal."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        path: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.trouble = Trouble(status, [Problem(path, code, message)], headers or {})

    @classmethod
    def of(cls, told: Trouble) -> Self:
        """A refusal with a trouble that stands ready."""
        stop = cls(told.status, told.errors[0].code, told.errors[0].message)
        stop.trouble = told
        return stop


def trouble(status: int, code: str, message: str, **headers: str) -> Trouble:
    """A trouble with one problem. Headers with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Trouble(status, [Problem("", code, message)], named)


AWAY = trouble(503, "database_away", "nothing can be stored now, try again", Retry_After="5")
BROKEN = trouble(500, "internal_error", "this is an error of ours; it is logged")


def of(error: Exception) -> Trouble:
    """The trouble an exception means. What is none of ours says nothing of itself."""
    if isinstance(error, Stop):
        return error.trouble
    if isinstance(error, Refused):
        return trouble(error.status, error.code, str(error))
    if isinstance(error, NeedsPerson):
        return Trouble(_status(error), error.problems())
    for kind, build in _TABLE:
        if isinstance(error, kind):
            return build(error)
    return BROKEN


def _status(error: NeedsPerson) -> int:
    if isinstance(error, BadData):
        unread = error.code == "duplicate_key" or (error.code in UNREADABLE and not error.path)
        return 400 if unread else 422
    return 422 if isinstance(error, UnknownCode) else 409


def _retry(error: Exception) -> Trouble:
    wait = getattr(error, "retry_after", None) or 5
    return trouble(503, "try_later", str(error), Retry_After=str(int(wait)))


_TABLE = (
    (NotFound, lambda _: trouble(404, "not_found", "there is none of that id")),
    (IllegalTransition, lambda error: trouble(409, "illegal_transition", str(error))),
    (DatabaseAway, lambda _: AWAY),
    (VaultError, lambda _: trouble(409, "sealed", "what is stored of it does not open")),
    (DBAPIError, lambda error: _OF_STATE.get(sqlstate(error) or "", BROKEN)),
    (
        StillRunning,
        lambda _: trouble(
            409, "still_running", "the first request with this key still runs", Retry_After="1"
        ),
    ),
    (
        OtherBody,
        lambda _: trouble(422, "key_reused", "the Idempotency-Key was used for another request"),
    ),
    (TryLater, _retry),
    (OutcomeUnknown, _retry),
)


_OF_STATE: dict[str, Trouble] = {
    **dict.fromkeys(("40001", "40P01", "55P03", "57014"), AWAY),
    "42501": trouble(403, "not_allowed", "it would touch what belongs to another merchant"),
}
"""A statement that met a lock or ran out of time: the same again may well go through. One that
row-level security refused.
"""
