"""Which warehouse ships what: exact plans, and laws that every plan obeys."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations
from json import dumps

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.routing.sourcing import Demand, Plan, Request, Warehouse, parse, plan

D = Decimal
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TO_NL = Request("NL", "shop-eu", NOON)
BACKORDER = parse([{"fallback": "backorder"}])


def need(line_no, sku, quantity, merchant="acme", needs=()):
    return Demand(line_no, sku, D(quantity), merchant, frozenset(needs))


def has(code, **given):
    stock = {sku: D(n) for sku, n in given.pop("stock", {}).items()}
    return Warehouse(code, stock, **given)


def took(a_plan):
    return [(one.warehouse, one.line_no, int(one.quantity)) for one in a_plan.allocations]


def why(a_plan, warehouse):
    entry = next(one for one in a_plan.reasoning if one.get("warehouse") == warehouse)
    return (entry["verdict"], entry.get("rule"), entry.get("why"))


def test_one_warehouse_that_has_all_is_preferred_to_two_that_come_first():
    stock = [has("a", stock={"A": 9}), has("b", stock={"B": 9}), has("c", stock={"A": 9, "B": 9})]
    rules = parse([{"sort": "fewest_splits"}, {"sort": "priority", "order": ["a", "b", "c"]}])
    done = plan([need(1, "A", 1), need(2, "B", 1)], stock, rules, TO_NL)
    assert took(done) == [("c", 1, 1), ("c", 2, 1)]
    assert (done.unfilled, done.fallback, done.reason) == ((), None, None)


def test_among_equals_priority_decides_then_the_code():
    stock = [has("c", stock={"A": 1}), has("b", stock={"A": 1}), has("a", stock={"A": 1})]
    assert took(plan([need(1, "A", 1)], stock, (), TO_NL)) == [("a", 1, 1)]
    rules = parse([{"sort": "priority", "order": ["c"]}])
    assert took(plan([need(1, "A", 1)], stock, rules, TO_NL)) == [("c", 1, 1)]


def test_priority_placed_before_fewest_splits_counts_more():
    stock = [has("a", stock={"A": 1}), has("b", stock={"A": 1, "B": 1})]
    rules = parse([{"sort": "priority", "order": ["a", "b"]}, {"sort": "fewest_splits"}])
    done = plan([need(1, "A", 1), need(2, "B", 1)], stock, rules, TO_NL)
    assert took(done) == [("a", 1, 1), ("b", 2, 1)]


def test_lines_stay_whole_where_they_can():
    stock = [has("a", stock={"A": 2, "B": 1}), has("b", stock={"B": 2})]
    done = plan([need(1, "A", 2), need(2, "B", 2)], stock, (), TO_NL)
    assert took(done) == [("a", 1, 2), ("b", 2, 2)]


def test_a_line_is_split_only_where_no_one_has_it_all_and_rules_allow():
    stock = [has("a", stock={"A": 2}), has("b", stock={"A": 3})]
    assert took(plan([need(1, "A", 5)], stock, BACKORDER, TO_NL)) == [("a", 1, 2), ("b", 1, 3)]
    whole = parse([{"sort": "fewest_splits", "split_lines": False}, {"fallback": "backorder"}])
    done = plan([need(1, "A", 5)], stock, whole, TO_NL)
    assert (took(done), done.unfilled) == ([], (need(1, "A", 5),))


def test_the_same_sku_on_two_lines_shares_one_stock():
    done = plan([need(1, "A", 2), need(2, "A", 2)], [has("a", stock={"A": 3})], BACKORDER, TO_NL)
    assert took(done) == [("a", 1, 2), ("a", 2, 1)]
    assert done.unfilled == (need(2, "A", 1),)


def test_backorder_ships_what_there_is_and_hold_reserves_nothing():
    stock = [has("a", stock={"A": 3})]
    later = plan([need(1, "A", 5)], stock, BACKORDER, TO_NL)
    assert (later.fallback, later.reason) == ("backorder", "out_of_stock")
    assert later.to_reserve == later.allocations
    held = plan([need(1, "A", 5)], stock, (), TO_NL)
    assert (held.fallback, held.reason, held.to_reserve) == ("hold", "out_of_stock", ())
    assert held.reasoning[-1] == {
        "fallback": "hold",
        "reason": "out_of_stock",
        "unfilled": [{"line_no": 1, "sku": "A", "quantity": "2"}],
    }


@pytest.mark.parametrize(
    ("rule", "given_", "words"),
    [
        (
            {"filter": "ships_to", "warehouse": "a", "countries": ["DE", "FR"]},
            {},
            "ships to DE, FR, not to NL",
        ),
        (
            {"filter": "ships_to", "warehouse": "a", "countries": ["NL"], "regions": ["NH"]},
            {},
            "ships to the regions NH only",
        ),
        (
            {"filter": "channel", "warehouse": "a", "channels": ["shop-us"]},
            {},
            "works for shop-us only",
        ),
        (
            {"filter": "cut_off", "warehouse": "a", "time": "13:00", "zone": "Europe/Amsterdam"},
            {},
            "takes no more after 13:00 Europe/Amsterdam",
        ),
        ({"filter": "capability", "needs": ["cold_chain"]}, {}, "cannot do cold_chain"),
        ({"filter": "stock"}, {"stock": {"A": 0}}, "has none of the goods"),
        ({"filter": "stock", "all": True}, {"stock": {"A": 1}}, "does not have all of the goods"),
    ],
)
def test_the_rule_that_rules_a_warehouse_out_is_named(rule, given_, words):
    done = plan(
        [need(1, "A", 2)], [has("a", **{"stock": {"A": 9}, **given_})], parse([rule]), TO_NL
    )
    assert why(done, "a") == ("ruled_out", rule["filter"], words)
    assert (took(done), done.fallback, done.reason) == ([], "hold", "no_route")


def test_a_warehouse_with_just_enough_has_all_of_the_goods():
    rules = parse([{"filter": "stock", "all": True}])
    assert took(plan([need(1, "A", 2)], [has("a", stock={"A": 2})], rules, TO_NL)) == [("a", 1, 2)]


@pytest.mark.parametrize(
    ("given_", "rule"),
    [({"active": False}, "paused"), ({"merchant": "other"}, "merchant")],
)
def test_a_warehouse_that_may_not_at_all_is_ruled_out(given_, rule):
    done = plan([need(1, "A", 1)], [has("a", stock={"A": 1}, **given_)], (), TO_NL)
    assert why(done, "a")[:2] == ("ruled_out", rule)


def test_a_warehouse_that_refused_before_is_left_out_of_the_new_plan():
    stock = [has("a", stock={"A": 1}), has("b", stock={"A": 1})]
    again = Request("NL", "shop-eu", NOON, exclude=frozenset({"a"}))
    done = plan([need(1, "A", 1)], stock, (), again)
    assert took(done) == [("b", 1, 1)]
    assert why(done, "a") == ("ruled_out", "excluded", "it could not ship this before")


def test_rules_that_name_one_warehouse_are_alternatives():
    rules = parse(
        [
            {"filter": "ships_to", "warehouse": "a", "countries": ["DE"]},
            {"filter": "ships_to", "warehouse": "a", "countries": ["NL"], "regions": ["NH"]},
        ]
    )
    stock = [has("a", stock={"A": 1})]
    at_home = Request("NL", "shop-eu", NOON, region="NH")
    assert took(plan([need(1, "A", 1)], stock, rules, at_home)) == [("a", 1, 1)]
    elsewhere = plan([need(1, "A", 1)], stock, rules, TO_NL)
    assert why(elsewhere, "a")[2] == "ships to DE, not to NL; ships to the regions NH only"


def test_a_cut_off_holds_from_its_minute_on():
    rules = parse([{"filter": "cut_off", "warehouse": "a", "time": "12:00"}])
    stock = [has("a", stock={"A": 1})]
    before = Request("NL", "shop-eu", NOON.replace(hour=11, minute=59))
    assert took(plan([need(1, "A", 1)], stock, rules, before)) == [("a", 1, 1)]
    assert plan([need(1, "A", 1)], stock, rules, TO_NL).reason == "no_route"


def test_next_best_tries_again_without_the_ignored_filters():
    rules = parse(
        [
            {"filter": "cut_off", "warehouse": "a", "time": "12:00"},
            {"fallback": "next_best"},
            {"fallback": "backorder"},
        ]
    )
    done = plan([need(1, "A", 1)], [has("a", stock={"A": 1})], rules, TO_NL)
    assert (took(done), done.fallback) == ([("a", 1, 1)], None)
    assert {"fallback": "next_best", "ignored": ["cut_off"]} in done.reasoning
    still = plan([need(1, "A", 2)], [has("a", stock={"A": 1})], rules, TO_NL)
    assert (took(still), still.fallback) == ([("a", 1, 1)], "backorder")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"country": "NL"}, {"country": "DE"}),
        ({"country": "NL"}, {}),
        ({"country": "NL", "region": "NH"}, {"country": "NL"}),
        ({"country": "NL", "region": "NH"}, {"country": "DE", "region": "NH"}),
    ],
)
def test_the_nearest_comes_first(first, second):
    stock = [has("a", stock={"A": 1}, **second), has("z", stock={"A": 1}, **first)]
    request = Request("NL", "shop-eu", NOON, region="NH")
    assert took(plan([need(1, "A", 1)], stock, parse([{"sort": "distance"}]), request)) == [
        ("z", 1, 1)
    ]


def test_goods_of_several_merchants_come_from_where_each_may_be_kept():
    stock = [
        Warehouse("own", {"A": D(9), "B": D(9)}, merchant="acme"),
        Warehouse("shared", {("bolt", "A"): D(9), ("bolt", "B"): D(1)}),
    ]
    done = plan([need(1, "A", 1), need(2, "B", 2, "bolt")], stock, BACKORDER, TO_NL)
    assert took(done) == [("own", 1, 1), ("shared", 2, 1)]
    assert [one.merchant for one in done.allocations] == ["acme", "bolt"]
    assert done.unfilled == (need(2, "B", 1, "bolt"),)


def test_goods_go_only_where_their_needs_can_be_met():
    stock = [has("a", stock={"A": 1}), has("b", stock={"A": 1}, capabilities=frozenset({"cold"}))]
    assert took(plan([need(1, "A", 1, needs={"cold"})], stock, (), TO_NL)) == [("b", 1, 1)]


def test_every_warehouse_considered_stands_in_the_reasoning_as_plain_data():
    stock = [has("a", stock={"A": 1}), has("b", stock={"A": 1}), has("c"), has("d", active=False)]
    done = plan([need(1, "A", 1)], stock, parse([{"sort": "distance"}]), TO_NL)
    assert [(one["warehouse"], one["verdict"]) for one in done.reasoning] == [
        *(("d", "ruled_out"), ("a", "chosen"), ("b", "not_needed"), ("c", "no_stock"))
    ]
    assert done.reasoning[1] == {
        "warehouse": "a",
        "verdict": "chosen",
        "rank": 1,
        "by": ["fewest_splits", "distance"],
        "took": [{"line_no": 1, "sku": "A", "quantity": "1"}],
    }
    assert dumps(done.reasoning)


def test_part_pieces_on_a_shelf_are_not_promised():
    done = plan([need(1, "A", 3)], [Warehouse("a", {"A": D("2.9")})], BACKORDER, TO_NL)
    assert took(done) == [("a", 1, 2)]


def test_nothing_wanted_needs_nobody():
    assert plan([need(1, "A", 0)], [], (), TO_NL) == Plan((), (), None, None, ())


def test_many_lines_over_many_warehouses_take_the_fullest_first():
    stock = [has(f"w{n:02}", stock={f"S{k}": 1 for k in range(n)}) for n in range(30)]
    demand = [need(k + 1, f"S{k}", 1) for k in range(29)]
    done = plan(demand, stock, (), TO_NL)
    assert {one.warehouse for one in done.allocations} == {"w29"}
    more = plan([*demand, need(30, "S28", 1)], stock, BACKORDER, TO_NL)
    assert (len(more.allocations), len(more.unfilled)) == (29, 1)


skus = st.sampled_from(["A", "B", "C"])
demands = st.lists(st.tuples(skus, st.integers(1, 5)), min_size=1, max_size=4)
stocks = st.lists(st.dictionaries(skus, st.integers(-2, 6)), min_size=1, max_size=4)
rule_sets = st.lists(
    st.sampled_from(
        [
            {"sort": "fewest_splits"},
            {"sort": "fewest_splits", "split_lines": False},
            {"sort": "priority", "order": ["w1"]},
            {"filter": "stock"},
            {"filter": "stock", "all": True},
            {"filter": "ships_to", "warehouse": "w0", "countries": ["DE"]},
            {"fallback": "next_best", "ignore": ["ships_to", "stock"]},
            {"fallback": "backorder"},
        ]
    ),
    max_size=4,
)


def made(demand, stock):
    return (
        [need(at, sku, quantity) for at, (sku, quantity) in enumerate(demand, start=1)],
        [has(f"w{at}", stock=shelf) for at, shelf in enumerate(stock)],
    )


@given(demands, stocks, rule_sets)
def test_no_plan_takes_more_than_there_is_or_more_than_is_wanted(demand, stock, rules):
    wanted, warehouses = made(demand, stock)
    done = plan(wanted, warehouses, parse(rules), TO_NL)
    for warehouse in warehouses:
        for sku, there in warehouse.available.items():
            mine = [
                one for one in done.allocations if (one.warehouse, one.sku) == (warehouse.code, sku)
            ]
            assert sum(one.quantity for one in mine) <= max(there, 0)
    for one in wanted:
        planned = sum(a.quantity for a in done.allocations if a.line_no == one.line_no)
        missing = sum(u.quantity for u in done.unfilled if u.line_no == one.line_no)
        assert planned + missing == one.quantity
    assert all(one.quantity > 0 for one in done.allocations)
    assert (done.fallback is None) == (not done.unfilled)


@given(demands, stocks, rule_sets, st.randoms(use_true_random=False))
def test_the_order_in_which_warehouses_are_listed_changes_nothing(demand, stock, rules, rng):
    wanted, warehouses = made(demand, stock)
    shuffled = rng.sample(warehouses, len(warehouses))
    assert plan(wanted, warehouses, parse(rules), TO_NL) == plan(
        wanted, shuffled, parse(rules), TO_NL
    )


@given(demands, stocks)
def test_nobody_could_do_it_with_fewer_warehouses_nor_fill_more(demand, stock):
    wanted, warehouses = made(demand, stock)
    done = plan(wanted, warehouses, BACKORDER, TO_NL)

    def reach(group):
        total = D(0)
        for sku in {one.sku for one in wanted}:
            there = sum((max(one.available.get(sku, D(0)), D(0)) for one in group), D(0))
            total += min(there, sum(one.quantity for one in wanted if one.sku == sku))
        return total

    filled = sum((one.quantity for one in done.allocations), D(0))
    assert filled == reach(warehouses)
    if not done.unfilled:
        used = len({one.warehouse for one in done.allocations})
        fewer = combinations(warehouses, used - 1)
        assert all(reach(group) < filled for group in fewer)


def test_a_fallback_with_articles_is_for_orders_of_which_nothing_else_is_missing():
    stock = [has("a", stock={"A": 1, "B": 1, "C": 9})]
    rules = parse([{"fallback": "backorder", "skus": ["A", "B"]}])

    def ends(**pieces):
        demand = [need(at, sku, n) for at, (sku, n) in enumerate(pieces.items(), start=1)]
        done = plan(demand, stock, rules, TO_NL)
        return (done.fallback, len(done.to_reserve))

    assert ends(A=2, C=1) == ("backorder", 2)
    assert ends(A=2, B=2) == ("backorder", 2)
    assert ends(A=2, C=10) == ("hold", 0)
    assert ends(C=10) == ("hold", 0)
    assert ends(A=1, C=9) == (None, 2)
