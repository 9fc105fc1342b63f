"""Thousands of orders that wait for one paused warehouse: all of them go when it is resumed."""

import os
import time

import pytest

from hub import flows
from hub.flows.config import pause
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.store.base.ids import new_id
from tests.kit.catalogue import sales_order
from tests.kit.world import Bells, World
from workers.schedule.chores import SWEEP_S, look_again

MANY = int(os.environ.get("ORDERHUB_TEST_WAITING", "1200"))
"""More than are looked at in two transactions; 5,000 to see how long that takes."""


def _tell(world: World, first: int, number: int) -> None:
    """A batch of orders, taken in as a lane's worker does."""
    partner = world.store.directory().connections["shop"]
    told = [
        Told(read("sales_order", sales_order(n, lines=[("A", 1)])), partner, new_id(), new_id())
        for n in range(first, first + number)
    ]
    with world.unit() as unit:
        flows.take(unit, told)


def test_all_of_many_go_when_their_warehouse_is_resumed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.stock("wh", A=MANY)
    with world.unit() as unit:
        pause.pause(unit, "wh", "stocktaking")
    for first in range(1, MANY + 1, 200):
        _tell(world, first, 200)
    assert world.one("SELECT count(*) FROM sales_order WHERE status = 'held'") == MANY
    with world.unit() as unit:
        pause.resume(unit, "wh")
    began, rounds = time.monotonic(), 0
    while world.one("SELECT count(*) FROM fact_due WHERE due <= now()"):
        look_again(world.store, Bells())  # type: ignore[arg-type]
        rounds += 1
    took = time.monotonic() - began
    assert world.one("SELECT count(*) FROM fulfilment_order WHERE status = 'notified'") == MANY
    assert world.one("SELECT count(*) FROM order_wait") == 0
    assert world.stock_state()["A"] == (MANY + 10, MANY)
    with capsys.disabled():
        print(
            f"\n{MANY} orders that waited for a paused warehouse were let go in {took:.1f} s of "
            f"work, {rounds} sweeps, at most {SWEEP_S:.0f} s after it was resumed"
        )
