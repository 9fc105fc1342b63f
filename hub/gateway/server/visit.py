"""One connection in the waiting room: what has come of its request, and since when it comes."""

import time
from typing import Any

from hub.gateway.server.incoming import Incoming
from hub.gateway.server.line import Turn

HEAD_S, BODY_S = 10.0, 30.0


class Visit:
    """One connection in the waiting room."""

    __slots__ = ("began", "conn", "held", "incoming", "turn")

    def __init__(self, conn: Any, incoming: Incoming) -> None:
        self.conn, self.incoming = conn, incoming
        self.began = time.monotonic()
        self.held, self.turn = 0, Turn("")

    def late(self, now: float) -> bool:
        """Whether its head or body has taken too long."""
        return now - self.began > (HEAD_S + BODY_S if self.incoming.has_head else HEAD_S)
