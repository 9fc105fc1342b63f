"""What review rules say of an order: each condition, each action, and who decides where they
differ.
"""

from datetime import timedelta
from decimal import Decimal

import pytest

from hub.model.document import Address
from hub.model.errors import BadData
from hub.model.order import Payment, Risk
from hub.rules.orders import review_effects, reviewing
from hub.rules.orders.review_effects import Effects
from hub.rules.orders.review_rules import When, gifts_of, parse, rules_of
from hub.rules.orders.reviewing import CONDITIONS, Bought, ReviewFacts
from tests.rules.builders import AT, line, order

FACTS = ReviewFacts(AT, "shop-eu")


def facts(**given):
    return ReviewFacts(**{"at": AT, "channel": "shop-eu", **given})


def rule(when=None, then=None, **more):
    return {"name": "r", "when": when or {}, "then": then or {"hold": "review"}, **more}


def asked(an_order, *rules, by=FACTS):
    return reviewing.ask(parse(rules), an_order, by)


def codes(an_order, *rules, by=FACTS):
    return [reason.code for reason in asked(an_order, *rules, by=by).against]


def at(**address):
    return Address(**{"name": "Ada", "lines": ["Main Street 1"], "country": "NL", **address})


EARLIER = [Bought(AT - timedelta(hours=2), "A", Decimal(4))]
FITTING = {
    "channels": (["shop-eu"], {}, FACTS, ({}, facts(channel="shop-us"))),
    "countries": (["NL"], {"ship_to": at()}, FACTS, ({"ship_to": at(country="BE")}, FACTS)),
    "postal_codes": (
        ["10*", "9999"], {"ship_to": at(postal_code="1015")}, FACTS,
        ({"ship_to": at(postal_code="2015")}, FACTS),
    ),
    "risk": (
        "medium", {"risk": Risk(level="high")}, FACTS, ({"risk": Risk(level="low")}, FACTS),
    ),
    "value": (
        {"at_least": "10.00", "currency": "EUR"}, {}, FACTS, ({"currency": "USD"}, FACTS),
    ),
    "note": (True, {"note": "please ring"}, FACTS, ({}, FACTS)),
    "tags": (["VIP*"], {"tags": ["vip-gold"]}, FACTS, ({"tags": ["gold"]}, FACTS)),
    "skus": (["A*"], {}, FACTS, ({"lines": (line(sku="B"),)}, FACTS)),
    "po_box": (
        True, {"ship_to": at(lines=["P.O. Box 7"])}, FACTS,
        ({"ship_to": at(lines=["Box Lane 7"])}, FACTS),
    ),
    "address": (
        ["*freight*", "12 dock road*"], {"ship_to": at(company="Acme Freight Ltd")}, FACTS,
        ({"ship_to": at()}, FACTS),
    ),
    "first_order": (True, {}, facts(is_first=True), ({}, facts(is_first=None))),
    "price_below_list": (
        "0.5", {}, facts(lists={"A": (Decimal("20.01"), "EUR")}),
        ({}, facts(lists={"A": (Decimal("20.00"), "EUR")})),
    ),
    "customer_buys": (
        {"more_than": 4, "hours": 3}, {}, facts(bought=EARLIER),
        ({}, facts(bought=[Bought(AT - timedelta(hours=4), "A", Decimal(4))])),
    ),
}  # fmt: skip
"""Condition -> what it asks, an order that meets it with its facts, and one that does not."""


def test_every_condition_is_held_to_an_order_that_meets_it_and_one_that_does_not():
    assert FITTING.keys() == CONDITIONS.keys() == When.model_fields.keys()


@pytest.mark.parametrize("name", FITTING)
def test_a_condition_decides(name):
    wanted, given, by, (otherwise, by_then) = FITTING[name]
    assert codes(_order(given), rule({name: wanted}), by=by) == ["review"]
    assert codes(_order(otherwise), rule({name: wanted}), by=by_then) == []


def _order(given):
    return order(*given.get("lines", ()), **{k: v for k, v in given.items() if k != "lines"})


def test_all_that_a_rule_asks_must_hold():
    both = rule({"channels": ["shop-eu"], "note": True})
    assert codes(order(), both) == []
    assert codes(order(note="x"), both) == ["review"]


@pytest.mark.parametrize(
    ("street", "is_box"),
    [
        ("PO Box 12", True), ("Post Office Box 3", True), ("Postfach 44", True),
        ("postbus 9", True), ("BP 12", True), ("Packstation 101", True),
        ("北京市100080信箱", True), ("Poststraat 1", False), ("Boxhagener Str. 5", False),
    ],
)  # fmt: skip
def test_a_post_box_is_known_in_many_languages(street, is_box):
    found = codes(order(ship_to=at(lines=[street])), rule({"po_box": True}))
    assert bool(found) is is_box


def test_the_value_has_two_ends():
    between = rule({"value": {"at_least": "5", "at_most": "9.99"}})
    assert codes(order(line(unit_price="9.99")), between) == ["review"]
    assert codes(order(line(unit_price="10.00")), between) == []
    assert codes(order(line(unit_price="4.99")), between) == []


def test_a_discount_counts_against_the_list_price():
    cheap = line(unit_price="10.00", discount="6.00")
    by = facts(lists={"A": (Decimal(10), None)})
    assert codes(order(cheap), rule({"price_below_list": "0.5"}), by=by) == ["review"]
    by = facts(lists={"A": (Decimal(10), "USD")})
    assert codes(order(cheap), rule({"price_below_list": "0.5"}), by=by) == []


def test_what_a_customer_buys_is_counted_by_article():
    limit = rule({"customer_buys": {"more_than": 4, "hours": 24, "sku": "B"}})
    assert codes(order(line(sku="A")), limit, by=facts(bought=EARLIER)) == []
    assert codes(order(line(sku="B", quantity=5)), limit) == ["review"]
    assert codes(order(line(sku="B", quantity=4)), limit) == []


# --- what is done ---------------------------------------------------------------------------------


def test_a_hold_names_its_rule_and_says_why():
    (reason,) = asked(order(), rule(then={"hold": "risk", "because": "call first"})).against
    assert reason.as_dict() == {"path": "", "code": "risk", "message": "rule 'r': call first"}


def test_the_first_rule_that_speaks_of_a_reason_decides_by_priority_then_by_place():
    hold = rule(then={"hold": "risk"})
    approve = rule(then={"approve": ["risk"]}, name="trusted")
    assert codes(order(), hold, approve) == ["risk"]
    assert codes(order(), approve, hold) == []
    assert codes(order(), hold, {**approve, "priority": 1}) == []
    assert asked(order(), {**approve, "priority": 1}, hold).approved == {"risk"}


def test_a_rule_counts_while_it_is_in_force():
    later = {**rule(), "from": (AT + timedelta(hours=1)).isoformat()}
    over = {**rule(), "until": AT.isoformat()}
    ends = {**rule(), "until": (AT + timedelta(hours=1)).isoformat()}
    assert codes(order(), later) == codes(order(), over) == []
    decision = asked(order(), ends)
    assert [one.code for one in decision.against] == ["review"]
    assert decision.until == AT + timedelta(hours=1)


@pytest.mark.parametrize(
    ("wait", "until"),
    [
        ({"minutes": 30}, AT + timedelta(minutes=40)),
        ({"minutes": 30, "after": "placed"}, AT + timedelta(minutes=30)),
        ({"until": "2026-12-24T08:00:00.5Z"}, None),
    ],
)
def test_an_order_waits_from_its_payment_its_placing_or_for_a_moment(wait, until):
    paid = Payment(amount="10", currency="EUR", at=AT + timedelta(minutes=10))
    decision = asked(order(payments=(paid,)), rule(then={"wait": wait}))
    assert [one.code for one in decision.against] == ["not_before"]
    assert decision.until == (until or AT.replace(month=12, day=24, hour=8, minute=0, second=1))
    again = asked(order(payments=(paid,)), rule(then={"wait": wait}), by=facts(at=decision.until))
    assert (again.against, again.until) == ((), None)


def test_the_longest_wait_counts_and_can_be_approved_away():
    waits = [rule(then={"wait": {"minutes": n}}, name=str(n)) for n in (5, 60, 30)]
    assert asked(order(), *waits).until == AT + timedelta(minutes=60)
    assert codes(order(), rule(then={"approve": ["not_before"]}, name="vip"), *waits) == []


DOES = {
    "tags": ["vip"],
    "carrier": "dhl",
    "warehouse": {"force": "wh-ams"},
    "gift": {"sku": "MUG", "quantity": 2},
}


def test_what_a_rule_changes_is_on_the_order_and_can_be_taken_back():
    plain = order(line(), line(2, requires_shipping=False), tags=["web"])
    effects = asked(plain, rule(then=DOES)).effects
    after = review_effects.apply(plain, effects)
    assert after.tags == ("web", "vip")
    assert after.delivery.carrier == "dhl"
    assert [(it.line_no, it.sku, it.quantity, it.total, it.warehouse) for it in after.lines] == [
        (1, "A", 1, Decimal("10.00"), "wh-ams"),
        (2, "A", 1, Decimal("10.00"), None),
        (9001, "MUG", 2, 0, "wh-ams"),
    ]
    assert review_effects.apply(after, effects) is after
    assert review_effects.apply(after, Effects()) == plain
    assert review_effects.apply(plain, Effects()) is plain


def test_what_rules_changed_stays_when_the_channel_tells_the_order_anew():
    stored = review_effects.apply(order(), asked(order(), rule(then=DOES)).effects)
    newer = review_effects.keep(stored, order(line(), line(2, "B")))
    assert [it.sku for it in newer.lines] == ["A", "B", "MUG"]
    assert (newer.tags, newer.delivery.carrier) == (("vip",), "dhl")
    assert review_effects.keep(order(), newer) is newer


def test_a_preferred_warehouse_is_no_forced_one():
    def done(place):
        effects = asked(order(), rule(then={"warehouse": place})).effects
        return review_effects.apply(order(), effects)

    assert review_effects.preferred(done({"prefer": "wh"})) == "wh"
    assert review_effects.preferred(done({"force": "wh"})) is None
    assert done({"prefer": "wh"}).lines[0].warehouse is None


def test_the_first_to_name_a_carrier_or_a_warehouse_has_it_and_tags_add_up():
    one = rule(then={"carrier": "dhl", "warehouse": {"prefer": "a"}, "tags": ["x"]})
    two = rule(then={"carrier": "ups", "warehouse": {"force": "b"}, "tags": ["x", "y"]}, name="s")
    effects = asked(order(), one, two).effects
    assert (effects.carrier, effects.warehouse, effects.is_forced) == ("dhl", "a", False)
    assert effects.tags == ("x", "y")


def test_partners_cannot_say_what_only_rules_may():
    claims = order(
        line(attributes={"added_by": "x", "colour": "red"}),
        attributes={"review": {"carrier": "dhl"}, "a": 1},
    )
    heard = review_effects.as_told(claims)
    assert (heard.attributes, heard.lines[0].attributes) == ({"a": 1}, {"colour": "red"})
    assert review_effects.as_told(order()) == order()


@pytest.mark.parametrize(
    ("wrong", "path", "code"),
    [
        ("x", "rules.0", "wrong_type"),
        ({"name": "r", "then": {}}, "rules.0.then", "missing_field"),
        ({"name": "r", "then": {"because": "x"}}, "rules.0.then", "missing_field"),
        (rule({"value": {}}), "rules.0.when.value", "missing_field"),
        (rule(then={"wait": {}}), "rules.0.then.wait", "missing_field"),
        (rule(then={"warehouse": {"prefer": "a", "force": "b"}}), "rules.0.then.warehouse",
         "missing_field"),
        (rule({"colour": "red"}), "rules.0.when.colour", "unknown_field"),
        (rule(then={"approve": ["manual"]}), "rules.0.then.approve.0", "unknown_code"),
        (rule({"price_below_list": "1.5"}), "rules.0.when.price_below_list", None),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_its_place(wrong, path, code):
    with pytest.raises(BadData) as error:
        parse([wrong])
    assert error.value.path == path
    assert code in (None, error.value.code)


def test_two_rules_have_two_names():
    with pytest.raises(BadData) as error:
        parse([rule(), rule()])
    assert (error.value.path, error.value.code) == ("rules.1.name", "duplicate_key")


def test_the_rules_say_what_must_be_looked_up():
    rules = parse([rule({"customer_buys": {"more_than": 1, "hours": 7}}, {"gift": {"sku": "M"}})])
    assert reviewing.asks(rules, "customer_buys")
    assert not reviewing.asks(rules, "first_order")
    assert reviewing.hours(rules) == 7


def test_a_merchant_without_rules_has_the_operators():
    gift = [rule(then={"gift": {"sku": "M"}})]
    review = {"operator": gift, "acme": [rule()]}
    assert [it.then.hold for it in rules_of(review, "acme")] == ["review"]
    assert gifts_of(review, ["acme"]) == set()
    assert gifts_of(review, ["acme", "other"]) == {"M"}
    assert rules_of({}, "acme") == ()
