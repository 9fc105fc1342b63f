"""Starts worker processes and ends them, gently or not."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tests.kit.fixtures import ROOT
from tests.kit.world import World

PATIENCE_S = 90.0


@contextmanager
def crew(world: World, *mood: str) -> Iterator[subprocess.Popen[str]]:
    """A worker with partners of paper, at work."""
    arguments = ["-m", "tests.workers.crew", world.url, str(world.home), *mood]
    with process(arguments) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "at work\n"
        yield started


def freeze(worker: subprocess.Popen[str], world: World) -> None:
    """Stop it where it has no transaction open: one of a heartbeat would hold its lane's row."""

    def frozen_outside() -> bool:
        worker.send_signal(signal.SIGSTOP)
        time.sleep(0.2)  # what the server was asked for is answered by then
        if world.one(_WRITING_LANES) == 0:
            return True
        worker.send_signal(signal.SIGCONT)
        return False

    wait_for(frozen_outside)


_WRITING_LANES = """SELECT count(*) FROM pg_locks WHERE relation = 'lane'::regclass
  AND mode IN ('RowExclusiveLock', 'RowShareLock') AND pid <> pg_backend_pid()"""


@contextmanager
def process(
    arguments: list[str], environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process of this Python, killed at the end if it is still there."""
    started = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


def wait_for(true: Callable[[], object], within_s: float = PATIENCE_S) -> float:
    """Wait until something is so. Returns how long it took."""
    since = time.monotonic()
    while not true():
        assert time.monotonic() - since < within_s, "it did not come about"
        time.sleep(0.02)
    return time.monotonic() - since
