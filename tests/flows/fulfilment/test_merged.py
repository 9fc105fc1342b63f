"""Orders of one buyer that leave as one parcel: one notice, each order its own part of what the
warehouse says.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from hub.flows.customers import erase
from hub.flows.ops import auditing
from hub.flows.orders import order_requests
from hub.model.fulfilment import FulfilmentOrder, Shipment
from hub.store.orders import fulfilments
from tests.flows.customers.people import collected
from tests.flows.orders.test_going_on import rules
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world import World

MERGE = {"merge": "same_recipient"}
ADA = {**sales_order()["customer"], "email": "ada@example.com"}


@pytest.fixture
def shop(world: World) -> Iterator[World]:
    """A merchant whose orders may meet; at the end nothing contradicts itself."""
    rules(world, MERGE)
    yield world
    world.check_books()
    assert {
        it.number: it.broken for it in auditing.audit(world.store, at_rest=True) if it.broken
    } == {}


def order(number: int, *lines: tuple[str, int], **changes: Any) -> dict[str, Any]:
    return sales_order(number, lines=list(lines), **{"customer": ADA, **changes})


def come_in(world: World, *trees: dict[str, Any]) -> None:
    """Each is planned by itself, before the warehouse is told of any."""
    lanes = world.sql("SELECT id FROM lane WHERE connection = 'shop' AND direction = 'in'")
    for tree in trees:
        world.tell("shop", tree, key=tree["channel_order_id"])
        for lane in lanes:
            world.hurry(world.engine, lane.id)
    world.run()


def two(world: World) -> str:
    """Two orders in one notice; returns its number."""
    come_in(world, order(1001, ("A", 1)), order(1002, ("A", 2), ("B", 1)))
    return notices(world)[-1].fulfilment_order_id


def notices(world: World) -> list[FulfilmentOrder]:
    return [it for kind, _, it in world.at("wh").told if isinstance(it, FulfilmentOrder)]


def told(world: World, partner: str = "shop") -> list[tuple[str, list[str | None], list[Any]]]:
    """Of each shipment that a partner was told of: order, parcels, pieces by line."""
    found = [it for _, _, it in world.at(partner).told if isinstance(it, Shipment) and it.order]
    return sorted(
        (
            it.order.order_number,
            [parcel.tracking_number for parcel in it.packages],
            [(line.line_no, line.sku, int(line.quantity)) for line in it.order.lines],
        )
        for it in found
        if it.order
    )


def say(world: World, tree: dict[str, Any], delivery: str | None = None) -> Any:
    kept = world.tell("wh", tree, key=tree["fulfilment_order_id"], delivery=delivery)
    world.run()
    return kept


def standing(world: World) -> list[tuple[str, str]]:
    """Order and state of each fulfilment order, the oldest first."""
    rows = world.sql(
        """SELECT o.channel_order_id, f.status FROM fulfilment_order AS f
        JOIN sales_order AS o ON o.id = f.order_id ORDER BY f.id"""
    )
    return [tuple(row) for row in rows]


def orders(world: World) -> list[str]:
    return [row[0] for row in world.sql("SELECT status FROM sales_order ORDER BY channel_order_id")]


BOTH = [
    ("#1001", ["TRACK-s1"], [(1, "A", 1)]),
    ("#1002", ["TRACK-s1"], [(1, "A", 2), (2, "B", 1)]),
]


def test_two_orders_of_one_buyer_leave_as_one_parcel(shop: World) -> None:
    number = two(shop)
    (notice,) = notices(shop)
    assert notice.order_number == "#1001"
    assert [(it.line_no, it.sku, int(it.quantity), it.attributes) for it in notice.lines] == [
        (1, "A", 1, {"order_number": "#1001", "channel_order_id": "1001"}),
        (2, "A", 2, {"order_number": "#1002", "channel_order_id": "1002"}),
        (3, "B", 1, {"order_number": "#1002", "channel_order_id": "1002"}),
    ]
    assert notice.attributes["order_numbers"] == ["#1001", "#1002"]
    assert shop.sql("SELECT merged_into, line_offset FROM fulfilment_order ORDER BY id") == [
        (None, 0),
        (fulfilments.id_of(number), 1),
    ]
    say(shop, status(number, "accepted"))
    assert standing(shop) == [("1001", "accepted"), ("1002", "accepted")]
    say(shop, shipment(number, lines=[(1, 1), (2, 2), (3, 1)]))
    assert standing(shop) == [("1001", "shipped"), ("1002", "shipped")]
    assert orders(shop) == ["completed", "completed"]
    assert told(shop) == told(shop, "erp") == BOTH
    say(shop, shipment(number, lines=[(1, 1), (2, 2), (3, 1)]), "again")
    say(shop, shipment(number, lines=[(1, 1), (2, 2), (3, 1)]) | {"source": other_id(number)})
    assert told(shop) == told(shop, "erp") == BOTH
    assert shop.stock_state()["A"][1] == 0


def other_id(number: str) -> dict[str, Any]:
    return {**shipment(number)["source"], "id": "told-anew"}


def test_parcels_without_contents_mean_all_that_was_told(shop: World) -> None:
    say(shop, shipment(two(shop)))
    assert told(shop) == BOTH
    assert orders(shop) == ["completed", "completed"]


def test_lines_without_numbers_go_by_article_and_the_oldest_order_first(shop: World) -> None:
    number = two(shop)
    tree = shipment(number)
    tree["packages"][0]["lines"] = [{"sku": "A", "quantity": "2"}, {"sku": "B", "quantity": "1"}]
    say(shop, tree | {"complete": False})
    assert told(shop) == [
        ("#1001", ["TRACK-s1"], [(1, "A", 1)]),
        ("#1002", ["TRACK-s1"], [(1, "A", 1), (2, "B", 1)]),
    ]
    assert standing(shop) == [("1001", "shipped"), ("1002", "packed")]
    say(shop, tree | {"complete": False}, "again")
    assert len(told(shop)) == 2
    say(shop, shipment(number, delivery="s2", lines=[(2, 1)]))
    assert orders(shop) == ["completed", "completed"]
    assert told(shop)[2] == ("#1002", ["TRACK-s2"], [(1, "A", 1)])


def test_what_is_short_is_short_of_its_own_order_alone(shop: World) -> None:
    number = two(shop)
    tree = shipment(number, lines=[(1, 1), (3, 1)])
    say(shop, tree | {"short": [{"line_no": 2, "quantity": "2", "reason": "damaged"}]})
    assert told(shop) == [
        ("#1001", ["TRACK-s1"], [(1, "A", 1)]),
        ("#1002", ["TRACK-s1"], [(2, "B", 1)]),
    ]
    assert standing(shop)[:2] == [("1001", "shipped"), ("1002", "short")]
    assert orders(shop)[0] == "completed"


def test_an_order_of_which_nothing_came_hears_that(shop: World) -> None:
    say(shop, shipment(two(shop), lines=[(1, 1)]))
    assert told(shop) == [("#1001", ["TRACK-s1"], [(1, "A", 1)])]
    assert standing(shop)[:2] == [("1001", "shipped"), ("1002", "short")]


def test_costs_are_charged_once(shop: World) -> None:
    cost = {"code": "postage", "amount": "4.50", "currency": "EUR"}
    say(shop, shipment(two(shop)) | {"costs": [cost]})
    found = [it for _, _, it in shop.at("erp").told if isinstance(it, Shipment) and it.order]
    charged = {it.order.order_number: [str(c.amount) for c in it.costs] for it in found if it.order}
    assert charged == {"#1001": ["4.50"], "#1002": []}
    assert shop.sql("SELECT reference, amount FROM expected_money WHERE kind = 'carriage'") == [
        ("TRACK-s1", -4.5)
    ]


@pytest.mark.parametrize("which", [1001, 1002])
def test_cancelled_before_anybody_was_told_the_other_is_told_alone(shop: World, which: int) -> None:
    lanes = shop.sql("SELECT id FROM lane WHERE connection = 'shop' AND direction = 'in'")
    for tree in (order(1001, ("A", 1)), order(1002, ("A", 2))):
        shop.tell("shop", tree, key=tree["channel_order_id"])
        for lane in lanes:
            shop.hurry(shop.engine, lane.id)
    with shop.unit() as unit:
        order_requests.cancel(unit, shop.order(str(which)).id, "ann", "changed her mind")
    shop.run()
    left = 1001 + 1002 - which
    assert [it.order_number for it in notices(shop)] == [f"#{left}"]
    assert [len(it.lines) for it in notices(shop)] == [1]
    number = notices(shop)[0].fulfilment_order_id
    say(shop, shipment(number))
    assert [name for name, _, _ in told(shop)] == [f"#{left}"]
    assert sorted(orders(shop)) == ["cancelled", "completed"]


@pytest.mark.parametrize("which", [1001, 1002])
def test_cancelled_afterwards_all_is_asked_back_and_the_other_planned_anew(
    shop: World, which: int
) -> None:
    number = two(shop)
    say(shop, status(number, "accepted", warehouse_reference="W1"))
    with shop.unit() as unit:
        order_requests.cancel(unit, shop.order(str(which)).id, "ann", "changed her mind")
    shop.run()
    asked = [it for kind, _, it in shop.at("wh").told if kind == "fulfilment_cancellation"]
    assert [it.fulfilment_order_id for it in asked] == [number]  # type: ignore[attr-defined]
    say(shop, status(number, "cancelled"))
    left = 1001 + 1002 - which
    assert standing(shop) == [
        ("1001", "cancelled"),
        ("1002", "cancelled"),
        (str(left), "notified"),
    ]
    assert notices(shop)[-1].order_number == f"#{left}"
    say(shop, shipment(notices(shop)[-1].fulfilment_order_id, delivery="s2"))
    assert sorted(orders(shop)) == ["cancelled", "completed"]


def test_a_warehouse_that_keeps_them_ships_both_and_a_return_is_proposed(shop: World) -> None:
    number = two(shop)
    with shop.unit() as unit:
        order_requests.cancel(unit, shop.order("1002").id, "ann", "changed her mind")
    shop.run()
    say(shop, status(number, "cancel_refused"))
    assert standing(shop) == [("1001", "notified"), ("1002", "accepted")]
    say(shop, shipment(number, lines=[(1, 1), (2, 2), (3, 1)]))
    assert standing(shop) == [("1001", "shipped"), ("1002", "shipped")]
    assert shop.sql("SELECT kind, subject FROM incident") == [
        ("return_proposed", f"order:{shop.order('1002').id}")
    ]


def test_what_a_warehouse_rejects_is_rejected_for_all(shop: World) -> None:
    say(shop, status(two(shop), "rejected", reason="no_stock"))
    assert standing(shop) == [("1001", "rejected"), ("1002", "rejected")]


OTHERS = {
    "another street": {"ship_to": {**sales_order()["ship_to"], "lines": ["Damrak 1"]}},
    "another person": {"ship_to": {**sales_order()["ship_to"], "name": "Bob Byron"}},
    "another buyer": {
        "customer": {**ADA, "email": "bob@example.com"},
        "ship_to": {**sales_order()["ship_to"], "email": None, "phone": None},
    },
    "another carrier": {"delivery": {"carrier": "ups"}},
    "a test": {"test": True},
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_what_differs_leaves_by_itself(shop: World, change: dict[str, Any]) -> None:
    come_in(shop, order(1001, ("A", 1)), order(1002, ("A", 1), **change))
    assert [len(it.lines) for it in notices(shop)] == [1] * len(notices(shop))
    assert shop.count("fulfilment_order WHERE merged_into IS NOT NULL") == 0


def test_the_same_address_is_known_however_it_is_spelt(shop: World) -> None:
    to = sales_order()["ship_to"]
    spelt = {**to, "name": f" {to['name'].upper()} ", "lines": [it.lower() for it in to["lines"]]}
    come_in(shop, order(1001, ("A", 1)), order(1002, ("A", 1), ship_to=spelt))
    assert [len(it.lines) for it in notices(shop)] == [2]


def test_without_the_rule_each_leaves_by_itself(world: World) -> None:
    come_in(world, order(1001, ("A", 1)), order(1002, ("A", 1)))
    assert [it.order_number for it in notices(world)] == ["#1001", "#1002"]


def test_no_more_meet_than_the_rule_lets(world: World) -> None:
    rules(world, {**MERGE, "at_most": 2})
    come_in(world, *(order(number, ("A", 1)) for number in (1001, 1002, 1003)))
    assert sorted(len(it.lines) for it in notices(world)) == [1, 2]


def test_what_a_warehouse_has_heard_of_is_joined_by_nothing(shop: World) -> None:
    come_in(shop, order(1001, ("A", 1)))
    come_in(shop, order(1002, ("A", 1)))
    assert [it.order_number for it in notices(shop)] == ["#1001", "#1002"]


def test_no_mark_of_a_recipient_stays_who_is_erased(shop: World) -> None:
    number = two(shop)
    marked = "SELECT count(*) FROM fulfilment_order WHERE recipient IS NOT NULL"
    assert shop.one(marked) == 2
    say(shop, shipment(number))
    collected(shop)
    (buyer,) = shop.sql("SELECT DISTINCT customer_id AS id FROM customer_order")
    with shop.unit() as unit:
        erase.erase(unit, buyer.id, "ada")
    assert shop.one(marked) == 0
