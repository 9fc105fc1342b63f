"""Who calls the Open API: an API key (`Authorization: Bearer`), or a connection that signs.

A connection of the generic adapters may sign with its own webhook secret: the Standard Webhooks
headers over the body (empty for GET), and `webhook-connection` with its code. It reaches its own
documents only; a `webhook-id` serves as Idempotency-Key, so that a signed body that is sent again,
here or to another address, has no second effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from adapters.kit.signature import check_standard
from hub.gateway.limits import Guessing
from hub.gateway.phonebook import Phonebook
from hub.gateway.problems import Stop
from hub.logs import get
from hub.model.errors import BadData, NotAuthentic
from hub.store import keys, secrets
from hub.store.database import Database, Scope
from hub.store.directory import OPERATOR, Partner
from hub.store.runtime import Store

_SIGNED_SCOPES: dict[tuple[str, str], frozenset[str]] = {
    ("channel", "generic_channel"): frozenset({"orders:read", "orders:write"}),
    ("warehouse", "generic_warehouse"): frozenset(
        {"fulfilment:read", "fulfilment:write", "stock:read", "stock:write"}
    ),
}
"""(kind, adapter) of connections that may sign, and what they may do."""

_IN_QUERY = ("key=", "api_key=", "apikey=", "access_token=", "token=", keys.PREFIX)
_BEARER = 'Bearer realm="orderhub"'


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `merchant` None: all merchants. `connection`: only what concerns that one."""

    id: str
    actor: str
    scopes: frozenset[str]
    merchant: str | None
    connection: Partner | None = None
    signed_id: str | None = None

    @property
    def scope(self) -> Scope:
        return None if self.merchant is None else (self.merchant,)

    def door(self, store: Store) -> Database:
        """The sessions that this caller may use: those that see nothing until a scope is set,
        unless the caller may see everything.
        """
        return store.database if self.merchant is None else store.doors

    def sees(self, partner: Partner) -> bool:
        """Whether a connection is one of the caller's own."""
        if self.connection is not None:
            return partner.code == self.connection.code
        return self.merchant in (None, partner.merchant)


class Doorkeeper:
    """Tells who calls, or refuses."""

    def __init__(self, store: Store, phonebook: Phonebook) -> None:
        self._store, self._phonebook = store, phonebook
        self._guessing = Guessing()

    def caller(self, environ: Mapping[str, Any], raw: bytes) -> Caller:
        """The caller. Stop with 401, or 429 where this address has failed too often."""
        address = str(environ.get("REMOTE_ADDR") or "-")
        credential = _credential(environ)
        wait = self._guessing.wait(address, credential)
        if wait:
            headers = {"Retry-After": str(int(wait) + 1)}
            message = "too many failed attempts from this address"
            raise Stop(429, "too_many_failures", message, headers=headers)
        try:
            found = self._prove(environ, raw)
        except NotAuthentic as error:
            self._guessing.failed(address, credential)
            get("hub.security").warning("not_authentic", address=address, reason=error.code)
            headers = {"WWW-Authenticate": _BEARER}
            message = "an API key or a connection's signature is expected"
            raise Stop(401, error.code, message, headers=headers) from None
        self._guessing.proved(address, credential)
        return found

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
        if kind.lower() != "bearer" or not keys.looks_like_one(text):
            raise NotAuthentic("bad_key")
        with self._store.database.begin() as db:
            key = keys.find(db, text)
        if key is None:
            raise NotAuthentic("bad_key")
        return Caller(f"key:{key.id}", f"key:{key.name}", key.scopes, key.merchant)

    def _signed(self, environ: Mapping[str, Any], raw: bytes) -> Caller:
        code = environ.get("HTTP_WEBHOOK_CONNECTION", "")
        partner = self._phonebook.directory().partners.get(code)
        scopes = partner and _SIGNED_SCOPES.get((partner.kind, partner.adapter))
        if partner is None or not scopes:
            raise NotAuthentic("unknown_connection")
        headers = {
            f"webhook-{name}": environ.get(f"HTTP_WEBHOOK_{name.upper()}", "")
            for name in ("id", "timestamp", "signature")
        }
        number = check_standard(self._secrets(partner), headers, raw, datetime.now(UTC))
        merchant = None if partner.merchant == OPERATOR else partner.merchant
        name = f"connection:{code}"
        return Caller(name, name, scopes, merchant, partner, signed_id=number)

    def _secrets(self, partner: Partner) -> list[str]:
        reference = partner.secrets.get("webhook_secret")
        if reference is None:
            raise NotAuthentic("unknown_connection")
        try:
            found = secrets.reveal(self._store.vault, {"webhook_secret": str(reference)})
        except BadData as error:
            get(__name__).error("connection_unusable", connection=partner.code, path=error.path)
            raise NotAuthentic("unknown_connection") from None
        return [line.strip() for line in found["webhook_secret"].splitlines() if line.strip()]


def _credential(environ: Mapping[str, Any]) -> bytes:
    """What is guessed at: the key's text, or the connection's name."""
    shown = environ.get("HTTP_AUTHORIZATION") or environ.get("HTTP_WEBHOOK_CONNECTION") or ""
    return sha256(str(shown).encode("utf-8", "surrogatepass")).digest()
