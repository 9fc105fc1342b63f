"""`orderhub` as an operator runs it, on a database of his own."""

import base64
import os
import subprocess
import sys
import tempfile
from typing import NamedTuple

from tests.kit.fixtures import ROOT
from tests.kit.world.processes import free_port


class Done(NamedTuple):
    """What a command left with and said."""

    code: int
    out: str
    err: str


def orderhub(url: str, *words: str) -> Done:
    """Run one command to its end."""
    with tempfile.TemporaryDirectory() as home:
        environ = {
            "PATH": os.environ["PATH"],
            "ORDERHUB_HOME": home,
            "ORDERHUB_DATABASE_URL": url,
            "ORDERHUB_KEYS": base64.b64encode(bytes(32)).decode(),
            "ORDERHUB_BIND": f"127.0.0.1:{free_port()}",
            "ORDERHUB_CONSOLE_BIND": f"127.0.0.1:{free_port()}",
        }
        done = subprocess.run(
            [sys.executable, "-m", "hub.cli", *words],
            cwd=ROOT,
            env=environ,
            check=False,
            capture_output=True,
            text=True,
            timeout=240,
        )
    return Done(done.returncode, done.stdout, done.stderr)
