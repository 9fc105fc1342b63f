"""What a request works with: the store, the bell, who asks, and transactions within their reach."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar, cast

from flask import current_app, g
from sqlalchemy.engine import Connection

from adapters.kit.partners import Adapters
from hub import logs
from hub.doors.guessing import Passwords
from hub.flows.unit import Unit
from hub.store.base.database import ALL, Database, Scope, only_read
from hub.store.opened import Store
from hub.store.people.accounts import Account

T = TypeVar("T")
Ring = Callable[[Iterable[tuple[str, str, int]]], object]
NAME = "orderhub"


def utc_now() -> datetime:
    """The clock of a console that nobody gave another."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Console:
    """One console: where it keeps its data, whom it rings, its clock, where people find it, and who
    may try a password.
    """

    store: Store
    ring: Ring
    clock: Callable[[], datetime]
    public_url: str | None
    adapters: Adapters
    passwords: Passwords


def console() -> Console:
    """The console that serves this request."""
    return cast("Console", current_app.extensions[NAME])


def store() -> Store:
    """Its store."""
    return console().store


def now() -> datetime:
    """The moment, by its clock."""
    return console().clock()


def account() -> Account:
    """Who asks. Only where somebody is logged in."""
    found: Account | None = g.get("account")
    if found is None:
        raise LookupError("nobody is logged in")
    return found


def actor() -> str:
    """Who asks, for the timeline and the audit."""
    return f"user:{account().login}"


def scope_of(who: Account) -> Scope:
    """Whose rows somebody sees. A merchant's user without a merchant sees none."""
    return who.merchants if who.merchants or who.role == "merchant" else None


def merchants() -> list[str]:
    """Codes of the merchants within the reach of who asks, in order."""
    scope = scope_of(account())
    return [
        code for code in sorted(store().directory().merchants) if scope is None or code in scope
    ]


@contextmanager
def looking() -> Iterator[Connection]:
    """A transaction that can only read, within the reach of who asks."""
    database, scope = _door()
    with database.begin(scope) as db:
        only_read(db)
        yield db


def act(work: Callable[[Unit], T]) -> T:
    """Do something in one transaction within the reach of who asks, then ring the lanes."""
    return _within(*_door(), work)


def act_on_accounts(work: Callable[[Unit], T]) -> T:
    """Do something to accounts, which are the hub's and no merchant's, whoever asks: so is the
    chain that says so. The caller sees to it that the account may be changed by who asks.
    """
    return _within(store().database, ALL, work)


def _within(database: Database, scope: Scope, work: Callable[[Unit], T]) -> T:
    here, rings = console(), set[tuple[str, str, int]]()
    directory = here.store.directory()

    def once(db: Connection) -> T:
        rings.clear()
        return work(Unit(db, here.store.vault, directory, now(), rings))

    done = database.unit(once, scope)
    if rings:
        try:
            here.ring(sorted(rings))
        except Exception as error:  # noqa: BLE001  # it is stored; the sweep rings again
            logs.get(__name__).warning("ring_failed", error=type(error).__name__)
    return done


def _door() -> tuple[Database, Scope]:
    scope = scope_of(account())
    return (store().database if scope is None else store().doors), scope
