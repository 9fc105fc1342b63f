"""Shopify's Admin GraphQL: one call, its cost, and a fate for everything that it answers
beside data.

HTTP is 200 for nearly all that goes wrong: `errors` for a call that was refused as a whole,
`userErrors` for a mutation that changed nothing. Source: Shopify developer documentation,
"GraphQL Admin API: status and error codes" and "API limits".
"""

from collections.abc import Mapping
from typing import Any

from adapters.kit.http import Fates, Http
from hub.model.errors import NotAuthorised, OutcomeUnknown, Rejected, TryLater

STATUSES: Fates = {402: NotAuthorised, 423: NotAuthorised, 430: TryLater}
"""Beside the common ones: shop frozen, shop locked, "too many requests" of the security layer."""

ERRORS: Mapping[str, type[Exception]] = {
    "THROTTLED": TryLater,
    "ACCESS_DENIED": NotAuthorised,
    "SHOP_INACTIVE": NotAuthorised,
    "INTERNAL_SERVER_ERROR": OutcomeUnknown,
    "TIMEOUT": OutcomeUnknown,
}
"""`errors[].extensions.code` -> fate; what is not here is `Rejected`. A read is never unknown."""

USER_ERRORS: Mapping[str, type[Exception]] = {
    "CHANGE_FROM_QUANTITY_STALE": TryLater,
    "COMPARE_QUANTITY_STALE": TryLater,
    "IDEMPOTENCY_CONCURRENT_REQUEST": TryLater,
    "INTERNAL_ERROR": OutcomeUnknown,
}
"""`userErrors[].code` -> fate; what is not here, and what has no code, is `Rejected`."""

_WORDS = 400


class Admin:
    """The GraphQL endpoint of one shop in one API version."""

    def __init__(self, http: Http, version: str) -> None:
        self._http, self.version = http, version

    def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The data of a query."""
        return self._run(query, variables or {}, write=False)

    def tell(self, field: str, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The payload of a mutation's one field. Raises its user errors."""
        told = self._run(query, variables, write=True).get(field)
        if not isinstance(told, dict):
            raise OutcomeUnknown(f"{field} answered without its payload")
        refused = self._http.scrub(told.get("userErrors") or [])
        if refused:
            words = "; ".join(_words(one) for one in refused)[:_WORDS]
            raise _fate(USER_ERRORS, refused[0].get("code"))(f"{field}: {words}")
        return told

    def order(self, number: str) -> bytes:
        """An order as REST shows it, envelope and all, for the decoder."""
        path = f"/admin/api/{self.version}/orders/{number}.json"
        raw: bytes = self._http.call("GET", path, read="bytes", fates=STATUSES)
        return raw

    def _run(self, query: str, variables: Mapping[str, Any], *, write: bool) -> dict[str, Any]:
        path = f"/admin/api/{self.version}/graphql.json"
        body = {"query": query, "variables": variables}
        answer = self._http.call("POST", path, body=body, fates=STATUSES, write=write)
        if not isinstance(answer, dict):
            raise _lost("the answer is no object", write=write)
        errors = self._http.scrub(answer.get("errors"))
        if errors:
            raise _error(errors, answer, write=write)
        data = answer.get("data")
        if not isinstance(data, dict):
            raise _lost("the answer has no data", write=write)
        return data


def _error(errors: Any, answer: Mapping[str, Any], *, write: bool) -> Exception:
    first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
    code = (first.get("extensions") or {}).get("code")
    words = f"{code or 'error'}: {first.get('message') or errors}"[:_WORDS]
    kind = _fate(ERRORS, code)
    if issubclass(kind, TryLater):
        return TryLater(words, retry_after=_refill(answer))
    return _lost(words, write=write) if issubclass(kind, OutcomeUnknown) else kind(words)


def _refill(answer: Mapping[str, Any]) -> float | None:
    """Seconds until the cost bucket holds what the call needs."""
    cost = (answer.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    try:
        needed = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        return max(1.0, needed / float(status["restoreRate"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _lost(message: str, *, write: bool) -> Exception:
    return OutcomeUnknown(message) if write else TryLater(message)


def _fate(table: Mapping[str, type[Exception]], code: Any) -> type[Exception]:
    return table.get(code, Rejected) if isinstance(code, str) else Rejected


def _words(refused: Mapping[str, Any]) -> str:
    """`field.path: message`, of one user error."""
    field = ".".join(str(step) for step in refused.get("field") or [])
    return f"{field}: {refused.get('message')}" if field else str(refused.get("message"))
