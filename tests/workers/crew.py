"""A worker process for tests that kill it: the real lanes, bells and sweep, with partners of paper.

    python -m tests.workers.crew URL HOME [MOOD [CONNECTION [MOOD CONNECTION]...]]

Partners speak canonical JSON; what reaches one is a line in HOME/effects. Moods, of one connection
or of all: with `stall`, whatever it works or sends hangs until HOME/go is there, after a line in
HOME/stalled; with `crash`, sending ends the process, after a line in HOME/crashed; with `unmapped`
a code is unknown until somebody maps it; with `slow`, each call takes a tenth of a second, and how
many were under way when it ended, and when, is a line in HOME/slow.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.ports import Receipt
from hub.model.document import Document
from hub.model.errors import UnknownCode
from tests.kit.world import Scripted, open_store
from workers import process

SLOW_S = 0.1


class Paper(Scripted):
    """A scripted partner that leaves a trace outside of the process."""

    def __init__(self, home: Path, mood: str, *, mapped: bool) -> None:
        super().__init__()
        self._home, self._mood, self._mapped = home, mood, mapped
        self._under_way, self._lock = 0, threading.Lock()

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        documents = super().decode(topic, raw)
        self._hang("decode")
        return documents

    def send(self, document: Document, key: str) -> Receipt:
        self._hang("send")
        if self._mood == "crash":
            self._write("crashed", key)
            os._exit(1)
        if self._mood == "unmapped" and not self._mapped:
            raise UnknownCode("carriers", "ROCKET")
        if self._mood == "slow":
            self._take_time()
        self._write("effects", key)
        return Receipt("paper")

    def _take_time(self) -> None:
        with self._lock:
            self._under_way += 1
        time.sleep(SLOW_S)
        with self._lock:
            self._write("slow", f"{self._under_way} {time.monotonic()}")
            self._under_way -= 1

    def _hang(self, what: str) -> None:
        if self._mood != "stall":
            return
        self._write("stalled", what)
        while not (self._home / "go").exists():
            time.sleep(0.02)

    def _write(self, name: str, line: str) -> None:
        with (self._home / name).open("a") as file:
            file.write(f"{line}\n")


class Everybody:
    """Every connection is made of paper."""

    def __init__(self, home: Path, moods: Mapping[str, str]) -> None:
        """`moods`: by connection, under no name that of all others."""
        self._home, self._moods = home, moods
        self._made: dict[tuple[str, bool], Paper] = {}

    def of(self, partner: Any, network: Mapping[str, Any], version: int) -> Paper:
        mood = self._moods.get(partner.code, self._moods.get("", ""))
        mapped = "ROCKET" in partner.codes.get("carriers", {}).values()
        paper = Paper(self._home, mood, mapped=mapped)
        return self._made.setdefault((partner.code, mapped), paper)

    def inward(self, partner: Any, network: Mapping[str, Any], version: int) -> Paper:
        return self.of(partner, network, version)


def main(url: str, home: str, *told: str) -> None:
    moods = dict(zip([*told[1::2], ""], told[::2], strict=False))
    process.adapters_of = lambda store: Everybody(Path(home), moods)
    store = open_store(url, Path(home), name="crew", pool=14)
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: told.set())
    running = process.start(store, None, kind="worker")
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    while not told.wait(0.5):  # a signal after SIGCONT may come to another thread than this one
        pass
    running.stop()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
