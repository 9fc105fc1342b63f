"""What people ask of orders in the console, by the buttons that the order's state allows."""

import pytest

from tests.admin.pages.test_mending import buttons
from tests.admin.seeds import working_day
from tests.flows.orders.test_going_on import rules
from tests.kit.catalogue import inbound_notice, sales_order, status
from tests.kit.world.console import Console


def test_the_buttons_are_those_of_the_state_and_the_role(console: Console):
    seeded = working_day(console.world)
    operator, warehouse = console.person("operator"), console.person("warehouse")
    held, shipped = f"/orders/{seeded.held}", f"/orders/{seeded.shipped}"
    opened = f"/orders/{console.world.order('1008').id}"
    assert buttons(operator.get(held).text) == ["Release", "Hold", "Cancel", "Change it"]
    assert buttons(operator.get(opened).text) == ["Hold", "Reroute", "Cancel", "Change it"]
    assert buttons(operator.get(shipped).text) == []
    assert buttons(warehouse.get(opened).text) == ["Hold", "Reroute"]
    assert buttons(console.person("finance").get(held).text) == []


def test_an_order_is_released_when_what_is_ticked_is_all_that_holds_it(console: Console):
    console.world.tell("shop", sales_order(1001, note="ring", ship_to=None), key="1001")
    console.world.run()
    path = f"/orders/{console.world.order().id}"
    person = console.person("operator")
    person.get(path)
    person.post(f"{path}/release")
    assert console.world.order().status == "held"
    person.post(f"{path}/release", waive="manual")
    assert "manual is not why it is held" in person.get(path).text
    person.post(f"{path}/release", waive="no_address")
    assert console.world.order().status == "open"
    assert "The order is now: open." in person.get(path).text
    actions = [one for one in console.audited() if one[0] == "acme"]
    assert actions == [("acme", "user:operator-x", "order.release")] * 2
    assert console.rung


def test_an_order_is_cancelled_with_a_reason_and_only_once(console: Console):
    console.world.tell("shop", sales_order(), key="1001")
    console.world.run()
    path = f"/orders/{console.world.order().id}"
    person = console.person("operator")
    person.get(path)
    person.post(f"{path}/cancel", reason="")
    assert console.world.order().status == "open"
    person.post(f"{path}/cancel", reason="the customer called")
    assert console.world.order().status == "cancel_requested"
    console.world.run()
    number = console.world.at("wh").told[0][2].fulfilment_order_id
    console.world.tell("wh", status(number, "cancelled"), key=number)
    console.world.run()
    assert console.world.order().status == "cancelled"
    person.post(f"{path}/cancel", reason="again")
    page = person.get(path).text
    assert "it is cancelled, so “Cancel” comes too late" in page
    assert [action for _, _, action in console.audited()] == ["order.cancel"]


def test_an_order_that_a_warehouse_has_cannot_be_held(console: Console):
    console.world.tell("shop", sales_order(), key="1001")
    console.world.run()
    path = f"/orders/{console.world.order().id}"
    person = console.person("operator")
    person.get(path)
    person.post(f"{path}/hold", reason="wait for the gift card")
    page = person.get(path).text
    assert "comes too late" in page
    assert console.world.order().status == "open"
    assert console.audited() == []


def test_an_order_is_rerouted(console: Console):
    console.world.merchant().warehouse("wh2")
    console.world.tell("shop", sales_order(), key="1001")
    console.world.run()
    console.world.stock("wh2", A=10, B=10)
    path = f"/orders/{console.world.order().id}"
    person = console.person("warehouse")
    person.get(path)
    person.post(f"{path}/reroute")
    console.world.run()
    assert console.audited() == [("acme", "user:warehouse-x", "order.reroute")]
    told = [one[0] for one in console.world.at("wh").told]
    assert told == ["fulfilment_order", "fulfilment_cancellation"]
    number = console.world.at("wh").told[0][2].fulfilment_order_id
    console.world.tell("wh", status(number, "cancelled"), key=number)
    console.world.run()
    assert [one[0] for one in console.world.at("wh2").told] == ["fulfilment_order"]


@pytest.mark.parametrize("way", ["sku", "product"])
def test_an_order_goes_on_when_somebody_says_what_the_article_is(console: Console, way: str):
    console.world.tell("shop", sales_order(1001, lines=[("NEW-HAT", 1)]), key="1001")
    console.world.run()
    assert console.world.order().status == "held"
    console.world.sql(
        """INSERT INTO stock_level (merchant_id, warehouse, sku, on_hand)
        VALUES ('acme', 'wh', 'NEW-HAT', 0)"""
    )
    path = f"/orders/{console.world.order().id}"
    person = console.person("integrator")
    assert "Articles that nobody knows" in person.get(path).text
    if way == "sku":
        person.post(f"{path}/sku", line_no=1, sku="NO-SUCH")
        assert "acme has no product NO-SUCH." in person.get(path).text
        person.post(f"{path}/sku", line_no=1, sku="A")
        assert console.world.order().status == "open"
        assert console.audited() == [("acme", "user:integrator-x", "sku.map")]
    else:
        person.post(f"{path}/product", line_no=1, title="")
        assert "title" in person.get(path).text
        person.post(f"{path}/product", line_no=1, title="A new hat")
        codes = [one["code"] for one in console.world.order().hold_reasons]
        assert codes == ["out_of_stock"]
        assert console.audited() == [("acme", "user:integrator-x", "products.add")]
    assert person.post(f"{path}/{way}", line_no=1, sku="A", title="x").status_code == 409


def test_a_line_that_is_known_cannot_be_mapped_through_the_form(console: Console):
    console.world.tell("shop", sales_order(1001, lines=[("NEW-HAT", 1), ("A", 1)]), key="1001")
    console.world.run()
    path = f"/orders/{console.world.order().id}"
    person = console.person("integrator")
    person.get(path)
    assert person.post(f"{path}/sku", line_no=2, sku="B").status_code == 409
    assert person.post(f"{path}/sku", line_no="x", sku="B").status_code == 409
    assert console.world.one("SELECT count(*) FROM sku_reference") == 0


def test_on_the_operators_channel_somebody_says_whose_product_it_is(console: Console):
    console.world.operator().shop("market", adapter="shopify", takes=())
    order = sales_order(1001, channel="market", lines=[("NEW-HAT", 1)])
    console.world.tell("market", order, key="1001")
    console.world.run()
    path = f"/orders/{console.world.order().id}"
    person = console.person("operator")
    person.get(path)
    assert person.post(f"{path}/product", line_no=1, title="Hat").status_code == 400
    assert person.post(f"{path}/product", line_no=1, title="Hat", merchant="x").status_code == 400
    person.post(f"{path}/product", line_no=1, title="Hat", merchant="acme")
    assert console.world.one("SELECT merchant_id FROM product WHERE sku = 'NEW-HAT'") == "acme"


def test_an_order_that_waits_shows_when_what_it_waits_for_is_expected(console: Console):
    world, page = console.world, console.person("operator").get
    world.tell("shop", sales_order(1001, lines=[("C", 400)]), key="1001")
    world.run()
    path = f"/orders/{world.order().id}"
    assert "400 of C: not enough is announced with a date." in page(path).text
    announced = inbound_notice(lines=[("C", 400)], expected_at="2027-05-04T00:00:00Z")
    world.tell("erp", announced, key="PO-1")
    world.run()
    assert "400 of C are expected on 2027-05-04." in page(path).text


def test_an_order_shows_with_which_others_it_leaves(console: Console):
    world, buyer = console.world, {**sales_order()["customer"], "email": "ada@example.com"}
    rules(world, {"merge": "same_recipient"})
    for number in (2001, 2002):
        tree = sales_order(number, customer=buyer, lines=[("A", 1)])
        world.tell("shop", tree, key=str(number))
    world.run()
    page = console.person("operator").get(f"/orders/{world.order('2002').id}").text
    assert "in one parcel with" in page
    assert f'href="/orders/{world.order("2001").id}"' in page
    assert "Leaves with other orders" in page
