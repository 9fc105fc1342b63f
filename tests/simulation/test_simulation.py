"""Seeded schedules of events and faults: safety while things go wrong, rest afterwards."""

import itertools
import os

import pytest

from tests.simulation.history import FEED_FAULTS, SPELLS, Event, Fault, History, Setup, Tick, draw
from tests.simulation.play import play
from tests.simulation.run import minimal, run
from tests.simulation.shrink import only, shrink
from tests.simulation.stage import Stage

SEEDS = tuple(int(one) for one in os.environ.get("ORDERHUB_SIMULATION_SEEDS", "1").split())
AT_ONCE = 150


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_G01_to_G18_hold_under_faults_and_everything_comes_to_rest(stage: Stage, seed: int) -> None:
    rate, failed = run(stage, seed, AT_ONCE, AT_ONCE)
    assert rate.struck > 0
    print(rate)
    if failed:
        pytest.fail(minimal(stage, failed[0]), pytrace=False)


def test_a_seed_is_one_history() -> None:
    assert str(draw(7, 5)) == str(draw(7, 5))
    assert str(draw(7, 5)) != str(draw(8, 5))
    assert str(only(draw(7, 5), [3])) in {str(only(draw(7, n), [3])) for n in (5, 5)}


def test_a_failure_is_cut_down_to_what_it_needs() -> None:
    """Whatever fails where an order is cancelled and shipped in one schedule, needs two events."""

    def fails(history: History) -> bool:
        by_schedule: dict[int, set[str]] = {}
        for tick in history.ticks:
            for event in tick.events:
                by_schedule.setdefault(event.schedule, set()).add(event.kind)
        return any({"tell", "ship"} <= kinds for kinds in by_schedule.values())

    small = shrink(draw(3, 30), [], fails)
    assert (len(small.setups), small.events()) == (1, 2)
    assert all(tick.fault is None and tick.bells == "all" for tick in small.ticks)


@pytest.mark.parametrize(("kind", "point"), sorted(set(FEED_FAULTS)))
def test_G03_each_change_is_heard_once_whatever_befalls_polling(
    stage: Stage, kind: str, point: str
) -> None:
    """Three pages and one that comes late, at a partner that is away, or that forgot the cursor, or
    that says its last page again.
    """
    for at, spell in itertools.product((1, 2), ("", *sorted(set(SPELLS)))):
        events = [Event(0, "change", (number, 0)) for number in range(8)]
        events += [Event(0, "spell", (spell,))] if spell else []
        later = (Event(0, "change", (8, 30)), Event(0, "change", (9, 0)))
        ticks = (
            Tick(tuple(events), "sweep", fault=Fault(kind, point, at, 60), seconds=8),
            Tick(later, "sweep", fault=Fault(kind, point, 1, 60), seconds=8),
        )
        struck = stage.gremlin.struck
        assert play(stage, History(0, False, {0: Setup((), (1, 1, 1, 1))}, ticks)) == []
        assert stage.gremlin.struck > struck


# --- what simulations found, each as small as it was cut down to ------------------------------


Said = tuple[int, str, tuple[object, ...]]


def _played(
    stage: Stage, seed: int, at_once: int, n: int, *events: Said, shuffle: int = 0
) -> list[str]:
    """A schedule of a seed with these events only: (tick, kind, what)."""
    history = only(draw(seed, at_once), [n])
    ticks = tuple(
        Tick(tuple(Event(n, *said) for at, *said in events if at == tick), shuffle=shuffle)
        for tick in range(12)
    )
    return play(stage, History(seed, history.keys, history.setups, ticks))


def test_B10_a_cancel_that_came_too_late_leaves_no_order_open_for_ever(stage: Stage) -> None:
    """Raised and cancelled in one telling after the first piece had left."""
    found = _played(
        stage, 2, 60, 22, (0, "tell", (2, 0, 0)), (5, "tell", (2, 2, 0)), (6, "part", (2,))
    )
    assert found == []


def test_B10_stock_that_comes_in_does_not_ship_again_what_is_under_way(stage: Stage) -> None:
    """Raised beyond the stock while the first pieces were with the warehouse."""
    found = _played(
        stage, 1, 20, 0, (2, "tell", (1, 0, 0)), (3, "tell", (1, 1, 0)), (5, "tell", (1, 2, 0)),
        (6, "tell", (1, 3, 0)), (8, "unasked", (1,)),
    )  # fmt: skip
    assert found == []


def test_B10_what_is_short_after_a_new_address_is_planned_anew(stage: Stage) -> None:
    found = _played(
        stage, 3, 240, 27, (2, "tell", (1, 0, 0)), (4, "tell", (1, 1, 0)), (6, "short", (1,))
    )
    assert found == []


@pytest.mark.parametrize("shuffle", range(4))
def test_B10_what_left_short_before_a_cancel_is_proposed_as_a_return(
    stage: Stage, shuffle: int
) -> None:
    """The rest was planned anew and taken back before anybody was told of it."""
    found = _played(
        stage, 6, 240, 187, (1, "tell", (2, 0, 0)), (5, "short", (2,)), (6, "tell", (2, 2, 0)),
        shuffle=shuffle,
    )  # fmt: skip
    assert found == []


def test_G03_the_books_hear_of_a_cancel_at_the_desk_of_what_was_held_for_stock(
    stage: Stage,
) -> None:
    """It had been told to them when it was released, and a refund came while it was held."""
    found = _played(
        stage,
        7,
        40,
        39,
        (3, "tell", (1, 0, 0)),
        (6, "refund", (1, 1)),
        (7, "person", ("cancel", 1)),
    )
    assert found == []


def test_G03_what_was_committed_late_while_a_poll_stood_still_is_heard(stage: Stage) -> None:
    """The partner went away for an hour when its newest page was kept."""
    ticks = (
        Tick((Event(0, "change", (0, 0)), Event(0, "spell", ("away",))), "sweep", seconds=10),
        Tick((Event(0, "change", (1, 15)), Event(0, "change", (2, 0))), "none", seconds=3600),
        Tick((Event(0, "change", (3, 0)),), "sweep", seconds=300),
        Tick((), "sweep", seconds=300),
    )
    assert play(stage, History(0, False, {0: Setup((), (1, 1, 1, 1))}, ticks)) == []
