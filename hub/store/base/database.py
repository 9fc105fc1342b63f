"""Connections to PostgreSQL: sessions with time limits, the runtime role, the merchant scope,
retries of a unit of work.

Every session starts as the runtime role, which owns nothing and is bound by row-level security:
a transaction sees the merchants of its scope and no others. Workers see all (`ALL`); the Open
API and the console set a scope per request.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from psycopg.types.array import ListBinaryDumper
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError

from hub.store.base import pipelining, runtime_role
from hub.store.base import scope as scopes
from hub.store.base.failures import (
    AGAIN,
    DatabaseAway,
    DatabaseRefuses,
    DatabaseUnfit,
    is_away,
    notice_hang_up,
    sqlstate,
)
from hub.store.base.runtime_role import RUNTIME_ROLE
from hub.store.base.scope import SET_SCOPE, Secrets, marked

T = TypeVar("T")
Scope = tuple[str, ...] | None
"""The merchants a transaction may see. None: all of them."""
ALL: Scope = None

_SESSION = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
    "jit": "off",
}
_LINE = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A line whose other end is gone without a word is given up within half a minute, in seconds and
milliseconds: without that a thread waits for the answer until the kernel tires of it, for hours.
"""
_REFUSALS = (
    ("authentication failed", "wrong user or password"),
    ("no password supplied", "it wants a password"),
    ("no pg_hba.conf entry", "it lets nobody in from here"),
    ("is not permitted to log in", "this user may not log in"),
    ("permission denied for database", "this user may not use that database"),
    ("does not exist", "there is no such database or user"),
)
"""What it says where it will not have us: libpq passes on no code of a session that did not come
about.
"""
OVERFLOW = 2
"""Sessions beyond a pool's size, for a moment."""


class Database:
    """A pool of sessions on one database. It is reached for when the first session is wanted."""

    def __init__(
        self,
        url: str,
        *,
        pool: int = 8,
        name: str = "orderhub",
        reach: str = "*",
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """`reach`: the scope of a transaction that sets none; `*` for workers, empty for doors.
        `options`: what every session is given for those who work on it.
        """
        self.url: URL = make_url(url)
        self._options, self._reach = dict(_SESSION), reach
        self._asked, self._secrets = False, cast("Secrets | None", None)
        self._engine: Engine = sa.create_engine(
            self.url,
            pool_size=pool,
            max_overflow=OVERFLOW,
            pool_timeout=5,
            pool_pre_ping=False,
            pool_use_lifo=True,
            connect_args={"application_name": name, **_LINE},
            execution_options=dict(options or {}),
        )
        sa.event.listen(self._engine, "do_connect", self._set_options)
        sa.event.listen(self._engine, "handle_error", notice_hang_up)
        sa.event.listen(self._engine, "connect", _send_lists_as_bytes)
        sa.event.listen(self._engine, "connect", self._set_reach)
        pipelining.install(self._engine)

    @contextmanager
    def begin(self, scope: Scope = ALL) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back on any error. DatabaseAway where it
        cannot be.
        """
        try:
            with self._engine.begin() as db:
                if scope is not None:
                    session: Any = db.connection.driver_connection
                    said = marked(self._secrets, ",".join(scope), session.info.backend_pid)
                    acts = RUNTIME_ROLE in self._options.values()
                    db.execute(_SET_ROLE_AND_SCOPE if acts else _SET_SCOPE, {"scope": said})
                yield db
                pipelining.settle(db)
        except DBAPIError as error:
            if is_away(error):
                raise DatabaseAway(sqlstate(error) or "connection lost") from error
            raise
        except sa.exc.TimeoutError as error:
            raise DatabaseAway("no session is free") from error

    def unit(self, work: Callable[[Connection], T], scope: Scope = ALL, *, tries: int = 5) -> T:
        """Run `work` in a transaction; after a deadlock or serialisation failure, again from its
        start.
        """
        for left in range(tries - 1, -1, -1):
            try:
                with self.begin(scope) as db:
                    return work(db)
            except DBAPIError as error:
                if sqlstate(error) not in AGAIN or not left:
                    raise
                time.sleep(random.uniform(0.01, 0.2))  # noqa: S311  # jitter, not a secret
        raise AssertionError("unreachable")

    def direct(self) -> Connection:
        """A session of its own outside the pool, for locks that live as long as a process."""
        return self._engine.execution_options(isolation_level="AUTOCOMMIT").connect()

    def watch(self, taken: Callable[[Any], None], returned: Callable[[Any], None]) -> None:
        """Call these with the driver's session whenever one leaves the pool and comes back."""
        sa.event.listen(self._engine, "checkout", lambda session, *_: taken(session))
        sa.event.listen(self._engine, "checkin", lambda session, *_: returned(session))

    def _set_options(
        self, _dialect: Any, _record: Any, _given: Any, wanted: dict[str, Any]
    ) -> None:
        """Whether the login may be the runtime role is asked once, with the first session."""
        if not self._asked:
            may_act, self._secrets = _asked_of(self.url)
            if may_act:
                self._options["role"] = RUNTIME_ROLE
            self._asked = True
        wanted["options"] = " ".join(f"-c {key}={value}" for key, value in self._options.items())

    def _set_reach(self, session: Any, _: object) -> None:
        """What a session sees that sets no scope, with the mark that belongs to it alone."""
        if self._reach:
            said = marked(self._secrets, self._reach, session.info.backend_pid)
            session.execute(SET_SCOPE, (said,))
            session.commit()

    def dispose(self) -> None:
        """Close all sessions; one that is in use, as soon as it is given back."""
        disposed = self._engine.pool
        self._engine.dispose()
        sa.event.listen(disposed, "checkin", lambda _, record: record.close())


def only_read(db: Connection) -> None:
    """Let the rest of a transaction read and not write, no statement for longer than ten seconds:
    for people who look at something.
    """
    db.execute(_ONLY_READ)


def _send_lists_as_bytes(session: Any, _: object) -> None:
    """Lists go in PostgreSQL's own form: as text, every element would be searched and escaped."""
    session.adapters.register_dumper(list, ListBinaryDumper)


_DENIED = "42501"
_MAY_NOT_MARK = "it may not read scope_key; as the tables' owner: GRANT SELECT ON scope_key TO it"
_SET_SCOPE = sa.text("SELECT set_config('orderhub.scope', :scope, true)")
_SET_ROLE_AND_SCOPE = sa.text(
    f"SELECT set_config('role', '{RUNTIME_ROLE}', true), set_config('orderhub.scope', :scope, true)"
)
"""The role as well: what a statement before it did to the session's role ended with it."""
_ONLY_READ = sa.text(
    "SELECT set_config('transaction_read_only', 'on', true),"
    " set_config('statement_timeout', '10s', true)"
)


def driver_url(url: str) -> str:
    """A URL as libpq takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def probe(url: str | URL) -> bool:
    """Reach the database once. Returns whether the login may act as the runtime role; where it may
    not, the login itself must be one. DatabaseRefuses, DatabaseUnfit, DatabaseAway.
    """
    return _asked_of(url)[0]


def _asked_of(url: str | URL) -> tuple[bool, Secrets | None]:
    """Whether the login may act as the runtime role, and the secrets of the scope's mark."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=_LINE)
    try:
        with engine.connect() as db:
            at = runtime_role.standing(db)
            secrets = scopes.secrets(db) if at.may_act else None
    except DBAPIError as error:
        if sqlstate(error) == _DENIED:
            raise DatabaseUnfit(_MAY_NOT_MARK) from error
        said = str(error.orig)
        for words, reason in _REFUSALS:
            if words in said:
                raise DatabaseRefuses(reason) from error
        raise DatabaseAway(sqlstate(error) or "connection refused") from error
    finally:
        engine.dispose()
    if trouble := runtime_role.trouble(at):
        raise DatabaseUnfit(trouble)
    return at.may_act, secrets
