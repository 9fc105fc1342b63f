"""A database as it is found in the field: orders on their way, done, held and cancelled, what was
told, edited, parked and waits, levels that were told and taken back.
"""

from pathlib import Path
from typing import Any

from hub.flows import mending, notices, stock_out
from hub.store import audit
from tests.kit.world import ONCE, World, sales_order, shipment, status
from workers.engine import drain

WAREHOUSE = ("fulfilment_order", "fulfilment_cancellation")


def open_scene(url: str, home: Path) -> World:
    """The world at rest, with something of everything."""
    world = World(url, home)
    world.merchant()
    world.merchant("other")
    world.connect("shop", "channel", takes=("shipment", "stock_level"))
    world.connect("wh", "warehouse", takes=WAREHOUSE)
    world.connect("erp", "erp", takes=("sales_order", "shipment", "refund"))
    world.sql("UPDATE connection SET updated_at = now() - interval '1 hour'")
    world.stock("wh", A=100, B=10, C=10)
    _shipped(world)
    _taken_back(world)
    _under_way(world)
    _standing(world)
    _counted(world)
    _published(world)
    return world


def _shipped(world: World) -> None:
    """An order that is done, and something was paid back of it."""
    _order(world, 1001, lines=[("A", 2)])
    world.run()
    number = _number(world)
    _told_by_warehouse(world, status(number, "accepted"))
    _told_by_warehouse(world, shipment(number))
    refund = {
        "type": "refund",
        "source": {"connection": "shop", "id": "r-1"},
        "refund_id": "r-1",
        "channel_order_id": "1001",
        "created_at": "2026-11-24T13:00:00Z",
        "currency": "EUR",
        "amount": "5.00",
    }
    world.tell("shop", refund, key="1001")
    world.run()


def _taken_back(world: World) -> None:
    """An order that was cancelled before the warehouse was told."""
    lane = world.one("SELECT id FROM lane WHERE connection = 'shop' AND direction = 'in'")
    _order(world, 1003, lines=[("C", 1)])
    drain(world.engine, lane, ONCE)
    cancelled = {"state": "cancelled", "cancelled_at": "2026-11-24T10:05:00Z"}
    _order(world, 1003, minute=5, lines=[("C", 1)], **cancelled)
    drain(world.engine, lane, ONCE)
    world.run()


def _under_way(world: World) -> None:
    """One that the warehouse works on."""
    _order(world, 1002, lines=[("B", 2)])
    world.run()
    _told_by_warehouse(world, status(_number(world), "accepted"))


def _standing(world: World) -> None:
    """What needs a person or a fact: held, parked with one behind it, edited, waiting."""
    _order(world, 1004, lines=[("Z", 1)])
    parked = world.tell_raw("shop", "sales_order", b"no order", key="1005").id
    _order(world, 1005, lines=[("A", 1)])
    unknown = {"sku": "nobody-knows", "on_hand": "3"}
    world.tell("wh", _report("r0", unknown), key="stock")
    world.run()
    with world.unit() as unit:
        mending.edit(unit, parked, b"still no order", "ann", "the shop said so")
    world.run()


def _counted(world: World) -> None:
    """A count and a change that the warehouse told of."""
    world.tell("wh", _report("r1", {"sku": "A", "on_hand": "97"}), key="count")
    change = {
        "type": "stock_change",
        "source": {"connection": "wh", "id": "c1"},
        "warehouse": "wh",
        "at": "2026-11-24T15:00:00Z",
        "change_id": "c1",
        "reason": "damage",
        "lines": [{"sku": "C", "delta": "-1"}],
    }
    world.tell("wh", change, key="change")
    world.run()


def _published(world: World) -> None:
    """Levels, some of them taken back by newer ones."""
    for told in (True, False, True, True):
        world.sql("INSERT INTO stock_dirty VALUES ('acme', 'A') ON CONFLICT DO NOTHING")
        with world.unit() as unit:
            stock_out.publish(unit)
        if told:
            world.run()
    with world.store.database.begin() as db:
        audit.keep_heads(db, world.store.vault.index_key)


def _order(world: World, number: int, **changes: Any) -> None:
    world.tell("shop", sales_order(number, **changes), key=str(number))


def _told_by_warehouse(world: World, tree: dict[str, Any]) -> None:
    world.tell("wh", tree, key=tree["fulfilment_order_id"])
    world.run()


def _number(world: World) -> str:
    """The newest fulfilment order's."""
    return notices.number(
        world.sql("SELECT id FROM fulfilment_order ORDER BY created_at DESC LIMIT 1")[0][0]
    )


def _report(report_id: str, line: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "stock_report",
        "source": {"connection": "wh", "id": report_id},
        "warehouse": "wh",
        "at": "2026-11-24T14:00:00Z",
        "report_id": report_id,
        "lines": [line],
    }
