"""The months of history, as the owner of the tables: coming ones made in time, old ones dropped."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from hub.store.base.archive_files import Shelf
from hub.store.base.database import Database
from hub.store.base.failures import sqlstate
from hub.store.history import archiving, partitions
from hub.store.history.partitions import Month

T = TypeVar("T")
BUSY = "busy"
_BUSY = frozenset({"55P03", "40P01"})
"""Lock not available, deadlock: somebody works in the table, so later."""
_TRIES, _PAUSE_S = 40, 0.25
_ONE_AT_A_TIME = 0x686F757365
"""Advisory lock: no two processes keep house at once."""
_OPTIONS = "-c orderhub.scope=* -c lock_timeout=150ms -c statement_timeout=10min -c timezone=UTC"


@dataclass(frozen=True, slots=True)
class Keep:
    """How many days each kind of history is kept; None is for ever. Attempts go with messages; the
    ledger stays, since stock levels are its sum.
    """

    messages: int | None
    timeline: int | None

    def days(self) -> dict[str, int]:
        """Table -> days."""
        asked = {"message": self.messages, "attempt": self.messages, "timeline": self.timeline}
        return {table: days for table, days in asked.items() if days is not None}


@dataclass(slots=True)
class Rotated:
    """What a rotation did. `kept`: month -> why it was not dropped, or (`busy`) not made."""

    made: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)


@contextmanager
def alone(database: Database) -> Iterator[bool]:
    """Whether nobody else keeps house now: a lock of this session, gone with it."""
    with database.direct() as session:
        mine = bool(session.scalar(_TRY, {"lock": _ONE_AT_A_TIME}))
        try:
            yield mine
        finally:
            if mine:
                session.execute(_LET_GO, {"lock": _ONE_AT_A_TIME})


def rotate(
    url: sa.URL | str, shelf: Shelf, keep: Keep, at: datetime, *, archived: bool
) -> Rotated | None:
    """Make the coming months and drop those past their time. None where the login is not the owner
    of the tables. No lock is waited for longer than a moment, so that intake goes on: what is busy
    is tried again, at last by the next rotation.
    """
    done = Rotated()
    with _owner(url) as engine:
        if engine is None:
            return None
        _make(engine, at, done)
        for table, days in keep.days().items():
            with engine.begin() as db:
                old = [it for it in partitions.standing(db, table)
                       if it.following <= at - timedelta(days=days)]  # fmt: skip
            for month in old:
                _one(engine, shelf, month, done, archived=archived)
    return done


def make_months(url: sa.URL | str, at: datetime) -> Rotated:
    """Make the coming months alone, as the owner of the tables."""
    done = Rotated()
    with _owner(url) as engine:
        if engine is not None:
            _make(engine, at, done)
    return done


def _make(engine: Engine, at: datetime, done: Rotated) -> None:
    for month in partitions.wanted(at):
        made = _patiently(engine, partial(partitions.make, month=month))
        if made is None:
            done.kept[month.name] = BUSY
        elif made:
            done.made.append(month.name)


def _one(engine: Engine, shelf: Shelf, month: Month, done: Rotated, *, archived: bool) -> None:
    with engine.begin() as db:
        reason = partitions.why_kept(db, month, archived=archived)
    if reason is None:
        files = _patiently(engine, partial(_drop, month=month))
        reason = BUSY if files is None else None
        for name in files or ():
            shelf.remove(name)
    if reason is None:
        done.dropped.append(month.name)
    else:
        done.kept[month.name] = reason


def _patiently(engine: Engine, change: Callable[[Connection], T]) -> T | None:
    """A change in a transaction of its own; None where its table was busy each time."""
    for _ in range(_TRIES):
        try:
            with engine.begin() as db:
                return change(db)
        except DBAPIError as error:
            if sqlstate(error) not in _BUSY:
                raise
            time.sleep(_PAUSE_S)
    return None


def _drop(db: Connection, month: Month) -> list[str]:
    """Drop a month with what hangs on it. Returns the archive files it leaves."""
    partitions.drop(db, month)
    return _forget(db, month) if month.table == "message" else []


def _forget(db: Connection, month: Month) -> list[str]:
    low, high = month.bounds
    db.execute(_FORGET_VERSIONS, {"low": low, "high": high})
    return archiving.forget_month(db, f"{month.first:%Y%m}")


@contextmanager
def _owner(url: sa.URL | str) -> Iterator[Engine | None]:
    """The login itself, not the runtime role: only the owner of the tables may change them."""
    line = {"options": _OPTIONS, "connect_timeout": 5, "application_name": "orderhub retention"}
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=line)
    try:
        with engine.connect() as db:
            owner = bool(db.scalar(_IS_OWNER))
        yield engine if owner else None
    finally:
        engine.dispose()


_TRY = sa.text("SELECT pg_try_advisory_lock(:lock)")
_LET_GO = sa.text("SELECT pg_advisory_unlock(:lock)")
_IS_OWNER = sa.text(
    """SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class
    WHERE oid = to_regclass('message')"""
)
_FORGET_VERSIONS = sa.text(
    "DELETE FROM message_version WHERE message_id >= :low AND message_id < :high"
)
