"""What `doctor` looks at: each check says how it is and, where it is not well, what to do."""

import functools
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic.script import ScriptDirectory

from adapters.kit.partners import build
from hub.cli.database import version
from hub.model.errors import BadData, NotAuthorised, OutcomeUnknown, Rejected, TryLater
from hub.rules import detectors
from hub.settings import SettingError, Settings, data_keys
from hub.store import incidents, migrate, secrets
from hub.store.database import Database, DatabaseAway
from hub.store.directory import Directory, Partner
from hub.store.runtime import Store

OK, WARN, FAIL = "ok", "warn", "fail"
_OLDEST_POSTGRES = 150_000
_CLOCK_S = 5.0
_WARN_BYTES, _REFUSE_BYTES, _WARN_SHARE = 500_000_000, 200_000_000, 0.1
KINDS = ("worker", "scheduler", "up")
"""Processes that leave a heartbeat."""
_BEAT_S, _STUCK_S = 30.0, 60.0


class Finding(NamedTuple):
    """One line of the doctor's table."""

    what: str
    state: str
    says: str
    do: str = ""


def surroundings(settings: Settings) -> Iterator[Finding]:
    """Home, disk and keys: what can be seen without a database."""
    home = settings.home
    if not home.exists():
        yield Finding("home", WARN, f"{home} does not exist yet", "it is made at the first start")
    else:
        mode = home.stat().st_mode & 0o777
        if mode & 0o022:
            says = f"{home} may be written by other users (mode {mode:03o})"
            yield Finding("home", FAIL, says, f"chmod go-w {home}")
        else:
            yield Finding("home", OK, f"{home}, mode {mode:03o}")
        yield _disk(settings)
    if settings.keys is None and not (home / "keys").exists():
        yield Finding("keys", WARN, "there are none yet", "they are made at the first start")
        return
    try:
        keys = data_keys(settings)
    except SettingError as error:
        yield Finding("keys", FAIL, str(error), "without them stored payloads cannot be read")
        return
    where = "ORDERHUB_KEYS" if settings.keys else str(home / "keys")
    yield Finding("keys", OK, f"{len(keys)} in {where}; keep a copy elsewhere")


def _disk(settings: Settings) -> Finding:
    usage = shutil.disk_usage(settings.home)
    says = f"{usage.free // 1_000_000} MB free of {usage.total // 1_000_000} MB"
    if usage.free < _REFUSE_BYTES:
        return Finding("disk", FAIL, says, "intake is refused below 200 MB: make room")
    if usage.free < max(_WARN_BYTES, usage.total * _WARN_SHARE):
        return Finding("disk", WARN, says, "make room before it is full")
    return Finding("disk", OK, says)


def database(
    url: str, *, embedded: bool, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Finding]:
    """Version, migrations and clock of the database."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as db:
            number = int(db.scalar(sa.text("SHOW server_version_num")) or 0)
            shown = db.scalar(sa.text("SHOW server_version"))
            theirs = db.scalar(sa.text("SELECT clock_timestamp()"))
    except sa.exc.DBAPIError as error:
        says = str(error.orig).strip().partition("\n")[0]
        yield Finding("database", FAIL, says, "see that it runs; ORDERHUB_DATABASE_URL names it")
        return
    finally:
        engine.dispose()
    where = "embedded" if embedded else "server"
    if number < _OLDEST_POSTGRES:
        yield Finding("database", FAIL, f"PostgreSQL {shown}", "version 15 or later is needed")
    else:
        yield Finding("database", OK, f"PostgreSQL {shown}, {where}")
    yield _migrations(url)
    assert theirs is not None  # noqa: S101  # the database has a clock
    apart = abs((clock() - theirs).total_seconds())
    if apart > _CLOCK_S:
        says = f"{apart:.1f} s apart from the database's"
        yield Finding("clock", FAIL, says, "set both by NTP: signatures and leases depend on it")
    else:
        yield Finding("clock", OK, f"{apart:.1f} s apart from the database's")


def _migrations(url: str) -> Finding:
    head = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations")).get_current_head()
    now = version(url)
    if now == head:
        return Finding("migrations", OK, f"at {now}, as this release needs")
    return Finding("migrations", FAIL, f"at {now}, this release needs {head}", "orderhub migrate")


def process(url: str | None, kind: str) -> Finding:
    """Whether a process of this kind on this machine beats, and gets on where there is work."""
    if url is None:
        return Finding(kind, FAIL, "there is no database: nothing runs here")
    try:
        database = Database(url, pool=1, name="orderhub doctor")
        try:
            with database.begin() as db:
                return _judged(db, kind)
        finally:
            database.dispose()
    except DatabaseAway as error:
        return Finding(kind, FAIL, f"the database is away ({error})")
    except sa.exc.DBAPIError:
        return Finding(kind, FAIL, "the database is of another release: run `orderhub migrate`")


def _judged(db: sa.Connection, kind: str) -> Finding:
    """The one that beat last stands for all of its kind here: each container has one."""
    host = socket.gethostname()
    row = db.execute(_BEAT, {"kind": kind, "host": host}).one_or_none()
    if row is None:
        return Finding(kind, FAIL, f"none runs on {host}")
    if row.beat_s > _BEAT_S:
        return Finding(kind, FAIL, f"process {row.pid} is silent for {row.beat_s:.0f} s")
    still = row.progress_s > _STUCK_S
    if still and (kind == "scheduler" or db.scalar(_LEFT_LYING, {"seconds": _STUCK_S})):
        says = f"process {row.pid} has work and has not moved for {row.progress_s:.0f} s"
        return Finding(kind, FAIL, says)
    return Finding(kind, OK, f"process {row.pid} beat {max(row.beat_s, 0.0):.0f} s ago")


_BEAT = sa.text(
    """SELECT pid, CAST(extract(epoch FROM now() - beat_at) AS float) AS beat_s,
      CAST(extract(epoch FROM now() - progress_at) AS float) AS progress_s
    FROM worker WHERE kind = :kind AND host = :host AND ended_at IS NULL
    ORDER BY beat_at DESC LIMIT 1"""
)
_LEFT_LYING = sa.text(
    """SELECT EXISTS (SELECT FROM work JOIN lane USING (connection, direction, shard)
      WHERE work.status IN ('received', 'pending', 'retry', 'unknown')
        AND work.due < now() - :seconds * interval '1 s'
        AND (lane.holder IS NULL OR lane.leased_until < now()))"""
)


def broker(url: str | None) -> Finding:
    """Whether the broker answers; without one, bells ring inside the process."""
    if url is None:
        return Finding("broker", OK, "in-process")
    from workers.app import make_app  # noqa: PLC0415  # only where there is one

    where = urlsplit(url).hostname
    try:
        with make_app(url).connection_for_write(connect_timeout=5) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
    except Exception as error:  # noqa: BLE001  # whatever the broker's client raises
        says = f"{where}: {type(error).__name__}"
        return Finding("broker", WARN, says, "nothing is lost without it, everything is slower")
    return Finding("broker", OK, f"RabbitMQ at {where}")


def troubles(store: Store) -> list[Finding]:
    """What the hub found of its own trouble, and is not over."""
    with store.database.begin() as db:
        found = incidents.standing(db, sorted(detectors.BY_KIND))
    if not found:
        return [Finding("trouble", OK, "the hub found none of its own")]
    return [
        Finding(
            one.kind, WARN, one.sentence, "see docs/operations.md: what the hub finds by itself"
        )
        for one in found
    ]


def connections(store: Store, directory: Directory, seen: Callable[[], None]) -> list[Finding]:
    """Call each partner harmlessly, several at a time."""
    reveal = functools.partial(secrets.reveal, store.vault)

    def check(partner: Partner) -> Finding:
        try:
            return _partner(partner, directory, reveal)
        finally:
            seen()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(check, directory.partners.values()))


_WHAT_TO_DO: tuple[tuple[type[Exception], str], ...] = (
    (BadData, "mend it in the connections file"),
    (NotAuthorised, "its credentials are refused: renew them"),
    (Rejected, "it answers, and refuses: see its settings"),
    (TryLater, "it does not answer: see its address and network"),
    (OutcomeUnknown, "it does not answer: see its address and network"),
)


def _partner(
    partner: Partner, directory: Directory, reveal: Callable[..., dict[str, str]]
) -> Finding:
    what = f"connection {partner.code}"
    try:
        build(partner, directory.network, reveal).check()
    except Exception as error:  # noqa: BLE001  # one adapter's bug must not hide other findings
        return _refused(what, error)
    if partner.status != "active":
        return Finding(what, WARN, f"it answers, and is {partner.status}", "resume it")
    return Finding(what, OK, f"{partner.adapter} answers")


def _refused(what: str, error: Exception) -> Finding:
    for kind, what_to_do in _WHAT_TO_DO:
        if isinstance(error, kind):
            path = getattr(error, "path", "")
            return Finding(what, FAIL, f"{path}: {error}" if path else str(error), what_to_do)
    return Finding(what, FAIL, f"its adapter fails: {type(error).__name__}", "report it")


def worst(findings: Sequence[Finding]) -> str:
    """The worst state among them."""
    return max((one.state for one in findings), key=(OK, WARN, FAIL).index, default=OK)
