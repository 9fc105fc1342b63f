"""Reading a merchant's routing rules, and refusing what is not one."""

from datetime import time

import pytest

from hub.model.errors import BadData
from hub.rules.routing.rulebook.filters import CutOff, ShipsTo
from hub.rules.routing.rulebook.routing_rules import DEFAULT_RULES, Fallback, parse
from hub.rules.routing.rulebook.sorters import FewestSplits, Priority


def test_the_rules_of_the_contract_are_read():
    rules = parse(
        [
            {"filter": "ships_to", "warehouse": "wh-ams", "countries": ["NL", "be", "DE"]},
            {"sort": "fewest_splits"},
            {"sort": "priority", "order": ["wh-ams", "wh-ber"]},
            {"fallback": "backorder"},
        ]
    )
    assert rules == (
        ShipsTo(filter="ships_to", warehouse="wh-ams", countries=("NL", "BE", "DE")),
        FewestSplits(sort="fewest_splits"),
        Priority(sort="priority", order=("wh-ams", "wh-ber")),
        Fallback(fallback="backorder"),
    )


def test_a_cut_off_is_a_time_of_day_in_a_zone():
    rule = {"filter": "cut_off", "warehouse": "a", "time": "15:30", "zone": "Europe/Berlin"}
    assert parse([rule]) == (
        CutOff(filter="cut_off", warehouse="a", time="15:30", zone="Europe/Berlin"),
    )
    assert parse([rule])[0].time == time(15, 30)


def test_without_rules_one_warehouse_is_preferred_and_the_rest_is_held():
    assert parse([]) == ()
    assert parse([{"sort": "fewest_splits"}, {"fallback": "hold"}]) == DEFAULT_RULES


def test_next_best_leaves_out_the_cut_off_unless_told_otherwise():
    assert parse([{"fallback": "next_best"}])[0].ignored == {"cut_off"}
    named = parse([{"fallback": "next_best", "ignore": ["ships_to", "channel"]}])[0]
    assert named.ignored == {"ships_to", "channel"}


@pytest.mark.parametrize(
    ("rule", "path", "code"),
    [
        ({}, "rules.1", "bad_data"),
        ("stock", "rules.1", "bad_data"),
        ({"filter": "stock", "sort": "distance"}, "rules.1", "bad_data"),
        ({"sort": "mood"}, "rules.1.sort", "unknown_code"),
        ({"filter": "weather"}, "rules.1.filter", "unknown_code"),
        ({"sort": ["distance"]}, "rules.1.sort", "unknown_code"),
        ({"fallback": "pray"}, "rules.1.fallback", "unknown_code"),
        ({"sort": "distance", "currency": "EUR"}, "rules.1.currency", "unknown_field"),
        ({"filter": "ships_to", "countries": ["NL"]}, "rules.1.warehouse", "missing_field"),
        (
            {"filter": "ships_to", "warehouse": "a", "countries": []},
            "rules.1.countries",
            "missing_field",
        ),
        (
            {"filter": "ships_to", "warehouse": "a", "countries": ["NLD"]},
            "rules.1.countries.0",
            "unknown_code",
        ),
        # unquoted NO in YAML is a truth value
        (
            {"filter": "ships_to", "warehouse": "a", "countries": [False]},
            "rules.1.countries.0",
            "wrong_type",
        ),
        # unquoted 15:00 in YAML is a number
        ({"filter": "cut_off", "warehouse": "a", "time": 900}, "rules.1.time", "bad_time"),
        ({"filter": "cut_off", "warehouse": "a", "time": "24:00"}, "rules.1.time", "bad_time"),
        (
            {"filter": "cut_off", "warehouse": "a", "time": "15:00", "zone": "../passwd"},
            "rules.1.zone",
            "unknown_code",
        ),
        ({"filter": "capability", "needs": []}, "rules.1.needs", "missing_field"),
        ({"sort": "priority", "order": []}, "rules.1.order", "missing_field"),
        ({"fallback": "hold", "ignore": ["stock"]}, "rules.1", "unknown_field"),
        ({"fallback": "next_best", "ignore": ["x"]}, "rules.1.ignore.0", "unknown_code"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_path(rule, path, code):
    with pytest.raises(BadData) as refused:
        parse([{"sort": "distance"}, rule])
    assert (refused.value.path, refused.value.code) == (path, code)


def test_the_path_starts_where_the_caller_says():
    with pytest.raises(BadData) as refused:
        parse([{"sort": "x"}], path="routing.0.rules")
    assert refused.value.path == "routing.0.rules.0.sort"
