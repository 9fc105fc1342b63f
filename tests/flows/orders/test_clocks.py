"""Clocks: what stands where and since when, and what stands too long."""

import json
from typing import Any

import pytest

from hub.store.ops import clocks
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world import World

PENDING = {"payment_state": "pending"}


def counted(world: World) -> dict[str, tuple[str, int, int]]:
    """Clock -> connection, how many stand, how many too long; of those that stand at one."""
    with world.store.database.begin() as db:
        return {it.name: (it.connection, it.count, it.late) for it in clocks.counts(db)}


def order(world: World, number: int = 1001, **changes: Any) -> None:
    world.tell("shop", sales_order(number, lines=[("A", 1)], **changes), key=str(number))
    world.run()


def later(world: World, table: str, column: str, hours: int) -> None:
    world.sql(f"UPDATE {table} SET {column} = {column} - interval '{hours} hours'")  # noqa: S608


def listed(world: World, name: Any, **how: Any) -> list[str]:
    with world.store.database.begin() as db:
        return [row.number for row in clocks.standing(db, name, **how)]


def test_nothing_stands_where_nothing_is_unfinished(world: World) -> None:
    assert counted(world) == {}


def test_an_order_that_is_held_is_not_routed_and_late_after_its_limit(world: World) -> None:
    order(world, **PENDING)
    assert counted(world)["not_routed"] == ("shop", 1, 0)
    later(world, "sales_order", "received_at", 5)
    assert counted(world)["not_routed"] == ("shop", 1, 1)
    assert listed(world, "not_routed", is_late=True) == ["#1001"]
    order(world, minute=1)
    assert "not_routed" not in counted(world)


def test_a_part_that_waits_for_stock_is_not_routed(world: World) -> None:
    rules = json.dumps([{"fallback": "backorder"}])
    world.sql("INSERT INTO routing VALUES ('acme', CAST(:rules AS jsonb))", rules=rules)
    world.sql("UPDATE setting SET value = '{\"version\": 99}' WHERE name = 'directory'")
    world.tell("shop", sales_order(1001, lines=[("A", 12)]), key="1001")
    world.run()
    assert counted(world)["not_routed"] == ("shop", 1, 0)


def test_a_warehouse_that_would_say_so_has_not_accepted(world: World) -> None:
    says = "UPDATE connection SET gives = '{shipment,fulfilment_status}' WHERE code = 'wh'"
    world.sql(says)
    order(world)
    assert counted(world)["not_accepted"] == ("wh", 1, 0)
    later(world, "fulfilment_order", "created_at", 3)
    assert counted(world)["not_accepted"] == ("wh", 1, 1)
    number = world.at("wh").told[0][2].fulfilment_order_id
    world.tell("wh", status(number, "accepted"), key=number)
    world.run()
    assert "not_accepted" not in counted(world)
    world.sql("UPDATE fulfilment_order SET status = 'notified'")
    world.sql("UPDATE connection SET gives = '{shipment}' WHERE code = 'wh'")
    assert "not_accepted" not in counted(world)


def test_what_was_promised_for_a_time_is_late_by_that_time(world: World) -> None:
    order(world)
    order(world, 1002, delivery={"deliver_by": "2026-01-01T00:00:00Z"})
    assert counted(world)["not_shipped"] == ("wh", 2, 1)
    assert listed(world, "not_shipped") == ["#1002", "#1001"]
    assert listed(world, "not_shipped", is_late=True, connection="wh") == ["#1002"]
    assert listed(world, "not_shipped", connection="xh") == []


@pytest.mark.parametrize(("name", "code"), [("not_written_back", "shop"), ("not_booked", "erp")])
def test_what_a_partner_was_not_told_yet_stands_by_its_clock(
    world: World, name: str, code: str
) -> None:
    order(world)
    world.sql("UPDATE connection SET status = 'paused' WHERE code = :code", code=code)
    world.sql("UPDATE setting SET value = '{\"version\": 99}' WHERE name = 'directory'")
    number = world.at("wh").told[0][2].fulfilment_order_id
    world.tell("wh", shipment(number), key=number)
    world.run()
    assert counted(world)[name] == (code, 1, 0)
    later(world, "message", "received_at", 5)
    assert counted(world)[name] == (code, 1, 1)
    assert listed(world, name) == ["#1001"]


def test_a_connection_has_a_limit_of_its_own(world: World) -> None:
    order(world, **PENDING)
    later(world, "sales_order", "received_at", 5)
    options = json.dumps({"clocks": {"not_routed": 86400}})
    world.sql("UPDATE connection SET options = CAST(:o AS jsonb) WHERE code = 'shop'", o=options)
    assert counted(world)["not_routed"] == ("shop", 1, 0)


def test_a_list_goes_on_where_its_page_ended(world: World) -> None:
    for number in (1001, 1002, 1003):
        order(world, number, **PENDING)
    with world.store.database.begin() as db:
        first = clocks.standing(db, "not_routed", limit=2)
        assert [row.number for row in first] == ["#1001", "#1002", "#1003"]  # one more than asked
        last = first[1]
        rest = clocks.standing(db, "not_routed", after=(last.since, last.about))
    assert [row.number for row in rest] == ["#1003"]
    assert all(seconds > 0 for seconds in clocks.USUAL.values())
