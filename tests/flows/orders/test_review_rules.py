"""Review rules at work: orders held, let go, changed and sent on by them; the file brings them."""

import functools
import json
from datetime import timedelta
from typing import Any

import pytest

from adapters.kit.settings_check import Known
from hub.flows.config import applying
from hub.flows.orders import order_requests, reconsider
from hub.store.config import secrets
from hub.store.orders import orders
from tests.kit.catalogue import refund, sales_order, shipment
from tests.kit.world import World


def sweep(world: World) -> None:
    """The sweep comes by, at the world's time."""
    with world.unit() as unit:
        unit.at = world.clock()
        while reconsider.look_again(unit):
            pass
    world.run()


def rules(world: World, *wanted: dict[str, Any]) -> None:
    """`orderhub apply` with these review rules."""
    known = Known(functools.partial(secrets.reveal, world.store.vault))
    text = json.dumps({"review": [{"merchant": "acme", "rules": list(wanted)}]})
    with world.unit() as unit:
        applying.apply(unit, text, known, "ann")
    world.run()


def rule(when: dict[str, Any] | None = None, name: str = "r", **then: Any) -> dict[str, Any]:
    return {"name": name, "when": when or {}, "then": then}


def order(world: World, number: int = 1001, **changes: Any) -> Any:
    world.tell("shop", sales_order(number, **changes), key=str(number))
    world.run()
    return world.order(str(number))


def holds(row: Any) -> list[str]:
    return [reason["code"] for reason in row.hold_reasons]


def noted(world: World, event: str) -> list[Any]:
    rows = world.sql("SELECT detail FROM timeline WHERE event = :event ORDER BY id", event=event)
    return [row.detail for row in rows]


def document(world: World, number: int = 1001) -> Any:
    with world.unit() as unit:
        rows = orders.load_by_channel(unit.db, unit.vault, [("shop", str(number))])
        return rows["shop", str(number)].document


def test_without_rules_nothing_is_asked(world: World) -> None:
    assert order(world).status == "open"
    assert noted(world, "ruled") == []


def test_what_a_rule_holds_names_the_rule_and_goes_when_the_rule_does(world: World) -> None:
    rules(world, rule({"value": {"at_least": "30"}}, "dear", hold="risk", because="call first"))
    row = order(world)
    assert (row.status, holds(row)) == ("held", ["risk"])
    assert row.hold_reasons[0]["message"] == "rule 'dear': call first"
    assert noted(world, "ruled") == [{"rules": ["dear: hold risk"]}]
    rules(world)
    sweep(world)
    assert (world.order().status, world.statuses()) == ("open", ["notified"])


def test_a_channel_that_rates_an_order_high_has_it_held_and_a_rule_may_approve_that(
    world: World,
) -> None:
    risk = {"level": "high", "reasons": ["card from another country"]}
    row = order(world, risk=risk)
    assert (row.status, holds(row)) == ("held", ["risk"])
    assert "card from another country" in row.hold_reasons[0]["message"]
    assert order(world, 1002, risk={"level": "medium"}).status == "open"
    rules(world, rule({"risk": "high", "channels": ["shop"]}, "trusted", approve=["risk"]))
    sweep(world)
    assert world.order().status == "open"
    assert noted(world, "ruled")[-1] == {"rules": ["trusted: approve risk"]}


def test_a_person_may_waive_what_a_rule_holds_for(world: World) -> None:
    rules(world, rule(hold="review"))
    row = order(world)
    assert holds(row) == ["review"]
    with world.unit() as unit:
        assert order_requests.release(unit, row.id, "ann", ["review"]) == "open"


def test_an_order_waits_and_goes_by_itself_when_its_moment_comes(world: World) -> None:
    until = world.clock() + timedelta(minutes=30)
    rules(world, rule(name="pre-order", wait={"until": until.isoformat()}))
    row = order(world)
    assert (row.status, holds(row)) == ("held", ["not_before"])
    sweep(world)
    assert world.order().status == "held"
    world.later(31 * 60)
    sweep(world)
    assert (world.order().status, world.statuses()) == ("open", ["notified"])


def test_many_that_wait_for_moments_of_their_own_all_go(world: World) -> None:
    rules(world, rule(wait={"minutes": 10, "after": "placed"}))
    now = world.clock()
    for at in range(3):
        placed = (now + timedelta(minutes=3 * at)).isoformat()
        assert holds(order(world, 1001 + at, placed_at=placed)) == ["not_before"]
    world.later(11 * 60)
    sweep(world)
    assert world.statuses("sales_order") == ["open", "held", "held"]
    world.later(6 * 60)
    sweep(world)
    assert world.statuses("sales_order") == ["open", "open", "open"]


def test_a_rule_that_ends_lets_go_what_it_held(world: World) -> None:
    until = world.clock() + timedelta(minutes=5)
    rules(world, {**rule(hold="review"), "until": until.isoformat()})
    assert order(world).status == "held"
    world.later(6 * 60)
    sweep(world)
    assert world.order().status == "open"


def test_a_first_order_is_known_by_its_customer_and_of_two_at_once_one_is_the_first(
    world: World,
) -> None:
    rules(world, rule({"first_order": True}, hold="review"))
    ada = {"customer": {"email": "Ada@example.com"}}
    for number in (1001, 1002):
        world.tell("shop", sales_order(number, **ada), key=str(number))
    world.run()
    assert world.statuses("sales_order") == ["held", "open"]
    assert order(world, 1003, customer={"email": "ada@EXAMPLE.com"}).status == "open"
    assert order(world, 1004, customer={"email": "bob@example.com"}).status == "held"
    assert order(world, 1005, customer=None).status == "open"


def test_pieces_of_one_customer_are_counted_over_orders(world: World) -> None:
    rules(world, rule({"customer_buys": {"more_than": 4, "hours": 24}}, hold="review"))
    ada = {"customer": {"email": "ada@example.com"}, "lines": [("A", 2)]}
    assert order(world, 1001, **ada).status == "open"
    assert order(world, 1002, **ada).status == "open"
    assert order(world, 1003, **ada).status == "held"
    assert order(world, 1004, **ada | {"lines": [("B", 2)]}).status == "open"


def test_the_list_price_is_the_products(world: World) -> None:
    rules(world, rule({"price_below_list": "0.5"}, hold="review"))
    assert order(world, 1001).status == "open"
    world.sql(
        """UPDATE product SET document = document || '{"price": "20.01", "currency": "EUR"}'
        WHERE sku = 'A'"""
    )
    assert order(world, 1002).status == "held"


def test_tags_carrier_and_gift_reach_the_warehouse_and_the_channel_hears_of_no_gift(
    world: World,
) -> None:
    gift = {"sku": "B", "quantity": 2}
    rules(world, rule(tags=["vip"], carrier="dhl", gift=gift))
    order(world, lines=[("A", 1)])
    (notice,) = [it for kind, _, it in world.at("wh").told if kind == "fulfilment_order"]
    assert notice.delivery.carrier == "dhl"
    assert [(line.line_no, line.sku, line.quantity) for line in notice.lines] == [
        (1, "A", 1),
        (9001, "B", 2),
    ]
    stored = document(world)
    assert (stored.tags, stored.totals.grand_total) == (("vip",), 10)
    order(world, lines=[("A", 1)], minute=1, note="told anew")
    assert document(world).delivery.carrier == "dhl"
    assert [line.sku for line in document(world).lines] == ["A", "B"]
    assert world.statuses() == ["notified"]
    world.tell("wh", shipment(notice.fulfilment_order_id), key=notice.fulfilment_order_id)
    world.run()
    assert world.order().status == "completed"
    (shop,) = [it for kind, _, it in world.at("shop").told if kind == "shipment"]
    assert [line.sku for line in shop.order.lines] == ["A"]
    (erp,) = [it for kind, _, it in world.at("erp").told if kind == "shipment"]
    assert [line.sku for line in erp.order.lines] == ["A", "B"]


def test_what_rules_change_is_decided_anew_until_the_order_goes(world: World) -> None:
    rules(
        world,
        rule({"value": {"at_least": "30"}}, "dear", gift={"sku": "B"}),
        rule({"note": True}, "noted", hold="review"),
    )
    order(world, lines=[("A", 3)], note="x")
    assert [line.sku for line in document(world).lines] == ["A", "B"]
    order(world, lines=[("A", 2)], note="x", minute=1)
    assert [line.sku for line in document(world).lines] == ["A"]
    order(world, lines=[("A", 3)], minute=2)
    assert [line.sku for line in document(world).lines] == ["A", "B"]
    assert world.order().status == "open"


@pytest.mark.parametrize(("how", "left"), [("prefer", "wh"), ("force", None)])
def test_a_warehouse_is_preferred_or_the_only_one(world: World, how: str, left: str | None) -> None:
    world.merchant().warehouse("xh", A=1)
    rules(world, rule(warehouse={how: "xh"}))
    where = "SELECT warehouse FROM fulfilment_order ORDER BY id"
    order(world, lines=[("A", 1)])
    assert [row.warehouse for row in world.sql(where)] == ["xh"]
    row = order(world, 1002, lines=[("A", 1)])
    assert [it.warehouse for it in world.sql(where)] == ["xh", *([left] if left else [])]
    assert row.status == ("open" if left else "held")


def test_nothing_leaves_while_pieces_of_it_are_refunded(world: World) -> None:
    rules(world, rule({"note": True}, hold="review"))
    order(world, note="x", lines=[("A", 2)])
    line = {"channel_line_id": "1001-1", "sku": "A", "quantity": "1", "amount": "5.00"}
    world.tell("shop", refund(lines=[line]), key="1001")
    world.run()
    row = order(world, lines=[("A", 2)], minute=1)
    assert (row.status, holds(row)) == ("held", ["refund_in_progress"])
    lines = sales_order(1001, lines=[("A", 2)])["lines"]
    row = order(world, lines=[lines[0] | {"cancelled_quantity": "1"}], minute=2,
                totals=sales_order(1001, lines=[("A", 2)])["totals"])  # fmt: skip
    assert (row.status, holds(row)) == ("open", [])


def test_money_alone_given_back_holds_nothing(world: World) -> None:
    world.tell("shop", refund(), key="1001")
    world.run()
    assert order(world).status == "open"
