"""The partners as processes of their own: one line when they answer, and a clean end."""

import json
import os
import signal
import subprocess
import sys

import pytest

from sandbox.orders import generate
from tests.kit.fixtures import ROOT
from tests.sandbox.client import call


@pytest.fixture
def processes(tmp_path):
    command = [sys.executable, "-m", "sandbox", "all", "--port", "0", "--record", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SANDBOX_SHOP_TOKEN": "own"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        lines = [json.loads(process.stdout.readline()) for _ in range(3)]
        yield process, {it["partner"]: it["url"] for it in lines}
        process.kill()


def test_all_three_serve_and_end_on_sigterm(processes, tmp_path):
    process, urls = processes
    assert set(urls) == {"shop", "warehouse", "erp"}
    for name, url in urls.items():
        assert call("GET", f"{url}/_sandbox/health").json["partner"] == name
    body = next(generate(1, seed=1))
    call("POST", f"{urls['shop']}/_sandbox/place", {"orders": [body]})
    token = {"X-Shopify-Access-Token": "own"}
    shown = call("GET", f"{urls['shop']}/admin/api/2026-07/orders/{body['id']}.json", None, token)
    assert shown.json["order"]["name"] == body["name"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert {it.name for it in tmp_path.iterdir()} == {
        "shop.jsonl", "warehouse.jsonl", "erp.jsonl",
    }  # fmt: skip


def test_a_wrong_argument_is_told(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "bank"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "invalid choice: 'bank'" in done.stderr
