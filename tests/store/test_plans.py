"""What an order costs does not grow with history: the statements of a run, explained on a database
with a history.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks import history
from hub.store.base.ids import moment_of, new_id, short
from hub.store.messages import finish
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.database import temporary_database
from tests.kit.plans import GROWING, Plan, watched
from tests.kit.world import World

ORDERS = 10_000
FEW = 250
"""Rows that are read as fast without an index, as PostgreSQL sees it up to some 200: as a month
begins it has no more. In the middle of one there are thousands.
"""


@pytest.fixture(scope="module")
def begun() -> datetime:
    """When the orders of `plans` came."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def plans(
    server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory, begun: datetime
) -> Iterator[dict[str, Plan]]:
    """The plans of all statements that three orders needed, from the shop's word to the books,
    after 10,000 others.
    """
    with temporary_database(server_url, template) as url:
        history.fill(url, ORDERS, merchants=5, months=12, kept=12)
        world = World(url, tmp_path_factory.mktemp("home"))
        try:
            acme = world.merchant().shop().erp(takes=("sales_order", "shipment"))
            acme.warehouse(takes=("fulfilment_order",), A=1000, B=1000)
            with watched(world.store.database._engine) as found:
                live(world)
            yield found
        finally:
            world.close()


def live(world: World) -> None:
    for number in (1001, 1002, 1003):
        world.tell("shop", sales_order(number), key=str(number))
        world.tell("shop", sales_order(number), key=str(number), delivery=f"again-{number}")
    world.run()
    for (fulfilment,) in world.sql("SELECT id FROM fulfilment_order WHERE merchant_id = 'acme'"):
        number = short("F", fulfilment)
        world.tell("wh", status(number, "accepted"), key=number)
        world.tell("wh", shipment(number), key=number)
    world.run()
    assert {row.status for row in world.sql(
        "SELECT status FROM sales_order WHERE merchant_id = 'acme'"
    )} == {"completed"}  # fmt: skip


OURS = ("WHERE merchant_id = 'acme'",)
"""What this test itself asked."""


def test_no_statement_reads_a_growing_table_from_end_to_end(plans: dict[str, Plan]) -> None:
    assert len(plans) > 30
    scans = [
        (plan.statement[:200], touch)
        for plan in plans.values()
        if not plan.statement.endswith(OURS)
        for touch in plan.of(*GROWING)
        if touch.how == "Seq Scan" and touch.rows + touch.thrown > FEW
    ]
    assert scans == []


@pytest.fixture
def shop(server_url: str, template: str, tmp_path: Path) -> Iterator[World]:
    """A world with a shop alone, in a database of its own."""
    with temporary_database(server_url, template) as url:
        world = World(url, tmp_path)
        world.merchant().shop(takes=())
        yield world
        world.close()


def test_keys_are_looked_up_one_by_one_in_a_table_that_was_just_filled(shop: World) -> None:
    shop.sql(
        """INSERT INTO message_key (merchant_id, connection, direction, key, open)
        SELECT 'acme', 'shop', 'in', 'k' || n, 1 FROM generate_series(1, 20000) AS n"""
    )
    with watched(shop.store.database._engine) as found:
        for number in range(1001, 1031):
            shop.tell("shop", sales_order(number), key=str(number))
        shop.run()
    touches = [(one.statement[:200], it) for one in found.values() for it in one.of("message_key")]
    assert len(touches) >= 3
    assert [one for one in touches if one[1].rows + one[1].thrown > 1000] == []


def test_the_next_of_a_key_is_found_without_reading_all_that_wait_behind_it(shop: World) -> None:
    shop.sql(
        """INSERT INTO work (id, merchant_id, connection, direction, shard, key, seq, topic, status)
        SELECT gen_random_uuid(), 'acme', 'shop', 'in', 0, 'one', n, 'orders',
          CASE n WHEN 1 THEN 'received' ELSE 'behind' END
        FROM generate_series(1, 5000) AS n"""
    )
    shop.sql("INSERT INTO message_key VALUES ('acme', 'shop', 'in', 'one', 5000)")
    first = shop.one("SELECT id FROM work WHERE seq = 1")
    database = shop.store.database
    with watched(database._engine) as found, database.begin() as db:
        finish.lock_keys(db, "in", "shop", ["one"])
        finish.finish(db, "in", "shop", [(first, "one")])
    assert shop.sql("SELECT seq FROM work WHERE status = 'received'") == [(2,)]
    assert shop.one("SELECT open FROM message_key") == 4999
    touches = [(one.statement[:200], it) for one in found.values() for it in one.of("work")]
    assert touches
    assert [one for one in touches if one[1].rows + one[1].thrown > 10] == []


def test_claims_touch_unfinished_rows_only(plans: dict[str, Plan]) -> None:
    claims = [plan for plan in plans.values() if plan.statement.startswith("WITH picked AS")]
    assert len(claims) == 1
    assert {touch.table for touch in claims[0].touches} <= {"work", "work_claim", "work_pkey"}


def test_what_is_known_by_its_id_is_sought_in_one_month(
    plans: dict[str, Plan], begun: datetime
) -> None:
    months = (f"{begun:%Y%m}", f"{datetime.now(UTC):%Y%m}")  # two where one ended meanwhile
    elsewhere = [
        (plan.statement[:200], touch)
        for plan in plans.values()
        for touch in plan.of("message", "attempt", "timeline", "ledger")
        if not touch.relation.endswith(months) and not plan.statement.endswith(OURS)
    ]
    assert elsewhere == []


@pytest.mark.parametrize(
    ("begins", "table", "index"),
    [
        ("WITH a AS ( SELECT * FROM unnest(CAST", "seen", None),
        ("SELECT message.id, coalesce(newest.payload", "message", "pkey"),
        ("SELECT id, merchant_id, channel, channel_order_id", "sales_order", "channel_order_id"),
    ],
)
def test_what_is_looked_up_is_found_by_its_index(
    plans: dict[str, Plan], begins: str, table: str, index: str | None
) -> None:
    (plan, *_) = [one for one in plans.values() if one.statement.startswith(begins)]
    touches = plan.of(table)
    if index is None:  # ON CONFLICT looks into the index without a scan of its own
        assert touches == []
    else:
        assert touches != []
        assert [
            touch
            for touch in touches
            if index not in (touch.index or "") and touch.rows + touch.thrown > FEW
        ] == []


def test_a_message_looked_up_by_its_id_alone_touches_one_month(
    server_url: str, template: str
) -> None:
    with (
        temporary_database(server_url, template) as url,
        sa.create_engine(url, poolclass=sa.NullPool).connect() as db,
    ):
        id_ = new_id()
        told = db.scalars(sa.text("EXPLAIN SELECT size FROM message WHERE id = :id"), {"id": id_})
        named = {word for line in told for word in line.split() if word.startswith("message_20")}
    month = f"{moment_of(id_):%Y%m}"
    assert {name for name in named if not name.endswith("pkey")} == {f"message_{month}"}
