"""GraphQL over HTTP: one call, its cost, and a fate for everything that is answered beside data.

HTTP is 200 for nearly all that goes wrong: `errors` for a call that was refused as a whole, errors
inside a mutation's payload for one that changed nothing.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from adapters.kit.auth.log_in import LoggedIn
from adapters.kit.http.fates import Fates
from adapters.kit.http.line import lost
from hub.model.errors import NotAuthorised, OutcomeUnknown, Rejected, TryLater

Table = Mapping[str, type[Exception]]

ERRORS: Table = {
    "THROTTLED": TryLater,
    "RATE_LIMITED": TryLater,
    "UNAUTHENTICATED": NotAuthorised,
    "FORBIDDEN": NotAuthorised,
    "INTERNAL_SERVER_ERROR": OutcomeUnknown,
}
"""`errors[].extensions.code`, or a `code` beside the message -> fate, by most servers. What is not
here is `Rejected`; a read is never unknown."""

_WORDS = 400
_DEFINITION = re.compile(r"^(?:query|mutation|fragment) (\w+).*?^}", re.MULTILINE | re.DOTALL)
_SECONDS = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?s(?:ec(?:ond)?s?)?\b", re.IGNORECASE)
_SPREAD = re.compile(r"\.\.\.\s*(?!on\b)(\w+)")


def read_operations(file: Path) -> Mapping[str, str]:
    """The operations and fragments of a `.graphql` file by name, each with the fragments that it
    uses. A definition begins at the beginning of a line, and so does the brace that ends it.
    """
    own = {match[1]: match[0] for match in _DEFINITION.finditer(file.read_text("utf-8"))}
    return {name: _with_fragments(name, own) for name in own}


def _with_fragments(name: str, own: Mapping[str, str]) -> str:
    used, left = dict[str, str](), [name]
    while left:
        wanted = left.pop()
        if wanted not in used:
            used[wanted] = own[wanted]
            left += _SPREAD.findall(own[wanted])
    return "\n".join(used.values())


class Caller(Protocol):
    """A session, or the pool itself."""

    def call(self, method: str, path: str = "", **request: Any) -> Any:
        """The answer as a tree."""

    def scrub(self, words: Any, *more: str) -> Any:
        """A partner's words without our secrets."""


class GraphQL:
    """One endpoint."""

    def __init__(
        self,
        caller: Caller,
        path: str = "",
        *,
        errors: Table | None = None,
        refusals: Table | None = None,
        statuses: Fates | None = None,
        log_in: LoggedIn | None = None,
    ) -> None:
        """`errors`: code of an error -> fate, beside the common ones. `refusals`: code of an error
        inside a payload -> fate; what is not there, and what has no code, is `Rejected`.
        `log_in`: what opened the session, where its end is said as an error: it is opened once
        more then, nothing having been done.
        """
        self._caller, self._path, self._statuses = caller, path, statuses
        self._log_in = log_in
        self._errors, self._refusals = {**ERRORS, **(errors or {})}, refusals or {}

    def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The data of a query."""
        return self._let_in(query, variables or {}, write=False)

    def tell(self, field: str, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The payload of a mutation's one field. Raises the errors inside it."""
        payload = self._let_in(query, variables, write=True).get(field)
        if not isinstance(payload, dict):
            raise OutcomeUnknown(f"{field} answered without its payload")
        refused = self._caller.scrub(_refused(field, payload))
        if refused:
            words = "; ".join(_words(error) for error in refused)[:_WORDS]
            raise _kind(self._refusals, _code(refused[0]))(f"{field}: {words}")
        return payload

    def _let_in(self, query: str, variables: Mapping[str, Any], *, write: bool) -> dict[str, Any]:
        try:
            return self._run(query, variables, write=write)
        except NotAuthorised:
            if self._log_in is None:
                raise
            self._log_in.end()
            return self._run(query, variables, write=write)

    def _run(self, query: str, variables: Mapping[str, Any], *, write: bool) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer = self._caller.call("POST", self._path, body=body, fates=self._statuses, write=write)
        if not isinstance(answer, dict):
            raise lost("the answer is no object", write=write)
        errors = self._caller.scrub(answer.get("errors"))
        if errors:
            raise self._error(errors, answer, write=write)
        data = answer.get("data")
        if not isinstance(data, dict):
            raise lost("the answer has no data", write=write)
        return data

    def _error(self, errors: Any, answer: Mapping[str, Any], *, write: bool) -> Exception:
        first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
        code = (first.get("extensions") or {}).get("code") or first.get("code")
        words = f"{code or 'error'}: {first.get('message') or errors}"[:_WORDS]
        kind = _kind(self._errors, code)
        if issubclass(kind, TryLater):
            return TryLater(words, retry_after=refill(answer) or named_wait(first))
        return lost(words, write=write) if issubclass(kind, OutcomeUnknown) else kind(words)


def refill(answer: Mapping[str, Any]) -> float | None:
    """Seconds until the bucket of costs holds what the call needs, where the answer tells of it
    (`extensions.cost`, as Shopify has it).
    """
    cost = (answer.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    try:
        needed = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        return max(1.0, needed / float(status["restoreRate"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def named_wait(error: Mapping[str, Any]) -> float | None:
    """Seconds that an error names, as ShipHero does: in `time_remaining`, or among its words."""
    for told in (error.get("time_remaining"), error.get("message")):
        named = _SECONDS.search(told) if isinstance(told, str) else None
        if named:
            return max(1.0, float(named[1]))
    return None


def _refused(field: str, payload: Mapping[str, Any]) -> list[Any]:
    """The errors of a payload: a list of its own, or the payload is one itself (a union's member,
    as Vendure has it).
    """
    if payload.get("errorCode"):
        return [payload]
    names = (f"{field}UserErrors", "userErrors", "errors")  # the first have codes
    return next((payload[name] for name in names if payload.get(name)), [])


def _code(refused: Mapping[str, Any]) -> Any:
    return refused.get("code") or refused.get("errorCode")


def _kind(table: Table, code: Any) -> type[Exception]:
    return table.get(code, Rejected) if isinstance(code, str) else Rejected


def _words(refused: Mapping[str, Any]) -> str:
    """`field.path: message`, of one error inside a payload."""
    told = refused.get("field")
    field = ".".join(map(str, told)) if isinstance(told, list) else str(told or "")
    return f"{field}: {refused.get('message')}" if field else str(refused.get("message"))
