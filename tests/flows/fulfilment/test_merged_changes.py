"""Orders of one buyer that leave as one parcel, when one of them changes, is held, or is to be paid
at the door.
"""

from typing import Any

import pytest

from hub.flows.orders import edits, order_requests
from hub.rules.orders.editing import Edit
from tests.flows.fulfilment.test_merged import (
    come_in,
    notices,
    order,
    orders,
    say,
    shop,
    standing,
    told,
    two,
)
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world import World

__all__ = ["shop"]
HOME = sales_order()["ship_to"]
MOVED = {**HOME, "lines": ["Damrak 1"]}
AT_THE_DOOR = {
    "payment_state": "pending",
    "payments": [{"method": "cash_on_delivery", "amount": "10.00", "currency": "EUR"}],
    "totals": {**sales_order()["totals"], "items": "10.00", "grand_total": "10.00",
               "paid": "0.00", "outstanding": "10.00"},
}  # fmt: skip


@pytest.fixture
def merged(shop: World) -> World:
    """Order 1001 of one A and 1002 of two A and a B, told as one and accepted."""
    say(shop, status(two(shop), "accepted", warehouse_reference="W1"))
    return shop


def told_of(world: World, at: int = 0) -> list[tuple[str, str | None, int]]:
    """What notices from the one at this place on hold: order, street, pieces."""
    return sorted(
        (str(line.attributes.get("order_number", it.order_number)),
         it.ship_to and it.ship_to.lines[0], int(line.quantity))
        for it in notices(world)[at:]
        for line in it.lines
    )  # fmt: skip


def let_go(world: World) -> None:
    say(world, status(notices(world)[0].fulfilment_order_id, "cancelled"))


def edit(world: World, number: int, asked: dict[str, Any]) -> None:
    wanted = Edit.model_validate(asked)
    with world.unit() as unit:
        id_ = world.order(str(number)).id
        seen = edits.foresee(unit, id_, wanted, "user:ann").seen
        edits.apply(unit, id_, wanted, seen, "user:ann")
    world.run()


def ship_all(world: World, *numbers: str) -> None:
    for at, number in enumerate(numbers):
        say(world, shipment(number, delivery=f"s{at}"))


@pytest.mark.parametrize("which", [1001, 1002])
def test_a_new_address_takes_an_order_out_of_the_parcel(merged: World, which: int) -> None:
    lines = [("A", 1)] if which == 1001 else [("A", 2), ("B", 1)]
    merged.tell("shop", order(which, *lines, ship_to=MOVED, minute=5), key=str(which))
    merged.run()
    asked = [it for kind, _, it in merged.at("wh").told if kind == "fulfilment_cancellation"]
    assert len(asked) == 1
    let_go(merged)
    street = {1001: HOME["lines"][0], 1002: HOME["lines"][0], which: "Damrak 1"}
    assert told_of(merged, 1) == [
        ("#1001", street[1001], 1),
        ("#1002", street[1002], 1),
        ("#1002", street[1002], 2),
    ]
    assert len(notices(merged)) == 3
    ship_all(merged, *(it.fulfilment_order_id for it in notices(merged)[1:]))
    assert orders(merged) == ["completed", "completed"]
    assert len(told(merged)) == 2


def test_a_new_address_before_anybody_was_told_parts_them_at_once(shop: World) -> None:
    lanes = shop.sql("SELECT id FROM lane WHERE connection = 'shop' AND direction = 'in'")
    for tree in (
        order(1001, ("A", 1)),
        order(1002, ("A", 2)),
        order(1002, ("A", 2), ship_to=MOVED, minute=5),
    ):
        shop.tell("shop", tree, key=tree["channel_order_id"])
        for lane in lanes:
            shop.hurry(shop.engine, lane.id)
    shop.run()
    assert told_of(shop) == [("#1001", HOME["lines"][0], 1), ("#1002", "Damrak 1", 2)]
    assert len(notices(shop)) == 2


def test_fewer_pieces_of_one_are_asked_of_both_and_told_anew(merged: World) -> None:
    edit(merged, 1002, {"lines": [{"line_no": 1, "quantity": "1"}]})
    let_go(merged)
    assert [it[::2] for it in told_of(merged, 1)] == [("#1001", 1), ("#1002", 1), ("#1002", 1)]
    ship_all(merged, *(it.fulfilment_order_id for it in notices(merged)[1:]))
    assert orders(merged) == ["completed", "completed"]
    assert merged.stock_state()["A"][1] == 0


def test_more_pieces_of_one_are_told_beside_the_parcel(merged: World) -> None:
    edit(merged, 1001, {"lines": [{"line_no": 1, "quantity": "3"}]})
    assert [it[::2] for it in told_of(merged, 1)] == [("#1001", 2)]
    ship_all(merged, *(it.fulfilment_order_id for it in notices(merged)))
    assert orders(merged) == ["completed", "completed"]
    assert [it[:2] for it in told(merged)] == [("#1001", ["TRACK-s0"]), ("#1002", ["TRACK-s0"])]
    assert [(name, parcels, lines[0][1:]) for name, parcels, lines in told(merged, "erp")] == [
        ("#1001", ["TRACK-s0"], ("A", 1)),
        ("#1001", ["TRACK-s1"], ("A", 2)),  # the shop sold no such pieces
        ("#1002", ["TRACK-s0"], ("A", 2)),
    ]


def test_an_edit_that_the_warehouse_refuses_leaves_the_parcel_as_it_is(merged: World) -> None:
    edit(merged, 1002, {"lines": [{"line_no": 1, "quantity": "1"}]})
    (notice,) = notices(merged)
    say(merged, status(notice.fulfilment_order_id, "cancel_refused"))
    say(merged, shipment(notice.fulfilment_order_id))
    assert standing(merged)[:2] == [("1001", "shipped"), ("1002", "shipped")]
    assert [name for name, _, _ in told(merged)] == ["#1001", "#1002"]


def test_what_is_to_be_paid_at_the_door_leaves_by_itself(shop: World) -> None:
    """A carrier collects one sum a parcel, and says of each whose it was."""
    come_in(
        shop,
        order(1001, ("A", 1)),
        order(1002, ("A", 1), **AT_THE_DOOR),
        order(1003, ("A", 1), **AT_THE_DOOR),
        order(1004, ("A", 1)),
    )
    assert [
        (it.order_number, len(it.lines), it.cash_on_delivery and str(it.cash_on_delivery.amount))
        for it in sorted(notices(shop), key=lambda it: it.order_number)
    ] == [("#1001", 2, None), ("#1002", 1, "10.00"), ("#1003", 1, "10.00")]


def test_an_order_on_hold_joins_none(shop: World) -> None:
    lanes = shop.sql("SELECT id FROM lane WHERE connection = 'shop' AND direction = 'in'")
    for tree in (order(1001, ("A", 1)), order(1002, ("A", 2)), order(1003, ("A", 1))):
        shop.tell("shop", tree, key=tree["channel_order_id"])
        for lane in lanes:
            shop.hurry(shop.engine, lane.id)
        if tree["channel_order_id"] == "1002":
            with shop.unit() as unit:
                order_requests.hold(unit, shop.order("1002").id, "ann", "call her first")
    shop.run()
    assert [(it[0], it[2]) for it in told_of(shop)] == [("#1001", 1), ("#1003", 1)]
    assert len(notices(shop)) == 1
    with shop.unit() as unit:
        order_requests.release(unit, shop.order("1002").id, "ann", ["manual"])
    shop.run()
    assert [it.order_number for it in notices(shop)] == ["#1001", "#1002"]
    assert len(notices(shop)[1].lines) == 1


def test_one_that_waits_for_stock_joins_none(shop: World) -> None:
    come_in(shop, order(1001, ("A", 1)), order(1002, ("A", 999)))
    assert [it.order_number for it in notices(shop)] == ["#1001"]
    assert shop.count("fulfilment_order WHERE merged_into IS NOT NULL") == 0
