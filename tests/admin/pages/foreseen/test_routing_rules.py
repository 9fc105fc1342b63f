"""Routing rules tried on what was decided, before anybody saves them."""

from tests.admin.pages.test_pages import text_of
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console


def test_rules_are_tried_on_an_order_and_on_a_week_and_nothing_is_kept(console: Console):
    console.world.tell("shop", sales_order(1001), key="1001")
    console.world.run()
    person = console.person("operator")
    page = person.get("/routing").text
    assert "rules:" in page
    assert 'href="/routing"' in person.get("/warehouses").text
    before = console.world.sql("SELECT count(*) FROM routing_decision"), console.audited()
    for number in ("", "#1001"):
        answer = person.post("/routing", merchant="acme", order=number, rules="rules: []")
        assert answer.status_code == 200
        assert "What they would have come to" in answer.text
    assert "the same" in text_of(answer.text)
    assert (console.world.sql("SELECT count(*) FROM routing_decision"), console.audited()) == before


def test_rules_that_are_wrong_and_orders_that_are_none_are_named(console: Console):
    person = console.person("operator")
    person.get("/routing")
    for rules, number, said in (
        ("rules: [", "", "no YAML"),
        ("warehouses: []", "", "and nothing else"),
        ("rules: [{kind: nothing}]", "", "rules"),
        ("rules: []", "77", "acme has no order 77."),
    ):
        answer = person.post("/routing", merchant="acme", order=number, rules=rules)
        assert answer.status_code == 422
        assert said in text_of(answer.text)
    assert person.post("/routing", merchant="nobody", rules="rules: []").status_code == 404
