"""A command on embedded defaults: the database is there for it, and gone with it unless it ran."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.embedded import database
from tests.kit.database import open_folder
from tests.kit.fixtures import ROOT


def run(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORDERHUB_")}
    return subprocess.run(
        [sys.executable, "-m", "hub.cli", *args],
        check=False,
        cwd=ROOT,
        env={**kept, "ORDERHUB_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
def test_commands_work_on_an_empty_home_and_beside_a_running_hub():
    with open_folder() as folder:
        home = folder / "var"
        first = run(home, "key", "add", "--scopes", "all")
        assert (first.returncode, first.stderr) == (0, "")
        assert first.stdout.startswith("ohk_")
        assert database.attach(home) is None

        server = database.start(home)  # as `up` does
        beside = run(home, "key", "list", "--json")
        assert (beside.returncode, beside.stderr) == (0, "")
        assert first.stdout.strip()[:8] in beside.stdout
        assert database.attach(home) == server.url
