"""A hub in the middle of a working day: orders on their way, held, shipped, and what went wrong."""

from dataclasses import dataclass
from uuid import UUID

from adapters.ports import Receipt
from hub.flows import notices
from hub.model.errors import OutcomeUnknown, Rejected, TryLater
from tests.kit.world import World, sales_order, shipment, status


@dataclass(frozen=True)
class Seeded:
    """What a test may look for."""

    shipped: UUID
    held: UUID
    parked: UUID
    unknown: UUID


def numbers(world: World) -> list[str]:
    """The numbers of all fulfilment orders, oldest first."""
    rows = world.sql("SELECT id FROM fulfilment_order ORDER BY id")
    return [notices.number(row[0]) for row in rows]


def working_day(world: World) -> Seeded:
    """Fill a world of one merchant, a shop, a warehouse and an ERP."""
    world.tell("shop", sales_order(1001), key="1001")
    world.run()
    first = numbers(world)[0]
    world.tell("wh", status(first, "accepted"), key=first)
    world.tell("wh", shipment(first), key=first)
    world.run()
    held = sales_order(1002, lines=[("NEW-HAT", 1), ("A", 1)], note="please ring twice", ship_to=None)
    world.tell("shop", held, key="1002")
    world.tell("shop", sales_order(1003, lines=[("C", 400)]), key="1003")
    world.tell("shop", sales_order(1004, payment_state="pending"), key="1004")
    world.run()
    broken = {**sales_order(1005), "currency": "EURO"}
    parked = world.tell("shop", broken, key="1005").id
    world.tell("shop", {**sales_order(1005), "placed_at": None}, key="1005")
    world.tell_raw("shop", "sales_order", b"{not json", key="1006")
    world.run()
    world.adapters.made["erp"].answers = [Rejected("party Ada: the tax code is not one of ours")]
    world.adapters.made["wh"].answers = [OutcomeUnknown("no answer within 15 s")]
    world.adapters.made["wh"].finds = [Rejected("it cannot be asked for")]
    world.tell("shop", sales_order(1007, lines=[("B", 3)]), key="1007")
    world.run()
    world.later(600)
    world.run()
    world.adapters.made["erp"].answers = [TryLater("HTTP 503"), lambda _document, _key: Receipt("S-7")]
    world.tell("shop", sales_order(1008, lines=[("C", 2)]), key="1008")
    world.run()
    unknown = world.sql(
        """SELECT message.id FROM message JOIN work USING (id)
        WHERE work.connection = 'wh' AND work.status IN ('parked', 'unknown') ORDER BY 1"""
    )
    return Seeded(
        shipped=world.order("1001").id,
        held=world.order("1002").id,
        parked=parked,
        unknown=unknown[0][0],
    )
