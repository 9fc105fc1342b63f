"""Odoo's three ways of being called, and the fate of each error by the name of its exception.

JSON-2 (from 19) is a path a method, named arguments and an HTTP status. XML-RPC and JSON-RPC are
`execute_kw` with positional ones; there a refusal is HTTP 200. Each call is a transaction of its
own: what was answered with an error did not happen.
"""

import re
import xmlrpc.client
from collections.abc import Mapping
from typing import Any, Literal, Protocol
from xml.parsers.expat import ExpatError

from adapters.kit.http.line import lost
from adapters.kit.http.records import number, read
from adapters.kit.jsonrpc import JsonRpc, fate_of_error
from adapters.kit.refusals import answer, values
from adapters.kit.session import Session
from adapters.odoo.fields import FIELDS
from hub.model.errors import NotAuthorised, Rejected, TryLater

Protocols = Literal["json2", "xmlrpc", "jsonrpc"]
READS = frozenset({"read", "search", "search_read", "search_count", "context_get"})
FATES: Mapping[str, type[Exception]] = {
    "odoo.exceptions.AccessDenied": NotAuthorised,
    "odoo.http.SessionExpiredException": NotAuthorised,
    "odoo.http.session.SessionExpiredException": NotAuthorised,
    "werkzeug.exceptions.Unauthorized": NotAuthorised,
    "werkzeug.exceptions.Forbidden": NotAuthorised,
    "werkzeug.exceptions.TooManyRequests": TryLater,
    "werkzeug.exceptions.ServiceUnavailable": TryLater,
    "odoo.exceptions.LockError": TryLater,
    "odoo.exceptions.ConcurrencyError": TryLater,
    "odoo.service.model.RetryableException": TryLater,
    "odoo.sql_db.PoolError": TryLater,
    "psycopg2.OperationalError": TryLater,
    "psycopg2.InterfaceError": TryLater,
    "psycopg2.errors.SerializationFailure": TryLater,
    "psycopg2.errors.DeadlockDetected": TryLater,
    "psycopg2.errors.LockNotAvailable": TryLater,
    "psycopg2.errors.InFailedSqlTransaction": TryLater,
    "psycopg2.errors.QueryCanceled": TryLater,
    "psycopg2.errors.AdminShutdown": TryLater,
    "psycopg2.errors.CrashShutdown": TryLater,
    "psycopg2.errors.CannotConnectNow": TryLater,
    "psycopg2.errors.TooManyConnections": TryLater,
    "psycopg2.errors.IdleInTransactionSessionTimeout": TryLater,
    "psycopg2.errors.ReadOnlySqlTransaction": TryLater,
    "psycopg2.extensions.TransactionRollbackError": TryLater,
    "psycopg2.extensions.QueryCanceledError": TryLater,
    "odoo.exceptions.AccessError": Rejected,
    "odoo.exceptions.UserError": Rejected,
    "odoo.exceptions.ValidationError": Rejected,
    "odoo.exceptions.MissingError": Rejected,
    "odoo.exceptions.RedirectWarning": Rejected,
    "odoo.exceptions.Warning": Rejected,
    "odoo.exceptions.except_orm": Rejected,
}
"""Name of an exception -> fate. Any other is a failure of its own (a field, model or method that is
not there): refused as `partner_error`."""
_FAULTS = {"2": "odoo.exceptions.UserError", "3": "odoo.exceptions.AccessDenied"}
_FAULTS |= {"4": "odoo.exceptions.AccessError"}
_SESSION_EXPIRED = 100
_POSITIONAL = ("vals_list", "vals")
_CONFIGURED = re.compile(r"^(Object .* doesn't exist|Invalid field )")
_RAISED = re.compile(r"^([A-Za-z_][\w.]*)(?:: ?(.*))?$", re.DOTALL)
_FRAME = "  File "
_NO_VALUE = "cannot marshal None"
_WORDS = 300


def fate(name: str, message: str) -> Exception:
    """What an exception there means here."""
    words = " ".join(message.split())[:_WORDS] or name
    kind = FATES.get(name.replace("openerp.", "odoo.", 1))
    if kind is None or _CONFIGURED.match(words):
        return Rejected(f"Odoo failed: {name.rpartition('.')[2]}: {words}", code="partner_error")
    return kind(words)


def said(tree: Mapping[str, Any]) -> Exception | None:
    """The fate of a JSON-2 error; None where the body is none."""
    name = tree.get("name")
    return fate(name, str(tree.get("message") or "")) if isinstance(name, str) else None


def fate_of_rpc(error: Any, write: bool) -> Exception:  # noqa: FBT001  # as JSON-RPC asks
    """The fate of a JSON-RPC error: by `data.name`, else by its number."""
    data = error.get("data") if isinstance(error, dict) else None
    if isinstance(data, dict) and isinstance(data.get("name"), str):
        return fate(data["name"], str(data.get("message") or error.get("message") or ""))
    if isinstance(error, dict) and str(error.get("code")) == str(_SESSION_EXPIRED):
        return NotAuthorised("the session expired")
    return fate_of_error(error, write)


def fate_of_fault(code: Any, text: str) -> Exception:
    """The fate of an XML-RPC fault. Code 1 is a traceback: what was raised stands behind its last
    frame, and may have several lines.
    """
    known = _FAULTS.get(str(code))
    if known is not None:
        return fate(known, text)
    raised = [
        found
        for row in _behind_frames(text.splitlines())
        if (found := _RAISED.match(row)) and ("." in found[1] or found[1].endswith("Error"))
    ]
    return fate(raised[0][1], raised[0][2] or "") if raised else fate("Fault", text)


def _behind_frames(rows: list[str]) -> list[str]:
    """What stands behind the last frame of a traceback, without the code that it shows."""
    last = max((n for n, row in enumerate(rows) if row.startswith(_FRAME)), default=-1)
    return [row.strip() for row in rows[last + 1 :] if row[:1].strip()]


class Caller(Protocol):
    """Calls a method of a model, its arguments by name; `ids`: the records that it is called on."""

    def __call__(
        self, model: str, method: str, ids: list[int] | None, named: Mapping[str, Any]
    ) -> Any: ...


class Json2:
    """`POST /json/2/<model>/<method>`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(
        self, model: str, method: str, ids: list[int] | None, named: Mapping[str, Any]
    ) -> Any:
        body = {**({} if ids is None else {"ids": ids}), **named}
        path, write = f"/json/2/{model}/{method}", method not in READS
        return answer(self._session, "POST", path, meaning=said, write=write, body=body)


class Executed:
    """`execute_kw` by XML-RPC or JSON-RPC. Logs in at the first call."""

    def __init__(self, session: Session, how: Protocols, login: tuple[str, str, str]) -> None:
        self._session, self._how, self._login = session, how, login
        self._json = JsonRpc(session, "/jsonrpc", fate=fate_of_rpc)
        self._user: int | None = None

    def __call__(
        self, model: str, method: str, ids: list[int] | None, named: Mapping[str, Any]
    ) -> Any:
        database, login, key = self._login
        if self._user is None:
            user = self._call("common", "authenticate", [database, login, key, {}], write=False)
            if not user:
                raise NotAuthorised("Odoo does not accept user and key")
            self._user = int(user)
        first = [] if ids is None else [ids]
        args = [*first, *(named[name] for name in _POSITIONAL if name in named)]
        rest = {name: value for name, value in named.items() if name not in _POSITIONAL}
        told = [database, self._user, key, model, method, args, rest]
        return self._call("object", "execute_kw", told, write=method not in READS)

    def _call(self, service: str, method: str, args: list[Any], *, write: bool) -> Any:
        if self._how == "jsonrpc":
            params = {"service": service, "method": method, "args": args}
            return values(self._json.call("call", params, write=write))
        raw = self._session.call(
            "POST",
            f"/xmlrpc/2/{service}",
            body=xmlrpc.client.dumps((*args,), method, allow_none=True).encode(),
            content_type="text/xml",
            read="bytes",
            write=write,
        )
        return parsed(raw or b"", self._session.scrub, write=write)


def parsed(raw: bytes, scrub: Any, *, write: bool) -> Any:
    """What an XML-RPC answer holds. A method that returned nothing cannot be answered there: its
    fault says so after it was done.
    """
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise lost("Odoo answered no XML-RPC", write=write)
    try:
        (result,), _ = xmlrpc.client.loads(raw, use_builtin_types=True)
    except xmlrpc.client.Fault as fault:
        text = str(scrub(str(fault.faultString)))
        if _NO_VALUE in text:
            return None
        raise fate_of_fault(fault.faultCode, text) from None
    except (ExpatError, xmlrpc.client.Error, ValueError, TypeError):
        raise lost("Odoo answered no XML-RPC", write=write) from None
    return result


class Odoo:
    """One database, as one user, in one company's context."""

    def __init__(self, caller: Caller, context: Mapping[str, Any]) -> None:
        self._caller, self._context = caller, context

    def call(
        self,
        model: str,
        method: str,
        ids: list[int] | None = None,
        context: Mapping[str, Any] | None = None,
        **named: Any,
    ) -> Any:
        """Call a method."""
        said = {**self._context, **(context or {})}
        return self._caller(model, method, ids, {**named, **({"context": said} if said else {})})

    def rows(self, model: str, domain: list[Any], fields: list[str], **named: Any) -> list[Any]:
        """Records that a domain finds, the oldest first."""
        named = {"order": "id", **named}
        found = self.call(model, "search_read", domain=domain, fields=["id", *fields], **named)
        if not isinstance(found, list):
            raise TryLater(f"{model} was listed in a form that nobody expects")
        try:
            listed = [read(row, FIELDS, ("id", *fields)) for row in found]
        except ValueError as odd:
            raise TryLater(f"{model} was listed in an odd form: {odd}") from None
        for row in listed:
            if "name" in row:  # a draft may have none
                row["name"] = row["name"] or str(row["id"])
        return listed

    def record(self, model: str, number: int, fields: list[str]) -> dict[str, Any]:
        """A record that must be there. TryLater where it is not: it is looked for again."""
        found = self.rows(model, [["id", "=", number]], fields)
        if not found:
            raise TryLater(f"{model} {number} is not there")
        row: dict[str, Any] = found[0]
        return row

    def create(self, model: str, record: Mapping[str, Any]) -> int:
        """A new record's number."""
        made = self.call(model, "create", vals_list=[dict(record)])
        try:
            return number(made[0] if isinstance(made, list) and made else made)
        except ValueError:
            raise lost(f"{model} was made, and no number answered", write=True) from None

    def write(self, model: str, ids: list[int], record: Mapping[str, Any]) -> None:
        """Change records."""
        self.call(model, "write", ids, vals=dict(record))
