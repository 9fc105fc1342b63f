"""What commands share: settings, the store, a way to speak to people and to programs, progress."""

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import click

from hub.settings import Settings

if TYPE_CHECKING:
    from hub.flows.unit import Unit
    from hub.store.opened import Store

F = TypeVar("F", bound=Callable[..., Any])


class Moment(click.ParamType[datetime]):
    """A time as ISO 8601 spells it; in UTC where it names no offset."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """The moment that was meant."""
        if isinstance(value, datetime):
            return value
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time such as 2026-11-24T08:00:00Z", param, ctx)
        return time if time.tzinfo else time.replace(tzinfo=UTC)


INSTANT = Moment()


def json_option(command: F) -> F:
    """`--json`: for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")(command)


def settings() -> Settings:
    """What the operator set."""
    return Settings.read(os.environ)


def actor() -> str:
    """Who is at the command line, for the audit."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # an account without a name
        return f"cli:{os.getuid()}"


@contextmanager
def database(chosen: Settings) -> Iterator[str]:
    """The URL of the database. An embedded one is started where it does not run, and stopped again
    afterwards unless somebody else uses it by then."""
    from hub.embedded import database as embedded_database
    from hub.store import migrate
    from hub.store.base import server
    from hub.store.opened import audit_keys, vault

    if chosen.database_url:
        yield chosen.database_url
        return
    running = embedded_database.attach(chosen.home)
    if running:
        yield running
        return
    embedded = embedded_database.start(chosen.home)
    try:
        migrate.upgrade(embedded.url, audit_keys(chosen), vault(chosen))
        yield embedded.url
    finally:
        if not server.is_used_by_others(embedded.url):
            embedded.stop()


@contextmanager
def store() -> "Iterator[Store]":
    """The store, opened for this one command."""
    from hub.store.opened import Store

    chosen = settings()
    with database(chosen) as url:
        opened = Store.open(chosen, url, name="orderhub cli", pool=2)
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def unit(opened: "Store") -> "Iterator[Unit]":
    """One unit of work over all merchants, committed at the end; then lanes are rung."""
    from hub.flows.unit import Unit

    with opened.database.begin() as db:
        made = Unit(db, opened.vault, opened.directories.read(db), datetime.now(UTC))
        yield made
    if made.rings and opened.settings.broker_url:
        _ring(opened, made.rings)


def say(data: Any, text: str, *, as_json: bool) -> None:
    """The answer, for programs or for people."""
    click.echo(dumps(data) if as_json else text)


def dumps(data: Any) -> str:
    """JSON as the Open API spells it."""
    return json.dumps(data, ensure_ascii=False, indent=2, default=plain)


def plain(value: Any) -> Any:
    """What JSON has no form of."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, UUID | date):
        return str(value)
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def instant(at: datetime | None) -> str:
    """A time for people, to the second, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else "-"


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], none: str) -> str:
    """Columns under their names; `none` where there are no rows."""
    if not rows:
        return none
    cells = [list(head), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def shown(value: Any) -> str:
    """A value in a table: on one line, harmless to a terminal."""
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown(entry) for entry in value) or "-"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))


class Progress:
    """`checking 3/12` on standard error, where that is a terminal."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._seen = sys.stderr.isatty() and total > 1

    def step(self) -> None:
        self._done += 1
        if self._seen:
            end = "\r\x1b[K" if self._done >= self._total else ""
            click.echo(f"\r{self._what} {self._done}/{self._total}{end}", err=True, nl=False)


def _ring(opened: "Store", rings: Iterable[tuple[str, str, int]]) -> None:
    """Wake the workers; without it, or where it fails, their sweep finds the work soon."""
    from hub.store.messages import lanes
    from workers.app import make_app, publish

    app = make_app(opened.settings.broker_url)
    with opened.database.begin() as db:
        numbers = [
            number
            for direction, connection, shard in sorted(rings)
            for number in lanes.of(db, direction, [(connection, shard)])
        ]
    with suppress(Exception):
        for number in numbers:
            publish(app, number)
