"""What `orderhub up` does around the processes: a free place, the first account, the demonstration
and its partners, a greeting that says where to look.
"""

import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path

import click
import yaml
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from adapters.kit.settings_check import Known
from hub import logs
from hub.cli.run import everything, processes
from hub.embedded import database
from hub.flows.config import applying
from hub.flows.settlement import contracts
from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.settings import Settings
from hub.store import migrate
from hub.store.config import secrets as references
from hub.store.opened import Store, audit_keys, vault
from hub.store.people import accounts, api_keys, audit_trail
from hub.store.settlement.contracts import newest

DEMO_SECRETS = (
    "SANDBOX_SHOP_SECRET",
    "SANDBOX_SHOP_TOKEN",
    "SANDBOX_WAREHOUSE_SECRET",
    "SANDBOX_ERP_PASSWORD",
    "SANDBOX_PAYMENTS_SECRET",
)
_ADMIN, _KEY, _DEMO = "admin", "demo", "demo"
_SOLD, _BOOKS = "sold.jsonl", "books"
_EVERY_S = 4
"""Seconds between two orders of the demo."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may log in and what calls the Open API. The password and the key only where they were
    made just now: they are shown once.
    """

    logins: tuple[str, ...]
    password: str | None = None
    key: str | None = None
    had_key: bool = False


def run(settings: Settings, *, demo: bool, fresh: bool, troubles: str) -> None:
    """Prepare the database, then serve until Ctrl-C."""
    logs.configure(settings)
    with _only_one(settings):
        _check_free(settings)
        _run(settings, demo=demo, fresh=fresh, troubles=troubles)


def _run(settings: Settings, *, demo: bool, fresh: bool, troubles: str) -> None:
    if fresh:
        _forget(settings)
    url = processes.database_url(settings)
    migrate.upgrade(url, audit_keys(settings), vault(settings))
    places = _make_up_secrets(settings) if demo else {}
    store = Store.open(settings, url, name="orderhub up", pool=2)
    try:
        access = _access(store, demo=demo)
        if demo:
            _apply_demo(store, places, settings.home.resolve() / "demo" / _BOOKS)
    finally:
        store.close()
    partners = _start_partners(settings, troubles) if demo else None
    try:
        everything.up(settings, lambda: _greet(settings, access))
    finally:
        if partners is not None:
            partners.terminate()
            with suppress(subprocess.TimeoutExpired):
                partners.wait(timeout=10)


_PATIENT = Retrying(
    retry=retry_if_exception_type(OSError),
    stop=stop_after_delay(10),
    wait=wait_fixed(0.2),
    reraise=True,
)


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Two of them under one home would stop each other's database. Processes of one that was
    killed take some seconds to end, and hold its lock until then.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.home / "up.lock").open("w") as lock:
        try:
            _PATIENT(fcntl.flock, lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise click.UsageError(
                f"orderhub up runs already under {settings.home}: stop that one first, or set"
                " ORDERHUB_HOME to another folder"
            ) from None
        yield


def _check_free(settings: Settings) -> None:
    for name, bind in (
        ("ORDERHUB_BIND", settings.bind),
        ("ORDERHUB_CONSOLE_BIND", settings.console_bind),
    ):
        with socket.socket(socket.AF_INET6 if ":" in bind.host else socket.AF_INET) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                door.bind((bind.host, bind.port))
            except OSError as error:
                raise click.UsageError(
                    f"{name}: {bind} cannot be listened on ({error.strerror}); set another"
                ) from None


def _forget(settings: Settings) -> None:
    """Begin anew: only ever the embedded database under this home, never a server."""
    if settings.database_url:
        raise click.UsageError("--fresh is for the embedded database; empty your server yourself")
    if database.attach(settings.home):
        database.start(settings.home).stop()
    for name in ("postgres", "postgres.password", "keys", f"demo/{_SOLD}"):
        place = settings.home / name
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)


def _make_up_secrets(settings: Settings) -> dict[str, Path]:
    """The demo's partners and connections share secrets: the environment's where it has them, else
    made up once. They lie in files, so that every command finds them. Returns name -> file.
    """
    folder = settings.home.resolve() / "demo"
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in DEMO_SECRETS:
        kept = folder / name
        secret = os.environ.get(name) or (kept.exists() and kept.read_text("utf-8"))
        os.environ[name] = secret or secrets.token_urlsafe(24)
        kept.touch(mode=0o600)
        kept.write_text(os.environ[name], "utf-8")
    return {name: folder / name for name in DEMO_SECRETS}


def _access(store: Store, *, demo: bool) -> Access:
    """The first account and, for the demo, one key: made where there is none."""
    with store.database.begin() as db:
        people, at = accounts.listed(db), datetime.now(UTC)
        password = key = None
        if not people:
            password = secrets.token_urlsafe(12)
            accounts.add(db, _ADMIN, "First operator", password, role="operator")
            audit_trail.record(db, OPERATOR, "orderhub up", "user.add", _ADMIN, {}, at)
        had_key = any(key.name == _KEY and key.revoked_at is None for key in api_keys.listed(db))
        if demo and not had_key:
            audit_trail.record(db, OPERATOR, "orderhub up", "key.add", _KEY, {}, at)
            key = api_keys.make(db, _KEY, [api_keys.ALL_SCOPES])[1]
    logins = tuple(account.login for account in people if account.status == "active") or (_ADMIN,)
    return Access(logins, password, key, had_key)


def _apply_demo(store: Store, places: Mapping[str, Path], books: Path) -> None:
    """The demo's connections and, where its merchant has none, a contract."""
    books.mkdir(mode=0o700, exist_ok=True)
    text = _sandbox("demo.yaml").replace('"folder:books"', json.dumps(str(books)))
    for name, place in places.items():
        text = text.replace(f'"env:{name}"', json.dumps(f"file:{place}"))
    with store.database.begin() as db:
        unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
        applying.apply(unit, text, Known(partial(references.reveal, store.vault)), "demo")
        if not newest(db, [_DEMO]):
            terms = contracts.read(yaml.safe_load(_sandbox("terms.yaml")))
            contracts.agree(unit, _DEMO, terms, unit.at - timedelta(days=1), "orderhub up")


def _sandbox(name: str) -> str:
    return files("sandbox").joinpath(name).read_text("utf-8")


def _start_partners(settings: Settings, troubles: str) -> "subprocess.Popen[bytes]":
    """The sandbox partners, in a process of their own: they know nothing of the hub."""
    options = {
        "--hub": f"http://127.0.0.1:{settings.bind.port}",
        "--memory": str(settings.home.resolve() / "demo" / _SOLD),
        "--every": str(_EVERY_S),
        "--troubles": troubles,
    }
    words = [word for pair in options.items() for word in pair]
    command = [sys.executable, "-m", "sandbox.demo", "--leashed", *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603


def _greet(settings: Settings, access: Access) -> None:
    lines = [
        f"console   http://{settings.console_bind}",
        f"gateway   http://{settings.bind}   Open API http://{settings.bind}/api/v1/docs",
    ]
    lines.append(f"metrics   http://{settings.ops_bind}/metrics")
    if access.password:
        change = f"`orderhub user passwd {_ADMIN}` changes it"
        lines.append(f"log in    {_ADMIN} / {access.password}   (shown once; {change})")
    else:
        names, first = ", ".join(access.logins), access.logins[0]
        lines.append(f"log in    {names}   (forgotten? `orderhub user passwd {first}` sets anew)")
    if access.key:
        lines.append(f"API key   {access.key}   (shown once)")
    elif access.had_key:
        another = f"`orderhub key add --name {_KEY}-2 --scopes all` makes another"
        lines.append(f"API key   as shown at the first start; {another}")
    lines.append("Ctrl-C stops everything.")
    for line in lines:
        click.echo(line)
