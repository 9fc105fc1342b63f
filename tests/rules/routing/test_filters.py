"""Each filter rules out what it says and no more; taken away, the warehouse ships."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub.model.errors import BadData
from hub.rules.routing.rulebook.routing_rules import KINDS
from hub.rules.routing.sourcing import Demand, Goods, Load, Plan, Request, Warehouse, parse, plan
from hub.rules.routing.unfilled import waits_of

D = Decimal
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday
ORDER = Request(
    "NL", "shop-eu", NOON, region="NH", postal_code="1012 ab", tags=frozenset({"VIP"}),
    value=D("40.00"), currency="EUR", carrier="DHL", service="express",
)  # fmt: skip
CHILLED = Goods(frozenset({"Food/Fish"}), frozenset({"chilled"}), D(500))
LOAD = {"today": {"UTC": (3, D(7))}}

# fmt: off
RULES: list[tuple[dict[str, Any], str]] = [
    ({"filter": "ships_to", "countries": ["DE"]}, "ships to DE, not to NL"),
    ({"filter": "ships_to", "countries": ["NL"], "regions": ["UT"]},
     "ships to the regions UT only"),
    ({"filter": "postal", "country": "NL", "ranges": [{"first": "2000", "last": "9999"}]},
     "ships only to some postal codes of NL; this is none it ships to"),
    ({"filter": "postal", "country": "NL", "ranges": [{"first": "10"}], "can": False},
     "does not ship to some postal codes of NL; this is none it ships to"),
    ({"filter": "channel", "channels": ["shop-us"]}, "works for shop-us only"),
    ({"filter": "carrier", "carriers": ["UPS"]}, "sends only by ups; the order asks for DHL"),
    ({"filter": "carrier", "carriers": ["dhl"], "services": ["economy"]},
     "sends only by economy; the order asks for express"),
    ({"filter": "carrier", "services": ["Express"], "can": False},
     "does not send by express; the order asks for express"),
    ({"filter": "cut_off", "time": "12:00"}, "takes no more after 12:00 UTC"),
    ({"filter": "calendar", "days": ["tue"]}, "takes no orders on 2026-03-02 (mon)"),
    ({"filter": "calendar", "holidays": ["2026-03-02"]}, "takes no orders on 2026-03-02 (mon)"),
    ({"filter": "calendar", "days": ["mon"], "zone": "Pacific/Auckland"},
     "takes no orders on 2026-03-03 (tue)"),
    ({"filter": "capacity", "orders": 3}, "takes 3 orders a day, and has them"),
    ({"filter": "capacity", "pieces": 8}, "takes 8 pieces a day, and has 7"),
    ({"filter": "order_tag", "tags": ["gift"]}, "ships only orders with the tags gift"),
    ({"filter": "order_tag", "tags": ["vip"], "can": False}, "ships no orders with the tags vip"),
    ({"filter": "order_value", "currency": "EUR", "at_least": "40.01"},
     "ships goods worth 40.01 EUR or more"),
    ({"filter": "order_value", "currency": "EUR", "at_most": "39.99"},
     "ships goods worth at most 39.99 EUR"),
    ({"filter": "goods", "categories": ["Toys"]}, "does not ship FISH: other goods only"),
    ({"filter": "goods", "skus": ["FISH"], "can": False}, "does not ship FISH: it is left out"),
    ({"filter": "goods_need", "attribute": "chilled", "needs": ["cold_chain"]},
     "cannot do cold_chain, which chilled goods need"),
    ({"filter": "stock", "all": True}, "does not have all of the goods"),
    ({"filter": "capability", "needs": ["hazmat"]}, "cannot do hazmat"),
]
PASS: list[dict[str, Any]] = [
    {"filter": "ships_to", "countries": ["NL"], "regions": ["NH"]},
    {"filter": "postal", "country": "NL", "ranges": [{"first": "1000", "last": "1012"}]},
    {"filter": "postal", "country": "NL", "ranges": [{"first": "1013"}], "can": False},
    {"filter": "postal", "country": "DE", "ranges": [{"first": "9"}]},
    {"filter": "carrier", "carriers": ["dhl"]},
    {"filter": "carrier", "carriers": ["ups"], "can": False},
    {"filter": "cut_off", "time": "12:01"},
    {"filter": "calendar", "holidays": ["2026-03-03"]},
    {"filter": "capacity", "orders": 4},
    {"filter": "capacity", "pieces": 9},
    {"filter": "order_tag", "tags": ["vip", "gift"]},
    {"filter": "order_tag", "tags": ["gift"], "can": False},
    {"filter": "order_value", "currency": "EUR", "at_least": "40.00", "at_most": "40.00"},
    {"filter": "order_value", "currency": "USD", "at_least": "900"},
    {"filter": "goods", "categories": ["Food/Fish"]},
    {"filter": "goods", "skus": ["OTHER"], "can": False},
    {"filter": "goods_need", "attribute": "frozen", "needs": ["cold_chain"]},
]
# fmt: on


def fish(quantity: int = 2, line_no: int = 1) -> Demand:
    return Demand(line_no, "FISH", D(quantity), "acme", goods=CHILLED)


def warehouse(code: str = "a", has: int = 9, **given: Any) -> Warehouse:
    return Warehouse(code, {"FISH": D(has), "MUG": D(9)}, load=Load(**LOAD), **given)


def rule(written: dict[str, Any], code: str = "a") -> dict[str, Any]:
    about = KINDS["filter"][written["filter"]].model_fields
    return {**written, "warehouse": code} if "warehouse" in about else written


def ruled_out(done: Plan, code: str = "a") -> tuple[str, str] | None:
    entries = [one for one in done.reasoning if one.get("warehouse") == code]
    (entry,) = entries[:1]
    return (entry["rule"], entry["why"]) if entry["verdict"] == "ruled_out" else None


@pytest.mark.parametrize(("written", "why"), RULES)
def test_a_filter_rules_a_warehouse_out_and_says_why_and_without_it_the_order_goes(
    written: dict[str, Any], why: str
) -> None:
    place = warehouse(has=1 if written["filter"] == "stock" else 9)
    done = plan([fish()], [place], parse([rule(written)]), ORDER)
    assert ruled_out(done) == (written["filter"], why)
    assert (done.allocations, done.reason) == ((), "no_route")
    without = plan([fish(1)], [place], (), ORDER)
    assert [one.warehouse for one in without.allocations] == ["a"]


@pytest.mark.parametrize("written", PASS)
def test_a_filter_lets_go_what_it_does_not_speak_of(written: dict[str, Any]) -> None:
    done = plan([fish()], [warehouse()], parse([rule(written)]), ORDER)
    assert ruled_out(done) is None
    assert [one.warehouse for one in done.allocations] == ["a"]


def test_every_filter_is_tried() -> None:
    assert {written["filter"] for written, _ in RULES} == set(KINDS["filter"])


@pytest.mark.parametrize(("written", "why"), RULES)
def test_a_filter_of_one_warehouse_is_none_of_the_others(written: dict[str, Any], why: str) -> None:
    if "warehouse" not in rule(written):
        return
    done = plan([fish()], [warehouse(), warehouse("b")], parse([rule(written)]), ORDER)
    assert [one.warehouse for one in done.allocations] == ["b"], why


def test_an_address_without_a_code_goes_nowhere_that_asks_for_one() -> None:
    rules = parse([rule({"filter": "postal", "country": "NL", "ranges": [{"first": "1"}]})])
    done = plan([fish()], [warehouse()], rules, replace(ORDER, postal_code=None))
    assert ruled_out(done) == (
        "postal", "ships only to some postal codes of NL, and the address has none"
    )  # fmt: skip


def test_an_order_that_asks_for_no_carrier_may_go() -> None:
    rules = parse([rule({"filter": "carrier", "carriers": ["ups"]})])
    done = plan([fish()], [warehouse()], rules, replace(ORDER, carrier=None, service=None))
    assert ruled_out(done) is None


@pytest.mark.parametrize(
    ("written", "opens"),
    [
        ({"filter": "cut_off", "time": "09:00", "zone": "Europe/Berlin"}, "2026-03-02T23:00:00Z"),
        ({"filter": "calendar", "days": ["fri"]}, "2026-03-06T00:00:00Z"),
        ({"filter": "calendar", "days": ["tue", "thu"], "holidays": ["2026-03-03"]},
         "2026-03-05T00:00:00Z"),
        ({"filter": "capacity", "orders": 1}, "2026-03-03T00:00:00Z"),
    ],
)  # fmt: skip
def test_what_passes_by_itself_says_when(written: dict[str, Any], opens: str) -> None:
    done = plan([fish()], [warehouse()], parse([rule(written)]), ORDER)
    assert f"time:{opens}" in waits_of(done, "acme", "shop-eu")


def test_an_order_larger_than_a_day_goes_where_there_is_nothing_yet() -> None:
    rules = parse([rule({"filter": "capacity", "pieces": 1})])
    idle = replace(warehouse(), load=Load(today={"UTC": (0, D(0))}))
    assert ruled_out(plan([fish()], [idle], rules, ORDER)) is None


def test_a_line_that_a_warehouse_may_not_ship_comes_from_another_and_the_reasoning_says_so() -> (
    None
):
    rules = parse([{"filter": "goods_need", "attribute": "chilled", "needs": ["cold_chain"]}])
    cold = warehouse("cold", capabilities=frozenset({"cold_chain"}))
    mug = Demand(2, "MUG", D(1), "acme")
    nearly = replace(cold, available={"FISH": D(9)})
    done = plan([fish(), mug], [warehouse("a"), nearly], rules, ORDER)
    assert {(one.warehouse, one.sku) for one in done.allocations} == {
        ("cold", "FISH"),
        ("a", "MUG"),
    }
    (entry,) = (one for one in done.reasoning if one["warehouse"] == "a")
    why = "cannot do cold_chain, which chilled goods need"
    assert entry["may_not"] == [{"line_no": 1, "rule": "goods_need", "why": why}]
    together = plan([fish(), mug], [warehouse("a"), cold], rules, ORDER)
    assert {one.warehouse for one in together.allocations} == {"cold"}


# --- priority and validity ------------------------------------------------------------------------

USUAL = rule({"filter": "cut_off", "time": "15:00"})
FESTIVE = {**USUAL, "time": "11:00", "priority": 1, "from": "2026-03-02", "until": "2026-03-03"}


@pytest.mark.parametrize(
    ("at", "against"),
    [
        (datetime(2026, 3, 1, 12, tzinfo=UTC), None),
        (datetime(2026, 3, 2, 10, tzinfo=UTC), None),
        (datetime(2026, 3, 2, 12, tzinfo=UTC), "takes no more after 11:00 UTC"),
        (datetime(2026, 3, 3, 23, 59, tzinfo=UTC), "takes no more after 11:00 UTC"),
        (datetime(2026, 3, 4, 12, tzinfo=UTC), None),
        (datetime(2026, 3, 4, 15, tzinfo=UTC), "takes no more after 15:00 UTC"),
    ],
)
def test_a_rule_for_some_days_stands_in_for_the_usual_one(
    at: datetime, against: str | None
) -> None:
    done = plan([fish()], [warehouse()], parse([USUAL, FESTIVE]), replace(ORDER, at=at))
    assert ruled_out(done) == (None if against is None else ("cut_off", against))


def test_with_the_same_priority_they_are_alternatives() -> None:
    done = plan([fish()], [warehouse()], parse([USUAL, {**FESTIVE, "priority": 0}]), ORDER)
    assert ruled_out(done) is None


def test_an_order_waits_for_a_rule_that_ends() -> None:
    closed = rule({"filter": "channel", "channels": ["x"], "until": "2026-03-05T08:00:00Z"})
    done = plan([fish()], [warehouse()], parse([closed]), ORDER)
    assert done.reason == "no_route"
    assert "time:2026-03-05T08:00:00Z" in waits_of(done, "acme", "shop-eu")
    later = plan([fish()], [warehouse()], parse([closed]), replace(ORDER, at=NOON.replace(day=6)))
    assert later.unfilled == ()


@pytest.mark.parametrize(
    ("written", "path", "code"),
    [
        ({"filter": "postal", "country": "NL", "ranges": []}, "ranges", "missing_field"),
        ({"filter": "postal", "country": "NL", "ranges": [{"first": 1000}]}, "ranges.0.first",
         "wrong_type"),
        ({"filter": "postal", "country": "NL", "ranges": [{"first": "9", "last": "1"}]}, "ranges.0",
         "bad_range"),
        ({"filter": "carrier"}, "", "missing_field"),
        ({"filter": "calendar", "days": ["monday"]}, "days.0", "unknown_code"),
        ({"filter": "calendar", "holidays": ["25.12.2026"]}, "holidays.0", "bad_time"),
        ({"filter": "capacity"}, "", "missing_field"),
        ({"filter": "capacity", "orders": 0}, "orders", "greater_than_equal"),
        ({"filter": "order_tag", "tags": []}, "tags", "missing_field"),
        ({"filter": "order_value", "currency": "EUR"}, "", "missing_field"),
        ({"filter": "order_value", "currency": "EUR", "at_least": "9", "at_most": "1"}, "",
         "bad_range"),
        ({"filter": "goods"}, "", "missing_field"),
        ({"filter": "goods_need", "attribute": "chilled", "needs": []}, "needs", "missing_field"),
        ({"filter": "stock", "from": "yesterday"}, "from", "bad_time"),
        ({"filter": "stock", "from": "2026-03-02", "until": "2026-03-01"}, "", "bad_time"),
        ({"filter": "stock", "priority": "high"}, "priority", "wrong_type"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_its_path(
    written: dict[str, Any], path: str, code: str
) -> None:
    with pytest.raises(BadData) as refused:
        parse([rule(written)])
    assert refused.value.path == f"rules.0.{path}".rstrip(".")
    assert refused.value.code == code
