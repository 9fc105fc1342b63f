"""`intake`: signed webhooks acknowledged, that is stored durably, in requests a second.

Both sides are two server processes on the same settings; the load comes from a third. The floor
verifies and inserts the same rows, one transaction a request, without any framework.
"""

import json
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.result import Result
from benchmarks.stage import NOWHERE, SECRETS, Stage, found, number, say
from tests.kit.fixtures import ROOT
from tests.kit.world.processes import free_port, until
from tests.kit.world.running import RunningHub

REQUESTS, ROUNDS = number("ORDERHUB_BENCH_REQUESTS", 4000), number("ORDERHUB_BENCH_ROUNDS", 3)
CONNECTIONS = 16


def run(stage: Stage) -> Iterator[Result]:
    with stage.database() as first, stage.database() as second:
        for url in (first, second):
            store = stage.store(url)
            found(store, NOWHERE)
            store.close()
        with gateway(stage, first) as ours, floor_door(second) as theirs:
            load(ours, REQUESTS // 4, seed=100)
            load(theirs, REQUESTS // 4, seed=100)
            hub, bare = [], []
            for n in range(ROUNDS):
                hub.append(load(ours, REQUESTS, seed=n))
                bare.append(load(theirs, REQUESTS, seed=n))
                say(f"intake {n + 1}/{ROUNDS}: hub {hub[-1]:.0f}/s, floor {bare[-1]:.0f}/s")
    yield Result("intake", statistics.median(hub), statistics.median(bare), "requests/s")


@contextmanager
def gateway(stage: Stage, url: str) -> Iterator[int]:
    """The hub's gateway as a process; its port."""
    with RunningHub(stage.home / "gateway", database_url=url, **SECRETS) as hub:
        hub.start("gateway")
        hub.wait_ready()
        yield hub.port


@contextmanager
def floor_door(url: str) -> Iterator[int]:
    """The floor's server as a process; its port."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.floor_door", url, str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        until(lambda: _listens(port), "the floor listens")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=40)


def load(port: int, requests: int, seed: int, connections: int = CONNECTIONS) -> float:
    """Requests a second that a generator of its own gets answered."""
    with generator(port, requests, seed, connections) as process:
        return requests / go(process, requests)


@contextmanager
def generator(
    port: int, requests: int, seed: int, connections: int = CONNECTIONS, rate: int = 0
) -> "Iterator[subprocess.Popen[str]]":
    """A load generator that is ready to post, as fast as it is answered or `rate` a second."""
    given = [str(value) for value in (port, requests, seed, connections, rate)]
    command = [sys.executable, "-m", "benchmarks.load", *given]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise AssertionError("the load generator did not begin")
        yield process


def go(process: "subprocess.Popen[str]", requests: int) -> float:
    """Let it post. Returns the seconds that took; every request must have been stored."""
    return float(said(process, requests)["seconds"])


def said(process: "subprocess.Popen[str]", requests: int) -> dict[str, Any]:
    """Let it post. Returns all it says; every request must have been stored."""
    told: dict[str, Any] = json.loads(process.communicate("go\n")[0])
    if told["ok"] != requests:
        raise AssertionError(f"{told['ok']} of {requests} requests were stored")
    return told


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
