"""Serve a route of the Open API: who calls, may they, what do they ask; once for each key."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from adapters.kit.partners import Adapters
from hub.doors.cursors import Cursors
from hub.doors.limits import Buckets, InFlight
from hub.gateway.auth import Caller, Doorkeeper
from hub.gateway.http import problems
from hub.gateway.http.faults import where
from hub.gateway.http.problems import CONTENT_TYPE, Stop, Trouble
from hub.gateway.http.rendering import rendered
from hub.gateway.intake.directory_cache import Phonebook
from hub.gateway.routes import Ask, Reply, Route, read_query
from hub.logs import get
from hub.model.errors import IllegalTransition, NeedsPerson, NotFound
from hub.store.opened import Store
from hub.store.people import idempotency
from hub.store.people.idempotency import Answer

Ring = Callable[[Iterable[tuple[str, str, int]]], object]
JSON = "application/json"
_ASKED_FOR = ("application/json", "application/problem+json", "application/*", "*/*")
_REFUSALS = (Stop, NeedsPerson, NotFound, IllegalTransition)
"""What a handler may say no with; the same key hears the same no."""
_TRIES = 3
PER_SECOND, BURST, AT_ONCE = 200.0, 400.0, 24
"""What one caller may ask for."""
SLOW_AT_ONCE, SLOW_EACH = 4, 2
SLOW_PER_SECOND, SLOW_BURST = 5.0, 20.0
"""How many requests that take long a process works at once, in all and of one caller, and how many
one caller has in a second.
"""
_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the server read it."""

    environ: Mapping[str, Any]
    body: bytes
    correlation_id: UUID


class Api:
    """The Open API of one process."""

    def __init__(
        self, store: Store, adapters: Adapters, ring: Ring, phonebook: Phonebook, cursors: Cursors
    ) -> None:
        self._store, self._adapters, self._ring = store, adapters, ring
        self._phonebook, self._cursors = phonebook, cursors
        self._doorkeeper = Doorkeeper(store, phonebook)
        self._buckets, self._in_flight = Buckets(PER_SECOND, BURST), InFlight(AT_ONCE)
        self._slow, self._slow_each = InFlight(SLOW_AT_ONCE), InFlight(SLOW_EACH)
        self._slow_buckets = Buckets(SLOW_PER_SECOND, SLOW_BURST)

    def serve(self, route: Route, ids: Mapping[str, str], call: Call) -> Answer:
        """The answer. Nothing that goes wrong leaves here but as a problem document."""
        begun = time.monotonic()
        caller = "-"
        try:
            if not route.media:
                _check_accept(call.environ)
            known = self._doorkeeper.caller(call.environ, call.body)
            caller = known.id
            answer = self._admitted(route, ids, call, known)
        except Exception as error:  # noqa: BLE001  # the last resort
            problem = problems.of(error)
            if problem.status == problems.BROKEN.status:
                get(__name__).error("api_failed", route=route.name, **where(error))
            answer = refused(problem, call.correlation_id)
        get(__name__).info(
            "api",
            route=route.name,
            status=answer.status,
            caller=caller,
            ms=round((time.monotonic() - begun) * 1000),
            correlation_id=str(call.correlation_id),
        )
        return answer

    def _admitted(self, route: Route, ids: Mapping[str, str], call: Call, caller: Caller) -> Answer:
        wait = self._buckets.take(caller.id)
        if not wait and route.slow:
            wait = self._slow_buckets.take(caller.id)
        if not wait and route.scope not in caller.scopes:
            raise Stop(403, "missing_scope", f"the scope {route.scope} is needed")
        with self._in_flight.enter(caller.id) as free, self._seat(route, caller) as seat:
            if wait or not (free and seat):
                headers = {"Retry-After": str(int(wait) + 1)}
                raise Stop(429, "too_many_requests", "slower, please", headers=headers)
            ask = self._ask(route, ids, call, caller)
            key = _key(call.environ, caller) if route.method == "POST" else None
            return self._answered(ask, key, _digest(ask))

    @contextmanager
    def _seat(self, route: Route, caller: Caller) -> Iterator[bool]:
        """What takes long has few seats of its own: whoever asks for it, others are served."""
        if not route.slow:
            yield True
            return
        with self._slow_each.enter(caller.id) as own, self._slow.enter("") as free:
            yield own and free

    def _ask(self, route: Route, ids: Mapping[str, str], call: Call, caller: Caller) -> Ask:
        if route.body is not None:
            _check_body(call, optional=route.body_optional)
        given = parse_qs(call.environ.get("QUERY_STRING", ""), keep_blank_values=True)
        return Ask(
            store=self._store,
            adapters=self._adapters,
            directory=self._phonebook.directory(),
            cursors=self._cursors,
            caller=caller,
            route=route,
            correlation_id=call.correlation_id,
            at=datetime.now(UTC),
            ids=ids,
            query=read_query(route, given),
            body=call.body,
        )

    def _answered(self, ask: Ask, key: str | None, digest: bytes) -> Answer:
        if ask.route.bare:
            return _answer(ask) if key is None else self._once_bare(ask, key, digest)
        database, scope = ask.caller.door(self._store), ask.caller.scope

        def work(db: Connection) -> Answer:
            ask.open = db
            ask.rings.clear()
            return _answer(ask) if key is None else self._once(ask, db, key, digest)

        answer = _again(lambda: database.unit(work, scope))
        if ask.rings:
            self._ring_lanes(ask)
        return answer

    def _once(self, ask: Ask, db: Connection, key: str, digest: bytes) -> Answer:
        vault, caller = self._store.vault, ask.caller.id
        first = idempotency.earlier(db, vault, caller, key, digest)
        if first is not None:
            return _replayed(first)
        try:
            with db.begin_nested():
                answer = _answer(ask)
        except _REFUSALS as error:
            ask.rings.clear()
            answer = refused(problems.of(error), ask.correlation_id)
        idempotency.remember(db, vault, caller, key, digest, answer)
        return answer

    def _once_bare(self, ask: Ask, key: str, digest: bytes) -> Answer:
        """No transaction is open while a partner is called; what it has said is kept afterwards."""
        vault, caller = self._store.vault, ask.caller.id
        database = ask.caller.door(self._store)
        first = database.unit(lambda db: idempotency.earlier(db, vault, caller, key, digest))
        if first is not None:
            return _replayed(first)
        try:
            answer = _answer(ask)
        except _REFUSALS as error:
            answer = refused(problems.of(error), ask.correlation_id)
        database.unit(lambda db: idempotency.remember(db, vault, caller, key, digest, answer))
        return answer

    def _ring_lanes(self, ask: Ask) -> None:
        try:
            self._ring(sorted(ask.rings))
        except Exception as error:  # noqa: BLE001  # it is stored; the sweep finds it
            get(__name__).warning("ring_failed", error=type(error).__name__)


def refused(told: Trouble, correlation_id: UUID) -> Answer:
    """A problem document as an answer."""
    headers = {"Content-Type": CONTENT_TYPE, **told.headers}
    return Answer(told.status, headers, told.document(correlation_id))


def _replayed(first: Answer) -> Answer:
    return Answer(first.status, {**first.headers, "Idempotent-Replayed": "true"}, first.body)


def _answer(ask: Ask) -> Answer:
    found = ask.route.handler(ask)
    reply = found if isinstance(found, Reply) else Reply(ask.route.status, found)
    body = reply.body if isinstance(reply.body, bytes) else rendered(reply.body)
    return Answer(reply.status, {"Content-Type": JSON, **reply.headers}, body)


def _again(work: Callable[[], Answer]) -> Answer:
    """Two requests that made the same row: whoever came second finds it when it looks again."""
    for left in range(_TRIES - 1, -1, -1):
        try:
            return work()
        except IntegrityError:
            if not left:
                raise
    raise AssertionError("unreachable")


def _check_accept(environ: Mapping[str, Any]) -> None:
    accept = environ.get("HTTP_ACCEPT", "")
    named = [part.partition(";")[0].strip().lower() for part in accept.split(",") if part.strip()]
    if named and not any(name in _ASKED_FOR for name in named):
        raise Stop(406, "not_acceptable", f"{JSON} is what there is")


def _check_body(call: Call, *, optional: bool) -> None:
    if optional and not call.body:
        return
    name = call.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if name != JSON and not name.endswith("+json"):
        raise Stop(415, "wrong_type", f"{JSON} is expected")
    if not call.body.strip():
        raise Stop(400, "empty_body", "the body is empty")


def _digest(ask: Ask) -> bytes:
    """What was asked: another path, parameter or body is another request."""
    asked = (ask.route.name, sorted(ask.ids.items()), sorted(ask.query.items()))
    return sha256(repr(asked).encode() + b"\n" + ask.body).digest()


def _key(environ: Mapping[str, Any], caller: Caller) -> str | None:
    """The caller's Idempotency-Key; for one that signs, the id it signed serves as one."""
    given = environ.get("HTTP_IDEMPOTENCY_KEY")
    if given is None:
        return None if caller.signed_id is None else f"signed:{caller.signed_id}"
    text: str = given.strip()
    if not text or len(text) > _LONGEST_KEY or not (text.isascii() and text.isprintable()):
        message = f"an Idempotency-Key has 1 to {_LONGEST_KEY} printable ASCII characters"
        raise Stop(400, "bad_idempotency_key", message)
    return text
