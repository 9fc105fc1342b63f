"""A warehouse that refused an order is out of its later plans, until a person or a change says
otherwise; and nothing goes round in circles.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.flows.config import pause
from hub.flows.orders import order_requests, reconsider
from hub.model.errors import Rejected
from hub.store.orders import fulfilments
from tests.flows.orders.test_going_on import apply, order, rules, standing, sweep
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world import ONCE, Bells, Merchant, World
from workers.drain import drain
from workers.schedule.chores import look_again

BACKORDER = {"fallback": "backorder"}


@pytest.fixture
def refused(world: World) -> World:
    """The one warehouse that has the goods answers no, always."""
    rules(world, BACKORDER)
    world.at("wh").answers = [Rejected("we do not ship this")] * 50
    order(world, lines=[("A", 2)])
    return world


def review(world: World) -> None:
    """Everything that looks at the order again."""
    world.stock("wh", A=5)
    sweep(world)
    with world.unit() as made:
        reconsider.reconsider(made, [world.order().id], None)
    with world.unit() as made:
        order_requests.reconsider(made, world.order().id, "ann")
    world.run()
    sweep(world)
    world.later(3600)
    sweep(world)


def test_a_refusing_warehouse_is_told_once_and_the_order_says_so(refused: World) -> None:
    facts = ["rules:acme", "stock:acme:A"]
    assert standing(refused) == ("open", ["no_route"], facts)
    (reason,) = refused.order().hold_reasons
    assert reason["message"] == (
        "no warehouse may ship this order: A; wh is ruled out: it could not ship this before"
    )
    review(refused)
    assert refused.statuses() == ["rejected"]
    order(refused, minute=3, lines=[("A", 3)])
    order(refused, minute=4, lines=[("A", 3)], ship_to=elsewhere())
    review(refused)
    assert refused.statuses() == ["rejected"]
    assert standing(refused) == ("open", ["no_route"], facts)
    assert refused.stock_state()["A"][1] == 0
    refused.check_books()


def elsewhere() -> dict[str, Any]:
    return {**sales_order()["ship_to"], "city": "Utrecht", "postal_code": "3511"}


def test_a_held_order_is_not_planned_there_again_either(world: World) -> None:
    world.at("wh").answers = [Rejected("we do not ship this")] * 50
    order(world, lines=[("A", 2)])
    assert standing(world)[:2] == ("held", ["no_route"])
    review(world)
    with world.unit() as made:
        order_requests.release(made, world.order().id, "ann", ())
    world.run()
    assert (world.statuses(), world.order().status) == (["rejected"], "held")


def test_a_person_who_reroutes_lifts_it(refused: World) -> None:
    refused.at("wh").answers = []
    with refused.unit() as made:
        order_requests.reroute(made, refused.order().id, "ann")
    refused.run()
    assert refused.statuses() == ["rejected", "notified"]
    assert standing(refused) == ("open", [], [])


def test_a_changed_rule_lifts_it(refused: World) -> None:
    refused.at("wh").answers = []
    apply(refused, "routing: [{merchant: acme, rules: [{fallback: hold}]}]")
    sweep(refused)
    assert refused.statuses() == ["rejected", "notified"]


def test_a_changed_warehouse_lifts_it(refused: World) -> None:
    refused.at("wh").answers = []
    apply(
        refused,
        """connections: [{code: wh, kind: warehouse, adapter: generic_warehouse, merchant: acme,
          country: NL, secrets: {webhook_secret: "env:NONE"}}]""",
    )
    sweep(refused)
    assert refused.statuses() == ["rejected", "notified"]


def test_a_warehouse_that_is_paused_and_resumed_has_not_changed_its_mind(refused: World) -> None:
    refused.sql("UPDATE connection SET status = 'paused' WHERE code = 'wh'")
    review(refused)
    with refused.unit() as unit:
        pause.resume(unit, "wh")
    review(refused)
    assert refused.statuses() == ["rejected"]


def test_what_a_person_moves_away_from_a_warehouse_stays_away(world: World) -> None:
    rules(world, BACKORDER)
    order(world, lines=[("A", 2)])
    with world.unit() as made:
        order_requests.reroute(made, world.order().id, "ann")
    number = world.at("wh").told[0][2].fulfilment_order_id  # type: ignore[attr-defined]
    world.run()
    world.tell("wh", status(number, "cancelled", reason="as you wish"), key=number)
    world.run()
    review(world)
    assert world.statuses() == ["cancelled"]
    assert standing(world)[:2] == ("open", ["no_route"])


# --- circles --------------------------------------------------------------------------------------


def test_a_circle_of_any_kind_ends_in_an_incident_that_says_what_happened(world: World) -> None:
    """A channel that tells an order anew again and again, each time before anybody was told."""
    rules(world, BACKORDER)
    lane = world.one("SELECT id FROM lane WHERE connection = 'shop' AND direction = 'in'")
    for minute in range(30):
        where = elsewhere() if minute % 2 else sales_order()["ship_to"]
        world.tell("shop", sales_order(minute=minute, ship_to=where), key="1001")
        drain(world.engine, lane, ONCE)
    assert world.statuses() == ["cancelled"] * 12  # one warehouse, and ten more
    ((kind, sentence),) = world.sql("SELECT kind, sentence FROM incident")
    assert kind == "planned_in_circles"
    assert sentence == (
        "order #1001 was planned and let go of 12 times within an hour (wh 12): reroute it"
    )
    assert standing(world)[:2] == ("open", ["no_route"])
    with world.unit() as made:
        order_requests.reroute(made, world.order().id, "ann")
    world.run()
    assert world.statuses() == ["cancelled"] * 12 + ["notified"]


# --- any sequence of refusals ---------------------------------------------------------------------

WORDS = ("rejected", "cancelled", "short", "part")
"""How a warehouse refuses, all or the rest."""


@st.composite
def towns(draw: st.DrawFn) -> dict[str, Any]:
    number = draw(st.integers(1, 4))
    return {
        "shelves": [
            {sku: draw(st.integers(0, 4)) for sku in ("A", "B")} for _ in range(number)
        ],
        "comes_in": draw(st.booleans()),
        "words": draw(st.lists(st.sampled_from(WORDS), min_size=8, max_size=8)),
        "rules": draw(
            st.lists(
                st.sampled_from([
                    BACKORDER,
                    {"fallback": "hold"},
                    {"sort": "fewest_splits", "split_lines": False},
                    {"filter": "stock"},
                    {"fallback": "next_best"},
                ]),
                max_size=3,
                unique_by=str,
            )
        ),
        "lines": [("A", draw(st.integers(1, 4))), ("B", draw(st.integers(1, 3)))],
    }  # fmt: skip


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(towns())
def test_no_sequence_of_refusals_makes_more_plans_than_warehouses(
    new_merchant: Callable[..., Merchant], drawn: dict[str, Any]
) -> None:
    """Whatever lies where, whatever the rules, and in whatever words one warehouse after the other
    refuses what it has. Where stock comes in meanwhile, each time makes one plan more at most.
    """
    acme = new_merchant(A=0, B=0)
    world = acme.world
    codes = [f"{acme.at_wh.code}-{at}" for at in range(len(drawn["shelves"]))]
    for code, shelf in zip(codes, drawn["shelves"], strict=True):
        acme.warehouse(code, **shelf)
    rules(world, *drawn["rules"], merchant=acme.code)
    acme.order(1, lines=drawn["lines"])
    came_in, words = 0, iter(drawn["words"])
    for turn in range(8):
        world.run()
        living = [one for one in _plans(acme) if one.status == "notified"]
        if living:
            refusing, word = min(one.warehouse for one in living), next(words)
            for one in living:
                if one.warehouse == refusing:
                    _refuse(acme, one, word)
        world.run()
        if drawn["comes_in"] and turn % 3 == 2:
            world.stock(codes[0], acme.code, A=2, B=2)
            came_in += 1
        look_again(world.store, Bells())  # type: ignore[arg-type]
    plans = _plans(acme)
    assert len({one.created_at for one in plans}) <= len(codes) + came_in, plans
    for one in plans:
        if one.status != "shipped":  # and has refused: nothing goes there any more
            assert not [after for after in plans if after.warehouse == one.warehouse
                        and after.created_at > one.updated_at], plans  # fmt: skip
    assert "planned_in_circles" not in acme.incidents()
    (row,) = acme.rows("SELECT status, hold_reasons FROM sales_order WHERE merchant_id = :merchant")
    assert row.status == "completed" or row.hold_reasons or plans[-1].status == "notified"
    world.check_books()


def _plans(acme: Merchant) -> list[Any]:
    """Fulfilment orders with their first lines, as they were planned."""
    return acme.rows(
        """SELECT f.id, warehouse, status, f.created_at, f.updated_at, min(line_no) AS line_no
        FROM fulfilment_order AS f JOIN fulfilment_line ON fulfilment_order_id = f.id
        WHERE f.merchant_id = :merchant GROUP BY 1, 2, 3, 4, 5 ORDER BY 4, 2"""
    )


def _refuse(acme: Merchant, one: Any, word: str) -> None:
    told: dict[str, Any]
    number = fulfilments.number(one.id)
    if word == "part":
        told = shipment(number, lines=[(one.line_no, 1)])
    elif word == "short":
        short = [{"line_no": one.line_no, "quantity": "1"}]
        told = {**shipment(number), "packages": [], "short": short}
    else:
        told = status(number, word)
    told["source"]["connection"] = one.warehouse
    acme.world.tell(one.warehouse, told, key=number)
