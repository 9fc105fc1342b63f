"""People who buy, for the tests of customers."""

from typing import Any
from uuid import UUID

from hub.flows.customers import collect, joining
from hub.flows.unit import Unit
from hub.store.customers import customers
from hub.store.customers.customers import CustomerRow
from tests.kit.world.vocabulary import Merchant
from tests.kit.world.world import World

CRM = ("customer", "customer_erasure")
ADA = {"name": "Ada Bakker", "email": "ada@example.com", "phone": "020 123 4567"}


def crm(merchant: Merchant) -> Any:
    """A CRM of the merchant's; what it is told is in its record."""
    return merchant.world.connect(
        f"crm-{merchant.code}", "crm", merchant=merchant.code, takes=CRM, gives=()
    )


def collected(world: World) -> None:
    """What was ordered until now is collected and told."""
    world.run()
    with world.unit() as unit:
        while collect.collect(unit):
            pass
    world.run()


def of_order(merchant: Merchant, number: int) -> UUID:
    """Whose an order is: the last to whom he was joined."""
    (row,) = merchant.rows(
        """SELECT c.root_id FROM sales_order AS o JOIN customer_order AS co ON co.order_id = o.id
        JOIN customer AS c ON c.id = co.customer_id
        WHERE o.merchant_id = :merchant AND o.channel_order_id = :number""",
        number=str(number),
    )
    return UUID(str(row[0]))


def customer(world: World, id_: UUID) -> CustomerRow:
    with world.unit() as unit:
        return customers.load(unit.db, unit.vault, [id_])[id_]


def pairs(merchant: Merchant) -> list[tuple[str, str]]:
    """Reason and status of what was proposed."""
    rows = merchant.rows(
        "SELECT reason, status FROM customer_pair WHERE merchant_id = :merchant ORDER BY at, reason"
    )
    return [tuple(row) for row in rows]


__all__ = ["ADA", "CRM", "Unit", "collected", "crm", "customer", "joining", "of_order", "pairs"]
