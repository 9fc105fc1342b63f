"""Tryton's JSON-RPC: session, tagged values, warnings, and the fate of each answer.

Source: trytond 8.2 (`POST /<database>/rpc/`), recorded exchanges. Every answer is HTTP 200 unless
the session is dead (401) or the method is not public (403); errors are a list in the body.
"""

import base64
import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from adapters.kit.http import Http, Transport
from adapters.kit.http.wire_tap import recording
from adapters.kit.jsonrpc import JsonRpc
from hub.model.document import Number
from hub.model.errors import NotAuthorised, Rejected, TryLater

READS = frozenset({"read", "search_read", "fields_get"})
BUSY = ("database is locked", "could not serialize", "deadlock detected", "could not obtain lock")
"""Words of a database that rolled everything back."""
OVER = (
    *("OperationalError", "InterfaceError", "SerializationFailure", "DeadlockDetected"),
    *("LockNotAvailable", "QueryCanceled", "AdminShutdown", "ReadOnlySqlTransaction", "PoolError"),
)
"""Exceptions of one that is busy or away, in whatever language it speaks."""
MOST_WARNINGS = 20

Ids = list[int]


class Rpc:
    """One session of one user. Logs in at the first call and once more when the session ended."""

    def __init__(
        self,
        url: str,
        database: str,
        credentials: tuple[str, str],
        warnings: Collection[str],
        transport: Transport | None = None,
    ) -> None:
        self._user, self._password = credentials
        self._rpc = JsonRpc(
            Http(url, transport=transport, secrets=[self._password]),
            f"/{database}/rpc/",
            fate=lambda error, _write: fate(error),
            written=written,
            version=None,
        )
        self._warnings = frozenset(warnings)
        self._session: str | None = None
        self._context: dict[str, Any] | None = None
        self.company: int | None = None

    @property
    def context(self) -> dict[str, Any]:
        """The user's preferences; without them defaults that depend on the company vanish."""
        context = self._context
        if context is None:
            method = "model.res.user.get_preferences"
            preferences = self._in_session(method, [True, {}], write=False)
            names = ("company", "companies", "company_filter", "employee", "groups", "language")
            context = {name: preferences[name] for name in names if name in preferences}
            self._context = context
        return context | ({"company": self.company} if self.company else {})

    def call(
        self, model: str, method: str, *params: Any, context: Mapping[str, Any] | None = None
    ) -> Any:
        """Call a model's method and answer warnings that the connection allows. `context`: what the
        call is to know besides.
        """
        name, write = f"model.{model}.{method}", method not in READS
        for _ in range(MOST_WARNINGS):
            try:
                known = {**self.context, **(context or {})}
                return self._in_session(name, [*params, known], write=write)
            except Warned as warned:
                self._allow(warned)
        raise Rejected(f"{model}.{method} keeps asking for confirmation")

    def wizard(self, name: str, record: tuple[str, int], steps: Mapping[str, Any]) -> None:
        """Run a wizard on one record: from its first screen with the values of `steps` on."""
        model, number = record
        context = {
            **self.context,
            "active_model": model,
            "active_id": number,
            "active_ids": [number],
        }
        session, start, _ = self._in_session(f"wizard.{name}.create", [context], write=True)
        execute = f"wizard.{name}.execute"
        shown = self._in_session(execute, [session, {}, start, context], write=True)
        values = shown.get("view", {}).get("defaults", {})
        for state, change in steps.items():
            data = {start: {**values, **change(values)}}
            self._in_session(execute, [session, data, state, context], write=True)
        self._in_session(f"wizard.{name}.delete", [session, context], write=True)

    def _allow(self, warned: "Warned") -> None:
        if warned.kind not in self._warnings:
            raise Rejected(f"Tryton asks ({warned.kind}): {warned.words}", code="warning")
        skip = [warned.name, False, self.context]
        self._in_session("model.res.user.warning.skip", skip, write=True)

    def _in_session(self, method: str, params: list[Any], *, write: bool) -> Any:
        session = self._session
        if session is not None:
            try:
                return self._exchange(method, params, write=write, session=session)
            except NotAuthorised:  # it ended; nothing was done
                self._context = None
        session = self._session = self._log_in()
        return self._exchange(method, params, write=write, session=session)

    def _log_in(self) -> str:
        """A new session. The answer carries its token: it stays out of any recording."""
        with recording():
            answer = self._exchange(
                "common.db.login", [self._user, {"password": self._password}, "en"], write=False
            )
        if not answer:
            raise NotAuthorised("Tryton does not accept user and password")
        if not isinstance(answer, list) or len(answer) < 2:
            raise TryLater("common.db.login answered no session")
        user, token = answer[0], answer[1]
        return "Session " + base64.b64encode(f"{self._user}:{user}:{token}".encode()).decode()

    def _exchange(
        self, method: str, params: list[Any], *, write: bool, session: str | None = None
    ) -> Any:
        headers = {"authorization": session} if session else {}
        hidden = tuple((session or "").split())
        result = self._rpc.call(method, params, write=write, headers=headers, secrets=hidden)
        return untagged(result)


class Warned(Exception):
    """The server asks "are you sure?". `kind` is what it is about, the same in every language."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name, self.words = name, words
        self.kind = name.rpartition(".")[2]


def fate(error: Any) -> Exception:
    """The fate of an error list. Tryton rolled its transaction back, so nothing happened."""
    kind, *rest = error if isinstance(error, list) and error else [str(error)]
    details = rest[0] if rest and isinstance(rest[0], list) else []
    words = " ".join(str(part) for part in details[:2] if part)
    match kind:
        case "UserWarning":
            name, *more = [str(part) for part in details] or [""]
            return Warned(name, " ".join(filter(None, more)))
        case "UserError":
            return Rejected(words)
        case "LoginException":
            return NotAuthorised("the session ended")
        case "ConcurrencyException" | "TimeOutException":
            return TryLater(f"Tryton was busy: {kind}")
        case _:
            return _failure(str(kind), rest[0] if rest and isinstance(rest[0], str) else "")


def _failure(text: str, traceback: str) -> Exception:
    """Anything but an answer for people: a busy database, or a field or model that is not there."""
    first = text.strip().partition("\n")[0][:200]
    raised = [row.partition(":")[0] for row in traceback.splitlines() if row[:1].isalpha()]
    if any(word in text for word in BUSY) or any(it.rpartition(".")[2] in OVER for it in raised):
        return TryLater(f"Tryton's database was busy: {first}")
    return Rejected(f"Tryton failed: {first}", code="partner_error")


def _decimal(value: Decimal) -> Any:
    return {"__class__": "Decimal", "decimal": format(value, "f")}


def _date(value: date) -> Any:
    return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}


def _moment(value: datetime) -> Any:
    """Tryton's clock is UTC and says no zone."""
    utc = value.astimezone(UTC)
    clock = {"hour": utc.hour, "minute": utc.minute, "second": utc.second}
    return {**_date(utc), **clock, "__class__": "datetime", "microsecond": utc.microsecond}


TAGS: dict[type, Callable[[Any], Any]] = {Decimal: _decimal, date: _date, datetime: _moment}


def written(value: Any) -> bytes:
    """A value as Tryton's JSON has it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_tagged).encode()


def _tagged(value: Any) -> Any:
    tag = TAGS.get(type(value))
    if tag is None:
        raise TypeError(f"a {type(value).__name__} has no form in Tryton's JSON")
    return tag(value)


def untagged(value: Any) -> Any:
    """Tryton's JSON as values: whole numbers are int, amounts and quantities Decimal."""
    if isinstance(value, list):
        return [untagged(part) for part in value]
    if isinstance(value, Number):
        whole = value.lstrip("-").isdigit() and len(value) <= _MOST_DIGITS
        return int(value) if whole else _amount(value)
    if not isinstance(value, dict):
        return value
    match value.get("__class__"):
        case "Decimal":
            return _amount(value["decimal"])
        case "date":
            return _day(value)
        case "datetime":
            hour, minute, second, micro = (int(value.get(name, 0)) for name in _CLOCK)
            return datetime.combine(_day(value), time(hour, minute, second, micro), UTC)
        case _:
            return {name: untagged(part) for name, part in value.items()}


def _day(value: dict[str, Any]) -> date:
    return date(int(value["year"]), int(value["month"]), int(value["day"]))


def _amount(text: str) -> Decimal | str:
    """A number that no books hold stays text: written out in full it would fill a request."""
    amount = Decimal(text)
    return amount if amount.is_finite() and abs(amount.adjusted()) <= _MOST_DIGITS else str(text)


_MOST_DIGITS = 30
_CLOCK = ("hour", "minute", "second", "microsecond")
