"""A worker process for tests that kill it: the real lanes, bells and sweep, with partners of paper.

    python -m tests.engine.crew URL HOME [MOOD [CONNECTION]]

Partners speak canonical JSON; what reaches one is a line in HOME/effects. Moods, of one connection
or of all: with `stall`, whatever it works or sends hangs until HOME/go is there, after a line in
HOME/stalled; with `crash`, sending ends the process, after a line in HOME/crashed; with `unmapped`
a code is unknown until somebody maps it.
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
from hub.settings import Settings
from hub.store.runtime import Store
from tests.kit.world import Scripted
from workers import motion


class Paper(Scripted):
    """A scripted partner that leaves a trace outside of the process."""

    def __init__(self, home: Path, mood: str, *, mapped: bool) -> None:
        super().__init__()
        self._home, self._mood, self._mapped = home, mood, mapped

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
        self._write("effects", key)
        return Receipt("paper")

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

    def __init__(self, home: Path, mood: str, connection: str) -> None:
        self._home, self._mood, self._connection = home, mood, connection

    def of(self, partner: Any, network: Mapping[str, Any], version: int) -> Paper:
        mine = not self._connection or self._connection == partner.code
        mapped = "ROCKET" in partner.codes.get("carriers", {}).values()
        return Paper(self._home, self._mood if mine else "", mapped=mapped)


def main(url: str, home: str, mood: str = "", connection: str = "") -> None:
    motion.adapters_of = lambda store: Everybody(Path(home), mood, connection)
    store = Store.open(Settings.read({"ORDERHUB_HOME": home}), url, name="crew", pool=14)
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: told.set())
    running = motion.start(store, None, kind="worker")
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    while not told.wait(0.5):  # a signal after SIGCONT may come to another thread than this one
        pass
    running.stop()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
