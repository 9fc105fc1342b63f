"""Each sorter puts first what it says; without it the code decides."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub.model.errors import BadData
from hub.rules.routing.rulebook.distance import km_between, middle_of
from hub.rules.routing.rulebook.routing_rules import KINDS
from hub.rules.routing.sourcing import Demand, Goods, Load, Plan, Request, Warehouse, parse, plan
from hub.rules.routing.unfilled import reasons_of

D = Decimal
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ORDER = Request("NL", "shop", NOON, region="NH", postal_code="1012 AB", value=D(20), currency="EUR")
AMSTERDAM, BERLIN, PARIS = (52.37, 4.90), (52.52, 13.40), (48.86, 2.35)
CENTROIDS = {"NL": {"10": AMSTERDAM, "": (52.2, 5.3)}}
ZONES = [
    {"zone": "city", "countries": ["NL"], "ranges": [{"first": "10"}]},
    {"zone": "all", "countries": ["NL", "DE"]},
]
RATES = [
    {
        "warehouse": "a",
        "zone": "city",
        "bands": [{"up_to_g": 1000, "amount": "2"}, {"amount": "9"}],
    },
    {"warehouse": "b", "zone": "city", "bands": [{"amount": "5"}]},
    {"warehouse": "a", "zone": "all", "bands": [{"amount": "8"}]},
    {"warehouse": "b", "zone": "all", "bands": [{"up_to_g": 5000, "amount": "7"}]},
]
COST = {"sort": "cost", "currency": "EUR", "zones": ZONES, "rates": RATES}


def pots(quantity: int = 1, grams: int = 600) -> list[Demand]:
    return [Demand(1, "POT", D(quantity), "acme", goods=Goods(weight_g=D(grams)))]


def place(code: str, has: int = 9, **given: Any) -> Warehouse:
    return Warehouse(code, {"POT": D(has)}, **given)


def went(done: Plan) -> list[tuple[str, int]]:
    return [(one.warehouse, int(one.quantity)) for one in done.allocations]


FAR, NEAR = place("a", point=BERLIN), place("b", point=PARIS)
BUSY, IDLE = place("a", load=Load(open=5)), place("b", load=Load(open=4))
YOUNG = place("a", load=Load(since={("acme", "POT"): NOON}))
OLD = place("b", load=Load(since={("acme", "POT"): NOON.replace(year=2025)}))


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ({"sort": "priority", "order": ["b"]}, [place("a"), place("b")]),
        ({"sort": "distance", "centroids": CENTROIDS}, [FAR, NEAR]),
        ({"sort": "distance"}, [place("a", country="DE"), place("b", country="NL")]),
        ({"sort": "distance"}, [place("a", country="NL"), place("b", country="NL", region="NH")]),
        ({"sort": "distance", "centroids": CENTROIDS}, [place("a", country="NL"), FAR, NEAR][::2]),
        (COST, [place("a"), place("b")]),
        ({"sort": "load"}, [BUSY, IDLE]),
        ({"sort": "load"}, [place("a"), IDLE]),
        ({"sort": "stock_age"}, [YOUNG, OLD]),
        ({"sort": "stock_age"}, [place("a"), OLD]),
        ({"sort": "fewest_splits"}, [place("a", has=1), place("b")]),
    ],
)
def test_a_sorter_puts_first_what_it_says_and_without_it_the_code_decides(
    written: dict[str, Any], places: list[Warehouse]
) -> None:
    assert went(plan(pots(2), places, parse([written]), ORDER)) == [("b", 2)]
    if written["sort"] != "fewest_splits":
        assert went(plan(pots(2), places, (), ORDER)) == [("a", 2)]


def test_every_sorter_is_tried() -> None:
    assert set(KINDS["sort"]) == {
        "priority", "distance", "cost", "load", "stock_age", "fewest_splits"
    }  # fmt: skip


def test_kilometres_are_those_of_the_globe() -> None:
    assert km_between(AMSTERDAM, PARIS) == pytest.approx(430, abs=3)
    assert km_between(BERLIN, AMSTERDAM) == pytest.approx(577, abs=3)
    assert km_between((0, 179.5), (0, -179.5)) == pytest.approx(111.2, abs=0.1)
    assert km_between(PARIS, PARIS) == 0


def test_the_longest_beginning_of_a_postal_code_says_where_it_is() -> None:
    assert middle_of(CENTROIDS, "NL", "1012AB") == AMSTERDAM
    assert middle_of(CENTROIDS, "NL", "9999") == (52.2, 5.3)
    assert middle_of(CENTROIDS, "NL", None) == (52.2, 5.3)
    assert middle_of(CENTROIDS, "DE", "10") is None


@pytest.mark.parametrize(
    ("grams", "changes", "first"),
    [
        (1000, {}, "a"),
        (1001, {}, "b"),
        (100, {"postal_code": "2000"}, "b"),
        (5001, {"postal_code": "2000"}, "a"),
        (5001, {"country": "FR"}, "a"),
    ],
)
def test_a_rate_is_found_by_zone_and_weight(
    grams: int, changes: dict[str, Any], first: str
) -> None:
    done = plan(pots(1, grams), [place("a"), place("b")], parse([COST]), replace(ORDER, **changes))
    assert went(done) == [(first, 1)]


def test_the_weight_is_that_of_all_pieces() -> None:
    assert went(plan(pots(2, 600), [place("a"), place("b")], parse([COST]), ORDER)) == [("b", 2)]


@pytest.mark.parametrize(("below", "parts"), [("20.01", []), ("20.00", [("a", 2), ("b", 2)])])
def test_an_order_of_little_value_is_not_split(below: str, parts: list[tuple[str, int]]) -> None:
    rules = parse(
        [{"sort": "fewest_splits", "do_not_split_below": below}, {"fallback": "backorder"}]
    )
    done = plan(pots(4), [place("a", has=2), place("b", has=2)], rules, ORDER)
    assert went(done) == parts
    if not parts:
        (reason,) = reasons_of(done)
        assert reason["message"] == (
            "no warehouse has all of it: POT; goods worth 20 are not split, those below 20.01 "
            "never are"
        )
        whole = plan(pots(4), [place("a", has=2), place("b", has=4)], rules, ORDER)
        assert went(whole) == [("b", 4)]


def test_sorters_go_by_priority_first() -> None:
    rules = [
        {"sort": "priority", "order": ["a"]},
        {"sort": "priority", "order": ["b"], "priority": 2},
    ]
    assert went(plan(pots(), [place("a"), place("b")], parse(rules), ORDER)) == [("b", 1)]


@pytest.mark.parametrize(
    ("written", "path", "code"),
    [
        ({"sort": "distance", "centroids": {"NLD": {}}}, "", "unknown_code"),
        ({"sort": "distance", "centroids": {"NL": {"10": [91, 0]}}}, "centroids.NL.10.0",
         "less_than_equal"),
        ({**COST, "rates": [{**RATES[0], "zone": "moon"}]}, "", "unknown_code"),
        ({**COST, "rates": [{**RATES[0], "bands": RATES[0]["bands"][::-1]}]}, "rates.0",
         "bad_range"),
        ({**COST, "zones": []}, "zones", "missing_field"),
        ({"sort": "fewest_splits", "do_not_split_below": "much"}, "do_not_split_below",
         "bad_number"),
    ],
)  # fmt: skip
def test_what_is_no_sorter_is_refused_with_its_path(
    written: dict[str, Any], path: str, code: str
) -> None:
    with pytest.raises(BadData) as refused:
        parse([written])
    assert (refused.value.path, refused.value.code) == (f"rules.0.{path}".rstrip("."), code)
