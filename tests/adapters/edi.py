"""A warehouse that talks in EDI files: its SFTP server on this machine, and a connection to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters import edifact, x12
from adapters.kit.http import Transport
from adapters.kit.testing.sftp_server import SftpServer
from adapters.ports import Cursor, Listed
from mappings.edifact import interchanges
from mappings.kit import Context, code_lists
from mappings.x12 import transactions
from tests.mappings.partners import READ_AT


def message_of(raw: bytes) -> Any:
    """The one EDIFACT message of a file."""
    (sent,) = interchanges(raw)
    assert sent.faults == ()
    (read,) = sent.messages
    return read


def set_of(raw: bytes) -> Any:
    """The one X12 set of a file."""
    (read,) = transactions(raw)
    return read


PARTIES = {
    "edifact": {"sender": "4012345000009:14", "receiver": "4098765000008:14"},
    "x12": {"sender": "ZZ:ACME", "receiver": "ZZ:DEPOT"},
}
STANDARDS = {"edifact": (edifact.ADAPTER, message_of), "x12": (x12.ADAPTER, set_of)}
"""Adapter -> itself, and what reads the one message of a file."""


class Depot:
    """The warehouse's folders, and one connection to them."""

    def __init__(self, standard: str, root: Path, server: SftpServer, **settings: Any) -> None:
        adapter, self._read = STANDARDS[standard]
        self.root, self.transport = root, Transport.local(5)
        told = {
            "host": "127.0.0.1", "port": server.port, "user": server.user, "still_s": 0,
            "password": server.password, "host_keys": [server.fingerprint],
            **PARTIES[standard], **settings,
        }  # fmt: skip
        at = Context("wh-ber", "acme", code_lists(standard))
        model = adapter.settings.model_validate(told)
        self.parts = adapter.connect(model, at, self.transport, lambda: READ_AT)

    def drop(self, name: str, raw: bytes) -> None:
        (self.root / "out" / name).write_bytes(raw)

    def poll(self) -> list[Listed]:
        """Two looks: what stands still is whole."""
        list(self.parts.list("file", Cursor()))
        return [it for page in self.parts.list("file", Cursor()) for it in page.changes]

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.root / folder).iterdir())

    def told(self, name: str) -> Any:
        """What a file tells the warehouse."""
        return self._read((self.root / "in" / name).read_bytes())


@contextmanager
def opened(standard: str, root: Path) -> Iterator[Callable[..., Depot]]:
    """The server, and what connects to it by these settings."""
    for name in ("in", "out", "done", "read"):
        (root / name).mkdir()
    with SftpServer(root) as server:
        yield lambda **settings: Depot(standard, root, server, **settings)
