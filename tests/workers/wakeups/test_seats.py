"""G22: no connection has all the threads of a process; bulk lets orders before."""

from tests.kit.world import Clock
from workers.wakeups.fair_share import BULK_PAUSE, SLICE_S, Seats


def seats(threads: int = 12) -> tuple[Seats, Clock]:
    clock = Clock()
    return Seats(threads, clock.seconds), clock


def test_G22_a_connection_has_half_of_the_threads_and_what_was_turned_away_is_rung() -> None:
    some, _ = seats()
    assert [some.enter(lane, "in", "big") for lane in range(8)] == [True] * 6 + [False] * 2
    assert some.enter(50, "in", "small")
    assert some.leave(0) == [6]
    assert some.enter(6, "in", "big")
    assert some.leave(50) == [7]
    assert some.leave(6) == []


def test_G22_partners_that_hang_leave_a_quarter_to_what_comes_in() -> None:
    some, _ = seats()
    told = [some.enter(lane, "out", f"partner{lane // 4}") for lane in range(16)]
    assert sum(told) == 9
    assert [some.enter(100 + lane, "in", f"shop{lane}") for lane in range(3)] == [True] * 3


def test_G22_where_every_thread_is_taken_a_drain_gives_way_after_a_second() -> None:
    some, clock = seats(4)
    for lane, connection in enumerate("aabc"):
        some.enter(lane, "in", connection)
    assert some.gives_way(0) is None
    clock.pass_(SLICE_S + 0.1)
    assert some.gives_way(0) == 0.0
    some.leave(3)
    assert some.gives_way(0) is None  # a thread is free for whoever comes


def test_G22_bulk_rests_four_times_as_long_as_it_took_while_others_work() -> None:
    some, clock = seats()
    some.enter(1, "in", "bulky")
    some.worked(1, bulk=True, took_s=2.0)
    assert some.gives_way(1) is None  # nobody else is there
    some.enter(2, "in", "shop")
    some.worked(2, bulk=False, took_s=0.1)
    some.worked(1, bulk=True, took_s=2.0)
    assert some.gives_way(1) == 2.0 * BULK_PAUSE
    some.leave(1)
    some.enter(3, "in", "bulky")
    assert some.bulk_rests(3) == 2.0 * BULK_PAUSE
    some.leave(2)
    clock.pass_(1)
    assert some.bulk_rests(3) is None  # the others are done


def test_G22_bulk_to_be_told_waits_for_the_partner_and_may_go_on() -> None:
    some, _ = seats()
    some.enter(1, "out", "channel")
    some.enter(2, "in", "shop")
    some.worked(1, bulk=True, took_s=2.0)
    assert some.gives_way(1) is None


def test_a_lane_that_is_drained_already_is_turned_away_and_rung_afterwards() -> None:
    some, _ = seats()
    assert some.enter(1, "in", "shop")
    assert not some.enter(1, "in", "shop")
    assert some.leave(1) == [1]
