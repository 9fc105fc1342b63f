"""Many orders asked at once in the console: counted first, then done, and taken back."""

import re

from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console


def orders(console: Console, *numbers: int) -> None:
    for number in numbers:
        told = sales_order(number, payment_state="pending")
        console.world.tell("shop", told, key=str(number))
    console.world.run()


def test_held_orders_are_counted_released_and_taken_back(console: Console):
    orders(console, 1001, 1002)
    person = console.person("operator")
    page = person.get("/orders?status=held").text
    assert "/orders/bulk?action=release&amp;status=held" in page
    person.get("/orders/bulk?action=hold&status=held")
    preview = person.get("/orders/bulk?action=release&status=held&hold=awaiting_payment").text
    assert "Release: 2 orders" in preview
    path = "/orders/bulk?action=release&status=held&hold=awaiting_payment"
    person.post(path, reason="")
    assert console.world.statuses("sales_order") == ["held", "held"]
    done = person.post(path, reason="paid", waive="awaiting_payment").text
    assert console.world.statuses("sales_order") == ["open", "open"]
    assert "It is done for 2 orders." in done
    (ids,) = re.findall(r'name="ids" value="([^"]+)"', done)
    person.post("/orders/bulk?action=hold", ids=ids, reason="a mistake")
    assert console.world.statuses("sales_order") == ["held", "held"]
    assert [action for _, _, action in console.audited()] == [
        "order.release_many",
        "order.hold_many",
    ]


def test_what_would_be_left_out_is_said_before(console: Console):
    orders(console, 1001)
    person = console.person("operator")
    page = person.get("/orders/bulk?action=release&status=held").text
    assert "No order fits." in page
    assert "1 stays held: something else still speaks against it." in page


def test_who_may_not_ask_it_of_one_may_not_ask_it_of_many(console: Console):
    orders(console, 1001)
    warehouse = console.person("warehouse")
    assert warehouse.get("/orders/bulk?action=cancel").status_code == 403
    assert warehouse.get("/orders/bulk?action=hold").status_code == 200
    assert console.person("finance").get("/orders/bulk?action=hold").status_code == 403
    assert console.person("operator").get("/orders/bulk?action=burn").status_code == 400


def test_orders_of_one_recipient_are_merged_and_taken_apart_again(console: Console):
    world = console.world
    for number in (1001, 1002, 1003):
        who = {"name": "Ada", "email": f"{'eve' if number == 1003 else 'ada'}@example.com"}
        world.tell("shop", sales_order(number, customer=who), key=str(number))
    for lane in world.sql("SELECT id FROM lane WHERE connection = 'shop' AND direction = 'in'"):
        world.hurry(world.engine, lane.id)
    person = console.person("operator")
    assert "/orders/bulk?action=merge&amp;status=open" in person.get("/orders?status=open").text
    path = "/orders/bulk?action=merge&status=open"
    preview = person.get(path).text
    assert "Merge into one parcel: 2 orders" in preview
    assert "They leave as 1 parcel." in preview
    assert "1 is left out: no other of these goes from there to its recipient." in preview
    parts = "SELECT count(*) FROM fulfilment_order WHERE merged_into IS NOT NULL"
    assert world.one(parts) == 0
    done = person.post(path, reason="one door").text
    assert ("They leave as 1 parcel." in done, world.one(parts)) == (True, 1)
    (ids,) = re.findall(r'name="ids" value="([^"]+)"', done)
    person.post("/orders/bulk?action=separate", ids=ids, reason="a mistake")
    assert world.one(parts) == 0
    said = [action for _, _, action in console.audited()]
    assert said == ["order.merge_many", "order.separate_many"]
    assert console.person("finance").get(path).status_code == 403
