"""One order from the shop's word to the books, through the real engine."""

from hub.flows import desk, notices
from hub.model.product import Product
from tests.kit.world import World, sales_order, shipment, status


def number_of(world: World, at: int = 0) -> str:
    return notices.number(world.sql("SELECT id FROM fulfilment_order ORDER BY id")[at][0])


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
    shipped = world.adapters.made["shop"].told[0][2]
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
    world.connect("wh2", "warehouse", takes=("fulfilment_order", "fulfilment_cancellation"))
    world.stock("wh2", A=5, B=5)
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


def test_an_unknown_sku_is_held_and_goes_on_once_it_is_known(world: World) -> None:
    world.tell("shop", sales_order(lines=[("A", 1), ("NEW", 1)]), key="1001")
    world.run()
    order = world.order()
    assert (order.status, [reason["code"] for reason in order.hold_reasons]) == (
        "held",
        ["unknown_sku"],
    )
    assert world.adapters.made["erp"].told == []
    world.stock("wh", NEW=0)
    world.sql("DELETE FROM product WHERE sku = 'NEW'")
    world.sql("UPDATE stock_level SET on_hand = 4 WHERE sku = 'NEW'")
    product = Product(source={"connection": "shop", "id": "NEW"}, sku="NEW", title="New")
    with world.unit() as unit:
        desk.add_products(unit, [("acme", product)], "tester")
    world.run()
    assert world.order().status == "open"
    assert len(world.adapters.made["wh"].told) == 1


def test_out_of_stock_is_held_and_goes_on_when_stock_comes(world: World) -> None:
    world.tell("shop", sales_order(lines=[("A", 12)]), key="1001")
    world.run()
    assert world.order().hold_reasons[0]["code"] == "out_of_stock"
    change = {
        "type": "stock_change",
        "source": {"connection": "wh", "id": "c1"},
        "warehouse": "wh",
        "at": "2026-11-24T11:00:00Z",
        "change_id": "c1",
        "reason": "adjustment",
        "lines": [{"sku": "A", "delta": "5"}],
    }
    world.tell("wh", change)
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
    assert world.adapters.made["wh"].told == []
    world.check_books()


def test_a_cancel_after_the_notice_waits_for_the_warehouse(world: World) -> None:
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = number_of(world)
    cancelled = sales_order(minute=5, state="cancelled", cancelled_at="2026-11-24T10:05:00Z")
    world.tell("shop", cancelled, key="1001")
    world.run()
    assert (world.order().status, world.statuses()) == ("cancel_requested", ["cancel_requested"])
    assert [kind for kind, _, _ in world.adapters.made["wh"].told] == [
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
