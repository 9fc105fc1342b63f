"""A hub in the middle of a working day: orders on their way, held, shipped, and what went wrong."""

from dataclasses import dataclass
from uuid import UUID

from adapters.kit.http import wire_tap
from adapters.ports import Receipt
from hub.model.errors import OutcomeUnknown, Rejected, TryLater
from hub.store.orders import fulfilments
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world import World

EXCHANGE = wire_tap.Exchange(
    method="POST",
    url="https://wms.example.com/v1/orders?customer=Ada",
    request_headers={"Authorization": "***", "Content-Type": "application/json"},
    request_body=b'{"sku": "B", "consignee": "Ada Bakker"}',
    status=504,
    response_headers={},
    response_body=b"Gateway time-out for Ada Bakker",
    ms=15003,
    error="ReadTimeout",
)


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
    return [fulfilments.number(row[0]) for row in rows]


def working_day(world: World) -> Seeded:
    """Fill a world of one merchant, a shop, a warehouse and an ERP."""
    world.tell("shop", sales_order(1001), key="1001")
    world.run()
    first = numbers(world)[0]
    world.tell("wh", status(first, "accepted"), key=first)
    world.tell("wh", shipment(first), key=first)
    world.run()
    held = sales_order(
        1002, lines=[("NEW-HAT", 1), ("A", 1)], note="please ring twice", ship_to=None
    )
    world.tell("shop", held, key="1002")
    world.tell("shop", sales_order(1003, lines=[("C", 400)]), key="1003")
    world.tell("shop", sales_order(1004, payment_state="pending"), key="1004")
    world.run()
    broken = {**sales_order(1005), "currency": "EURO"}
    parked = world.tell("shop", broken, key="1005").id
    world.tell("shop", {**sales_order(1005), "placed_at": None}, key="1005")
    world.tell_raw("shop", "sales_order", b"{not json", key="1006")
    world.run()
    world.at("erp").answers = [Rejected("party Ada: the tax code is not one of ours")]
    world.at("wh").answers = [OutcomeUnknown("no answer within 15 s")]
    world.at("wh").finds = [TryLater("HTTP 503")]
    world.at("wh").before = lambda _document: wire_tap.feed(EXCHANGE)
    world.tell("shop", sales_order(1007, lines=[("B", 3)]), key="1007")
    world.run()
    world.sql("UPDATE work SET asked = 100 WHERE status = 'unknown'")
    world.later(100_000)
    world.run()
    world.at("erp").answers = [
        TryLater("HTTP 503"),
        lambda _document, _key: Receipt("S-7"),
    ]
    world.tell("shop", sales_order(1008, lines=[("C", 2)]), key="1008")
    world.run()
    return Seeded(
        shipped=world.order("1001").id,
        held=world.order("1002").id,
        parked=parked,
        unknown=_parked(world, "wh")[0][0],
    )


def _parked(world: World, connection: str) -> list:
    return world.sql(
        "SELECT id FROM work WHERE connection = :at AND status = 'parked' ORDER BY id",
        at=connection,
    )
