"""Programs from npm that read the description of the Open API as strangers do: installed once from
`clients/package-lock.json`, which pins each by digest, into a cache folder.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.fixtures import ROOT

HERE = Path(__file__).parent / "clients"
CACHE = ROOT / ".cache" / "peers"
PINS = ("package.json", "package-lock.json")
_INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def programs(cache: Path = CACHE) -> Path:
    """The folder whose `node_modules/.bin` holds them. Skips without Node.js or network."""
    if not shutil.which("npm"):
        pytest.skip("Node.js with npm is not on this machine")
    stamp = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in PINS))
    folder = cache / f"clients-{stamp.hexdigest()[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    sys.stderr.write("[clients] downloading npm packages to check the Open API (130 MB on disk)\n")
    folder.mkdir(exist_ok=True)
    for name in PINS:
        shutil.copy(HERE / name, folder)
    done = subprocess.run(_INSTALL, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"npm packages are not to be had here: {done.stderr.strip()[-300:]}")
    (folder / "installed").touch()


def run(folder: Path, *command: object, at: Path) -> str:
    """What a program printed; AssertionError with it where it failed."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=at,
        env={
            "PATH": f"{folder / 'node_modules' / '.bin'}:{_path()}",
            "HOME": str(at),
            "REDOCLY_TELEMETRY": "off",
            "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def _path() -> str:
    node = shutil.which("node")
    return f"{Path(node).parent if node else ''}:/usr/bin:/bin"
