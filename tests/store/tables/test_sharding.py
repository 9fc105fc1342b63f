"""Merchants can be spread over servers: what would stop it is known by name, and grows no further.

A server that holds a part of the merchants can enforce a unique rule or carry out a statement alone
only where the merchant is part of it.
"""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from hub.store.base.ids import short
from hub.store.tables import metadata
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.database import temporary_database
from tests.kit.plans import GROWING, Plan, watched
from tests.kit.world import World

EVERYWHERE = {
    "account": "people may see several merchants",
    "api_key": "looked up by its digest before the merchant is known",
    "archive_file": "files hold several merchants; asked for by people and once a file",
    "code_override": "small, read as one snapshot",
    "connection": "small, read as one snapshot; its code is unique over all merchants",
    "hindrance": "what processes lack; a few rows, gone with the process",
    "idempotency": "its caller is a key or a person; 48 hours",
    "intake": "one row a connection",
    "job": "what people began; few",
    "lane": "a few a connection; leased, never joined with history",
    "merchant": "the list of merchants itself",
    "partner_state": "one row a connection",
    "posting": "how far a pass has come; one row a pass",
    "refusal": "counts of what was not authentic, by hour; kept for a day",
    "session": "of people",
    "setting": "one row a name",
    "used_signature": "looked up before the caller is known; ten minutes",
    "worker": "one row a process",
}
"""Tables without the merchant in their key: copied to every server, or kept on one, and why."""

MERCHANT_UNDER_ANOTHER_NAME = {
    "audit": "chain",
    "audit_head": "chain",
    "order_rhythm": "channel",
}
"""Tables whose key holds what belongs to one merchant: an audit chain, a channel."""


_ID = "by ids that are unique over all merchants"
_CONNECTION = "by a connection, which is one merchant's"
BY_OTHER_KEYS = {
    "attempt": {"UPDATE": _ID},
    "fulfilment_line": {"SELECT": _ID, "UPDATE": _ID},
    "fulfilment_order": {"SELECT": _ID, "UPDATE": _ID},
    "message": {"SELECT": _ID, "UPDATE": _ID},
    "message_key": dict.fromkeys(("SELECT", "UPDATE", "DELETE"), _CONNECTION),
    "refund": {"SELECT": _CONNECTION},
    "reservation": {"WITH": _ID},
    "sales_order": {"SELECT": _CONNECTION, "WITH": _ID},
    "shipment": {"SELECT": _ID},
    "work": {
        "SELECT": _CONNECTION,
        "UPDATE": _ID,
        "DELETE": _ID,
        "WITH": _CONNECTION,
    },
}
"""Statements that find rows without naming the merchant: table -> verb -> how. They are right on
one server; spread over several, each would be asked. A lane is a connection's and a connection is
a merchant's, so each of them could name it: docs/capacity.md says what is to be done.
"""
OURS = "SELECT id FROM fulfilment_order"


@pytest.fixture(scope="module")
def plans(
    server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Plan]]:
    with temporary_database(server_url, template) as url:
        world = World(url, tmp_path_factory.mktemp("home"))
        try:
            acme = world.merchant().shop().erp(takes=("sales_order", "shipment"))
            acme.warehouse(takes=("fulfilment_order",), A=1000, B=1000)
            with watched(world.store.database._engine) as found:
                world.tell("shop", sales_order(), key="1001")
                world.run()
                number = short("F", world.one("SELECT id FROM fulfilment_order"))
                world.tell("wh", status(number, "accepted"), key=number)
                world.tell("wh", shipment(number), key=number)
                world.run()
            assert world.order().status == "completed"
            yield found
        finally:
            world.close()


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_key_holds_the_merchant_or_says_why_not(table: sa.Table) -> None:
    if table.name in EVERYWHERE:
        assert table.name not in GROWING
        return
    owner = MERCHANT_UNDER_ANOTHER_NAME.get(table.name, "merchant_id")
    unique = [table.primary_key, *(index for index in table.indexes if index.unique)]
    unique += [it for it in table.constraints if isinstance(it, sa.UniqueConstraint)]
    assert [it.name for it in unique if owner not in [column.name for column in it.columns]] == []


def test_no_exception_is_left_over() -> None:
    assert {*EVERYWHERE, *MERCHANT_UNDER_ANOTHER_NAME} <= set(metadata.tables)


def test_statements_name_the_merchant_or_are_known_not_to(plans: dict[str, Plan]) -> None:
    hot = (*GROWING, "work", "message_key", "stock_level")
    without = {
        (plan.statement.split()[0], touch.table)
        for plan in plans.values()
        for touch in plan.of(*hot)
        if not touch.by_merchant and plan.statement != OURS
    }
    assert without == {(verb, table) for table, why in BY_OTHER_KEYS.items() for verb in why}


def test_stock_and_what_happens_once_are_sought_by_merchant(plans: dict[str, Plan]) -> None:
    """What two merchants could share by accident: one SKU, one warehouse, one word."""
    touches = [one for plan in plans.values() for one in plan.of("stock_level", "effect", "seen")]
    assert touches != []
    assert [one for one in touches if not one.by_merchant] == []
