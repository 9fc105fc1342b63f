"""The demonstration's partners as a process of their own."""

import socket
import subprocess
import sys
import time

import pytest

from tests.kit.fixtures import ROOT
from tests.kit.world.processes import free_ports


def test_partners_go_with_a_starter_that_was_killed() -> None:
    port = free_ports(3)
    command = [sys.executable, "-m", "sandbox.demo", "--leashed", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as demo:
        try:
            _wait_for(port, demo)
            assert demo.poll() is None  # it stays as long as its starter does
            assert demo.stdin is not None
            demo.stdin.close()
            assert demo.wait(60) == 0
        finally:
            demo.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the partners do not answer")
