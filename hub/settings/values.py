"""How the text of one setting is read. Each raises ValueError with what was found, unsecret."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError


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


def home(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(f"a file at {str(path)!r}")
    return path


def database(text: str) -> str:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("what is not a database URL") from None
    if url.drivername not in ("postgresql", "postgresql+psycopg"):
        raise ValueError(f"{_shown(url.drivername)}://")
    if not url.database:
        raise ValueError("no database name in the URL")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def broker(text: str) -> str:
    scheme, separator, _ = text.partition("://")
    if not separator:
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


def bind(text: str) -> Bind:
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    bad_host = not bare or any(char in bare for char in "/@[] ") or (":" in bare and bare == host)
    if bad_host or not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(_shown(text))
    return Bind(bare, int(port))


def public(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError(_shown(text))
    return f"https://{parts.netloc}"


def proxies(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks of proxies. One that holds everybody names nobody."""
    networks = []
    for part in (entry.strip() for entry in text.split(",")):
        try:
            networks.append(ip_network(part))
        except ValueError:
            raise ValueError(_shown(part)) from None
        if not networks[-1].prefixlen:
            raise ValueError(f"{part!r}, which is every address")
    return tuple(networks)


def days(text: str) -> int | None:
    """None is for ever, or never."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 5):
        raise ValueError(_shown(text))
    return int(text) or None


def log(text: str) -> str:
    if text not in ("json", "text"):
        raise ValueError(_shown(text))
    return text


def _shown(text: str) -> str:
    """Quote what was found: short, on one line, and without anything before an @."""
    return repr(text.rpartition("@")[2][:60])
