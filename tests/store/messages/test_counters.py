"""Counters of what is told are looked up one by one, whatever PostgreSQL believes of the table."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hub.model.document import Source
from hub.model.stock import StockLevel
from hub.store.base.ids import new_id
from hub.store.messages import outbox
from hub.store.messages.outbox import Telling
from tests.kit.plans import watched
from tests.kit.world import World

FULL = """INSERT INTO message_key (merchant_id, connection, direction, key, open)
    SELECT 'acme', 'shop', 'out', 'k' || n, 1 FROM generate_series(1, 20000) AS n"""

STANDING = """SELECT k.open, count(*) FROM message_key AS k
    JOIN work USING (connection, direction, key)
    WHERE k.key LIKE 'stock:%' GROUP BY k.key, k.open"""


def level(sku: str, version: int) -> Telling:
    return Telling(
        document=StockLevel(
            source=Source(connection="shop", id=sku),
            sku=sku,
            channel="shop",
            available=Decimal(version),
            at=datetime(2026, 5, 4, tzinfo=UTC),
            version=version,
        ),
        connection="shop",
        merchant="acme",
        shards=1,
        key=f"stock:acme:{sku}",
        revision=str(version),
        correlation_id=new_id(),
        newest_wins=version > 1,
    )


@pytest.mark.parametrize(
    "version", [pytest.param(1, id="told again"), pytest.param(2, id="superseded")]
)
def test_what_lowers_counters_finds_its_own_alone(world: World, version: int) -> None:
    world.sql(FULL)
    database, vault = world.store.database, world.store.vault
    skus = [f"S{n}" for n in range(30)]
    with database.begin() as db:
        outbox.add(db, vault, [level(sku, 1) for sku in skus])
    with watched(database._engine) as plans, database.begin() as db:
        outbox.add(db, vault, [level(sku, version) for sku in skus])
    touches = [touch for plan in plans.values() for touch in plan.of("message_key")]
    assert sum(touch.rows * touch.loops for touch in touches) >= len(skus)
    assert [touch for touch in touches if touch.rows + touch.thrown > 1000] == []
    assert world.sql(STANDING) == [(1, 1)] * len(skus)
    assert world.one("SELECT sum(open) FROM message_key WHERE key LIKE 'k%'") == 20_000
