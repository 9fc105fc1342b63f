"""POST /in/<connection>: verify, keep, answer in the partner's own form. Nothing else.

It stands before Flask, since thousands arrive a second. A 2xx leaves only after the commit. What is
not authentic is stored nowhere but in the security log, and there without its body.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from adapters.kit import registry
from adapters.kit.partners import Adapters
from adapters.ports import Adapter, Answer, Answering, Call, Delivery
from hub.gateway import body as bodies
from hub.gateway.body import Refused
from hub.gateway.correlation import HEADER, correlation_id
from hub.gateway.faults import where
from hub.gateway.keeping import Keeper
from hub.gateway.limits import STRANGERS_BURST, STRANGERS_PER_SECOND, Buckets, InFlight
from hub.gateway.metrics import Metrics
from hub.gateway.phonebook import Phonebook
from hub.gateway.problems import AWAY, CONTENT_TYPE, Stop, Trouble, trouble
from hub.gateway.watch import Watch
from hub.logs import get
from hub.model.errors import BadData, NotAuthentic
from hub.store.database import DatabaseAway
from hub.store.directory import Partner
from hub.store.ids import new_id
from hub.store.inbox import Arrival, Kept
from hub.store.runtime import Store

Ring = Callable[[Iterable[tuple[str, str, int]]], object]
Start = Callable[[str, list[tuple[str, str]]], object]

PREFIX = "/in/"
_LONGEST = 200

TYPES = frozenset(
    {
        "application/json",
        "application/xml",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "application/edi-x12",
        "application/edifact",
        "text/json",
        "text/plain",
        "text/xml",
    }
)
"""Content types that are read; also every `+json` and `+xml`, and none at all."""

_STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    413: "413 Content Too Large",
    415: "415 Unsupported Media Type",
    429: "429 Too Many Requests",
    503: "503 Service Unavailable",
}

_NOT_ALLOWED = trouble(405, "method_not_allowed", "deliveries are posted", Allow="POST")
_UNKNOWN = trouble(404, "not_found", "there is no connection of that code")
_BUSY = trouble(429, "too_many_requests", "too many deliveries at once", Retry_After="1")
_UNUSABLE = trouble(
    503, "connection_unusable", "the connection is not set up rightly", Retry_After="60"
)
_FAILED = trouble(503, "internal_error", "not stored; this is an error of ours", Retry_After="60")


@dataclass(slots=True)
class _Knock:
    """One delivery at the door. The adapter is known once the body was read."""

    environ: Mapping[str, Any]
    partner: Partner
    correlation: UUID
    adapter: Adapter | None = None

    @property
    def answering(self) -> Answering | None:
        """The adapter, where its partner expects an answer in its own form."""
        return cast("Answering", self.adapter) if hasattr(self.adapter, "answer") else None


class Intake:
    """The WSGI app of the intake path."""

    def __init__(
        self,
        store: Store,
        adapters: Adapters,
        ring: Ring,
        *,
        phonebook: Phonebook,
        watch: Watch,
        metrics: Metrics,
    ) -> None:
        self._adapters, self._ring = adapters, ring
        self._phonebook, self._watch, self._metrics = phonebook, watch, metrics
        self._keeper = Keeper(store)
        self._in_flight = InFlight()
        self._strangers = Buckets(STRANGERS_PER_SECOND, STRANGERS_BURST)

    def __call__(self, environ: dict[str, Any], start: Start) -> list[bytes]:
        correlation = correlation_id(environ.get("HTTP_X_CORRELATION_ID"))
        try:
            knock = _Knock(environ, self._partner(environ), correlation)
        except Stop as error:
            self._count("-", error.trouble)
            return _problem(start, error.trouble, correlation)
        with self._metrics.intake_seconds.time():
            return self._serve(knock, start)

    def _partner(self, environ: Mapping[str, Any]) -> Partner:
        if environ["REQUEST_METHOD"] != "POST":
            raise Stop.of(_NOT_ALLOWED)
        try:
            partners = self._phonebook.directory().partners
        except DatabaseAway:
            raise Stop.of(AWAY) from None
        partner = partners.get(environ["PATH_INFO"][len(PREFIX) :])
        if partner is None:
            raise Stop.of(_UNKNOWN)
        return partner

    def _serve(self, knock: _Knock, start: Start) -> list[bytes]:
        with self._in_flight.enter(knock.partner.code) as free:
            return self._answer(knock, start) if free else self._refuse(knock, start, _BUSY)

    def _answer(self, knock: _Knock, start: Start) -> list[bytes]:
        """The body is read first: an error of the line itself is the server's to handle."""
        try:
            raw = bodies.read(knock.environ)
        except Refused as error:
            return self._refuse(knock, start, trouble(error.status, error.code, str(error)))
        try:
            kept = self._keep(knock, raw)
        except Exception as error:  # noqa: BLE001  # the last resort: nobody is shown a traceback
            return self._refuse(knock, start, self._why(knock, error))
        self._count_and_ring(knock.partner.code, kept)
        if knock.answering is not None:
            return _own(start, knock.answering.answer(None, "stored"), knock.correlation, {})
        body = {"status": "stored", "id": str(kept.id), "repeated": kept.repeat > 0}
        raw = json.dumps(body).encode()
        return _send(start, 200, raw, {"Content-Type": "application/json"}, knock.correlation)

    def _keep(self, knock: _Knock, raw: bytes) -> Kept:
        environ, partner = knock.environ, knock.partner
        directory = self._phonebook.directory()
        knock.adapter = self._adapters.of(partner, directory.network, directory.version)
        if not _is_read(environ.get("CONTENT_TYPE", "")):
            raise Stop(415, "wrong_type", "JSON, XML, text, form or EDI is expected")
        if self._watch.is_full():
            headers = {"Retry-After": "60"}
            raise Stop(503, "disk_full", "nothing can be stored now, try again", headers=headers)
        call = Call("POST", environ.get("QUERY_STRING", ""), _headers(environ), raw)
        delivery = knock.adapter.verify(call, datetime.now(UTC))
        return self._keeper.keep(_arrival(partner, delivery, raw, knock.correlation))

    def _why(self, knock: _Knock, error: Exception) -> Trouble:
        """What a delivery that was not stored is told. Whatever is our fault may come again."""
        code = knock.partner.code
        if isinstance(error, Stop):
            return error.trouble
        if isinstance(error, DatabaseAway):
            return AWAY
        if isinstance(error, NotAuthentic):
            wait = self._strangers.take(str(knock.environ.get("REMOTE_ADDR")))
            if wait:  # it is no news any more; who can sign was let in above
                return _again(wait)
            get("hub.security").warning(
                "not_authentic",
                connection=code,
                reason=error.code,
                address=knock.environ.get("REMOTE_ADDR"),
                correlation_id=str(knock.correlation),
            )
            told = "the delivery is not authentic"
            return trouble(401, error.code, told, WWW_Authenticate="Signature")
        if isinstance(error, BadData):
            get(__name__).error("connection_unusable", connection=code, path=error.path)
            return _UNUSABLE
        get(__name__).error("intake_failed", connection=code, **where(error))
        return _FAILED

    def _refuse(self, knock: _Knock, start: Start, told: Trouble) -> list[bytes]:
        self._count(knock.partner.code, told)
        if knock.answering is None:
            return _problem(start, told, knock.correlation)
        first = told.errors[0]
        said = knock.answering.answer(first.code, first.message)
        return _own(start, said, knock.correlation, told.headers)

    def _count_and_ring(self, code: str, kept: Kept) -> None:
        self._metrics.intake.labels(code, "repeated" if kept.repeat else "stored").inc()
        if kept.repeat:
            return
        try:
            self._ring([("in", code, kept.shard)])
        except Exception as error:  # noqa: BLE001  # it is stored; the sweep finds it
            get(__name__).warning("ring_failed", error=type(error).__name__)

    def _count(self, connection: str, told: Trouble) -> None:
        self._metrics.intake.labels(connection, told.errors[0].code).inc()


def _again(wait: float) -> Trouble:
    told = "too many deliveries from this address that are not authentic"
    return trouble(429, "too_many_failures", told, Retry_After=str(int(wait) + 1))


def _own(start: Start, said: Answer, correlation: UUID, more: Mapping[str, str]) -> list[bytes]:
    headers = {"Content-Type": said.content_type, **more}
    return _send(start, said.status, said.body, headers, correlation)


def _problem(start: Start, told: Trouble, correlation: UUID) -> list[bytes]:
    headers = {"Content-Type": CONTENT_TYPE, **told.headers}
    return _send(start, told.status, told.document(correlation), headers, correlation)


def _send(
    start: Start, status: int, body: bytes, headers: Mapping[str, str], correlation: UUID
) -> list[bytes]:
    start(
        _STATUS.get(status, f"{status} Other"),
        [
            ("Content-Length", str(len(body))),
            (HEADER, str(correlation)),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            *headers.items(),
        ],
    )
    return [body]


def _arrival(partner: Partner, delivery: Delivery, raw: bytes, correlation: UUID) -> Arrival:
    return Arrival(
        id=new_id(),
        merchant=partner.merchant,
        connection=partner.code,
        shards=partner.shards,
        topic=delivery.topic[:_LONGEST],
        delivery_id=delivery.id,
        key=_short(delivery.key),
        payload=raw,
        correlation_id=correlation,
        bulk=delivery.topic in registry.entry(partner.adapter).manifest.bulk,
    )


def _short(key: str | None) -> str | None:
    """A key that an index can hold: one that is too long is named by its digest."""
    if key is None or len(key) <= _LONGEST:
        return key
    return f"long:{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    found = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    found["content-type"] = environ.get("CONTENT_TYPE", "")
    return found


def _is_read(content_type: str) -> bool:
    name = content_type.partition(";")[0].strip().lower()
    return not name or name in TYPES or name.endswith(("+json", "+xml"))
