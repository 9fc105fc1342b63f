"""A connection has as many calls under way as its `concurrency` allows, never more, and keeps so
many: a slow partner's rate grows in proportion.
"""

from statistics import mean

import pytest

from tests.kit.world import World
from tests.workers.crew import SLOW_S
from tests.workers.queueing import queue
from tests.workers.shifts import crew, wait_for


@pytest.mark.parametrize("calls", [1, pytest.param(4, marks=pytest.mark.long), 16, 27, 64])
def test_a_slow_partner_has_as_many_calls_under_way_as_it_allows(world: World, calls: int) -> None:
    lanes, told = min(calls, 8), min(calls * 40, 1500)
    limits = {"concurrency": calls}
    world.merchant().shop("slow", takes=("stock_level",), shards=lanes, limits=limits)
    queue(world, "slow", told)
    slow = world.home / "slow"
    with crew(world, "slow", "slow"):
        wait_for(lambda: slow.exists() and len(slow.read_text().splitlines()) >= told, 90)
    lines = [line.split() for line in slow.read_text().splitlines()]
    under_way, ended = [int(line[0]) for line in lines], [float(line[1]) for line in lines]
    assert 0.8 * calls <= max(under_way) <= calls
    quarter = told // 4
    rates, held = [], []
    for first in range(0, told - quarter, quarter):
        rates.append(quarter / (ended[first + quarter] - ended[first]))
        held.append(mean(under_way[first : first + quarter]))
    print(f"{calls}: {max(rates):.1f}/s of {calls / SLOW_S:.0f}/s, {max(held):.1f} under way")
    assert max(held) >= 0.6 * calls  # the best quarter: bells may come late, and lanes run dry
