"""A carrier is told what left, and says of what left whole that it arrived; nothing else is its."""

import pytest

from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world import World


@pytest.fixture
def tracked(world: World) -> World:
    """An order at the warehouse, and somebody who tracks its parcels."""
    world.connect("tracking", "carrier", takes=("shipment",))
    world.stock("wh", A=10, B=10)
    world.tell("shop", sales_order(1001), key="1001")
    world.run()
    return world


def number(world: World) -> str:
    (made,) = [
        document for topic, _, document in world.at("wh").told if topic == "fulfilment_order"
    ]
    return str(made.fulfilment_order_id)


def said(world: World, word: str, source: str = "tracking") -> str:
    """How a carrier's word ended."""
    tree = status(number(world), word, source={"connection": source, "id": f"{word}-{source}"})
    kept = world.tell(source, tree, key=number(world))
    world.run()
    return str(
        world.one(
            """SELECT coalesce(work.status, message.status) FROM message
            LEFT JOIN work USING (id, merchant_id) WHERE message.id = :id""",
            id=kept.id,
        )
    )


def left(world: World, **how: object) -> None:
    world.tell("wh", shipment(number(world), **how), key=number(world))
    world.run()


def test_what_left_is_told_and_its_arrival_is_believed(tracked: World) -> None:
    left(tracked)
    assert tracked.at("tracking").topics() == ["shipment"]
    assert said(tracked, "delivered") == "done"
    assert tracked.statuses() == ["delivered"]
    told = tracked.one("SELECT delivered_at FROM fulfilment_order")
    assert told.isoformat() == status(number(tracked), "delivered")["at"].replace("Z", "+00:00")


def test_while_more_may_follow_nothing_has_arrived(tracked: World) -> None:
    left(tracked, lines=[(1, 1)], complete=False)
    assert said(tracked, "delivered") == "ignored"
    assert tracked.statuses() == ["packed"]
    left(tracked, delivery="s2")
    assert tracked.statuses() == ["shipped"]


@pytest.mark.parametrize("word", ["accepted", "rejected", "cancelled", "short", "picking"])
def test_what_is_a_warehouses_to_say_changes_nothing(tracked: World, word: str) -> None:
    assert said(tracked, word) == "ignored"
    assert tracked.statuses() == ["notified"]


def test_a_carrier_of_another_merchant_is_not_heard(tracked: World) -> None:
    left(tracked)
    tracked.merchant("other")
    tracked.connect("theirs", "carrier", merchant="other", takes=("shipment",))
    assert said(tracked, "delivered", "theirs") == "parked"
    assert tracked.statuses() == ["shipped"]
