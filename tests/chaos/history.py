"""What happened in a run, as JSON lines: deliveries and answers as `orderhub audit` reads them, and
beside them the course of it, faults and recoveries.
"""

import json
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from hub.rules.ops import history
from hub.rules.ops.history import Line


class History:
    """Two files that only grow: `history.jsonl`, and `course.jsonl` in seconds since its start."""

    def __init__(self, folder: Path) -> None:
        self._begun, self._lock = time.monotonic(), threading.Lock()
        self._told: list[str] = []
        self._history = _open(folder / "history.jsonl")
        self._course = _open(folder / "course.jsonl")

    def add(self, kind: str, **more: Any) -> None:
        """One event of the course."""
        line = json.dumps({"t": self.now(), "kind": kind, **more}, default=str)
        self._write(self._course, line)

    def tell(self, what: str, connection: str, **more: Any) -> None:
        """One line of the history: hub/rules/ops/history.py says which there are."""
        at = datetime.now(UTC).isoformat()
        line = json.dumps({"what": what, "connection": connection, "at": at, **more})
        with self._lock:
            self._told.append(line)
        self._write(self._history, line)

    def close_with(self, lines: Iterable[Line]) -> list[Line]:
        """The whole history: what was told here, then what partners have on record."""
        found = list(lines)
        for one in found:
            told = {name: getattr(one, name) for name in Line.__dataclass_fields__}
            self._write(self._history, json.dumps({k: v for k, v in told.items() if v is not None}))
        return [*history.read(self._told), *found]

    def now(self) -> float:
        return round(time.monotonic() - self._begun, 3)

    def close(self) -> None:
        with self._lock:
            self._history.close()
            self._course.close()

    def _write(self, where: TextIO, line: str) -> None:
        with self._lock:
            if not where.closed:
                where.write(line + "\n")
                where.flush()


def _open(path: Path) -> TextIO:
    return path.open("a", encoding="utf-8")
