"""Clocks where people see them: on the page of what needs attention, and over the Open API."""

from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console
from tests.kit.world.gateway import Gateway


def test_what_stands_too_long_is_on_the_page_with_its_orders(console: Console):
    console.world.tell("shop", sales_order(1001, payment_state="pending"), key="1001")
    console.world.run()
    person = console.person("operator")
    page = person.get("/waiting").text
    assert "Not routed" in page
    assert "/waiting/clock?clock=not_routed&amp;connection=shop&amp;every=1" in page
    assert "#1001" in person.get("/waiting/clock?clock=not_routed&every=1").text
    assert "#1001" not in person.get("/waiting/clock?clock=not_routed").text
    console.world.sql("UPDATE sales_order SET received_at = now() - interval '5 hours'")
    late = person.get("/waiting/clock?clock=not_routed&connection=shop").text
    assert "#1001" in late
    assert "Too long" in late
    assert person.get("/waiting/clock?clock=nonsense").headers["Location"] == "/waiting"
    assert console.person("finance").get("/waiting/clock?clock=not_routed").status_code == 403


def test_clocks_are_counted_and_listed_over_the_open_api(gateway: Gateway):
    key = gateway.key("orders:read")
    answer = gateway.call("GET", "clocks", key)
    assert (answer.status_code, answer.get_json()) == (200, {"items": []})
    assert gateway.call("GET", "clocks/orders", key).status_code == 422
    listed = gateway.call("GET", "clocks/orders?clock=not_routed", key)
    assert listed.get_json() == {"items": [], "next_cursor": None}
