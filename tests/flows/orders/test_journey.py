"""One order from the shop's word to the books, through the real engine."""

import pytest

from hub.flows.orders import order_requests
from hub.flows.products import meanings
from hub.model.product import Product
from hub.store.orders import fulfilments
from tests.kit.catalogue import sales_order, shipment, status, stock_change
from tests.kit.world import World


def number_of(world: World, at: int = 0) -> str:
    return fulfilments.number(world.sql("SELECT id FROM fulfilment_order ORDER BY id")[at][0])


def test_an_order_goes_all_the_way(world: World) -> None:
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = number_of(world)
    world.tell("wh", status(number, "accepted"), key=number)
    world.tell("wh", shipment(number), key=number)
    world.run()
    assert world.order().status == "completed"
    assert world.statuses() == ["shipped"]
    assert world.stock_state() == {"A": (8, 0), "B": (9, 0), "C": (10, 0)}
    told = {code: [kind for kind, _, _ in one.told] for code, one in world.adapters.made.items()}
    assert told == {
        "shop": ["shipment"],
        "wh": ["fulfilment_order"],
        "erp": ["sales_order", "shipment"],
    }
    shipped = world.at("shop").told[0][2]
    assert [(line.channel_line_id, str(line.quantity)) for line in shipped.order.lines] == [
        ("1001-1", "2"),
        ("1001-2", "1"),
    ]
    assert world.sql("SELECT count(*) FROM work")[0][0] == 0
    world.check_books()


def test_a_partial_then_the_rest(world: World) -> None:
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = number_of(world)
    world.tell("wh", shipment(number, delivery="a", lines=[(1, 1)], complete=False), key=number)
    world.run()
    assert (world.order().status, world.statuses()) == ("open", ["packed"])
    assert world.stock_state()["A"] == (9, 1)
    world.tell("wh", shipment(number, delivery="b", lines=[(1, 1), (2, 1)]), key=number)
    world.run()
    assert (world.order().status, world.statuses()) == ("completed", ["shipped"])
    world.check_books()


def test_a_short_shipment_is_planned_anew_elsewhere(world: World) -> None:
    world.merchant().warehouse("wh2", A=5, B=5)
    world.tell("shop", sales_order(lines=[("A", 3)]), key="1001")
    world.run()
    first = world.one("SELECT warehouse FROM fulfilment_order")
    other = {"wh": "wh2", "wh2": "wh"}[first]
    number = number_of(world)
    told = shipment(number, lines=[(1, 1)], short=[{"line_no": 1, "quantity": "2"}])
    world.tell(first, told, key=number)
    world.run()
    rows = world.sql("SELECT warehouse, status FROM fulfilment_order ORDER BY id")
    assert [tuple(row) for row in rows] == [(first, "short"), (other, "notified")]
    assert world.order().status == "open"
    world.tell(other, shipment(number_of(world, 1)), key=number_of(world, 1))
    world.run()
    assert world.order().status == "completed"
    world.check_books()


@pytest.mark.parametrize("word", ["rejected", "cancelled"])
def test_pieces_told_short_are_not_let_go_of_a_second_time(world: World, word: str) -> None:
    world.tell("shop", sales_order(lines=[("A", 3)]), key="1001")
    world.run()
    number = number_of(world)
    some = [{"line_no": 1, "quantity": "1"}]
    told = {**shipment(number, complete=False), "packages": [], "short": some}
    world.tell("wh", told, key=number)
    world.run()
    world.tell("wh", status(number, word), key=number)
    world.run()
    ended = world.sql(
        "SELECT status, short FROM fulfilment_order JOIN fulfilment_line "
        "ON fulfilment_order_id = fulfilment_order.id ORDER BY fulfilment_order.id"
    )[0]
    assert tuple(ended) == (word, 3)
    world.check_books()


def test_what_a_warehouse_is_short_of_under_a_cancel_is_not_planned_anew(world: World) -> None:
    world.merchant().warehouse("wh2", A=5)
    world.tell("shop", sales_order(lines=[("A", 3)]), key="1001")
    world.run()
    first, number = world.one("SELECT warehouse FROM fulfilment_order"), number_of(world)
    with world.unit() as unit:
        assert order_requests.cancel(unit, world.order().id, "ann", "x") == "cancel_requested"
    some = [{"line_no": 1, "quantity": "3"}]
    world.tell(first, {**shipment(number), "packages": [], "short": some}, key=number)
    world.run()
    assert (world.order().status, world.statuses()) == ("cancelled", ["cancelled"])
    assert world.one("SELECT short FROM fulfilment_line") == 3
    world.check_books()


def test_a_rejected_notice_goes_to_another_warehouse_or_holds(world: World) -> None:
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = number_of(world)
    world.tell("wh", status(number, "rejected", reason="no space"), key=number)
    world.run()
    assert world.statuses() == ["rejected"]
    order = world.order()
    assert (order.status, order.hold_reasons[0]["code"]) == ("held", "no_route")
    assert world.stock_state()["A"] == (10, 0)
    world.check_books()


def test_what_was_refused_and_left_all_the_same_completes_its_held_order(world: World) -> None:
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = number_of(world)
    world.tell("wh", status(number, "rejected"), key=number)
    world.run()
    assert world.order().status == "held"
    world.tell("wh", shipment(number), key=number)
    world.run()
    assert (world.order().status, world.order().hold_reasons) == ("completed", [])
    assert world.one("SELECT count(*) FROM order_wait") == 0
    world.check_books()


@pytest.mark.parametrize(
    ("word", "ended", "books"),
    [("cancelled", "cancelled", ["open", "cancelled"]), ("shipped", "completed", ["open"])],
)
def test_a_refused_cancel_is_what_the_warehouse_makes_of_it_later(
    world: World, word: str, ended: str, books: list[str]
) -> None:
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = number_of(world)
    cancelled = {"state": "cancelled", "cancelled_at": "2026-11-24T10:30:00Z"}
    world.tell("shop", sales_order(minute=2, **cancelled), key="1001")
    world.run()
    world.tell("wh", status(number, "cancel_refused"), key=number)
    world.run()
    assert world.order().status == "open"
    said = shipment(number) if word == "shipped" else status(number, word)
    world.tell("wh", said, key=number)
    world.run()
    assert world.order().status == ended
    told = world.at("erp").told
    assert [one.state for kind, _, one in told if kind == "sales_order"] == books
    world.check_books()


def test_an_order_held_for_a_rest_that_is_cancelled_is_complete(world: World) -> None:
    world.tell("shop", sales_order(lines=[("A", 2)]), key="1001")
    world.run()
    number = number_of(world)
    world.tell("wh", status(number, "rejected"), key=number)
    world.tell("wh", shipment(number, lines=[(1, 1)], complete=False), key=number)
    world.run()
    assert world.order().status == "held"
    world.tell("shop", sales_order(minute=2, lines=[("A", 1)]), key="1001")
    world.run()
    assert (world.order().status, world.order().hold_reasons) == ("completed", [])
    world.check_books()


def test_an_unknown_sku_is_held_and_goes_on_once_it_is_known(world: World) -> None:
    world.tell("shop", sales_order(lines=[("A", 1), ("NEW", 1)]), key="1001")
    world.run()
    order = world.order()
    assert (order.status, [reason["code"] for reason in order.hold_reasons]) == (
        "held",
        ["unknown_sku"],
    )
    assert world.at("erp").told == []
    world.stock("wh", NEW=0)
    world.sql("DELETE FROM product WHERE sku = 'NEW'")
    world.sql("UPDATE stock_level SET on_hand = 4 WHERE sku = 'NEW'")
    product = Product(source={"connection": "shop", "id": "NEW"}, sku="NEW", title="New")
    with world.unit() as unit:
        meanings.add_products(unit, [("acme", product)], "tester")
    world.run()
    assert world.order().status == "open"
    assert len(world.at("wh").told) == 1


def test_out_of_stock_is_held_and_goes_on_when_stock_comes(world: World) -> None:
    world.tell("shop", sales_order(lines=[("A", 12)]), key="1001")
    world.run()
    assert world.order().hold_reasons[0]["code"] == "out_of_stock"
    world.tell("wh", stock_change(pieces={"A": 5}))
    world.run()
    assert world.order().status == "open"
    assert world.stock_state()["A"] == (15, 12)
    world.check_books()


def test_a_cancel_before_anything_was_told_wins(world: World) -> None:
    world.sql("UPDATE connection SET status = 'paused' WHERE code = 'wh'")
    world.sql("UPDATE setting SET value = '{\"version\": 99}' WHERE name = 'directory'")
    world.tell("shop", sales_order(), key="1001")
    world.run()
    assert world.order().status == "held"  # no active warehouse
    cancelled = sales_order(minute=5, state="cancelled", cancelled_at="2026-11-24T10:05:00Z")
    world.tell("shop", cancelled, key="1001")
    world.run()
    assert world.order().status == "cancelled"
    assert world.at("wh").told == []
    world.check_books()


def test_a_cancel_after_the_notice_waits_for_the_warehouse(world: World) -> None:
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = number_of(world)
    cancelled = sales_order(minute=5, state="cancelled", cancelled_at="2026-11-24T10:05:00Z")
    world.tell("shop", cancelled, key="1001")
    world.run()
    assert (world.order().status, world.statuses()) == ("cancel_requested", ["cancel_requested"])
    assert [kind for kind, _, _ in world.at("wh").told] == [
        "fulfilment_order",
        "fulfilment_cancellation",
    ]
    world.tell("wh", status(number, "cancelled"), key=number)
    world.run()
    assert (world.order().status, world.statuses()) == ("cancelled", ["cancelled"])
    assert world.stock_state()["A"] == (10, 0)
    world.check_books()


def test_a_shipment_beats_the_cancel_and_proposes_a_return(world: World) -> None:
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = number_of(world)
    cancelled = sales_order(minute=5, state="cancelled", cancelled_at="2026-11-24T10:05:00Z")
    world.tell("shop", cancelled, key="1001")
    world.run()
    world.tell("wh", shipment(number), key=number)
    world.run()
    assert (world.order().status, world.statuses()) == ("completed", ["shipped"])
    assert world.one("SELECT kind FROM incident") == "return_proposed"
    world.check_books()


def test_a_shipment_after_the_confirmed_cancel_is_a_contradiction(world: World) -> None:
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = number_of(world)
    cancelled = sales_order(minute=5, state="cancelled", cancelled_at="2026-11-24T10:05:00Z")
    world.tell("shop", cancelled, key="1001")
    world.run()
    world.tell("wh", status(number, "cancelled"), key=number)
    world.tell("wh", shipment(number), key=number)
    world.run()
    assert world.statuses() == ["cancelled"]
    assert "contradiction" in {row[0] for row in world.sql("SELECT kind FROM incident")}
    assert world.stock_state()["A"] == (8, 0)  # the goods are gone, and booked as gone
    world.check_books()
