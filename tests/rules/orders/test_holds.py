"""Why an order is held, and when there is nothing to ship at all."""

import pytest

from hub.model.document import Address
from hub.model.errors import Problem
from hub.model.order import Customer, Payment
from hub.rules.orders.holds import (
    HOLD_REASONS,
    HoldFacts,
    Unmapped,
    is_cash_on_delivery,
    why_hold,
)
from hub.rules.orders.progress import nothing_to_ship
from tests.rules.builders import ADDRESS, AT, line, order

KNOWN = HoldFacts(known_skus=frozenset({"A", "B"}))


def facts(**given):
    return HoldFacts(**{"known_skus": frozenset({"A", "B"}), **given})


def held(an_order, some_facts=KNOWN):
    return [(reason.code, reason.path) for reason in why_hold(an_order, some_facts)]


def test_a_clean_paid_order_is_not_held():
    assert why_hold(order(), KNOWN) == []


def test_a_test_order_is_held():
    assert held(order(test=True)) == [("test_order", "test")]


@pytest.mark.parametrize(
    ("state", "release_on", "waits"),
    [
        ("pending", "authorized", True),
        ("partially_paid", "authorized", True),
        ("authorized", "authorized", False),
        ("paid", "authorized", False),
        ("partially_refunded", "authorized", False),
        ("authorized", "paid", True),
        ("paid", "paid", False),
        ("pending", "any", False),
        ("voided", "any", True),
        ("voided", "authorized", True),
    ],
)
def test_payment_releases_as_the_connection_says(state, release_on, waits):
    found = held(order(payment_state=state), facts(release_on=release_on))
    assert found == ([("awaiting_payment", "payment_state")] if waits else [])


@pytest.mark.parametrize(
    ("release_on", "waits"), [("authorized", False), ("any", False), ("paid", True)]
)
@pytest.mark.parametrize("method", ["cash_on_delivery", "COD", "Cash on Delivery"])
def test_cash_on_delivery_counts_as_authorized(release_on, waits, method):
    cash = Payment(method=method, amount="10.00", currency="EUR")
    an_order = order(payment_state="pending", payments=(cash,))
    assert is_cash_on_delivery(an_order)
    assert bool(held(an_order, facts(release_on=release_on))) is waits


def test_nothing_to_pay_waits_for_no_payment():
    free = order(line(unit_price="0.00"), payment_state="pending")
    assert held(free) == []
    assert held(free.model_copy(update={"payment_state": "voided"})) == [
        ("awaiting_payment", "payment_state")
    ]


def test_a_missing_and_an_unknown_sku_are_both_named():
    found = why_hold(order(line(1, None), line(2, "Z"), line(3, "B")), KNOWN)
    assert [(reason.code, reason.path, reason.message) for reason in found] == [
        ("unknown_sku", "lines.0.sku", "line 1 has no SKU: say which article it is"),
        ("unknown_sku", "lines.1.sku", "line 2: SKU Z is not a product of this merchant"),
    ]


def test_lines_that_no_warehouse_handles_need_no_known_sku():
    digital = line(2, "EBOOK", requires_shipping=False)
    gone = line(3, None, quantity=2, cancelled_quantity=2)
    assert held(order(line(), digital, gone)) == []


def test_many_reasons_of_one_code_are_counted():
    found = why_hold(order(*(line(n, f"X{n}") for n in range(1, 31))), KNOWN)
    assert len(found) == 21
    assert (found[-1].code, found[-1].message) == ("unknown_sku", "and 10 more of the same kind")


def test_goods_without_an_address_are_held_and_downloads_are_not():
    assert held(order(ship_to=None)) == [("no_address", "ship_to")]
    assert held(order(line(requires_shipping=False), ship_to=None)) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"country": None}, "ship_to.country"),
        ({"city": None}, "ship_to.city"),
        ({"lines": ()}, "ship_to.lines"),
        ({"postal_code": None}, "ship_to.postal_code"),
        ({"name": None}, "ship_to.name"),
    ],
)
def test_each_missing_part_of_an_address_is_named(change, path):
    assert held(order(ship_to=ADDRESS.model_copy(update=change))) == [("bad_address", path)]


@pytest.mark.parametrize("country", ["HK", "AE", "IE", "PA"])
def test_countries_without_postal_codes_need_none(country):
    elsewhere = Address(name="A", lines=("1 Road",), city="There", country=country)
    assert held(order(ship_to=elsewhere)) == []


def test_a_city_state_needs_no_city_and_the_customer_may_name_the_receiver():
    address = Address(lines=("1 Road",), postal_code="018956", country="SG")
    assert held(order(ship_to=address, customer=Customer(name="Ada Example"))) == []


def test_an_empty_address_names_all_that_is_missing_and_nothing_personal():
    found = why_hold(order(ship_to=Address(phone="+31 20 555 0100")), KNOWN)
    assert [reason.path for reason in found] == [
        *("ship_to.name", "ship_to.lines", "ship_to.city", "ship_to.country")
    ]
    assert "555" not in repr(found)


def test_codes_the_lists_do_not_know_are_named():
    unmapped = (Unmapped("delivery.method", "services", "DRONE"),)
    found = why_hold(order(), facts(unmapped=unmapped))
    assert [(reason.code, reason.path, reason.message) for reason in found] == [
        ("unmapped_code", "delivery.method", "the services list has no entry for 'DRONE'")
    ]


def test_an_unknown_currency_is_held_and_its_sums_are_still_checked():
    assert held(order(currency="XTS")) == [("unknown_currency", "currency")]
    assert held(order(currency="XTS", totals={"tax": "1"})) == [
        ("totals_mismatch", "totals.tax"),
        ("unknown_currency", "currency"),
    ]


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"risks": ("the card is from another country",)}, "risk", ""),
        ({"ruled": (Problem("", "review", "rule 'r': look"),)}, "review", ""),
        ({"duplicates": ("#1000",)}, "possible_duplicate", "channel_order_id"),
        ({"refund_in_progress": True}, "refund_in_progress", ""),
        ({"merchant_active": False}, "merchant_suspended", ""),
        ({"manual": True}, "manual", ""),
    ],
)
def test_facts_beside_the_order_hold_it(given, code, path):
    assert held(order(), facts(**given)) == [(code, path)]


def test_a_note_holds_only_where_the_connection_asks():
    noted = order(note="please ring twice")
    assert held(noted) == []
    found = why_hold(noted, facts(hold_on_note=True))
    assert [(reason.code, reason.path) for reason in found] == [("customer_note", "note")]
    assert "ring" not in found[0].message


def test_what_the_channel_shipped_in_part_goes_to_a_person_unless_we_did():
    begun = order(fulfilment_state="partial")
    assert held(begun) == [("manual", "fulfilment_state")]
    assert held(begun, facts(shipped_by_us=True)) == []


def test_several_reasons_stand_together_in_a_fixed_order():
    found = held(
        order(line(1, "Z"), test=True, payment_state="pending", ship_to=None),
        facts(manual=True),
    )
    assert [code for code, _ in found] == [
        *("test_order", "awaiting_payment", "unknown_sku", "no_address", "manual")
    ]
    assert {code for code, _ in found} < set(HOLD_REASONS)


def test_the_reasons_are_those_of_the_contract():
    assert " ".join(HOLD_REASONS) == (
        "test_order awaiting_payment unknown_sku totals_mismatch no_address bad_address "
        "unmapped_code unknown_currency risk possible_duplicate customer_note refund_in_progress "
        "no_route out_of_stock merchant_suspended manual "
        "review not_before"  # and what review rules say
    )


@pytest.mark.parametrize(
    ("an_order", "why"),
    [
        (order(), None),
        (order(state="cancelled"), "cancelled"),
        (order(cancelled_at=AT), "cancelled"),
        (order(line(cancelled_quantity=1)), "cancelled"),
        (order(payment_state="refunded"), "refunded"),
        (order(fulfilment_state="fulfilled"), "shipped"),
        (order(line(requires_shipping=False)), "no_shipping"),
        (order(line(cancelled_quantity=1), line(2, requires_shipping=False)), "no_shipping"),
        (order(line(), line(2, requires_shipping=False)), None),
        (order(fulfilment_state="partial"), None),
    ],
)
def test_what_was_settled_before_is_only_recorded(an_order, why):
    assert nothing_to_ship(an_order) == why
