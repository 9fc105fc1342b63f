"""Each guard is taken away, and the simulation finds what the guard is there for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from hub.store.base.ids import new_id
from hub.store.stock import reservations
from hub.store.stock.reservations import Reservation
from tests.guards.broken import NO_HEADS_SQL, without
from tests.simulation.ground import ground
from tests.simulation.history import Event, Fault, Tick, draw
from tests.simulation.invariants import MORE
from tests.simulation.play import Play, play
from tests.simulation.shrink import only
from tests.simulation.stage import Stage

pytestmark = pytest.mark.slow

SCHEDULES = 40
SEEDS = (10, 11, 12, 18)
"""Seeds in whose schedules each guard is needed at least twice."""


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


@pytest.mark.parametrize(
    "seed", [pytest.param(it, marks=pytest.mark.long if it != SEEDS[0] else ()) for it in SEEDS]
)
def test_with_all_guards_in_place_nothing_is_found(stage: Stage, seed: int) -> None:
    assert play(stage, draw(seed, SCHEDULES)) == []


HEADS_BACK = """CREATE UNIQUE INDEX work_head ON work (connection, direction, key, merchant_id)
  WHERE status <> 'behind'"""


@pytest.mark.parametrize(
    ("broken", "guarantee", "statement", "back"),
    [
        ("no_seen", "G07", None, None),
        # a warehouse that ships what was rolled back contradicts the books
        ("outbox_apart", ("G03", "G05"), None, None),
        ("no_fence", "G10", None, None),
        ("no_heads", ("G13", "G17"), NO_HEADS_SQL, HEADS_BACK),
        pytest.param("no_question", "G08", None, None, marks=pytest.mark.long),
        pytest.param("no_superseding", "G17", None, None, marks=pytest.mark.long),
        pytest.param("no_overtaking", ("B10", "G08", "G11"), None, None, marks=pytest.mark.long),
    ],
)
def test_the_simulation_misses(
    stage: Stage,
    broken: str,
    guarantee: str | tuple[str, ...],
    statement: str | None,
    back: str | None,
) -> None:
    found: list[str] = []
    with changed(stage, statement, back), without(broken):
        for seed in SEEDS:
            found += play(stage, draw(seed, SCHEDULES))
            if any(one.startswith(guarantee) for one in found):
                return
    pytest.fail(f"seeds {SEEDS} showed only {found}")


@pytest.mark.parametrize(
    ("commit", "held"),
    [(1, False), (3, True)],
    ids=["before it takes a lane", "with a message in hand"],
)
def test_without_a_fence_a_sleeper_is_found_where_it_held_a_lease(
    stage: Stage, commit: int, *, held: bool
) -> None:
    """It sleeps after so many commits, and another takes the lane meanwhile. Where it held none it
    takes the lane anew when it wakes up, and may write.
    """
    history = only(draw(45, SCHEDULES), [36])
    tell = Tick((Event(36, "tell", (0, 0, 0)),), fault=Fault("sleep", "after_commit", commit, 60))
    with without("no_fence"):
        Play(stage, replace(history, ticks=(tell,))).unsafe()
    assert bool(stage.gremlin.zombies) is held


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
