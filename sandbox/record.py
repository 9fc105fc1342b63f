"""What a partner keeps of its own: entries in memory, and as JSON lines where a file is named."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO


class Journal:
    """An append-only list of plain dicts: at, kind, key, document, and what the writer adds."""

    def __init__(self, name: str, path: Path | None = None) -> None:
        self.entries: list[dict[str, Any]] = []
        self._name = name
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None
        self._lock = threading.Lock()

    def add(self, kind: str, key: str, document: Any, **more: Any) -> dict[str, Any]:
        at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        entry = {"at": at, "kind": kind, "key": key, "document": document, **more}
        with self._lock:
            self.entries.append(entry)
            if self._file is not None:
                line = json.dumps({"journal": self._name, **entry}, default=str, ensure_ascii=False)
                self._file.write(line + "\n")
                self._file.flush()
        return entry

    def clear(self) -> None:
        with self._lock:
            self.entries.clear()

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
