"""Orders that a person merges into one parcel, and takes apart again, while nothing was told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from hub.flows.orders import bulk
from hub.flows.orders.bulk import Outcome, Selection
from hub.flows.orders.bulk_steps import Asked
from hub.store import invariants
from hub.store.orders import fulfilments
from tests.flows.fulfilment.test_merged import ADA, notices, order, say, told
from tests.kit.catalogue import shipment
from tests.kit.world import World

REACHED = ("email", "phone")
ASKED = Asked("user:ann", "one door")


@pytest.fixture
def world(world: World) -> Iterator[World]:
    """No rule merges anything; at the end nothing contradicts itself."""
    yield world
    world.run()
    world.check_books()
    with invariants.snapshot(world.store) as db:
        assert [it for it in invariants.look(db, at_rest=True) if it.broken] == []


def come_in(world: World, *trees: dict[str, Any]) -> list[Any]:
    """Planned, and no warehouse told of any. Returns the orders' ids."""
    for tree in trees:
        world.tell("shop", tree, key=tree["channel_order_id"])
    lanes = world.sql("SELECT id FROM lane WHERE direction = 'in'")
    for lane in lanes:
        world.hurry(world.engine, lane.id)
    return [row.id for row in world.sql("SELECT id FROM sales_order ORDER BY channel_order_id")]


def ask(world: World, action: Any, ids: list[Any]) -> Outcome:
    """What is foreseen is what becomes of them."""
    with world.unit() as unit:
        foreseen = bulk.foresee(unit, action, Selection(ids=ids))
    with world.unit() as unit:
        done = bulk.perform(unit, action, Selection(ids=ids), ASKED)
    assert set(foreseen.done) == set(done.done)
    assert foreseen.refused == done.refused
    assert sorted(map(sorted, foreseen.parcels)) == sorted(map(sorted, done.parcels))
    return done


def test_two_of_one_recipient_leave_as_one_parcel(world: World) -> None:
    other = {**ADA, "email": "eve@example.com"}
    ids = come_in(
        world, order(1001, ("A", 1)), order(1002, ("A", 2)), order(1003, ("A", 1), customer=other)
    )
    done = ask(world, "merge", ids)
    assert (set(done.done), done.parcels) == (set(ids[:2]), [ids[:2]])
    assert done.reasons() == {"nobody_alike": 1}
    world.run()
    sent = notices(world)
    assert sorted(len(it.lines) for it in sent) == [1, 2]
    (whole,) = (it for it in sent if len(it.lines) == 2)
    say(world, shipment(whole.fulfilment_order_id))
    assert [it[0] for it in told(world)] == ["#1001", "#1002"]
    said = world.sql("SELECT action, actor FROM audit WHERE action LIKE 'order.merge%'")
    assert [tuple(row) for row in said] == [("order.merge_many", "user:ann")]


def test_it_is_taken_back_while_nothing_was_told(world: World) -> None:
    ids = come_in(world, order(1001, ("A", 1)), order(1002, ("A", 2)), order(1003, ("A", 3)))
    ask(world, "merge", ids)
    done = ask(world, "separate", ids[:1])
    assert list(done.done) == ids[:1]
    assert ask(world, "separate", ids[:1]).reasons() == {"not_merged": 1}
    world.run()
    assert sorted(len(it.lines) for it in notices(world)) == [1, 2]
    world.tell("shop", order(1004, ("A", 1)), key="1004")
    world.run()
    assert sorted(len(it.lines) for it in notices(world)) == [1, 1, 2]


def test_what_a_warehouse_was_told_of_stays_as_it_is(world: World) -> None:
    (first,) = come_in(world, order(1001, ("A", 1)))
    world.run()
    ids = come_in(world, order(1002, ("A", 1)), order(1003, ("A", 1)))
    assert ids[0] == first
    done = ask(world, "merge", ids)
    assert done.parcels == [ids[1:]]
    assert done.reasons() == {"with_warehouse": 1}
    world.run()
    assert ask(world, "separate", ids[1:]).reasons() == {"with_warehouse": 2}


def test_who_leaves_together_already_is_said_and_another_joins_them_all(world: World) -> None:
    ids = come_in(world, order(1001, ("A", 1)), order(1002, ("A", 1)), order(1003, ("A", 1)))
    ask(world, "merge", ids[:2])
    assert ask(world, "merge", ids[:2]).reasons() == {"together_already": 2}
    assert ask(world, "merge", ids[1:]).parcels == [ids[1:]]  # the first stands in its notice
    world.run()
    assert [len(it.lines) for it in notices(world)] == [3]


def test_what_must_leave_alone_does(world: World) -> None:
    home = {
        name: word for name, word in order(1, ("A", 1))["ship_to"].items() if name not in REACHED
    }
    nobody = {"customer": None, "ship_to": home}
    ids = come_in(world, order(1001, ("A", 1), **nobody), order(1002, ("A", 1), **nobody))
    done = ask(world, "merge", ids)
    assert (done.done, list(done.parcels)) == ({}, [])
    assert done.reasons() == {"leaves_alone": 2}
    world.run()
    assert [len(it.lines) for it in notices(world)] == [1, 1]


def test_held_orders_have_nothing_to_merge(world: World) -> None:
    ids = come_in(world, order(1001, ("A", 1), payment_state="pending"), order(1002, ("A", 1)))
    assert ask(world, "merge", ids).reasons() == {"illegal_transition": 1, "nobody_alike": 1}


def test_whoever_works_on_one_of_a_parcel_holds_all_of_it(world: World) -> None:
    ids = come_in(world, order(1001, ("A", 1)), order(1002, ("A", 2)), order(1003, ("A", 3)))
    ask(world, "merge", ids[:2])
    with world.unit() as one, world.unit() as other:
        for unit in (one, other):
            unit.db.execute(sa.text("SET LOCAL lock_timeout = '300ms'"))
        (mine,) = fulfilments.of_orders(one.db, one.vault, ids[1:2]).values()
        assert [part.order_id for part in mine] == ids[1:2]
        assert list(fulfilments.of_orders(other.db, other.vault, ids[2:])) == ids[2:]
        with pytest.raises(OperationalError, match="lock timeout"):
            fulfilments.of_orders(other.db, other.vault, ids[:1])
        other.db.rollback()


def test_two_of_one_parcel_are_cancelled_at_once(world: World) -> None:
    for turn in range(5):
        number = 1001 + 2 * turn
        pair = come_in(world, order(number, ("A", 1)), order(number + 1, ("A", 2)))[-2:]
        assert ask(world, "merge", pair).parcels == [pair]
        start, tries = Barrier(2), []

        def cancel(id_: Any, start: Barrier = start, tries: list[Any] = tries) -> Outcome:
            start.wait()
            with world.unit() as unit:
                tries.append(id_)
                return bulk.perform(unit, "cancel", Selection(ids=[id_]), ASKED)

        with ThreadPoolExecutor(2) as pool:
            done = [it.done for it in pool.map(cancel, pair)]
        assert done == [{pair[0]: "cancelled"}, {pair[1]: "cancelled"}]
        assert sorted(tries) == sorted(pair)
    world.run()
    assert notices(world) == []
