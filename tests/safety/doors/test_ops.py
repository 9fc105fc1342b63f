"""What processes show to whoever watches them, and what strangers see of it: nothing."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.kit.world.processes import free_port, until
from tests.kit.world.running import RunningHub


def value(shown: str, series: str) -> float:
    """The value of one series."""
    found = re.search(rf"^{re.escape(series)} (\S+)$", shown, re.MULTILINE)
    return float(found[1]) if found else 0.0


def counted(hub: RunningHub, port: int, series: str) -> float:
    return value(hub.watched("/metrics", port), series)


def ask(url: str, body: bytes | None = None) -> str:
    """What a stranger is told."""
    try:
        with urllib.request.urlopen(url, body, timeout=10) as answer:
            return str(answer.read().decode())
    except HTTPError as error:
        with error:
            return error.read().decode()


def shows(hub: RunningHub, port: int, word: str) -> bool:
    try:
        return word in hub.watched("/metrics", port)
    except OSError:
        return False


@pytest.fixture
def hub(db_url: str, tmp_path: Path) -> Iterator[RunningHub]:
    with RunningHub(tmp_path, database_url=db_url) as hub:
        yield hub


def test_each_process_shows_what_it_does_and_the_two_of_a_gateway_count_as_one(
    hub: RunningHub,
) -> None:
    ports = {name: free_port() for name in ("gateway", "console", "worker", "scheduler")}
    for name, port in ports.items():
        hub.start(name, ORDERHUB_OPS_BIND=f"127.0.0.1:{port}")
    hub.wait_ready()
    shown = {
        "gateway": "orderhub_database_up 1.0",
        "console": "orderhub_console_requests_total",
        "worker": "orderhub_batch_seconds",
        "scheduler": 'orderhub_chores_total{chore="ring_due_lanes",outcome="done"}',
    }
    for name, word in shown.items():
        until(lambda name=name, word=word: shows(hub, ports[name], word), f"{name} shows {word}")
        told = json.loads(hub.watched("/readyz", ports[name]))
        checks = {"database": "ok", "disk": "ok"}
        assert told == {"status": "ready", "service": name, "checks": checks}
    for _ in range(30):
        ask(f"{hub.url}/in/nobody", b"{}")
    unknown = 'orderhub_intake_total{connection="-",outcome="not_found"}'
    until(lambda: counted(hub, ports["gateway"], unknown) >= 30, "all of them are counted")
    assert counted(hub, ports["gateway"], unknown) == 30
    for door in (hub.url, f"http://127.0.0.1:{hub.console_port}"):
        for path in ("/metrics", "/readyz", "/healthz"):
            text = ask(f"{door}{path}")
            assert "orderhub_" not in text
            assert "database" not in text


def test_a_process_whose_address_is_taken_says_so_in_one_line_and_takes_it_over(
    hub: RunningHub,
) -> None:
    first, second = hub.start("scheduler"), hub.start("worker")
    until(lambda: "ops_address_taken" in first.log + second.log, "one of them says so")
    shown = json.loads(hub.watched("/healthz"))["service"]
    holder, other = (first, second) if shown == "scheduler" else (second, first)
    assert holder.stop() == 0
    left = other.command.partition(" ")[0]

    def is_taken_over() -> bool:
        try:
            return bool(json.loads(hub.watched("/healthz"))["service"] == left)
        except OSError:
            return False

    until(is_taken_over, "the other shows what it has")
    assert other.lives()
    assert other.log.count("ops_address_taken") == 1


def test_up_shows_everything_at_one_address(hub: RunningHub) -> None:
    hub.start("up")
    hub.wait_ready()
    until(lambda: "orderhub_database_up 1.0" in hub.watched(), "it has looked at its database")
    shown = hub.watched()
    for name in ("orderhub_intake_total", "orderhub_console_requests", "orderhub_chores_total"):
        assert f"# TYPE {name.removesuffix('_total')}" in shown
