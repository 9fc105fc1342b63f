"""The invariants: silent on what the hub does, also while it does it, and each finds what breaks
it, under its own number.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from hub.flows.ops import auditing
from hub.flows.stock import stock_out
from hub.store import invariants
from hub.store.base.failures import DatabaseAway
from hub.store.invariants import INVARIANTS, Found
from hub.store.orders import fulfilments
from hub.store.people import audit_trail
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.database import temporary_database
from tests.kit.world import World
from tests.store.invariants.plants import PLANTS
from tests.store.invariants.plants_of_returns import Plant
from tests.store.invariants.scene import open_scene


@pytest.fixture(scope="module")
def world(
    server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with temporary_database(server_url, template) as url:
        made = open_scene(url, tmp_path_factory.mktemp("home"))
        yield made
        made.close()


@pytest.fixture(scope="module")
def owner(world: World) -> Iterator[sa.Engine]:
    """One who may do what the hub may not."""
    engine = sa.create_engine(world.url, poolclass=sa.NullPool)
    yield engine
    engine.dispose()


def broken(found: list[Found]) -> dict[str, list[str]]:
    return {f"{one.number} {one.title}": list(one.broken) for one in found if one.broken}


def test_what_the_hub_did_breaks_nothing(world: World) -> None:
    assert world.sql("SELECT DISTINCT status FROM work ORDER BY 1") == [
        ("behind",),
        ("parked",),
        ("waiting",),
    ]
    found = auditing.audit(world.store, at_rest=True)
    assert broken(found) == {}
    assert set(invariants.counts(found)) == {one.number for one in found}


def test_every_invariant_has_something_planted_against_it() -> None:
    assert {f"{one.number} {one.title}" for one in PLANTS} == {
        f"{one.number} {one.title}" for one in INVARIANTS
    }


@pytest.mark.parametrize("plant", PLANTS, ids=[f"{one.number} {one.title}" for one in PLANTS])
def test_what_breaks_it_is_found_under_its_number(
    world: World, owner: sa.Engine, plant: Plant
) -> None:
    with owner.connect() as db:
        db.execute(sa.text(plant.sql))
        found = [
            *invariants.look(db, at_rest=True),
            invariants.chains(db, world.store.vault.index_key),
        ]
        db.rollback()
    wrong = [one for one in found if one.broken]
    assert {one.number for one in wrong} == {plant.number}, broken(found)
    assert plant.title in {one.title for one in wrong}


def test_nothing_is_found_while_the_hub_is_busy(db_url: str, tmp_path: Path) -> None:
    """Looked at again and again while orders come in, ship, and are told by two workers."""
    busy = World(db_url, tmp_path)
    acme = busy.merchant().shop(takes=("shipment", "stock_level"), shards=2)
    acme.warehouse(A=1000, B=1000).erp(shards=2)
    over, failed = Event(), []

    def work() -> None:
        engine = busy.worker()
        try:
            while not over.is_set():
                busy.once(engine)
        except Exception as error:  # noqa: BLE001  # told below
            failed.append(error)

    def trade() -> None:
        for number in range(40):
            busy.tell("shop", sales_order(number), key=str(number))
            busy.tell("shop", sales_order(number, minute=3, note="ring twice"), key=str(number))
        for row in busy.sql("SELECT id FROM fulfilment_order"):
            number = fulfilments.number(row.id)
            busy.tell("wh", status(number, "accepted"), key=number)
            busy.tell("wh", shipment(number, lines=[(1, 1)], complete=False), key=number)
            with busy.unit() as unit:
                stock_out.publish(unit)

    threads = [Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    trader = Thread(target=trade)
    trader.start()
    looks, in_hand = 0, 0
    while trader.is_alive() or looks < 5:
        assert broken(invariants.check(busy.store)) == {}
        in_hand += busy.one("SELECT count(*) FROM work")
        looks += 1
    over.set()
    for one in [*threads, trader]:
        one.join()
    assert not failed, failed
    assert in_hand, "it was not busy"
    busy.run()
    assert broken(invariants.check(busy.store, at_rest=True)) == {}
    busy.close()


def test_no_more_than_is_bearable_is_looked_for(world: World, owner: sa.Engine) -> None:
    with owner.connect() as db:
        db.execute(
            sa.text(
                """INSERT INTO stock_level (merchant_id, warehouse, sku, on_hand)
                SELECT 'acme', 'wh', 'many-' || number, 1 FROM generate_series(1, 1200) AS number"""
            )
        )
        found = list(invariants.look(db))
        db.rollback()
    assert invariants.counts(found)["G18"] == invariants.MOST


def test_nothing_is_changed_or_locked(world: World) -> None:
    with (
        pytest.raises(DatabaseAway, match="25006"),  # read-only
        invariants.snapshot(world.store) as db,
    ):
        db.execute(sa.text("UPDATE stock_level SET on_hand = 0"))


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE audit SET actor = 'bob' WHERE number = 1", "acme 1 altered"),
        ("DELETE FROM audit WHERE number = 1", "acme 1 missing"),
        (
            """UPDATE audit SET number = -number WHERE number IN (1, 2);
            UPDATE audit SET number = 3 + number WHERE number < 0""",
            "acme 1 unlinked",
        ),
        ("DELETE FROM audit WHERE number = {last}", "acme {last} cut"),
        ("DELETE FROM audit", "acme 1 cut"),
        ("UPDATE audit_head SET hash = '\\x00'", "acme {last} forged"),
    ],
    ids=["altered", "deleted", "swapped", "cut", "emptied", "head"],
)
def test_G29_whatever_is_done_to_the_audit_is_found(
    world: World, owner: sa.Engine, sql: str, what: str
) -> None:
    with world.store.database.begin() as db:
        for number in range(3 - (db.scalar(sa.text("SELECT count(*) FROM audit")) or 0)):
            audit_trail.record(db, "acme", "ann", "hold", f"order-{number}", {}, datetime.now(UTC))
        audit_trail.keep_heads(db, world.store.vault.index_key)
    with owner.connect() as db:
        last = db.scalar(sa.text("SELECT max(number) FROM audit WHERE chain = 'acme'"))
        db.execute(sa.text(sql.format(last=last)))
        found = [*invariants.look(db), invariants.chains(db, world.store.vault.index_key)]
        db.rollback()
    assert {one.number for one in found if one.broken} == {"G29"}
    assert what.format(last=last) in found[-1].broken


def test_G29_an_end_that_was_cut_off_with_its_heads_is_found_by_the_log(
    world: World, owner: sa.Engine
) -> None:
    key = world.store.vault.index_key
    with world.store.database.begin() as db:
        audit_trail.record(db, "acme", "ann", "release", "order-9", {}, datetime.now(UTC))
        (logged,) = [head for head, _ in audit_trail.keep_heads(db, key)]
        assert audit_trail.keep_heads(db, key) == []
    with owner.connect() as db:
        for table in ("audit", "audit_head"):
            cut = sa.text(f"DELETE FROM {table} WHERE number >= :number")  # noqa: S608
            db.execute(cut, {"number": logged.number})
        assert invariants.chains(db, key).broken == []
        assert invariants.chains(db, key, [logged]).broken == [f"acme {logged.number} cut"]
        db.rollback()
