"""G22: trouble with one connection costs the others no more than a fifth of their rate. Rounds with
and without trouble take turns, and the best of each kind are compared: other load on the machine
slows both. What is measured beside other tests says nothing: `make journey` runs these alone.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.store.base.ids import new_id
from hub.store.messages import inbox
from hub.store.messages.inbox import Arrival
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from tests.workers.queueing import left, queue
from tests.workers.shifts import crew, wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("PYTEST_XDIST_WORKER" in os.environ, reason="a rate is measured alone"),
]
ROUNDS, ORDERS, REPORTS, LEAST = 4, 3000, 8000, 0.8
Tree = dict[str, Any]


def test_G22_with_a_partner_that_hangs_the_others_keep_their_rate(world: World) -> None:
    world.merchant().shop("hangs", takes=("stock_level",), shards=8, limits={"concurrency": 16})
    go, stalled, begun = world.home / "go", world.home / "stalled", [0]

    def begin() -> None:
        go.unlink(missing_ok=True)
        stalled.unlink(missing_ok=True)
        begun[0] += 1
        queue(world, "hangs", 200, first=begun[0] * 200)
        wait_for(lambda: len(_lines(stalled)) >= 12)

    def end() -> None:
        assert 12 <= len(_lines(stalled)) <= 16  # it has hung all the time
        go.touch()
        wait_for(lambda: left(world, "hangs") == 0)

    with crew(world, "stall", "hangs"):
        _compare(world, begin, end)


def test_G22_with_a_load_of_stock_reports_the_others_keep_their_rate(world: World) -> None:
    world.connect("counts", "warehouse", takes=())
    world.stock("counts", **{f"S{number}": 1 for number in range(20)})
    begun = [0]

    def begin() -> None:
        begun[0] += 1
        names = [f"{begun[0]}-{number}" for number in range(REPORTS)]
        _tell(world, "counts", {name: _report(name) for name in names}, bulk=True)
        wait_for(lambda: _waiting(world, "counts") < REPORTS)

    def end() -> None:
        assert _waiting(world, "counts") > 0  # the load has lasted
        wait_for(lambda: _waiting(world, "counts") == 0, 90)

    with crew(world):
        _compare(world, begin, end)


def _compare(world: World, begin: Callable[[], None], end: Callable[[], None]) -> None:
    world.stock("wh", A=100_000, B=100_000, C=100_000)
    calm, troubled = [], []
    _rate(world, 0)  # warm
    for turn in range(ROUNDS):
        calm.append(_rate(world, 2 * turn + 1))
        begin()
        troubled.append(_rate(world, 2 * turn + 2))
        end()
    part = max(troubled) / max(calm)
    print(f"kept {part:.0%}: {max(troubled):.0f}/s of {max(calm):.0f}/s")
    assert part >= LEAST


def _rate(world: World, turn: int) -> float:
    """Orders a second, from the first that is worked to the last at warehouse and books. Nobody
    rings for them: how long a worker takes to see them is its rhythm of looking, not its rate.
    """
    effects = world.home / "effects"
    before = world.one(_ENDED)
    numbers = range(turn * ORDERS + 1, (turn + 1) * ORDERS + 1)
    orders = {str(number): sales_order(number, lines=[("C", 1)]) for number in numbers}
    _tell(world, "shop", orders, bulk=False)
    wait_for(lambda: _waiting(world, "shop") < ORDERS)
    since, begun = time.monotonic(), world.one(_ENDED)
    wait_for(lambda: world.one(_ENDED) >= before + 2 * ORDERS, 90)
    assert effects.exists()
    return (before + 2 * ORDERS - begun) / 2 / (time.monotonic() - since)


def _report(name: str) -> Tree:
    return {
        "type": "stock_report",
        "source": {"connection": "counts", "id": name},
        "warehouse": "counts",
        "at": "2026-11-24T10:00:00Z",
        "report_id": name,
        "lines": [{"sku": f"S{line}", "on_hand": "10"} for line in range(20)],
    }


def _tell(world: World, connection: str, told: Mapping[str, Tree], *, bulk: bool) -> None:
    """All at once: telling them takes no time from who works on them."""
    partner = world.store.directory().connections[connection]
    arrivals = [
        Arrival(
            id=new_id(),
            merchant=partner.merchant,
            connection=connection,
            shards=partner.shards,
            topic=str(tree["type"]),
            delivery_id=name,
            key=name,
            payload=json.dumps(tree).encode(),
            correlation_id=new_id(),
            bulk=bulk,
        )
        for name, tree in told.items()
    ]
    with world.store.database.begin() as db:
        inbox.keep(db, world.store.vault, arrivals)


def _waiting(world: World, connection: str) -> int:
    return int(world.one("SELECT count(*) FROM work WHERE connection = :c", c=connection))


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


_ENDED = (
    """SELECT count(*) FROM message WHERE status = 'delivered' AND connection IN ('wh', 'erp')"""
)
