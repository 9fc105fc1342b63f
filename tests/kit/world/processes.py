"""Processes of the hub, and waiting for them."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil

from tests.kit.fixtures import ROOT

STEP_S = 0.1
ALONE = "PYTEST_XDIST_WORKER" not in os.environ
"""No other test runs beside this one."""
_BESIDE = 4
SERVER_PORTS = 17_000, 32_000  # below those of outgoing connections, as Linux gives them
_DICE = random.SystemRandom()  # not seeded: tests run beside each other


class HubError(AssertionError):
    """A process did not do what it was started for; the text holds the end of its log."""


def free_port() -> int:
    """A port that nobody listens on at the moment, of those that no outgoing connection is given:
    what starts seconds later still finds it free.
    """
    return free_ports(1)


def free_ports(number: int) -> int:
    """The first of so many such ports in a row."""
    while True:
        first = _DICE.randrange(*SERVER_PORTS)
        with ExitStack() as held, suppress(OSError):
            for port in range(first, first + number):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first


def within(seconds: float) -> float:
    """What is promised in so many seconds, of a machine that does nothing else: beside other tests,
    which take what they get of it, it may take four times as long.
    """
    return seconds if ALONE else seconds * _BESIDE


def until(
    is_so: Callable[[], object],
    what: str | Callable[[], str],
    seconds: float = 120.0,
    step: float = STEP_S,
) -> float:
    """Wait until something is so. Returns how long it took; HubError names what did not come,
    as it is known by then.
    """
    begun = time.monotonic()
    while not is_so():
        if time.monotonic() - begun > seconds:
            raise HubError(f"{what if isinstance(what, str) else what()}: not within {seconds:g} s")
        time.sleep(step)
    return time.monotonic() - begun


class Process:
    """One `orderhub` command that runs until it is told otherwise."""

    def __init__(self, command: str, log: Path, environ: Mapping[str, str]) -> None:
        self.command, self._log = command, log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hub.cli", *command.split()],
                cwd=ROOT,
                env=environ,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """What it said so far."""
        return self._log.read_text("utf-8", "replace")

    def lives(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill -9: it can clean up nothing."""
        self._process.kill()
        self._process.wait()

    def children(self) -> list[psutil.Process]:
        """The processes that it started."""
        try:
            return list(psutil.Process(self.pid).children(recursive=True))
        except psutil.Error:
            return []

    def kill_all(self) -> None:
        """Kill -9, with all that it started."""
        children = self.children()
        self.kill()
        for one in children:
            with suppress(psutil.Error):
                one.kill()

    def signal(self, number: int) -> None:
        """Send a signal, such as SIGSTOP. One that is gone hears nothing."""
        self._process.send_signal(number)

    def stop(self, seconds: float = 120.0) -> int:
        """SIGTERM, as an operator stops it. Returns the exit code."""
        if self.lives():
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise HubError(f"{self.command} did not stop\n{self.log[-3000:]}") from None
