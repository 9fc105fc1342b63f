"""The only reader of the environment: name, default, meaning and what is accepted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from hub.settings import values
from hub.settings.keys import KEYS_ACCEPTED, Key, kept_keys, read_keys
from hub.settings.values import Bind, SettingError

KEY_FILE = "keys"


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
    ops_bind: Bind
    proxies: tuple[IPv4Network | IPv6Network, ...] | None
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
    return kept_keys(settings.home / KEY_FILE) if settings.keys is None else settings.keys


def _value(row: Setting, given: str) -> Any:
    text = given.strip() or row.default
    if text is None:
        return None
    try:
        return row.read(text)
    except ValueError as error:
        raise SettingError(row.name, str(error), row.accepted) from None


_ADDRESS = "host:port, with a port from 1 to 65535, as 127.0.0.1:8080 or [::1]:8080"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "ORDERHUB_HOME",
        "home",
        "./var",
        "folder of the embedded database, its log, and the keys",
        "a folder, made where absent",
        values.home,
    ),
    Setting(
        "ORDERHUB_DATABASE_URL",
        "database_url",
        None,
        "the PostgreSQL server; absent: an embedded one under ORDERHUB_HOME",
        "postgresql://user:password@host:port/database, also with +psycopg",
        values.database,
    ),
    Setting(
        "ORDERHUB_BROKER_URL",
        "broker_url",
        None,
        "the RabbitMQ server; absent: in-process",
        "amqp://user:password@host:port/vhost, or amqps://",
        values.broker,
    ),
    Setting(
        "ORDERHUB_BIND",
        "bind",
        "127.0.0.1:8080",
        "where the gateway listens: webhooks, Open API, health",
        _ADDRESS,
        values.bind,
    ),
    Setting(
        "ORDERHUB_CONSOLE_BIND",
        "console_bind",
        "127.0.0.1:8081",
        "where the console listens",
        _ADDRESS,
        values.bind,
    ),
    Setting(
        "ORDERHUB_CONSOLE_URL",
        "console_url",
        None,
        "the console's public address behind a proxy; its cookies are then for https alone",
        "https://host, without a path",
        values.public,
    ),
    Setting(
        "ORDERHUB_OPS_BIND",
        "ops_bind",
        "127.0.0.1:8082",
        "where each process shows metrics and health in detail to whoever watches it",
        _ADDRESS,
        values.bind,
    ),
    Setting(
        "ORDERHUB_PROXIES",
        "proxies",
        None,
        "the proxies before gateway and console; absent: nobody's X-Forwarded-For is believed",
        "addresses or networks, comma-separated, as 10.0.0.7 or 10.0.0.0/24",
        values.proxies,
    ),
    Setting(
        "ORDERHUB_KEYS",
        "keys",
        None,
        "data keys, newest first; absent: made once as ORDERHUB_HOME/keys, file mode 600",
        KEYS_ACCEPTED,
        read_keys,
    ),
    Setting("ORDERHUB_LOG", "log", "json", "form of the log", "json or text", values.log),
    Setting(
        "ORDERHUB_ARCHIVE",
        "archive",
        None,
        "folder of the archive files, the same for all processes; absent: ORDERHUB_HOME/archive",
        "a folder, made where absent",
        values.home,
    ),
    Setting(
        "ORDERHUB_ARCHIVE_AFTER",
        "archive_after",
        "30",
        "days after which payloads of finished messages move into archive files",
        "days; 0: never",
        values.days,
    ),
    Setting(
        "ORDERHUB_KEEP_MESSAGES",
        "keep_messages",
        "400",
        "days that messages, their attempts and archive files are kept, by whole months",
        "days; 0: for ever",
        values.days,
    ),
    Setting(
        "ORDERHUB_KEEP_TIMELINE",
        "keep_timeline",
        "1100",
        "days that the timelines of orders are kept, by whole months",
        "days; 0: for ever",
        values.days,
    ),
)
