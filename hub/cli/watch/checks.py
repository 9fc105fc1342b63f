"""What `doctor` looks at: each check says how it is and, where it is not well, what to do."""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy.engine import Connection as Db
from sqlalchemy.exc import DBAPIError

from hub.disk import free_space
from hub.rules.ops import detectors, disk
from hub.settings import KEY_FILE, Settings, data_keys
from hub.settings.values import SettingError
from hub.store import migrate
from hub.store.base import runtime_role, server
from hub.store.base.database import Database
from hub.store.base.failures import DatabaseAway, DatabaseUnfit
from hub.store.opened import Store
from hub.store.ops import incidents, workers

OK, WARN, FAIL = "ok", "warn", "fail"
_CLOCK_S = 5.0
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
    if settings.keys is None and not (home / KEY_FILE).exists():
        yield Finding("keys", WARN, "there are none yet", "they are made at the first start")
        return
    try:
        keys = data_keys(settings)
    except SettingError as error:
        yield Finding("keys", FAIL, str(error), "without them stored payloads cannot be read")
        return
    where = "ORDERHUB_KEYS" if settings.keys else str(home / KEY_FILE)
    yield Finding("keys", OK, f"{len(keys)} in {where}; keep a copy elsewhere")


def _disk(settings: Settings) -> Finding:
    free, whole = free_space(settings.home)
    says = f"{free // 1_000_000} MB free of {whole // 1_000_000} MB"
    state, what_to_do = _DISK[disk.judged(free, whole)]
    return Finding("disk", state, says, what_to_do)


_DISK: Mapping[str, tuple[str, str]] = {
    "ok": (OK, ""),
    "low": (WARN, "make room before it is full"),
    "full": (FAIL, f"intake is refused below {disk.FULL_BYTES // 1_000_000} MB: make room"),
}


def database(
    url: str, *, embedded: bool, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Finding]:
    """Version, migrations and clock of the database."""
    try:
        at, theirs = server.look(url)
    except DBAPIError as error:
        says = str(error.orig).strip().partition("\n")[0]
        yield Finding("database", FAIL, says, "see that it runs; ORDERHUB_DATABASE_URL names it")
        return
    where = "embedded" if embedded else "server"
    if trouble := runtime_role.trouble(at):
        yield Finding("database", FAIL, *trouble.split("; ", 1))
    else:
        yield Finding("database", OK, f"PostgreSQL {at.shown}, {where}")
    yield _migrations(url)
    apart = abs((clock() - theirs).total_seconds())
    if apart > _CLOCK_S:
        says = f"{apart:.1f} s apart from the database's"
        yield Finding("clock", FAIL, says, "set both by NTP: signatures and leases depend on it")
    else:
        yield Finding("clock", OK, f"{apart:.1f} s apart from the database's")


def _migrations(url: str) -> Finding:
    head, now = migrate.head(), migrate.version(url)
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
    except DatabaseUnfit as error:
        return Finding(kind, FAIL, str(error))
    except DatabaseAway as error:
        return Finding(kind, FAIL, f"the database is away ({error})")
    except DBAPIError:
        return Finding(kind, FAIL, "the database is of another release: run `orderhub migrate`")


def _judged(db: Db, kind: str) -> Finding:
    """The one that beat last stands for all of its kind here: each container has one."""
    host = socket.gethostname()
    beat = workers.last_beat(db, kind, host)
    if beat is None:
        return Finding(kind, FAIL, f"none runs on {host}")
    if beat.beat_s > _BEAT_S:
        return Finding(kind, FAIL, f"process {beat.pid} is silent for {beat.beat_s:.0f} s")
    still = beat.progress_s > _STUCK_S
    if still and (kind == "scheduler" or workers.leave_work_lying(db, _STUCK_S)):
        says = f"process {beat.pid} has work and has not moved for {beat.progress_s:.0f} s"
        return Finding(kind, FAIL, says)
    return Finding(kind, OK, f"process {beat.pid} beat {max(beat.beat_s, 0.0):.0f} s ago")


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
        standing = incidents.standing(db, sorted(detectors.BY_KIND))
    if not standing:
        return [Finding("trouble", OK, "the hub found none of its own")]
    return [
        Finding(
            incident.kind,
            WARN,
            incident.sentence,
            "see docs/operations.md: what the hub finds by itself",
        )
        for incident in standing
    ]


def worst(findings: Sequence[Finding]) -> str:
    """The worst state among them."""
    return max((one.state for one in findings), key=(OK, WARN, FAIL).index, default=OK)
