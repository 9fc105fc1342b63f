"""The ERP itself: who may call it, JSON-RPC as strict as Tryton's, one call at a time.

    with Erp() as erp:
        ...                                   # POST {url}/erp/rpc/, user hub, password hub
        erp.record                            # sale, sale_processing, shipment, invoice, party ...

Nothing is exclusive about a reference: a second sale with the same one is accepted, as in the real
one. Master data: sandbox/erp/master.py; `ids` holds what a caller has to know of them.
"""

import base64
import binascii
import gzip
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.erp import codec, master
from sandbox.erp.desk import Desk
from sandbox.erp.faults import Fault, Forbidden
from sandbox.erp.rpc import Rpc
from sandbox.http import Answer, Request
from sandbox.misbehaviour import Act, Call, Rule
from sandbox.partner import Partner

VERSION = "8.2"
USER_ID = 1
METHOD = re.compile(rb'"method"\s*:\s*"([^"]{1,100})"')
GZIP_FROM = 1400  # larger answers are labelled gzip even for callers that did not ask for it


def page(status: int, title: str) -> Answer:
    body = f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n"
    return Answer(status, body.encode(), "text/html; charset=utf-8")


class Erp(Partner):
    name = "erp"

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        database: str = "erp",
        user: str = "hub",
        password: str = "hub",  # noqa: S107 - opens nothing but this sandbox
        company: str = "Example Goods Ltd",
        currency: str = "EUR",
        products: Mapping[str, str] | None = None,
        pieces: float = 100_000.0,
        open_catalogue: bool = False,
        record_path: Path | None = None,
    ) -> None:
        """`products`: code to name, each with so many `pieces`; default the sandbox's catalogue.

        With `open_catalogue` a product that is looked for by its code and not there is made.
        """
        super().__init__(host, port, record_path)
        self.database, self.user, self._password = database, user, password
        self._company, self._currency = company, currency
        self._products, self._pieces, self._open = products, pieces, open_catalogue
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        with self._lock:
            self._desk = Desk()
            self._sessions: set[str] = set()
            self._asked: dict[str, str] = {}  # calls that a warning was demanded for
            self.ids = master.found(self._desk, self.user, self._company, self._currency)
            unit = self.ids["unit"]
            self.ids["products"] = master.stock_up(self._desk, unit, self._products, self._pieces)
            grow = self._grow if self._open else None
            self._rpc = Rpc(self._desk, self._preferences(), grow)

    def _preferences(self) -> dict[str, Any]:
        company = self.ids["company"]
        return {
            "company_filter": "one", "employees": [], "companies": [company], "company": company,
            "company.rec_name": self._company, "language": "en", "language_direction": "ltr",
            "groups": [],
            "locale": {"date": "%m/%d/%Y", "decimal_point": ".", "thousands_sep": ","},
        }  # fmt: skip

    def _grow(self, code: str) -> int:
        made = master.add_product(self._desk, code, code, self.ids["unit"], pieces=self._pieces)
        self.ids["products"][code] = made
        return made

    def add_product(self, code: str, name: str = "", *, goods: bool = True) -> int:
        """Makes an article known; its id."""
        with self._lock:
            unit, pieces = self.ids["unit"], self._pieces if goods else 0.0
            made = master.add_product(
                self._desk, code, name or code, unit, goods=goods, pieces=pieces
            )
            self.ids["products"][code] = made
            return made

    def expire_sessions(self) -> None:
        """Every session is dead: callers get 401 until they log in again."""
        with self._lock:
            self._sessions.clear()

    def acts(self) -> Mapping[str, Act]:
        return {"warning": self._demand_warning, "401": unauthorised}

    def _demand_warning(self, rule: Rule, call: Call) -> Answer:
        """Asks for confirmation of this very call before it is done, however often it comes."""
        message = str(rule.more.get("message", "Are you sure?"))
        with self._lock:
            self._asked[fingerprint(call.request)] = message
        return call()

    # --- what it is asked

    def kind(self, request: Request) -> str:
        found = METHOD.search(request.body)
        return found[1].decode() if found else "unknown"

    def respond(self, request: Request) -> Answer:
        if request.path not in {"/rpc/", f"/{self.database}/rpc/"}:
            return page(404, "Not Found")
        if request.method != "POST":
            return page(405, "Method Not Allowed")
        try:
            call = codec.decode(request.body)
        except ValueError:
            call = None
        if not is_call(call):
            return page(400, "Bad Request")
        if call["method"].startswith("common."):
            return self._common(request, call["id"], call["method"], call["params"])
        return self._model(request, call["id"], call["method"], call["params"])

    def _model(self, request: Request, ident: Any, method: str, params: list[Any]) -> Answer:
        if request.path == "/rpc/":
            return page(404, "Not Found")
        if not self._is_known(request.headers.get("authorization", "")):
            return unauthorised()
        try:
            return answer(request, {"id": ident, "result": self._do(request, method, params)})
        except Fault as fault:
            return answer(request, {"id": ident, "error": fault.shown})
        except Forbidden:
            return page(403, "Forbidden")

    def _do(self, request: Request, method: str, params: list[Any]) -> Any:
        with self._lock:
            if self._asked:
                self._confirmed(fingerprint(request))
            desk = self._desk
            desk.notes.clear()
            with desk.store.call():
                result = self._rpc.call(method, params)
            for kind, key, document in desk.notes:
                self._record.add(kind, key, document)
            return result

    def _confirmed(self, call: str) -> None:
        """Raises the warning that a rule demanded for this call, until it was answered."""
        if call in self._asked:
            self._desk.warn("sandbox", call, self._asked[call])
            del self._asked[call]

    # --- who asks

    def _common(self, request: Request, ident: Any, method: str, params: list[Any]) -> Answer:
        match method:
            case "common.server.version":
                return answer(request, {"id": ident, "result": VERSION})
            case "common.db.list":
                return answer(request, {"id": ident, "result": [self.database]})
            case "common.db.login" if request.path != "/rpc/":
                return self._log_in(request, ident, params)
            case "common.db.logout" if request.path != "/rpc/":
                with self._lock:
                    self._sessions.discard(session_token(request))
                return answer(request, {"id": ident, "result": None})
            case _:
                return page(404, "Not Found")

    def _log_in(self, request: Request, ident: Any, params: list[Any]) -> Answer:
        match params:
            case [str(user), {"password": str(password)}, *_] if self._fits(user, password):
                token = secrets.token_hex(32)
                with self._lock:
                    self._sessions.add(token)
                return answer(request, {"id": ident, "result": [USER_ID, token, None]})
            case _:
                return page(401, "Unauthorized")

    def _fits(self, user: str, password: str) -> bool:
        made = hmac.compare_digest(password.encode(), self._password.encode())
        return user == self.user and made

    def _is_known(self, header: str) -> bool:
        scheme, _, coded = header.partition(" ")
        text = unbase64(coded)
        if scheme == "Basic":
            user, _, password = text.partition(":")
            return self._fits(user, password)
        login, _, rest = text.partition(":")
        number, _, token = rest.partition(":")
        named = scheme == "Session" and login == self.user and number == str(USER_ID)
        return named and token in self._sessions


def unauthorised(*_: object) -> Answer:
    headers = {"WWW-Authenticate": 'Basic realm="Tryton"'}
    return Answer(401, b"", "text/plain; charset=utf-8", headers)


def is_call(told: Any) -> bool:
    """All three keys and nothing else: what is not so, is no JSON-RPC here."""
    return (
        isinstance(told, dict)
        and set(told) == {"id", "method", "params"}
        and isinstance(told["method"], str)
        and isinstance(told["params"], list)
    )


def fingerprint(request: Request) -> str:
    """The same call again has the same one, whatever its number."""
    try:
        told = json.loads(request.body)
        plain = json.dumps([told["method"], told["params"][:-1]], sort_keys=True)
    except (ValueError, TypeError, KeyError):
        plain = ""
    return hashlib.md5(plain.encode(), usedforsecurity=False).hexdigest()


def answer(request: Request, value: Any) -> Answer:
    body = codec.encode(value)
    if len(body) < GZIP_FROM:
        return Answer(200, body)
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 1)
    return Answer(200, body, headers={"Content-Encoding": "gzip"})


def session_token(request: Request) -> str:
    _, _, coded = request.headers.get("authorization", "").partition(" ")
    return unbase64(coded).rpartition(":")[2]


def unbase64(coded: str) -> str:
    try:
        return base64.b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
