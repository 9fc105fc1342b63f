"""The only reader of the environment: name, default, meaning and what is accepted."""

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

KEY_BYTES = 32
KEY_FILE = "keys"


class SettingError(ValueError):
    """A setting is wrong. The text is one line: name, what was found, what is accepted."""

    def __init__(self, name: str, found: str, accepted: str) -> None:
        super().__init__(f"{name}: found {found}; accepted: {accepted}")
        self.name = name


class Bind(NamedTuple):
    """An address to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Key:
    """A data key. Its id stands in every value that it encrypted; the secret never shows."""

    id: str
    secret: bytes = field(repr=False)


class Setting(NamedTuple):
    """One row of the settings table. `read` raises ValueError with what was found, unsecret."""

    name: str
    field: str
    default: str | None
    meaning: str
    accepted: str
    read: Callable[[str], Any]


@dataclass(frozen=True)
class Settings:
    """What the operator set, read once at the start and passed in from there."""

    home: Path
    database_url: str | None = field(repr=False)
    broker_url: str | None = field(repr=False)
    bind: Bind
    console_bind: Bind
    console_url: str | None
    keys: tuple[Key, ...] | None
    log: Literal["json", "text"]
    archive: Path | None
    archive_after: int | None
    keep_messages: int | None
    keep_timeline: int | None

    @property
    def archive_folder(self) -> Path:
        """Where archive files lie."""
        return self.archive or self.home / "archive"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read every setting; the first wrong one raises SettingError. Empty means absent."""
        return cls(**{row.field: _value(row, environ.get(row.name, "")) for row in SETTINGS})


def data_keys(settings: Settings) -> tuple[Key, ...]:
    """Return the keys for data at rest, newest first; make the first one where there is none."""
    if settings.keys is not None:
        return settings.keys
    path = settings.home / KEY_FILE
    try:
        if not path.exists():
            _make_keys(path)
        mode = path.stat().st_mode & 0o777
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(str(path), _reason(error), "a readable file of data keys") from error
    if mode & 0o077:
        raise SettingError(str(path), f"file mode {mode:03o}", "600, closed to other users")
    try:
        return _keys(",".join(text.split()))
    except ValueError as error:
        raise SettingError(str(path), str(error), KEYS_ACCEPTED) from error


def _value(row: Setting, given: str) -> Any:
    text = given.strip() or row.default
    if text is None:
        return None
    try:
        return row.read(text)
    except ValueError as error:
        raise SettingError(row.name, str(error), row.accepted) from None


def _home(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(f"a file at {str(path)!r}")
    return path


def _database(text: str) -> str:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("what is not a database URL") from None
    if url.drivername not in ("postgresql", "postgresql+psycopg"):
        raise ValueError(f"{_shown(url.drivername)}://")
    if not url.database:
        raise ValueError("no database name in the URL")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _broker(text: str) -> str:
    scheme, found, _ = text.partition("://")
    if not found:
        raise ValueError("what is not a URL")
    if scheme not in ("amqp", "amqps"):
        raise ValueError(f"{_shown(scheme)}://")
    try:
        parts = urlsplit(text)
        named = parts.hostname and parts.port != 0
    except ValueError:
        named = None
    if not named:
        raise ValueError("a URL without a host, or with a wrong port")
    return text


def _bind(text: str) -> Bind:
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    bad_host = not bare or any(char in bare for char in "/@[] ") or (":" in bare and bare == host)
    if bad_host or not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(_shown(text))
    return Bind(bare, int(port))


def _public(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError(_shown(text))
    return f"https://{parts.netloc}"


def _days(text: str) -> int | None:
    """None is for ever, or never."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 5):
        raise ValueError(_shown(text))
    return int(text) or None


def _log(text: str) -> str:
    if text not in ("json", "text"):
        raise ValueError(_shown(text))
    return text


def _keys(text: str) -> tuple[Key, ...]:
    keys = tuple(_key(at, part.strip()) for at, part in enumerate(text.split(","), start=1))
    if len({key.id for key in keys}) < len(keys):
        raise ValueError("the same key or key id twice")
    return keys


def _key(at: int, text: str) -> Key:
    name, separator, encoded = text.rpartition(":")
    try:
        secret = base64.b64decode(
            encoded, altchars=b"-_" if {"-", "_"} & {*encoded} else None, validate=True
        )
    except (binascii.Error, ValueError):
        raise ValueError(f"key {at} is not base64") from None
    if len(secret) != KEY_BYTES:
        raise ValueError(f"key {at} has {len(secret)} bytes")
    if separator and not (name.isascii() and name.isalnum() and len(name) <= 32):
        raise ValueError(f"key {at} has an id other than letters and digits")
    return Key(name or hashlib.sha256(b"orderhub key id" + secret).hexdigest()[:8], secret)


def _make_keys(path: Path) -> None:
    """Write a first key so that it is whole or absent, whoever else starts at the same moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = _key(1, base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{key.id}:{base64.b64encode(key.secret).decode()}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # refuses to replace, unlike rename: the first writer wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _shown(text: str) -> str:
    """Quote what was found: short, on one line, and without anything before an @."""
    return repr(text.rpartition("@")[2][:60])


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "an error") if isinstance(error, OSError) else "what is not text"


KEYS_ACCEPTED = "32-byte keys in base64, comma-separated, newest first, each optionally id:key"
_ADDRESS = "host:port, with a port from 1 to 65535, as 127.0.0.1:8080 or [::1]:8080"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "ORDERHUB_HOME",
        "home",
        "./var",
        "folder of the embedded database, keys, logs and file drops",
        "a folder, made where absent",
        _home,
    ),
    Setting(
        "ORDERHUB_DATABASE_URL",
        "database_url",
        None,
        "the PostgreSQL server; absent: an embedded one under ORDERHUB_HOME",
        "postgresql://user:password@host:port/database, also with +psycopg",
        _database,
    ),
    Setting(
        "ORDERHUB_BROKER_URL",
        "broker_url",
        None,
        "the RabbitMQ server; absent: in-process",
        "amqp://user:password@host:port/vhost, or amqps://",
        _broker,
    ),
    Setting(
        "ORDERHUB_BIND",
        "bind",
        "127.0.0.1:8080",
        "where the gateway listens: webhooks, Open API, health, metrics",
        _ADDRESS,
        _bind,
    ),
    Setting(
        "ORDERHUB_CONSOLE_BIND",
        "console_bind",
        "127.0.0.1:8081",
        "where the console listens",
        _ADDRESS,
        _bind,
    ),
    Setting(
        "ORDERHUB_CONSOLE_URL",
        "console_url",
        None,
        "the console's public address behind a proxy; its cookies are then for https alone",
        "https://host, without a path",
        _public,
    ),
    Setting(
        "ORDERHUB_KEYS",
        "keys",
        None,
        "data keys, newest first; absent: made once as ORDERHUB_HOME/keys, file mode 600",
        KEYS_ACCEPTED,
        _keys,
    ),
    Setting("ORDERHUB_LOG", "log", "json", "form of the log", "json or text", _log),
    Setting(
        "ORDERHUB_ARCHIVE",
        "archive",
        None,
        "folder of the archive files, the same for all processes; absent: ORDERHUB_HOME/archive",
        "a folder, made where absent",
        _home,
    ),
    Setting(
        "ORDERHUB_ARCHIVE_AFTER",
        "archive_after",
        "30",
        "days after which payloads of finished messages move into archive files",
        "days; 0: never",
        _days,
    ),
    Setting(
        "ORDERHUB_KEEP_MESSAGES",
        "keep_messages",
        "400",
        "days that messages, their attempts and archive files are kept, by whole months",
        "days; 0: for ever",
        _days,
    ),
    Setting(
        "ORDERHUB_KEEP_TIMELINE",
        "keep_timeline",
        "1100",
        "days that the timelines of orders are kept, by whole months",
        "days; 0: for ever",
        _days,
    ),
)
