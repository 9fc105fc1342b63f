"""What rules ask beyond the stock: how much a day has taken, also while many plan at once, how busy
a warehouse is, how old its stock, and what goods need.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from hub.flows.orders import reconsider
from hub.states.fulfilment_order import State
from hub.store.config import snapshot
from tests.flows.orders.test_going_on import order, pause, resume, rules, standing, sweep
from tests.kit.world import World

TAKES = ["fulfilment_order", "fulfilment_cancellation"]
BACKORDER = {"fallback": "backorder"}


@pytest.fixture
def two(world: World) -> World:
    """Two warehouses that have plenty."""
    world.connect("wh-2", "warehouse", takes=TAKES)
    world.stock("wh", A=50)
    world.stock("wh-2", A=50)
    return world


def went(world: World) -> list[str]:
    return [
        row.warehouse for row in world.sql("SELECT warehouse FROM fulfilment_order ORDER BY id")
    ]


def test_a_day_takes_so_many_orders_and_the_rest_goes_elsewhere(two: World) -> None:
    rules(two, {"filter": "capacity", "warehouse": "wh", "orders": 2}, BACKORDER)
    for number in range(1001, 1005):
        order(two, number, lines=[("A", 1)])
    assert went(two) == ["wh", "wh", "wh-2", "wh-2"]


def test_what_came_to_nothing_is_not_counted(two: World) -> None:
    rules(two, {"filter": "capacity", "warehouse": "wh", "orders": 1}, BACKORDER)
    order(two, 1001, lines=[("A", 1)])
    two.sql("UPDATE fulfilment_order SET status = :no", no=State.REJECTED)
    order(two, 1002, lines=[("A", 1)])
    assert went(two) == ["wh", "wh"]


def test_pieces_are_counted_too_and_the_order_waits_for_the_next_day(world: World) -> None:
    rules(world, {"filter": "capacity", "warehouse": "wh", "pieces": 3}, BACKORDER)
    order(world, 1001, lines=[("A", 2)])
    order(world, 1002, lines=[("A", 2)])
    assert world.statuses() == ["notified"]
    status, reasons, facts = standing(world, 1002)
    assert (status, reasons) == ("open", ["no_route"])
    assert [fact for fact in facts if fact.startswith("time:")] != []
    assert "rules:acme" in facts
    decision = world.sql("SELECT facts FROM routing_decision ORDER BY id")[1].facts
    assert decision["busy"] == {"wh": {"today": {"UTC": [1, "2"]}}}
    world.sql("UPDATE fulfilment_order SET id = '00000000-0000-7000-8000-000000000000'")
    with world.unit() as unit:
        reconsider.reconsider(unit, [world.order("1002").id], None)
    assert len(world.statuses()) == 2


def test_many_who_plan_at_once_do_not_take_more_than_a_day_has(world: World) -> None:
    rules(world, {"filter": "capacity", "warehouse": "wh", "orders": 3}, BACKORDER)
    world.stock("wh", A=50)
    pause(world)
    numbers = range(1001, 1009)
    for number in numbers:
        order(world, number, lines=[("A", 1)])
    assert world.statuses() == []
    world.sql("UPDATE connection SET status = 'active' WHERE code = 'wh'")
    world.sql("DELETE FROM fact_due")
    with world.unit() as unit:
        snapshot.changed(unit.db)
    start = Barrier(len(numbers))

    def plan(number: int) -> None:
        with world.unit() as unit:
            start.wait()
            reconsider.reconsider(unit, [world.order(str(number)).id], None)

    with ThreadPoolExecutor(len(numbers)) as pool:
        list(pool.map(plan, numbers))
    assert len(world.statuses()) == 3
    world.check_books()


def test_the_warehouse_with_less_to_do_comes_first(two: World) -> None:
    rules(two, {"sort": "load"}, BACKORDER)
    for number in range(1001, 1005):
        order(two, number, lines=[("A", 1)])
    assert went(two) == ["wh", "wh-2", "wh", "wh-2"]


def test_the_oldest_pieces_leave_first(two: World) -> None:
    rules(two, {"sort": "stock_age"}, BACKORDER)
    two.sql("DELETE FROM ledger WHERE sku = 'A'")
    for warehouse, year in (("wh", 2026), ("wh-2", 2025)):
        two.sql(
            """INSERT INTO ledger (id, merchant_id, warehouse, sku, quality, delta, balance_after,
              reason, document, actor, at)
            VALUES (gen_random_uuid(), 'acme', :code, 'A', 'good', 50, 50, 'receipt', 'r', 'hub',
              make_timestamptz(:year, 1, 1, 0, 0, 0))""",
            code=warehouse,
            year=year,
        )
    order(two, 1001, lines=[("A", 1)])
    assert went(two) == ["wh-2"]


def test_goods_go_where_what_their_product_needs_can_be_done(two: World) -> None:
    rules(two, {"filter": "goods_need", "attribute": "chilled", "needs": ["cold"]}, BACKORDER)
    order(two, 1001, lines=[("A", 1)])
    two.sql(
        """UPDATE product SET document = document || '{"options": {"chilled": "yes"}}'
        WHERE sku = 'A'"""
    )
    two.sql("""UPDATE connection SET options = '{"capabilities": ["cold"]}' WHERE code = 'wh-2'""")
    with two.unit() as unit:
        snapshot.changed(unit.db)
    order(two, 1002, lines=[("A", 1)])
    assert went(two) == ["wh", "wh-2"]


def test_an_order_goes_when_a_rule_ends_that_kept_it(world: World) -> None:
    closed = {"filter": "channel", "warehouse": "wh", "channels": ["none"]}
    rules(world, {**closed, "until": "2099-01-01T00:00:00Z"}, BACKORDER)
    order(world, 1001, lines=[("A", 1)])
    status, reasons, facts = standing(world)
    assert (status, reasons) == ("open", ["no_route"])
    assert "time:2099-01-01T00:00:00Z" in facts
    rules(world, {**closed, "until": "2020-01-01"}, BACKORDER)
    world.sql("UPDATE fact_due SET due = now() WHERE fact LIKE 'time:2099%'")
    sweep(world)
    assert (world.statuses(), standing(world)[1]) == (["notified"], [])


def test_a_paused_warehouse_that_opens_takes_no_more_than_its_day(two: World) -> None:
    rules(two, {"filter": "capacity", "warehouse": "wh", "orders": 1}, BACKORDER)
    pause(two, "wh-2")
    for number in (1001, 1002):
        order(two, number, lines=[("A", 1)])
    assert went(two) == ["wh"]
    resume(two, "wh-2")
    sweep(two)
    assert went(two) == ["wh", "wh-2"]
