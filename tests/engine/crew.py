"""A worker process for tests that kill it: the real lanes, bells and sweep, with partners of paper.

    python -m tests.engine.crew URL HOME [stall]

Partners speak canonical JSON; what reaches one is a line in HOME/effects. With `stall`, whatever it
works or sends hangs until HOME/go is there, after a line in HOME/stalled.
"""

import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.ports import Receipt
from hub.model.document import Document
from hub.settings import Settings
from hub.store.runtime import Store
from tests.kit.world import Scripted
from workers import motion


class Paper(Scripted):
    """A scripted partner that leaves a trace outside of the process."""

    def __init__(self, home: Path, *, stall: bool) -> None:
        super().__init__()
        self._home, self._stall = home, stall

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        documents = super().decode(topic, raw)
        self._hang("decode")
        return documents

    def send(self, document: Document, key: str) -> Receipt:
        self._hang("send")
        with (self._home / "effects").open("a") as effects:
            effects.write(f"{key}\n")
        return Receipt("paper")

    def _hang(self, what: str) -> None:
        if not self._stall:
            return
        with (self._home / "stalled").open("a") as stalled:
            stalled.write(f"{what}\n")
        while not (self._home / "go").exists():
            time.sleep(0.02)


class Everybody:
    """Every connection is made of paper."""

    def __init__(self, home: Path, *, stall: bool) -> None:
        self._paper = Paper(home, stall=stall)

    def of(self, partner: Any, network: Mapping[str, Any], version: int) -> Paper:
        return self._paper


def main(url: str, home: str, mood: str = "") -> None:
    motion.adapters_of = lambda store: Everybody(Path(home), stall=mood == "stall")
    store = Store.open(Settings.read({"ORDERHUB_HOME": home}), url, name="crew", pool=12)
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
