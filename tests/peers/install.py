"""What tests run beside the hub and never inside it: downloaded once, from lock files that pin
every package by hash, into a cache folder named after the lock file.

Where there is no network, tests that need it are skipped with that reason. A package that is not
the one of the lock file is an error.
"""

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.kit.fixtures import ROOT

CACHE = ROOT / ".cache" / "peers"
_COMPLETE = "complete"
_HERE = Path(__file__).parent
_NO_NETWORK = re.compile(
    r"Retrying \(|NewConnectionError|E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT"
    r"|NETUNREACH|HOSTUNREACH|SOCKETTIMEDOUT)"
)


class Peer(NamedTuple):
    """Something to install: a lock file, and the files of packages that it pins."""

    name: str
    lock: Path

    def folder(self, cache: Path = CACHE) -> Path:
        """Where it lies once it is installed; other versions lie elsewhere."""
        stamp = hashlib.sha256(self.lock.read_bytes()).hexdigest()
        return cache / f"{self.name.lower()}-{stamp[:12]}"

    def packages(self) -> list[str]:
        text = self.lock.read_text("utf-8")
        if self.lock.suffix == ".json":
            return [name for name in json.loads(text)["packages"] if name]
        return re.findall(r"^(\S+==[^\s;]+)", text, re.MULTILINE)


TRYTON = Peer("Tryton", _HERE / "tryton.lock")
POSTGRES = Peer("PostgreSQL", _HERE / "postgres" / "package-lock.json")
VENDURE = Peer("Vendure", _HERE / "vendure" / "package-lock.json")
PEERS = (TRYTON, POSTGRES, VENDURE)


def report(peers: Sequence[Peer] = PEERS, cache: Path = CACHE) -> str | None:
    """One line: what a run that needs it will download. None where all of it is there."""
    missing = [_told(one) for one in peers if not _is_there(one.folder(cache))]
    return f"downloaded when a test needs it: {'; '.join(missing)}" if missing else None


def python(peer: Peer, cache: Path = CACHE) -> Path:
    """The `bin` folder of an environment of its own with these packages."""

    def make(folder: Path) -> None:
        _run(sys.executable, "-m", "venv", folder)
        pip = (folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install")
        quiet = ("--quiet", "--no-input", "--retries", "1", "--only-binary", ":all:")
        _download(*pip, *quiet, "--require-hashes", "-r", peer.lock)

    return _installed(peer, cache, make) / "bin"


def npm(peer: Peer, cache: Path = CACHE) -> Path:
    """The `node_modules` folder with these packages; no script of theirs was run."""
    if shutil.which("npm") is None:
        pytest.skip(f"{peer.name} cannot be downloaded: there is no npm here")

    def make(folder: Path) -> None:
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(peer.lock.with_name(name), folder)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
        _download("npm", "ci", *quiet, "--fetch-retry-mintimeout=1000", "--prefix", folder)

    return _installed(peer, cache, make) / "node_modules"


def _installed(peer: Peer, cache: Path, make: Callable[[Path], None]) -> Path:
    """The folder with everything in it; one process makes it, others wait for it."""
    folder = peer.folder(cache)
    with locked(folder):
        if not _is_there(folder):
            shutil.rmtree(folder, ignore_errors=True)
            say(f"downloading {_told(peer)}")
            make(folder)
            (folder / _COMPLETE).touch()
    return folder


def _is_there(folder: Path) -> bool:
    return (folder / _COMPLETE).exists()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time makes this folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(folder.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    sys.stderr.write(f"[tests] {text}\n")
    sys.stderr.flush()


def _told(peer: Peer) -> str:
    return f"{peer.name} ({len(peer.packages())} packages, {peer.lock.relative_to(ROOT)})"


def _download(*command: object) -> None:
    done = _tried(*command)
    if done.returncode and _NO_NETWORK.search(done.stdout):
        pytest.skip(f"{command[0]} reaches no package registry: there is no network")
    _done(command, done)


def _run(*command: object) -> None:
    _done(command, _tried(*command))


def _done(command: Sequence[object], done: "subprocess.CompletedProcess[str]") -> None:
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-4000:]}")


def _tried(*command: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
