"""A warehouse's SFTP server on this machine, and a connection to it."""

from contextlib import contextmanager

from adapters.csv_drop import ADAPTER, Settings
from adapters.kit.http import Transport
from adapters.kit.testing.sftp_server import SftpServer
from adapters.ports import Cursor
from mappings.kit import Context, code_lists
from tests.mappings.partners import READ_AT


def connected(server, layout="plain", **settings):
    told = {
        "host": "127.0.0.1",
        "port": server.port,
        "user": server.user,
        "password": server.password,
        "host_keys": [server.fingerprint],
        "still_s": 0,
        "layout": layout,
        **settings,
    }
    at = Context("depot", "acme", code_lists("csv_drop"))
    return ADAPTER.connect(Settings.model_validate(told), at, Transport.local(5), lambda: READ_AT)


@contextmanager
def depot(root):
    for name in ("in", "out", "done", "read"):
        (root / name).mkdir()
    with SftpServer(root) as server:
        yield server


def changes(parts, topic):
    """All that is listed at the second look, each page kept."""
    list(parts.list(topic, Cursor()))
    return [one for page in parts.list(topic, Cursor()) for one in page.changes]


def decoded(parts, found):
    return [doc for one in found for doc in parts.decode(one.delivery.topic, one.raw)]


def names(folder):
    return sorted(path.name for path in folder.iterdir())
