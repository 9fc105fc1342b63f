"""Each guard is taken away, and the suite goes red for the reason that the guard is there for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.store import reservations
from hub.store.ids import new_id
from hub.store.reservations import Reservation
from tests.guards.broken import NO_HEADS_SQL, without
from tests.simulation.ground import ground
from tests.simulation.history import draw
from tests.simulation.invariants import MORE
from tests.simulation.play import play
from tests.simulation.stage import Stage

ROOT = Path(__file__).parents[2]
SCHEDULES = 40
SEEDS = (2, 4, 11, 12)
"""Seeds in whose schedules each guard is needed at least once."""


@pytest.fixture(scope="module")
def stage(server_url: str, template: str) -> Iterator[Stage]:
    with ground(server_url, template) as made:
        yield made


@contextmanager
def changed(stage: Stage, statement: str | None, back: str | None) -> Iterator[None]:
    if statement is None or back is None:
        yield
        return
    with stage.owner() as db:
        db.execute(sa.text(statement))
    yield
    stage.clear("m", lambda *said: None)  # what is in the tables may not bear the guard
    with stage.owner() as db:
        db.execute(sa.text(back))


def played(stage: Stage) -> list[str]:
    """What does not hold in the first of the seeds in which something does not."""
    for seed in SEEDS:
        if found := play(stage, draw(seed, SCHEDULES)):
            return found
    return []


def test_with_all_guards_in_place_nothing_is_found(stage: Stage) -> None:
    assert played(stage) == []


HEADS_BACK = """CREATE UNIQUE INDEX work_head ON work (connection, direction, key, merchant_id)
  WHERE status <> 'behind'"""


@pytest.mark.parametrize(
    ("broken", "guarantee", "statement", "back"),
    [
        ("no_seen", "G07", None, None),
        ("outbox_apart", "G03", None, None),
        ("no_fence", "G10", None, None),
        ("no_heads", ("G13", "G17"), NO_HEADS_SQL, HEADS_BACK),
        ("no_question", "G08", None, None),
        ("no_superseding", "G17", None, None),
    ],
)
def test_the_simulation_misses(
    stage: Stage,
    broken: str,
    guarantee: str | tuple[str, ...],
    statement: str | None,
    back: str | None,
) -> None:
    with changed(stage, statement, back), without(broken):
        found = played(stage)
    assert any(one.startswith(guarantee) for one in found), found


@pytest.mark.parametrize("key", ["kept", "broken"])
def test_a_line_reserved_twice_is_missed(stage: Stage, key: str) -> None:
    """The last line of defence: nothing in the engine asks for it twice."""
    drop = "ALTER TABLE reservation DROP CONSTRAINT reservation_pkey"
    with changed(stage, drop if key == "broken" else None, RESERVATION_BACK):
        stage.clear("m", lambda *said: None)
        order, goods = new_id(), new_id()
        one = Reservation("m", order, 1, goods, "wh-m", "A1", Decimal(2))
        with stage.world.store.database.begin() as db:
            db.execute(sa.text(LINE), {"goods": goods})
            for _ in range(3):
                reservations.record(db, [one])
        found = stage.world.sql(MORE["G11 nothing more is reserved than was asked for"])
    assert bool(found) is (key == "broken")


LINE = """INSERT INTO fulfilment_line (fulfilment_order_id, merchant_id, line_no, sku, ordered)
  VALUES (:goods, 'm', 1, 'A1', 2)"""
RESERVATION_BACK = """ALTER TABLE reservation ADD CONSTRAINT reservation_pkey
  PRIMARY KEY (fulfilment_order_id, line_no, order_id, merchant_id)"""
NAMED = {
    "no_signature": ("tests/gateway/test_webhooks.py", "S01_one_bit", "assert"),
    "read_then_write": ("tests/engine/test_stock.py", "G18_sixteen_writers", "assert"),
    "float_money": ("tests/model/test_money.py", "G19_shares_sum_to_the_whole", "assert"),
    "no_scope": ("tests/safety/test_rows.py", "G28_without_a_scope_there_are_no_rows", "assert"),
}
"""What is broken -> the tests that must see it, and what they say then."""


@pytest.mark.parametrize("broken", NAMED)
def test_a_named_test_misses(broken: str) -> None:
    where, which, says = NAMED[broken]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.guards.broken", where,
               "-k", which]  # fmt: skip
    red = _run(command, ORDERHUB_BROKEN=broken)
    assert red.returncode == 1, red.stdout
    assert says in red.stdout
    assert "error during" not in red.stdout
    green = _run(command)
    assert green.returncode == 0, green.stdout


def _run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # our own interpreter
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
