"""A database as it is found in the field: orders on their way, done, held and cancelled, what was
told, edited, parked and waits, levels that were told and taken back.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub.flows.customers import collect
from hub.flows.invoices import drawing
from hub.flows.messages import replay
from hub.flows.settlement import contracts, post, statements
from hub.flows.stock import stock_out, stocktakes
from hub.model.stock import CountedPieces, Counts, StocktakeOpening
from hub.rules.settlement.terms import Terms
from hub.store.history import partitions
from hub.store.invoices import invoices
from hub.store.orders import fulfilments
from hub.store.people import audit_trail
from tests.flows.invoices import sellers
from tests.flows.reconciliation.till import line, report
from tests.kit.catalogue import (
    goods_receipt,
    inbound_notice,
    refund,
    sales_order,
    shipment,
    status,
    stock_change,
    stock_report,
)
from tests.kit.world import ONCE, World
from workers.drain import drain

_HELD = "sku = 'C' AND warehouse = 'wh' AND quality = 'good'"
COUNTED = "2026-11-24T14:00:00Z"


def open_scene(url: str, home: Path) -> World:
    """The world at rest, with something of everything."""
    world = World(url, home)
    _a_month_old(world)
    world.merchant("other")
    acme = world.merchant().shop(takes=("shipment", "stock_level"))
    acme.warehouse(A=100, B=10, C=10).erp()
    world.sql("UPDATE connection SET updated_at = now() - interval '1 hour'")
    _shipped(world)
    _taken_back(world)
    _under_way(world)
    _standing(world)
    _counted(world)
    _received(world)
    _reported(world)
    _taken_stock(world)
    _settled(world)
    _published(world)
    _collected(world)
    return world


def _a_month_old(world: World) -> None:
    """It stood last month: what is told of shipments is asked of months that are kept, and in a
    month's first hour the one before must be.
    """
    engine = sa.create_engine(world.url, poolclass=sa.NullPool)
    with engine.begin() as db:
        partitions.ensure(db, datetime.now(UTC).replace(day=1) - timedelta(days=1), ahead=1)
    engine.dispose()


def _collected(world: World) -> None:
    """Whose the orders are."""
    with world.unit() as unit:
        while collect.collect(unit):
            pass


def _shipped(world: World) -> None:
    """An order that is done, and something was paid back of it."""
    _order(world, 1001, lines=[("A", 2)])
    world.run()
    number = _number(world)
    _told_by_warehouse(world, status(number, "accepted"))
    _told_by_warehouse(world, shipment(number))
    world.tell("shop", refund("r-1"), key="1001")
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
    world.tell("wh", stock_report("r0", pieces={"nobody-knows": 3}, at=COUNTED), key="stock")
    world.run()
    with world.unit() as unit:
        replay.edit(unit, parked, b"still no order", "ann", "the shop said so")
    world.run()


def _counted(world: World) -> None:
    """A count and a change that the warehouse told of."""
    world.tell("wh", stock_report("r1", pieces={"A": 97}, at=COUNTED), key="count")
    change = stock_change(pieces={"C": -1}, reason="damage", at="2026-11-24T15:00:00Z")
    world.tell("wh", change, key="change")
    world.run()


def _received(world: World) -> None:
    """A part of what was ordered, with something nobody ordered; and a part of a transfer."""
    world.connect("wh-2", "warehouse")
    world.stock("wh-2", C=5)
    transfer = {"kind": "transfer", "from_warehouse": "wh-2"}
    for notice in (
        inbound_notice("PO-1", lines=[("A", 5), ("B", 5)]),
        inbound_notice("TO-1", lines=[("C", 3)], **transfer),
    ):
        world.tell("erp", notice, key=notice["inbound_notice_id"])
    world.run()
    for receipt in (
        goods_receipt("PO-1", "g1", pieces={"A": 2, "C": 1}, complete=False),
        goods_receipt("TO-1", "g2", pieces={"C": 1}, complete=False),
    ):
        world.tell("wh", receipt, key=receipt["inbound_notice_id"])
    world.run()


def _reported(world: World) -> None:
    """A payment provider reports one payment that is known and one that is not, and the latter in
    another form once more.
    """
    world.connect("psp", "finance")
    with world.unit() as unit:
        invoices.set_seller(unit.db, "acme", sellers.seller())
        drawing.draw(unit, world.order("1001").id, "ann")
    lines = (line("x", "20.00", channel_order_id="1001"), line("y", "3.00", movement="y"))
    world.tell("psp", report("R-1", *lines, form="a"), key="R-1")
    again = report("R-2", line("z", "3.00", movement="y"), form="b", payout=None)
    world.tell("psp", again, key="R-2")
    world.run()


def _taken_stock(world: World) -> None:
    """One stocktake is approved, with a piece more of C than was held; another is under way."""
    asked = {"merchant": "acme", "warehouse": "wh"}
    with world.unit() as unit:
        taken = stocktakes.open_(unit, StocktakeOpening(**asked, skus=("B", "C")), "ann")
        stocktakes.open_(unit, StocktakeOpening(**asked, skus=("A",)), "ann")
        held = world.one(f"SELECT on_hand FROM stock_level WHERE {_HELD}")  # noqa: S608  # ours
        said = Counts(lines=(CountedPieces(sku="C", counted=held + 1),))
        stocktakes.count(unit, taken, said, "ann")
        stocktakes.submit(unit, taken, "ann")
    with world.unit() as unit:
        stocktakes.approve(unit, taken, "bob")


def _settled(world: World) -> None:
    """What left is booked, charged for and owed."""
    since, now = datetime(2026, 1, 1, tzinfo=UTC), datetime.now(UTC)
    rule = {"name": "all", "percent": "10"}
    with world.unit() as unit:
        while post.post(unit, margin_s=-60):
            pass
        terms = Terms.model_validate({"currency": "EUR", "rules": [rule]})
        contracts.agree(unit, "acme", terms, since, "ann")
        number = statements.open_period(unit, "acme", "EUR", since, now, "ann")
        statements.calculate(unit, [number], "ann")
    with world.unit() as unit:
        statements.approve(unit, number, "bob")


def _published(world: World) -> None:
    """Levels, some of them taken back by newer ones."""
    for told in (True, False, True, True):
        world.stock("wh", A=1)  # what did not change is not told
        world.sql("INSERT INTO stock_dirty VALUES ('acme', 'A') ON CONFLICT DO NOTHING")
        with world.unit() as unit:
            stock_out.publish(unit)
        if told:
            world.run()
    with world.store.database.begin() as db:
        audit_trail.keep_heads(db, world.store.vault.index_key)


def _order(world: World, number: int, **changes: Any) -> None:
    world.tell("shop", sales_order(number, **changes), key=str(number))


def _told_by_warehouse(world: World, tree: dict[str, Any]) -> None:
    world.tell("wh", tree, key=tree["fulfilment_order_id"])
    world.run()


def _number(world: World) -> str:
    """The newest fulfilment order's."""
    return fulfilments.number(
        world.sql("SELECT id FROM fulfilment_order ORDER BY created_at DESC LIMIT 1")[0][0]
    )
