"""The stage for a partner that talks in files: an SFTP server on this machine, in a new folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from adapters.kit.testing.scripted_partner import Asked
from adapters.kit.testing.sftp_server import SftpServer
from adapters.ports import Cursor, Parts

if TYPE_CHECKING:
    from adapters.kit.conformance.stage import Conformance

_WRITTEN_AT = datetime(2026, 11, 24, 9, tzinfo=UTC).timestamp()
_OURS = ".part"


@dataclass(slots=True)
class Played:
    """What was done there: our own files begun and named as PUT, anything else as GET."""

    asked: list[Asked] = field(default_factory=list)

    def hear(self, operation: str, path: str) -> None:
        """An operation of the server."""
        ours = operation == "write" or path.endswith(_OURS)
        self.asked.append(Asked("PUT" if ours else "GET", path, {}, operation.encode()))


@contextmanager
def place(it: "Conformance", kind: str, scene: str) -> Iterator[tuple[Played, Parts]]:
    """A scene: `list` finds samples of a topic there, `again` and `has` what was told before."""
    played = Played()
    with TemporaryDirectory() as folder, SftpServer(Path(folder)) as server:
        for name in it.files:
            (server.root / name).mkdir()
        keys = [server.fingerprint]
        parts = it.connected(port=server.port, user=server.user, host_keys=keys)
        if scene == "list":
            _lay_out(it, kind, server.root)
            list(parts.list(kind, Cursor()) if parts.list else ())  # what stands still is whole
        if scene in {"again", "has"}:
            parts.send(it.documents[kind], "key-0")
        server.before = played.hear
        yield played, parts


def _lay_out(it: "Conformance", topic: str, root: Path) -> None:
    """`out: shipments=shp_1.csv` lays the sample of that topic there under that name."""
    for folder, listed in it.files.items():
        for topic_, _, name in (entry.partition("=") for entry in listed.split()):
            for sample in it.samples:
                if topic_ == sample.topic == topic:
                    path = root / folder / name
                    path.write_bytes(sample.raw)
                    os.utime(path, (_WRITTEN_AT, _WRITTEN_AT))
