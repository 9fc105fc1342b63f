"""One thing asked of many orders: what is foreseen is what becomes of them, in few statements."""

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hub.flows.orders import bulk
from hub.flows.orders.bulk import Outcome, Selection
from hub.flows.orders.bulk_steps import Asked
from hub.model.errors import NotFound
from hub.store.views.orders import Wanted
from tests.kit.catalogue import sales_order, status
from tests.kit.world import World

HELD = Selection(Wanted(status="held"))
ALL = Selection(Wanted(channel="shop"))
ASKED = Asked("ann", "stocktaking")


def orders(world: World, *numbers: int, **changes: Any) -> None:
    for number in numbers:
        world.tell("shop", sales_order(number, lines=[("A", 1)], **changes), key=str(number))
    world.run()


def both(
    world: World, action: Any, selection: Selection, asked: Asked = ASKED
) -> tuple[Outcome, Outcome]:
    """What is foreseen, and what then becomes of them."""
    with world.unit() as unit:
        foreseen = bulk.foresee(unit, action, selection, asked.waive)
    with world.unit() as unit:
        done = bulk.perform(unit, action, selection, asked)
    assert set(foreseen.done) == set(done.done)
    assert foreseen.reasons() == done.reasons()
    return foreseen, done


def statuses(world: World) -> list[str]:
    return world.statuses("sales_order")


def test_what_is_held_is_released_but_for_what_still_speaks_against_it(world: World) -> None:
    orders(world, 1001, 1002, payment_state="pending")
    orders(world, 1003, payment_state="pending", ship_to=None)
    orders(world, 1004)
    _, done = both(world, "release", ALL, Asked("ann", "paid by bank", ["awaiting_payment"]))
    assert list(done.done.values()) == ["open", "open"]
    assert done.reasons() == {"still_held": 1, "illegal_transition": 1}
    assert statuses(world) == ["open", "open", "held", "open"]
    said = {problem.message for problem in done.refused.values()}
    assert said == {"it stays held: no_address", "it is open"}
    world.run()
    assert world.statuses() == ["notified"] * 3


def test_held_and_released_take_each_other_back(world: World) -> None:
    orders(world, 1001, 1002, payment_state="pending")
    _, held = both(world, "hold", ALL)
    assert len(held.done) == 2
    assert {row.hold_reasons[0]["code"] for row in map(world.order, ("1001", "1002"))} == {"manual"}
    named = Selection(ids=list(held.done))
    with world.unit() as unit:
        back = bulk.perform(unit, "release", named, ASKED)
    assert set(back.refused) == set(held.done)  # the payment speaks against it as before
    assert [it["code"] for it in world.order().hold_reasons] == ["awaiting_payment"]
    _, back = both(world, "release", named, Asked("ann", "paid", ["awaiting_payment"]))
    assert list(back.done.values()) == ["open", "open"]


def test_what_a_warehouse_was_told_of_is_not_held(world: World) -> None:
    orders(world, 1001)
    number = world.at("wh").told[0][2].fulfilment_order_id
    world.tell("wh", status(number, "accepted"), key=number)
    world.run()
    orders(world, 1002, payment_state="pending")
    _, done = both(world, "hold", ALL)
    assert done.reasons() == {"with_warehouse": 1}
    assert len(done.done) == 1


def test_one_that_is_told_meanwhile_is_left_alone_and_the_others_are_held(world: World) -> None:
    orders(world, 1001)  # told, and not accepted yet: only the attempt says so
    orders(world, 1002, payment_state="pending")
    with world.unit() as unit:
        done = bulk.perform(unit, "hold", ALL, ASKED)
    assert done.reasons() == {"with_warehouse": 1}
    assert statuses(world) == ["open", "held"]
    assert world.statuses() == ["notified"]


def test_many_are_cancelled_and_their_warehouses_asked(world: World) -> None:
    orders(world, 1001, 1002)
    orders(world, 1003, payment_state="pending")
    _, done = both(world, "cancel", ALL)
    assert list(done.done.values()) == ["cancel_requested", "cancel_requested", "cancelled"]
    world.run()
    asked = [kind for kind, _, _ in world.at("wh").told]
    assert asked.count("fulfilment_cancellation") == 2


def test_many_are_rerouted(world: World) -> None:
    orders(world, 1001, 1002)
    world.merchant().warehouse("xh", A=5)
    _, done = both(world, "reroute", ALL)
    assert len(done.done) == 2
    assert world.statuses() == ["cancel_requested"] * 2
    world.run()
    for kind, _, document in list(world.at("wh").told):
        if kind == "fulfilment_cancellation":
            number = document.fulfilment_order_id
            world.tell("wh", status(number, "cancelled"), key=number)
    world.run()
    where = world.sql("SELECT warehouse FROM fulfilment_order ORDER BY id")
    assert [row.warehouse for row in where] == ["wh", "wh", "xh", "xh"]
    _, again = both(world, "reroute", Selection(Wanted(status="cancelled")))
    assert (again.done, again.refused, again.left) == ({}, {}, 0)


def test_a_call_takes_so_many_and_says_what_is_left(world: World) -> None:
    orders(world, 1001, 1002, 1003, payment_state="pending")
    with world.unit() as unit:
        done = bulk.perform(unit, "cancel", Selection(Wanted(status="held"), most=2), ASKED)
    assert (len(done.done), done.left) == (2, 1)
    assert statuses(world) == ["cancelled", "cancelled", "held"]


def test_one_that_is_not_there_stops_all(world: World) -> None:
    orders(world, 1001, payment_state="pending")
    with pytest.raises(NotFound), world.unit() as unit:
        bulk.perform(unit, "cancel", Selection(ids=[world.order().id, uuid4()]), ASKED)
    assert statuses(world) == ["held"]


def test_each_order_and_the_audit_say_who_asked_and_why(world: World) -> None:
    orders(world, 1001, 1002, payment_state="pending")
    both(world, "hold", HELD)
    events = world.sql("SELECT detail FROM timeline WHERE event = 'held' AND actor = 'ann'")
    assert [row.detail for row in events] == [{"because": "stocktaking"}] * 2
    (entry,) = world.sql("SELECT action, detail FROM audit WHERE actor = 'ann'")
    assert (entry.action, entry.detail["count"]) == ("order.hold_many", 2)


@pytest.mark.parametrize("action", ["release", "hold", "cancel", "reroute"])
def test_three_orders_take_as_many_statements_as_six(world: World, action: Any) -> None:
    def statements(*numbers: int) -> int:
        orders(world, *numbers, payment_state="pending")
        ids = [world.order(str(number)).id for number in numbers]
        counted = [0]

        def count(*_: object) -> None:
            counted[0] += 1

        with world.unit() as unit:
            sa.event.listen(unit.db, "before_cursor_execute", count)
            asked = Asked("ann", "x", ["awaiting_payment"])
            assert bulk.perform(unit, action, Selection(ids=ids), asked).refused == {}
            sa.event.remove(unit.db, "before_cursor_execute", count)
        return counted[0]

    few = statements(1001, 1002, 1003)
    assert few > 3
    assert statements(*range(2001, 2007)) <= few + 1
