"""The demonstration's partners as a process of their own."""

import socket
import subprocess
import sys
import time

import pytest

from tests.kit.fixtures import ROOT


def test_partners_go_with_a_starter_that_was_killed() -> None:
    port = _free_ports(3)
    command = [sys.executable, "-m", "sandbox.demo", "--leashed", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as demo:
        try:
            _wait_for(port, demo)
            assert demo.poll() is None  # it stays as long as its starter does
            assert demo.stdin is not None
            demo.stdin.close()
            assert demo.wait(10) == 0
        finally:
            demo.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)


def _free_ports(number: int) -> int:
    """The first of so many in a row that nobody listens at."""
    for first in range(21_000, 30_000, 10):
        try:
            for port in range(first, first + number):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first
    raise AssertionError("no ports are free")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the partners do not answer")
