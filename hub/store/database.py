"""Connections to PostgreSQL: sessions with time limits, the runtime role, the merchant scope,
retries of a unit of work.

Every session starts as the runtime role, which owns nothing and is bound by row-level security:
a transaction sees the merchants of its scope and no others. Workers see all (`ALL`); the Open
API and the console set a scope per request.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from psycopg.types.array import ListBinaryDumper
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from hub.store import pipelining

T = TypeVar("T")
Scope = tuple[str, ...] | None
"""The merchants a transaction may see. None: all of them."""
ALL: Scope = None

RUNTIME_ROLE = "orderhub_runtime"
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
_AGAIN = frozenset({"40001", "40P01", "55P03"})
"""Serialisation failure, deadlock, lock not available: the same transaction again."""
_TOO_LONG = "57014"
_AWAY = ("08", "57P", "53", "58", "XX")


class DatabaseAway(Exception):
    """The database cannot be reached or cannot store: nothing was acknowledged, everything is
    repeated later.
    """


class DatabaseRefuses(DatabaseAway):
    """The database answers and will not have us: waiting does not mend that, the setting does."""


class Database:
    """A pool of sessions on one database. It is reached for when the first session is wanted."""

    def __init__(
        self, url: str, *, pool: int = 8, name: str = "orderhub", reach: str = "*"
    ) -> None:
        """`reach`: the scope of a transaction that sets none; `*` for workers, empty for doors."""
        self.url: URL = make_url(url)
        self._options = {**_SESSION, "orderhub.scope": reach}
        self._asked = False
        self._engine: Engine = sa.create_engine(
            self.url,
            pool_size=pool,
            max_overflow=2,
            pool_timeout=5,
            pool_pre_ping=False,
            pool_use_lifo=True,
            connect_args={"application_name": name, **_LINE},
        )
        sa.event.listen(self._engine, "do_connect", self._set_options)
        sa.event.listen(self._engine, "connect", _send_lists_as_bytes)
        pipelining.install(self._engine)

    @contextmanager
    def begin(self, scope: Scope = ALL) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back on any error. DatabaseAway where it
        cannot be.
        """
        try:
            with self._engine.begin() as db:
                if scope is not None:
                    db.execute(_SET_SCOPE, {"scope": ",".join(scope)})
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
                if sqlstate(error) not in _AGAIN or not left:
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
            if probe(self.url):
                self._options["role"] = RUNTIME_ROLE
            self._asked = True
        wanted["options"] = " ".join(f"-c {key}={value}" for key, value in self._options.items())

    def dispose(self) -> None:
        """Close all sessions; after a fork, forget the parent's without closing them."""
        self._engine.dispose()

    def forget(self) -> None:
        """After a fork: leave the parent's sessions alone and start with none."""
        self._engine.dispose(close=False)


def is_passing(error: Exception) -> bool:
    """Whether the trouble is with the moment, not with what was asked: a lock that others held, a
    deadlock, a statement that took too long.
    """
    return isinstance(error, DBAPIError) and sqlstate(error) in _AGAIN | {_TOO_LONG}


def _send_lists_as_bytes(session: Any, _: object) -> None:
    """Lists go in PostgreSQL's own form: as text, every element would be searched and escaped."""
    session.adapters.register_dumper(list, ListBinaryDumper)


_SET_SCOPE = sa.text("SELECT set_config('orderhub.scope', :scope, true)")


def driver_url(url: str) -> str:
    """A URL as libpq takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five-letter code."""
    return getattr(error.orig, "sqlstate", None)


def constraint(error: DBAPIError) -> str | None:
    """The constraint that was violated, where one was."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None)


def is_away(error: DBAPIError) -> bool:
    """Whether the database, not the statement, is the trouble."""
    state = sqlstate(error)
    if state is None:
        return isinstance(error, OperationalError) or error.connection_invalidated
    return state.startswith(_AWAY) or state == "25006" or error.connection_invalidated


def probe(url: str | URL) -> bool:
    """Reach the database once. Returns whether the login may act as the runtime role; where it may
    not, the login itself must be one. DatabaseRefuses, DatabaseAway.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=_LINE)
    try:
        with engine.connect() as db:
            return bool(db.scalar(_MAY_BE_RUNTIME, {"role": RUNTIME_ROLE}))
    except DBAPIError as error:
        said = str(error.orig)
        for words, reason in _REFUSALS:
            if words in said:
                raise DatabaseRefuses(reason) from error
        raise DatabaseAway(sqlstate(error) or "connection refused") from error
    finally:
        engine.dispose()


_MAY_BE_RUNTIME = sa.text(
    "SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = :role"
)
