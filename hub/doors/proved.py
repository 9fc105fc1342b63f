"""Credentials that were right lately, known by their digests alone."""

import threading
from collections import OrderedDict
from hashlib import sha256

_MOST_KNOWN = 10_000


class Proved:
    """Of one process. Nothing is refused for not being here: it only tells callers apart."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, credential: bytes) -> None:
        """It was right."""
        digest = sha256(credential).digest()
        with self._lock:
            self._known[digest] = None
            self._known.move_to_end(digest)
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)

    def name(self, credential: bytes) -> str:
        """What tells the caller with a right credential from others; nothing for any other."""
        digest = sha256(credential).digest()
        return digest.hex() if credential and digest in self._known else ""


PROVED = Proved()
"""The process's own: the server asks whose turn it is before the app is called."""
