"""Who calls the Open API: an API key (`Authorization: Bearer`), or a connection that signs.

A connection of the generic adapters may sign with its own webhook secret: the Standard Webhooks
headers over method, path and body, and `webhook-connection` with its code. It reaches its own
documents only. Each signature counts once; a `webhook-id` serves as Idempotency-Key, so that a call
that is sent again is answered as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from adapters.kit.signature import check_standard, request_content
from hub.doors.guessing import Strangers
from hub.doors.limits import Seldom
from hub.doors.proved import PROVED
from hub.gateway.http.faults import where
from hub.gateway.http.problems import Stop
from hub.gateway.intake.directory_cache import Phonebook
from hub.logs import get
from hub.model.errors import BadData, NotAuthentic
from hub.model.merchant import OPERATOR
from hub.rules.ops.four_eyes import as_key
from hub.store.base.database import Database, Scope
from hub.store.config import secrets
from hub.store.config.snapshot import Connection
from hub.store.opened import Store
from hub.store.people import api_keys, signatures

_SIGNED_SCOPES: dict[tuple[str, str], frozenset[str]] = {
    ("channel", "generic_channel"): frozenset(
        {"orders:read", "orders:write", "returns:read", "returns:write"}
    ),
    ("warehouse", "generic_warehouse"): frozenset(
        {
            *("fulfilment:read", "fulfilment:write", "inbound:read", "inbound:receive"),
            *("returns:read", "returns:receive"),
            *("stock:read", "stock:write", "stock:count"),
        }
    ),
}
"""(kind, adapter) of connections that may sign, and what they may do."""

_IN_QUERY = ("key=", "api_key=", "apikey=", "access_token=", "token=", api_keys.PREFIX)
_BEARER = 'Bearer realm="orderhub"'


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `merchant` None: all merchants. `connection`: only what concerns that one."""

    id: str
    actor: str
    scopes: frozenset[str]
    merchant: str | None
    connection: Connection | None = None
    signed_id: str | None = None

    @property
    def scope(self) -> Scope:
        return None if self.merchant is None else (self.merchant,)

    def door(self, store: Store) -> Database:
        """The sessions that this caller may use: those that see nothing until a scope is set,
        unless the caller may see everything.
        """
        return store.database if self.merchant is None else store.doors

    def sees(self, partner: Connection) -> bool:
        """Whether a connection is one of the caller's own."""
        if self.connection is not None:
            return partner.code == self.connection.code
        return self.merchant in (None, partner.merchant)


class Doorkeeper:
    """Tells who calls, or refuses."""

    def __init__(self, store: Store, phonebook: Phonebook) -> None:
        self._store, self._phonebook = store, phonebook
        self._strangers, self._seldom = Strangers(), Seldom()

    def caller(self, environ: Mapping[str, Any], raw: bytes) -> Caller:
        """The caller, whoever else has failed. Stop with 401, or 429 where too many have."""
        try:
            caller = self._prove(environ, raw)
        except NotAuthentic as error:
            raise self._refusal(environ, error.code) from None
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            kept_back = self._seldom.due("unreadable")
            if kept_back is not None:
                log = get("hub.security")
                log.warning("credential_unreadable", kept_back=kept_back, **where(error))
            raise self._refusal(environ, "bad_key") from None
        if "HTTP_AUTHORIZATION" in environ:
            PROVED.add(environ["HTTP_AUTHORIZATION"].encode("latin-1", "replace"))
        return caller

    def _refusal(self, environ: Mapping[str, Any], code: str) -> Stop:
        """What a stranger is told: few in a while what is wrong, the others to come later."""
        address = str(environ.get("REMOTE_ADDR") or "-")
        wait = self._strangers.count(address)
        if wait:
            headers = {"Retry-After": str(int(wait) + 1)}
            message = "too many failed attempts"
            return Stop(429, "too_many_failures", message, headers=headers)
        get("hub.security").warning("not_authentic", address=address, reason=code)
        message = "an API key or a connection's signature is expected"
        return Stop(401, code, message, headers={"WWW-Authenticate": _BEARER})

    def _prove(self, environ: Mapping[str, Any], raw: bytes) -> Caller:
        if any(part in environ.get("QUERY_STRING", "").lower() for part in _IN_QUERY):
            raise NotAuthentic("key_in_query")
        authorization = environ.get("HTTP_AUTHORIZATION")
        signature = environ.get("HTTP_WEBHOOK_SIGNATURE")
        if authorization is not None and signature is not None:
            raise NotAuthentic("two_credentials")
        if signature is not None:
            return self._signed(environ, raw)
        if authorization is None:
            raise NotAuthentic("missing_key")
        return self._keyed(authorization)

    def _keyed(self, authorization: str) -> Caller:
        if "," in authorization:
            raise NotAuthentic("two_credentials")
        kind, _, text = authorization.partition(" ")
        if kind.lower() != "bearer" or not api_keys.looks_like_one(text):
            raise NotAuthentic("bad_key")
        with self._store.database.begin() as db:
            key = api_keys.find(db, text)
        if key is None:
            raise NotAuthentic("bad_key")
        return Caller(f"key:{key.id}", as_key(key.name, key.owner), key.scopes, key.merchant)

    def _signed(self, environ: Mapping[str, Any], raw: bytes) -> Caller:
        code = environ.get("HTTP_WEBHOOK_CONNECTION", "")
        partner = self._phonebook.directory().connections.get(code)
        scopes = partner and _SIGNED_SCOPES.get((partner.kind, partner.adapter))
        if partner is None or not scopes:
            raise NotAuthentic("unknown_connection")
        headers = {
            f"webhook-{name}": environ.get(f"HTTP_WEBHOOK_{name.upper()}", "")
            for name in ("id", "timestamp", "signature")
        }
        content = request_content(environ["REQUEST_METHOD"], _target(environ), raw)
        number = check_standard(self._secrets(partner), headers, content, datetime.now(UTC))
        merchant = None if partner.merchant == OPERATOR else partner.merchant
        name = f"connection:{code}"
        signed = f"{code}.{number}.{headers['webhook-timestamp']}.".encode() + content
        self._count_once(environ, signed, number)
        return Caller(name, name, scopes, merchant, partner, signed_id=number)

    def _count_once(self, environ: Mapping[str, Any], signed: bytes, number: str) -> None:
        """Whoever sends the same signature again is answered as before, or refused."""
        writes = environ["REQUEST_METHOD"] == "POST"
        key = environ.get("HTTP_IDEMPOTENCY_KEY", f"signed:{number}") if writes else ""
        with self._store.database.begin() as db:
            if not signatures.use(db, sha256(signed).digest(), key):
                raise NotAuthentic("used_signature")

    def _secrets(self, partner: Connection) -> list[str]:
        reference = partner.secrets.get("webhook_secret")
        if reference is None:
            raise NotAuthentic("unknown_connection")
        try:
            revealed = secrets.reveal(
                self._store.vault,
                {"webhook_secret": str(reference)},
                (partner.merchant, partner.code),
            )
        except BadData as error:
            get(__name__).error("connection_unusable", connection=partner.code, path=error.path)
            raise NotAuthentic("unknown_connection") from None
        return [line.strip() for line in revealed["webhook_secret"].splitlines() if line.strip()]


def _target(environ: Mapping[str, Any]) -> str:
    """Path and query as they were sent."""
    parts = urlsplit(environ["RAW_URI"])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
