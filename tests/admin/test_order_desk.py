"""What people ask of orders in the console, by the buttons that the order's state allows."""

import pytest

from tests.admin.conftest import Office
from tests.admin.seeds import working_day
from tests.admin.test_mending import buttons
from tests.kit.world import sales_order, status


def test_the_buttons_are_those_of_the_state_and_the_role(office: Office):
    seeded = working_day(office.world)
    operator, warehouse = office.person("operator"), office.person("warehouse")
    held, shipped = f"/orders/{seeded.held}", f"/orders/{seeded.shipped}"
    opened = f"/orders/{office.world.order('1008').id}"
    assert buttons(operator.get(held).text) == ["Release", "Hold", "Cancel"]
    assert buttons(operator.get(opened).text) == ["Hold", "Reroute", "Cancel"]
    assert buttons(operator.get(shipped).text) == []
    assert buttons(warehouse.get(opened).text) == ["Hold", "Reroute"]
    assert buttons(office.person("finance").get(held).text) == []


def test_an_order_is_released_when_what_is_ticked_is_all_that_holds_it(office: Office):
    office.world.tell("shop", sales_order(1001, note="ring", ship_to=None), key="1001")
    office.world.run()
    path = f"/orders/{office.world.order().id}"
    person = office.person("operator")
    person.get(path)
    person.post(f"{path}/release")
    assert office.world.order().status == "held"
    person.post(f"{path}/release", waive="manual")
    assert "manual is not why it is held" in person.get(path).text
    person.post(f"{path}/release", waive="no_address")
    assert office.world.order().status == "open"
    assert "The order is now: open." in person.get(path).text
    actions = [one for one in office.audited() if one[0] == "acme"]
    assert actions == [("acme", "user:operator-x", "order.release")] * 2
    assert office.rung


def test_an_order_is_cancelled_with_a_reason_and_only_once(office: Office):
    office.world.tell("shop", sales_order(), key="1001")
    office.world.run()
    path = f"/orders/{office.world.order().id}"
    person = office.person("operator")
    person.get(path)
    person.post(f"{path}/cancel", reason="")
    assert office.world.order().status == "open"
    person.post(f"{path}/cancel", reason="the customer called")
    assert office.world.order().status == "cancel_requested"
    office.world.run()
    number = office.world.adapters.made["wh"].told[0][2].fulfilment_order_id
    office.world.tell("wh", status(number, "cancelled"), key=number)
    office.world.run()
    assert office.world.order().status == "cancelled"
    person.post(f"{path}/cancel", reason="again")
    page = person.get(path).text
    assert "it is cancelled, so “Cancel” comes too late" in page
    assert [action for _, _, action in office.audited()] == ["order.cancel"]


def test_an_order_that_a_warehouse_has_cannot_be_held(office: Office):
    office.world.tell("shop", sales_order(), key="1001")
    office.world.run()
    path = f"/orders/{office.world.order().id}"
    person = office.person("operator")
    person.get(path)
    person.post(f"{path}/hold", reason="wait for the gift card")
    page = person.get(path).text
    assert "comes too late" in page
    assert office.world.order().status == "open"
    assert office.audited() == []


def test_an_order_is_rerouted(office: Office):
    office.world.connect("wh2", "warehouse", takes=("fulfilment_order", "fulfilment_cancellation"))
    office.world.tell("shop", sales_order(), key="1001")
    office.world.run()
    office.world.stock("wh2", A=10, B=10)
    path = f"/orders/{office.world.order().id}"
    person = office.person("warehouse")
    person.get(path)
    person.post(f"{path}/reroute")
    office.world.run()
    assert office.audited() == [("acme", "user:warehouse-x", "order.reroute")]
    told = [one[0] for one in office.world.adapters.made["wh"].told]
    assert told == ["fulfilment_order", "fulfilment_cancellation"]
    number = office.world.adapters.made["wh"].told[0][2].fulfilment_order_id
    office.world.tell("wh", status(number, "cancelled"), key=number)
    office.world.run()
    assert [one[0] for one in office.world.adapters.made["wh2"].told] == ["fulfilment_order"]


@pytest.mark.parametrize("way", ["sku", "product"])
def test_an_order_goes_on_when_somebody_says_what_the_article_is(office: Office, way: str):
    office.world.tell("shop", sales_order(1001, lines=[("NEW-HAT", 1)]), key="1001")
    office.world.run()
    assert office.world.order().status == "held"
    office.world.sql(
        """INSERT INTO stock_level (merchant_id, warehouse, sku, on_hand)
        VALUES ('acme', 'wh', 'NEW-HAT', 0)"""
    )
    path = f"/orders/{office.world.order().id}"
    person = office.person("integrator")
    assert "Articles that nobody knows" in person.get(path).text
    if way == "sku":
        person.post(f"{path}/sku", line_no=1, sku="NO-SUCH")
        assert "acme has no product NO-SUCH." in person.get(path).text
        person.post(f"{path}/sku", line_no=1, sku="A")
        assert office.world.order().status == "open"
        assert office.audited() == [("acme", "user:integrator-x", "sku.map")]
    else:
        person.post(f"{path}/product", line_no=1, title="")
        assert "title" in person.get(path).text
        person.post(f"{path}/product", line_no=1, title="A new hat")
        codes = [one["code"] for one in office.world.order().hold_reasons]
        assert codes == ["out_of_stock"]
        assert office.audited() == [("acme", "user:integrator-x", "products.add")]
    assert person.post(f"{path}/{way}", line_no=1, sku="A", title="x").status_code == 409


def test_a_line_that_is_known_cannot_be_mapped_through_the_form(office: Office):
    office.world.tell("shop", sales_order(1001, lines=[("NEW-HAT", 1), ("A", 1)]), key="1001")
    office.world.run()
    path = f"/orders/{office.world.order().id}"
    person = office.person("integrator")
    person.get(path)
    assert person.post(f"{path}/sku", line_no=2, sku="B").status_code == 409
    assert person.post(f"{path}/sku", line_no="x", sku="B").status_code == 409
    assert office.world.one("SELECT count(*) FROM sku_reference") == 0


def test_on_the_operators_channel_somebody_says_whose_product_it_is(office: Office):
    office.world.connect("market", "channel", adapter="shopify", merchant="operator")
    order = sales_order(1001, channel="market", lines=[("NEW-HAT", 1)])
    office.world.tell("market", order, key="1001")
    office.world.run()
    path = f"/orders/{office.world.order().id}"
    person = office.person("operator")
    person.get(path)
    assert person.post(f"{path}/product", line_no=1, title="Hat").status_code == 400
    assert person.post(f"{path}/product", line_no=1, title="Hat", merchant="x").status_code == 400
    person.post(f"{path}/product", line_no=1, title="Hat", merchant="acme")
    assert office.world.one("SELECT merchant_id FROM product WHERE sku = 'NEW-HAT'") == "acme"
