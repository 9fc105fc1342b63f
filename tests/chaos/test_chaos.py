"""The short form of `make chaos`: a fixed plan and one drawn anew, on servers of its own."""

import json
import random
from pathlib import Path

import pytest

from tests.chaos.run import Order, is_whole, run
from tests.chaos.servers import has_postgres
from tests.kit.database import open_folder

pytestmark = pytest.mark.slow

FIXED_SEED = 2026
SECONDS = 30.0
PATIENCE = 4.0
"""Other tests may run beside this one; `make chaos` holds the bounds themselves."""
QUICK = (
    "kill_worker",
    "kill_worker_sending",
    "kill_worker_in_transaction",
    "kill_gateway_process",
    "kill_scheduler",
    "purge_queue",
    "delete_queue",
    "end_sessions",
    "crash_database",
    "database_line_cut",
    "partner_line_cut",
    "partner_lost",
    "partner_500_after",
)
"""What is over in seconds."""


@pytest.mark.skipif(not has_postgres(), reason="PostgreSQL's own programs are not installed")
def test_G01_to_G25_nothing_breaks_under_fire() -> None:
    drawn = random.SystemRandom().randrange(1_000_000)
    print(f"seeds {FIXED_SEED} and {drawn}")
    with open_folder() as folder:
        (folder / "run").mkdir()
        order = Order((FIXED_SEED, drawn), SECONDS, 6.0, PATIENCE, only=QUICK)
        report = run(order, folder / "run")
        logs = "" if is_whole(report) else _ends(folder / "run")
    print(json.dumps(report, default=str))
    assert report["orders"] > SECONDS
    assert sum(report["faults"].values()) >= 3
    assert report["broken"] == dict.fromkeys(report["broken"], 0), logs
    assert report["late"] == []
    assert report["not_made"] == []


def _ends(folder: Path) -> str:
    """The last lines of each log, for the report of a failure."""
    logs = sorted((folder / "home").glob("*.log"))
    return "\n".join(f"{one.name}\n{one.read_text('utf-8', 'replace')[-2000:]}" for one in logs)
