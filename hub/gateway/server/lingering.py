"""Connections that have heard their last word: what still comes of them is dropped for a moment.

One that is closed with something unread takes the answer with it.
"""

import selectors
import socket
import time
from collections import OrderedDict
from contextlib import suppress
from functools import partial

LINGER_S = 2.0
_READ, _MOST = 65_536, 256


class Lingering:
    """Those that are let go, the longest first, each with the time when it is closed."""

    def __init__(self) -> None:
        self._until: OrderedDict[socket.socket, float] = OrderedDict()

    def take(self, line: socket.socket, last: bytes, poller: selectors.BaseSelector) -> None:
        """Say the last word, then drop what still comes; where too many linger, close at once."""
        try:
            line.setblocking(False)
            if last:
                line.send(last)
            line.shutdown(socket.SHUT_WR)
        except OSError:
            line.close()
            return
        if len(self._until) >= _MOST:
            line.close()
            return
        self._until[line] = time.monotonic() + LINGER_S
        poller.register(line, selectors.EVENT_READ, partial(self._drop, poller))

    def expire(self, now: float, poller: selectors.BaseSelector) -> None:
        """Close those whose moment is over."""
        while self._until and next(iter(self._until.values())) < now:
            self._part(poller, next(iter(self._until)))

    def _drop(self, poller: selectors.BaseSelector, line: socket.socket) -> None:
        try:
            if line.recv(_READ):
                return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            pass
        self._part(poller, line)

    def _part(self, poller: selectors.BaseSelector, line: socket.socket) -> None:
        self._until.pop(line, None)
        with suppress(KeyError, ValueError):
            poller.unregister(line)
        line.close()
