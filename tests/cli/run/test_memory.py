"""Memory of processes with many threads."""

import subprocess
import sys

import pytest

_COUNT = """
import ctypes, os, sys, tempfile, threading
from hub.memory import few_arenas
if sys.argv[1] == "few":
    few_arenas()
gate = threading.Barrier(17)
def hold():
    kept = [bytes(2000) for _ in range(200)]
    gate.wait()
threads = [threading.Thread(target=hold) for _ in range(16)]
[thread.start() for thread in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as told:
    file = ctypes.c_void_p(libc.fopen(told.name.encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    print(told.read().count(b"<heap nr="))
gate.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's arenas")
def test_threads_share_two_arenas() -> None:
    assert _arenas("few") <= 2 < _arenas("as it is")


def _arenas(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _COUNT, how], capture_output=True, text=True, check=True
    )
    return int(done.stdout)
