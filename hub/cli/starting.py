"""`orderhub up`: everything on this machine, ready to be looked at, with or without the demo."""

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
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path

import click

from adapters.kit.known import Known
from hub import logs
from hub.cli import processes
from hub.flows import applying
from hub.flows.unit import Unit
from hub.settings import Settings
from hub.store import accounts, audit, embedded, keys, migrate
from hub.store import secrets as references
from hub.store.directory import OPERATOR
from hub.store.runtime import Store

DEMO_SECRETS = (
    "SANDBOX_SHOP_SECRET",
    "SANDBOX_SHOP_TOKEN",
    "SANDBOX_WAREHOUSE_SECRET",
    "SANDBOX_ERP_PASSWORD",
)
_ADMIN = "admin"


def run(settings: Settings, *, demo: bool, fresh: bool) -> None:
    """Prepare the database, then serve until Ctrl-C."""
    logs.configure(settings)
    with _only_one(settings):
        _check_free(settings)
        _run(settings, demo=demo, fresh=fresh)


def _run(settings: Settings, *, demo: bool, fresh: bool) -> None:
    if fresh:
        _forget(settings)
    url = processes.database_url(settings)
    migrate.upgrade(url)
    places = _make_up_secrets(settings) if demo else {}
    store = Store.open(settings, url, name="orderhub up", pool=2)
    try:
        password = _first_user(store)
        key = _first_key(store) if demo else None
        if demo:
            _apply_demo(store, places)
    finally:
        store.close()
    partners = _start_partners(settings) if demo else None
    try:
        processes.up(settings, lambda: _greet(settings, password, key))
    finally:
        if partners is not None:
            partners.terminate()
            with suppress(subprocess.TimeoutExpired):
                partners.wait(timeout=10)


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Two of them under one home would stop each other's database."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
    if embedded.attach(settings.home):
        embedded.start(settings.home).stop()
    for name in ("postgres", "postgres.password", "keys"):
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


def _first_user(store: Store) -> str | None:
    """Make the first account, where there is none. Returns its password, shown once."""
    with store.database.begin() as db:
        if accounts.listed(db):
            return None
        password = secrets.token_urlsafe(12)
        accounts.add(db, _ADMIN, "First operator", password, role="operator")
        audit.record(db, OPERATOR, "orderhub up", "user.add", _ADMIN, {}, datetime.now(UTC))
        return password


def _first_key(store: Store) -> str:
    with store.database.begin() as db:
        audit.record(db, OPERATOR, "orderhub up", "key.add", "demo", {}, datetime.now(UTC))
        return keys.make(db, "demo", [keys.ALL_SCOPES])[1]


def _apply_demo(store: Store, places: Mapping[str, Path]) -> None:
    text = files("sandbox").joinpath("demo.yaml").read_text("utf-8")
    for name, place in places.items():
        text = text.replace(f'"env:{name}"', json.dumps(f"file:{place}"))
    with store.database.begin() as db:
        unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
        applying.apply(unit, text, Known(partial(references.reveal, store.vault)), "demo")


def _start_partners(settings: Settings) -> "subprocess.Popen[bytes]":
    """The sandbox partners, in a process of their own: they know nothing of the hub."""
    hub = f"http://127.0.0.1:{settings.bind.port}"
    command = [sys.executable, "-m", "sandbox.demo", "--hub", hub, "--leashed"]
    return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603


def _greet(settings: Settings, password: str | None, key: str | None) -> None:
    lines = [
        f"console   http://{settings.console_bind}",
        f"gateway   http://{settings.bind}   Open API http://{settings.bind}/api/v1/docs",
    ]
    if password:
        change = f"`orderhub user passwd {_ADMIN}` changes it"
        lines.append(f"log in    {_ADMIN} / {password}   (shown once; {change})")
    if key:
        lines.append(f"API key   {key}")
    lines.append("Ctrl-C stops everything.")
    for line in lines:
        click.echo(line)
