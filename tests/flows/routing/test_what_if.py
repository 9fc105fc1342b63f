"""A decision is kept with the rules it was made under and what it was made on; made again by the
same rules it comes to what happened, by others to something else, and nothing is touched.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.flows.routing import what_if
from hub.model.errors import BadData, NotFound, Rejected
from tests.flows.orders.test_going_on import apply, order, rules, sweep
from tests.kit.world import Bells, World
from workers.schedule.chores import try_rules

SPLIT = [{"sort": "priority", "order": ["wh-2"]}, {"fallback": "backorder"}]
ZONES = [{"zone": "all", "countries": ["NL"]}]
RATES = [
    {"warehouse": code, "zone": "all", "bands": [{"amount": amount}]}
    for code, amount in (("wh", "4.50"), ("wh-2", "6.00"))
]
COST = {"sort": "cost", "currency": "EUR", "zones": ZONES, "rates": RATES}


@pytest.fixture
def week(world: World) -> World:
    """Orders of all kinds: whole, split, partly waiting, refused once, gone on later."""
    takes = ["fulfilment_order", "fulfilment_cancellation"]
    world.connect("wh-2", "warehouse", takes=takes)
    rules(world, *SPLIT)
    world.stock("wh-2", A=3, B=40)
    for number in range(1001, 1008):
        order(world, number, lines=[("A", 1), ("B", 2)])
    order(world, 1008, lines=[("A", 50)])
    world.at("wh-2").answers = [Rejected("not this one")]
    order(world, 1009, lines=[("B", 1)])
    world.stock("wh", A=60)
    sweep(world)
    return world


def run(world: World, wanted: list[dict[str, Any]] | None = None) -> what_if.Run:
    now = datetime.now(UTC) + timedelta(days=1)
    with world.unit() as unit:
        made = what_if.begin(unit, "acme", now - timedelta(days=8), now, wanted)
    going = True
    while going:
        with world.unit() as unit:
            going = what_if.go_on(unit, made)
    return made


def everything(world: World) -> list[Any]:
    rows = world.sql("SELECT * FROM stock_level ORDER BY warehouse, sku")
    parts = world.sql("SELECT id, status FROM fulfilment_order ORDER BY id")
    return [rows, parts, world.sql("SELECT id, status, version FROM sales_order ORDER BY id")]


def test_a_week_under_the_same_rules_is_what_happened(
    week: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "SLICE", 4)
    before = everything(week)
    made = run(week)
    decisions = week.one("SELECT count(*) FROM routing_decision")
    assert made.tally.counts["decisions"] == made.total == decisions
    assert decisions > 9
    assert made.tally.counts["changed"] == 0
    assert made.tally.counts["parcels_before"] == made.tally.counts["parcels_after"]
    assert (made.moved, everything(week)) == ([], before)
    gone = week.sql(
        """SELECT count(*) AS parcels, sum((SELECT sum(ordered) FROM fulfilment_line AS line
        WHERE line.fulfilment_order_id = fo.id)) AS pieces FROM fulfilment_order AS fo"""
    )
    assert [(row.parcels, row.pieces) for row in gone] == [
        (made.tally.counts["parcels_before"], made.tally.counts["pieces_before"])
    ]


def test_other_rules_say_what_would_have_gone_elsewhere_and_what_that_costs(week: World) -> None:
    made = run(week, [COST, {"sort": "fewest_splits"}, {"fallback": "backorder"}])
    counts = made.tally.counts
    assert counts["changed"] == len(made.moved) > 0
    assert counts["priced"] == counts["decisions"]
    first = made.moved[0]
    assert {gone["warehouse"] for gone in first["before"]["went"]} == {"wh-2"}
    assert {gone["warehouse"] for gone in first["after"]["went"]} == {"wh"}
    assert (first["before"]["cost"], first["after"]["cost"]) == ("6.00", "4.50")


def test_without_splitting_there_are_fewer_parcels(week: World) -> None:
    rules_ = [{"filter": "stock", "all": True}, *SPLIT]
    counts = run(week, rules_).tally.counts
    assert counts["pieces_after"] < counts["pieces_before"]


def test_one_order_is_made_again_decision_by_decision(week: World) -> None:
    with week.unit() as unit:
        made = what_if.of_order(unit, week.order("1009").id, None)
    assert [row["changed"] for row in made] == [False] * len(made)
    assert made[0]["before"]["went"][0]["warehouse"] == "wh-2"
    assert made[1]["before"]["went"][0]["warehouse"] == "wh"
    (excluded,) = (one for one in made[1]["reasoning"] if one.get("rule") == "excluded")
    assert excluded["warehouse"] == "wh-2"


def test_wrong_rules_and_unknown_orders_are_refused(week: World) -> None:
    with pytest.raises(BadData) as refused:
        run(week, [{"sort": "moon"}])
    assert refused.value.path == "rules.0.sort"
    with week.unit() as unit, pytest.raises(NotFound):
        what_if.of_order(unit, week.one("SELECT gen_random_uuid()"), None)


def test_a_decision_names_the_version_of_the_rules_it_was_made_under(world: World) -> None:
    order(world, 1001, lines=[("A", 1)])
    for number, fallback in ((1002, "backorder"), (1003, "hold")):
        apply(world, f"routing: [{{merchant: acme, rules: [{{fallback: {fallback}}}]}}]")
        order(world, number, lines=[("A", 1)])
    apply(world, "routing: [{merchant: acme, rules: [{fallback: hold}]}]")
    found = world.sql("SELECT rules_owner, rules_version FROM routing_decision ORDER BY id")
    assert [tuple(row) for row in found] == [(None, None), ("acme", 1), ("acme", 2)]
    kept = world.sql("SELECT version, rules, author FROM routing_version ORDER BY version")
    assert [tuple(row) for row in kept] == [
        (1, [{"fallback": "backorder"}], "ann"),
        (2, [{"fallback": "hold"}], "ann"),
    ]


def test_a_run_that_was_queued_is_done_slice_by_slice(
    week: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "SLICE", 4)
    rules_ = [COST, {"sort": "fewest_splits"}, {"fallback": "backorder"}]
    now = datetime.now(UTC)
    with week.unit() as unit:
        begun = what_if.begin(unit, "acme", now - timedelta(days=1), now, rules_)
        job = what_if.queue(unit, begun)
    with week.unit() as unit:
        assert what_if.work_on(unit)
    (half,) = week.sql("SELECT status, done, total FROM job WHERE id = :id", id=job.id)
    assert (half.status, half.done) == ("running", 4)
    try_rules(week.store, Bells())  # type: ignore[arg-type]
    (row,) = week.sql("SELECT status, done, total, detail FROM job WHERE id = :id", id=job.id)
    assert (row.status, row.done) == ("done", row.total)
    directly = run(week, rules_)
    assert row.detail["changed"] == directly.tally.counts["changed"] > 0
    assert row.detail["cost_after"] == directly.tally.counts["cost_after"]
    assert len(row.detail["moved"]) == len(directly.moved)
