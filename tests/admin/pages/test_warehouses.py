"""The warehouse desk: what stands where, since when, and how each warehouse does."""

import re

import pytest

from tests.admin.seeds import numbers
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world.console import Console

BARS = r"queue=(\w+)#out.*?<meter[^>]*max=\"(\d+)\"[^>]*value=\"(\d+)\""


@pytest.fixture
def busy(console: Console) -> Console:
    """One shipped, one accepted, two told."""
    world = console.world
    for n in (1, 2, 3, 4):
        world.tell("shop", sales_order(n, lines=[("A", 1)]), key=str(n))
    world.run()
    first, second, *_ = numbers(world)
    world.tell("wh", status(first, "accepted"), key=first)
    world.tell("wh", shipment(first), key=first)
    world.tell("wh", status(second, "accepted"), key=second)
    world.run()
    return console


def test_the_board_counts_what_has_not_left_by_its_state(busy: Console):
    page = busy.person("operator").get("/warehouses").text
    assert re.findall(BARS, page, re.DOTALL) == [("notified", "3", "2"), ("accepted", "3", "1")]


def test_a_queue_lists_its_own_and_all_without_one(busy: Console):
    person = busy.person("operator")
    own = person.get("/warehouses/wh?queue=accepted").text
    assert re.findall(r"<code>(F\w+)</code>", own) == numbers(busy.world)[1:2]
    every = person.get("/warehouses/wh?queue=nonsense").text
    assert re.findall(r"<code>(F\w+)</code>", every) == numbers(busy.world)


def test_what_is_no_warehouse_is_not_found(busy: Console):
    person = busy.person("operator")
    assert [person.get(f"/warehouses/{code}").status_code for code in ("shop", "x")] == [404, 404]


def test_a_paused_warehouse_says_so_and_can_be_resumed_there(busy: Console):
    person = busy.person("integrator")
    page = person.get("/warehouses/wh").text
    assert 'action="/connections/wh/pause"' in page
    person.post("/connections/wh/pause", reason="flooded")
    page = person.get("/warehouses/wh").text
    assert 'action="/connections/wh/resume"' in page
    assert 'action="/connections/wh/pause"' not in page
    assert "flooded" in person.get("/warehouses").text


def test_the_warehouse_sees_its_queues_and_may_not_pause(busy: Console):
    page = busy.person("warehouse").get("/warehouses/wh").text
    assert "queue=notified" in page
    assert "/pause" not in page
