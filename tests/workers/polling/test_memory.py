"""However much a partner lists, one page at a time is in memory."""

import json
import os
import subprocess
import sys

import pytest

from tests.kit.fixtures import ROOT

MOST_MB = 60


@pytest.mark.slow
def test_ten_thousand_orders_take_less_than_sixty_megabytes_more_than_at_rest(
    db_url, tmp_path, installed
):
    path = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "tests.workers.polling.memory", db_url, str(tmp_path), "10000"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["heard"] == 10_000
    assert found["more_mb"] < MOST_MB
