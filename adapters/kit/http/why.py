"""What went wrong on the way to a partner, in plain words: not everybody reads Python."""

import socket
import ssl
import zlib
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "nobody knows that name"),
    (ConnectionRefusedError, "nothing listens there"),
    (TimeoutError, "it took too long"),
    (RemoteDisconnected, "it hung up without a word"),
    (ConnectionError, "it hung up"),
    (EOFError, "it hung up"),
    (ssl.SSLError, "TLS failed"),
    (IncompleteRead, "the answer breaks off"),
    (zlib.error, "the answer cannot be unpacked"),
    (HTTPException, "what it answers is no HTTP"),
)
"""Error -> its words, the first that fits."""


def why(error: BaseException) -> str:
    """A few words for whoever reads the message."""
    return next((words for kind, words in _WORDS if isinstance(error, kind)), "the line failed")
