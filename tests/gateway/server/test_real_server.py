"""The gateway as it runs: in processes of its own, over sockets, killed at the wrong moment."""

import http.client
import json
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.server.process import serving
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import signed

BODY = json.dumps(sales_order()).encode()


def send(port: int, headers: Mapping[str, str], body: bytes = BODY) -> tuple[int, Any]:
    """One delivery over a connection of its own. Status 0: it was cut off."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request("POST", "/in/shop-a", body, dict(headers))
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, http.client.HTTPException):
        return 0, None
    finally:
        line.close()


@pytest.fixture(scope="module")
def running(
    shared: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    with serving(shared.url, shared.home) as found:
        yield found


def test_G07_fifty_of_the_same_at_once_are_one_message(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    headers = signed(BODY, delivery="d-50")
    found: list[tuple[int, Any]] = []
    threads = [
        threading.Thread(target=lambda: found.append(send(running[0], headers))) for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in found] == [200] * 50
    assert len({answer["id"] for _, answer in found}) == 1
    assert sorted(answer["repeated"] for _, answer in found) == [False] + [True] * 49
    assert (gateway.world.count("message"), gateway.world.count("work")) == (1, 1)
    assert gateway.world.count("seen") == 1


def test_G13_deliveries_of_one_key_stand_in_the_order_they_came(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    ids = [send(running[0], signed(BODY))[1]["id"] for _ in range(5)]
    rows = gateway.world.sql("SELECT id::text, status FROM work ORDER BY seq")
    assert [row[0] for row in rows] == ids
    assert [row[1] for row in rows] == ["received"] + ["behind"] * 4


@pytest.mark.parametrize(("fault", "stored"), [("before_commit", 0), ("after_commit", 1)])
def test_G01_a_gateway_killed_around_the_commit_loses_and_doubles_nothing(
    gateway: Gateway, shared: World, fault: str, stored: int
) -> None:
    home: Path = gateway.store.settings.home
    (home / "died").unlink(missing_ok=True)
    headers = signed(BODY, delivery="d-1")
    with serving(shared.url, home, fault) as (port, _):
        assert send(port, headers)[0] == 0
        assert gateway.world.count("message") == stored
        status, answer = send(port, headers)
        assert (status, answer["repeated"]) == (200, bool(stored))
    assert (gateway.world.count("message"), gateway.world.count("work")) == (1, 1)


def test_G25_a_gateway_that_is_told_to_stop_answers_what_it_has_and_ends_well(
    gateway: Gateway, shared: World
) -> None:
    with serving(shared.url, gateway.store.settings.home) as (port, process):
        assert send(port, signed(BODY))[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert gateway.world.count("message") == 1
