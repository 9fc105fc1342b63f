"""A real Tryton (trytond from PyPI) on loopback: installed and activated once, copied each run.

The activated SQLite database stays in a cache folder whose name carries the versions, the setup
script and the year (its fiscal years); a first run takes about a minute.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.kit.world.processes import free_port
from tests.peers.install import CACHE, TRYTON, locked, python, say

SETUP = Path(__file__).parent / "tryton_setup.py"
DATABASE = "erp"
START_SECONDS = 300


@dataclass(frozen=True)
class TrytonServer:
    """Where the server answers and who may log in: `hub` for the adapter, `admin` for looking."""

    url: str
    database: str = DATABASE
    user: str = "hub"
    password: str = "hub-Pass-123x"
    admin: tuple[str, str] = ("admin", "admin-Pass-123x")


def home(cache: Path) -> Path:
    """The cache folder that fits these versions, this setup and this year."""
    year = str(datetime.now(UTC).year).encode()
    stamp = hashlib.sha256(TRYTON.lock.read_bytes() + SETUP.read_bytes() + year)
    return cache / f"tryton-database-{stamp.hexdigest()[:12]}"


def run(*command: object, **environment: str) -> None:
    """One step of the installation; its output is shown only when it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-4000:]}")


def settings(folder: Path) -> Path:
    """A configuration file whose databases lie in the same folder."""
    file = folder / "trytond.conf"
    file.write_text(f"[database]\nuri = sqlite://\npath = {folder}\n")
    return file


def build(binaries: Path, folder: Path) -> None:
    """Activate and configure; the database gets its name only when all of it worked."""
    began = time.monotonic()
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        scratch = Path(name)
        database = scratch / f"{DATABASE}.sqlite"
        database.touch()
        config, password = settings(scratch), scratch / "password"
        password.write_text(TrytonServer.admin[1])
        modules = ("sale", "account_invoice_stock")
        say("activating Tryton's modules (about half a minute, once)")
        run(
            *(binaries / "trytond-admin", "-c", config, "-d", DATABASE, "-u", *modules),
            *("--activate-dependencies", "--email", "admin@example.com", "-l", "en"),
            TRYTONPASSFILE=str(password),
        )
        say("configuring company, chart, taxes, products and stock")
        run(binaries / "python", SETUP, f"sqlite:///{DATABASE}", config)
        database.rename(folder / "ready.sqlite")
    say(f"ready in {time.monotonic() - began:.0f} s")


def built(cache: Path) -> tuple[Path, Path]:
    """Tryton's programs, and the configured database; one process makes it, others wait for it."""
    binaries, folder = python(TRYTON, cache), home(cache)
    with locked(folder):
        if not (folder / "ready.sqlite").exists():
            build(binaries, folder)
    return binaries, folder / "ready.sqlite"


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not answers(url):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"trytond did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.05)


@contextmanager
def tryton(cache: Path = CACHE, workers: int = 1) -> Iterator[TrytonServer]:
    """A running server on a fresh copy of the configured database.

    One worker by default: SQLite lets one writer in at a time anyway.
    """
    binaries, ready = built(cache)
    with tempfile.TemporaryDirectory(prefix="tryton-") as name:
        scratch = Path(name)
        shutil.copy(ready, scratch / f"{DATABASE}.sqlite")
        port, log = free_port(), scratch / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    *(str(binaries / "gunicorn"), "--workers", str(workers)),
                    *("--threads", "1", "--timeout", "120", "--no-control-socket"),
                    *("--bind", f"127.0.0.1:{port}", "trytond.application:app"),
                ],
                cwd=scratch,
                env={
                    **os.environ,
                    "TRYTOND_CONFIG": str(settings(scratch)),
                    "TRYTOND_DATABASE_NAMES": DATABASE,
                },
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(process, url, log)
            yield TrytonServer(url)
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session")
def tryton_server() -> Iterator[TrytonServer]:
    """One Tryton for all tests of a run; each test uses references of its own."""
    with tryton() as server:
        yield server
