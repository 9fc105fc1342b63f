"""POST /in/<connection>: verify, keep, answer in the partner's own form. Nothing else.

It stands before Flask, since thousands arrive a second. A 2xx leaves only after the commit. What is
not authentic is stored nowhere but in the security log, and there without its body.
"""

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from secrets import token_bytes
from typing import Any

from adapters.kit.partners import Adapters
from adapters.ports import Call
from hub.doors.limits import Buckets, Seldom
from hub.doors.origin import neighbourhood
from hub.doors.watch import Watch
from hub.gateway.http import body as bodies
from hub.gateway.http.body import Refused
from hub.gateway.http.correlation import correlation_id
from hub.gateway.http.faults import where
from hub.gateway.http.problems import AWAY, Stop, Trouble, trouble
from hub.gateway.intake import deliveries, replies
from hub.gateway.intake.deliveries import Unreadable
from hub.gateway.intake.directory_cache import Phonebook
from hub.gateway.intake.group_commit import Keeper
from hub.gateway.intake.knock import Knock, form_of, kind_of_call
from hub.gateway.intake.repeats import Repeats
from hub.gateway.intake.replies import Start
from hub.gateway.intake.tally import Tally, known
from hub.gateway.metrics.gateway import Metrics
from hub.logs import get
from hub.model.errors import BadData, NotAuthentic
from hub.store.base.failures import DatabaseAway
from hub.store.config.snapshot import Connection
from hub.store.messages.inbox import Kept
from hub.store.opened import Store

Ring = Callable[[Iterable[tuple[str, str, int]]], object]

PREFIX = "/in/"
STRANGERS_PER_SECOND, STRANGERS_BURST = 20.0, 200.0
"""Refusals of one address that are told and logged one by one."""


_NOT_ALLOWED = trouble(405, "method_not_allowed", "deliveries are posted", Allow="POST")
_STRANGER = trouble(
    401, "bad_signature", "the delivery is not authentic", WWW_Authenticate="Signature"
)
"""What whoever proves nothing hears, whatever is wrong, and whether or not there is such a
connection: the reason stands in the security log.
"""
_NOBODYS = token_bytes(32)
_UNUSABLE = trouble(
    503, "connection_unusable", "the connection is not set up rightly", Retry_After="60"
)
_FAILED = trouble(503, "internal_error", "not stored; this is an error of ours", Retry_After="60")
_UNREADABLE = trouble(400, "bad_request", "the delivery cannot be read")


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
        tally: Tally,
    ) -> None:
        self._adapters, self._ring = adapters, ring
        self._phonebook, self._watch, self._metrics = phonebook, watch, metrics
        self._tally = tally
        self._keeper, self._repeats = Keeper(store), Repeats()
        self._strangers, self._seldom = Buckets(STRANGERS_PER_SECOND, STRANGERS_BURST), Seldom()

    def __call__(self, environ: dict[str, Any], start: Start) -> list[bytes]:
        correlation = correlation_id(environ.get("HTTP_X_CORRELATION_ID"))
        try:
            knock = Knock(environ, self._partner(environ), correlation)
        except Stop as error:
            self._count("-", error.trouble.errors[0].code)
            return replies.problem(start, error.trouble, correlation)
        with self._metrics.intake_seconds.time():
            return self._answer(knock, start)

    def _partner(self, environ: Mapping[str, Any]) -> Connection | None:
        """Who is called; None where nobody of that name is there, which only the log tells."""
        if environ["REQUEST_METHOD"] != "POST":
            raise Stop.of(_NOT_ALLOWED)
        try:
            partners = self._phonebook.directory().connections
        except DatabaseAway:
            raise Stop.of(AWAY) from None
        return partners.get(environ["PATH_INFO"][len(PREFIX) :])

    def _answer(self, knock: Knock, start: Start) -> list[bytes]:
        """The body is read first: an error of the line itself is the server's to handle."""
        try:
            raw = knock.raw = bodies.read(knock.environ)
        except Refused as error:
            return self._refuse(knock, start, trouble(error.status, error.code, str(error)))
        try:
            kept = self._keep(knock, raw)
        except Exception as error:  # noqa: BLE001  # the last resort: nobody is shown a traceback
            return self._refuse(knock, start, self._why(knock, error))
        self._count_and_ring(knock.code, kept)
        form = form_of(knock.kind)
        if form is not None:
            return replies.own(start, form(None, "stored"), knock.correlation, {})
        body = {"status": "stored", "id": str(kept.id), "repeated": kept.repeat > 0}
        raw = json.dumps(body).encode()
        return replies.send(
            start, 200, raw, {"Content-Type": "application/json"}, knock.correlation
        )

    def _keep(self, knock: Knock, raw: bytes) -> Kept:
        environ, partner = knock.environ, knock.partner
        directory = self._phonebook.directory()
        if partner is not None:
            knock.adapter = self._adapters.inward(partner, directory.network, directory.version)
        if not deliveries.is_read(environ.get("CONTENT_TYPE", "")):
            raise Stop(415, "wrong_type", "JSON, XML, CSV, text, form, ZIP or EDI is expected")
        if self._watch.is_full():
            headers = {"Retry-After": "60"}
            raise Stop(503, "disk_full", "nothing can be stored now, try again", headers=headers)
        call = Call("POST", environ.get("QUERY_STRING", ""), deliveries.headers(environ), raw)
        if partner is None or knock.adapter is None:
            hmac.digest(_NOBODYS, raw, "sha256")  # as long as a signature takes
            raise NotAuthentic("not_found")
        delivery = deliveries.verified(knock.adapter, call)
        knock.proved = True
        arrival = deliveries.arrival(partner, delivery, raw, knock.correlation)
        wait = self._repeats.wait(arrival)
        if wait:
            headers = {"Retry-After": str(int(wait) + 1)}
            raise Stop(429, "too_many_requests", "this was stored long ago", headers=headers)
        kept = self._keeper.keep(arrival)
        self._repeats.note(arrival, kept)
        return kept

    def _why(self, knock: Knock, error: Exception) -> Trouble:
        """What a delivery that was not stored is told. Whatever is our fault may come again."""
        code = knock.code
        if isinstance(error, Stop):
            return error.trouble
        if isinstance(error, DatabaseAway):
            return AWAY
        if isinstance(error, NotAuthentic | Unreadable):
            return self._stranger(knock, error)
        if isinstance(error, BadData):
            get(__name__).error("connection_unusable", connection=code, path=error.path)
            return _UNUSABLE
        get(__name__).error("intake_failed", connection=code, **where(error))
        return _FAILED

    def _stranger(self, knock: Knock, error: NotAuthentic | Unreadable) -> Trouble:
        """Who can sign was let in before this; of others few are told one by one."""
        code, address = knock.code, str(knock.environ.get("REMOTE_ADDR"))
        if isinstance(error, NotAuthentic):
            knock.reason = error.code
            if knock.partner is not None:
                self._tally.unproved(knock.partner, error.code)
        if isinstance(error, Unreadable):
            kept_back = self._seldom.due(code)
            if kept_back is not None:
                place = where(error.__cause__ or error)
                get("hub.security").warning(
                    "delivery_unreadable", connection=code, kept_back=kept_back, **place
                )
        wait = self._strangers.take(neighbourhood(address))
        if wait:  # it is no news any more
            return _again(wait)
        if isinstance(error, Unreadable):
            return _STRANGER
        get("hub.security").warning(
            "not_authentic",
            connection=code,
            reason=error.code,
            address=address,
            correlation_id=str(knock.correlation),
        )
        return _STRANGER

    def _refuse(self, knock: Knock, start: Start, refusal: Trouble) -> list[bytes]:
        why = knock.reason or refusal.errors[0].code
        self._count(knock.code, why)
        if knock.partner is not None:
            self._tally.refused(knock.code, why)
        form = form_of(knock.kind if knock.proved else kind_of_call(knock))
        if form is None:
            return replies.problem(start, refusal, knock.correlation)
        first = refusal.errors[0]
        said = form(first.code, first.message)
        return replies.own(start, said, knock.correlation, refusal.headers)

    def _count_and_ring(self, code: str, kept: Kept) -> None:
        self._metrics.intake.labels(code, "repeated" if kept.repeat else "stored").inc()
        self._tally.accepted(code)
        if kept.repeat:
            return
        try:
            self._ring([("in", code, kept.shard)])
        except Exception as error:  # noqa: BLE001  # it is stored; the sweep finds it
            get(__name__).warning("ring_failed", error=type(error).__name__)

    def _count(self, connection: str, outcome: str) -> None:
        self._metrics.intake.labels(connection, known(outcome)).inc()


def _again(wait: float) -> Trouble:
    told = "too many deliveries from this address that are not authentic"
    return trouble(429, "too_many_failures", told, Retry_After=str(int(wait) + 1))
