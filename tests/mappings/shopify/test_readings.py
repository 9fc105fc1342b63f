"""How single rules of the protocol are read: states, money, people, pieces."""

import json
from decimal import Decimal

import pytest

from hub.model.errors import BadData, Ignored, UnknownCode
from mappings.kit import Context, decode
from mappings.shopify import DECODE
from tests.mappings.equations import assert_adds_up
from tests.mappings.shopify.sample import line, order, read


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("pending", "pending"), ("authorized", "authorized"), ("partially_paid", "partially_paid"),
        ("paid", "paid"), ("partially_refunded", "partially_refunded"), ("refunded", "refunded"),
        ("voided", "voided"), ("expired", "voided"), (None, "pending"),
    ],
)  # fmt: skip
def test_a_financial_status_has_its_payment_state(theirs, ours):
    assert read(order(financial_status=theirs)).payment_state == ours


def test_a_free_order_without_a_financial_status_is_paid():
    told = order(line(price="0.00"), financial_status=None, total_price="0.00")
    assert read(told).payment_state == "paid"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (None, "unfulfilled"), ("", "unfulfilled"), ("partial", "partial"),
        ("fulfilled", "fulfilled"), ("restocked", "unfulfilled"), ("pending", "unfulfilled"),
    ],
)  # fmt: skip
def test_a_fulfillment_status_has_its_fulfilment_state(theirs, ours):
    assert read(order(fulfillment_status=theirs)).fulfilment_state == ours


def test_an_unknown_status_waits_for_its_code_and_a_connection_may_supply_it():
    with pytest.raises(UnknownCode) as caught:
        read(order(financial_status="half_paid"))
    assert caught.value.waits_for == "code:payment_states:half_paid"
    assert caught.value.path == "financial_status"
    own = Context("shop", codes={"payment_states": {"half_paid": "partially_paid"}})
    assert read(order(financial_status="half_paid"), at=own).payment_state == "partially_paid"


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "open"),
        ({"closed_at": "2026-01-02T00:00:00Z"}, "closed"),
        (
            {"cancelled_at": "2026-01-02T00:00:00Z", "closed_at": "2026-01-02T00:00:00Z"},
            "cancelled",
        ),
    ],
)
def test_the_state_follows_from_when_it_was_cancelled_or_closed(changes, state):
    assert read(order(**changes)).state == state


def test_revisions_sort_as_their_times_do():
    times = ["2026-01-01T23:59:59+00:00", "2026-01-02T01:00:00.5+01:00", "2026-01-02T00:00:01Z"]
    revisions = [read(order(updated_at=at)).source.revision for at in times]
    assert revisions == sorted(revisions)
    assert revisions[1] == "2026-01-02T00:00:00.500000Z"


def test_money_in_several_currencies_or_none_is_left_for_the_hub_to_hold():
    mixed = order(line(price_set={"shop_money": {"amount": "10.00", "currency_code": "USD"}}))
    assert read(mixed).currency == "XXX"
    assert read(mixed).attributes["currencies"] == ["EUR", "USD"]
    assert read(order(currency=None)).currency == "XXX"
    assert read(order(currency="EURO")).attributes["currencies"] == ["EURO"]


def test_the_shop_side_of_a_set_serves_where_the_plain_amount_is_missing():
    bag = {"shop_money": {"amount": "10.0", "currency_code": "EUR"}}
    found = read(order(line(price=None, price_set=bag), total_price=None, total_price_set=bag))
    assert found.lines[0].unit_price == Decimal("10.00")
    assert str(found.totals.grand_total) == "10.00"


def test_a_discount_code_for_shipping_is_taken_off_the_shipping():
    found = read(
        order(
            line(price="10.00"),
            shipping_lines=[{"code": "S", "price": "4.00"}],
            discount_codes=[{"code": "FREE", "amount": "4.00", "type": "shipping"}],
            total_discounts="4.00",
            total_price="10.00",
        )
    )
    assert (found.lines[0].discount, found.shipping[0].discount) == (0, Decimal("4.00"))
    assert_adds_up(found)


def test_a_discount_is_not_taken_off_where_the_order_adds_up_without_it():
    found = read(order(total_discounts="3.00"))
    assert (found.totals.discount, found.totals.rounding) == (0, 0)


def test_a_penny_between_lines_and_total_is_rounding_and_no_more():
    found = read(order(line(price="3.33", quantity=3)))
    assert str(found.totals.rounding) == "0.01"
    assert_adds_up(found)


def test_a_shipping_line_taken_off_again_does_not_count():
    removed = {"code": "X", "price": "9.00", "is_removed": True}
    found = read(order(shipping_lines=[removed]))
    assert (found.shipping, found.delivery.method, found.totals.rounding) == ((), None, 0)


def test_a_tip_without_a_line_is_a_fee():
    found = read(order(total_tip_received="2.00", total_price="12.00"))
    assert [(fee.code, str(fee.total)) for fee in found.fees] == [("tip", "2.00")]
    assert len(found.lines) == 1


def test_a_tip_that_is_all_there_is_stays_a_line():
    tip = line(sku=None, variant_id=None, requires_shipping=False)
    found = read(order(tip, total_tip_received="10.00"))
    assert (len(found.lines), found.fees, found.totals.rounding) == (1, (), 0)


def test_a_card_sold_is_a_line_and_a_card_paid_with_is_a_payment():
    told = order(
        line(gift_card=True, requires_shipping=False),
        transactions=[
            {"id": 5, "kind": "sale", "status": "success", "gateway": "gift_card",
             "amount": "10.00", "currency": "EUR"},
        ],
    )  # fmt: skip
    found = read(told)
    assert (found.lines[0].gift_card, found.lines[0].requires_shipping) == (True, False)
    assert [(one.method, str(one.amount)) for one in found.payments] == [("gift_card", "10.00")]
    assert str(found.totals.paid) == "10.00"


def test_a_part_payment_is_what_is_no_longer_outstanding():
    totals = read(order(financial_status="partially_paid", total_outstanding="7.50")).totals
    assert (str(totals.paid), str(totals.outstanding)) == ("2.50", "7.50")


def test_a_guest_without_data_is_no_customer_and_an_empty_address_is_none():
    found = read(order(customer=None, shipping_address={"name": "", "address1": None, "zip": ""}))
    assert (found.customer, found.ship_to, found.bill_to) == (None, None, None)


def test_a_locale_becomes_a_language_or_nothing():
    assert read(order(email="a@b.example", customer_locale="pt_BR")).customer.language == "pt-BR"
    assert read(order(email="a@b.example", customer_locale="?!")).customer.language is None


def test_what_is_private_is_not_kept_and_what_is_unknown_is():
    found = read(
        order(
            browser_ip="192.0.2.1", cart_token="c", checkout_token="t", landing_site="/?s=1",
            order_status_url="https://x.example", client_details={"user_agent": "u"},
            payment_details={"credit_card_number": "1"}, current_total_tax="1.00",
            new_field={"deep": {"access_token": "z", "kept": 1}}, source_name="pos",
        )
    )  # fmt: skip
    assert found.attributes == {"new_field": {"deep": {"kept": "1"}}, "source_name": "pos"}


@pytest.mark.parametrize("told", [{"name": 2}, [{"name": "name", "value": 2}]])
def test_properties_come_as_a_list_or_as_an_object(told):
    assert read(order(line(properties=told))).lines[0].attributes == {"properties": {"name": "2"}}


# the columns: quantity, current, fulfillable and fulfilled pieces; refunds; what is cancelled
CANCELLED = [
    (3, 3, 3, 0, [], 0),
    (3, 1, 1, 0, [("cancel", 2)], 2),
    (3, 1, 1, 0, [], 2),
    (3, 2, 0, 3, [("return", 1)], 0),
    (2, 1, 0, 1, [("cancel", 1)], 1),
    (2, 0, 0, 1, [("return", 1), ("cancel", 1)], 1),
    (1, 0, 0, 1, [("no_restock", 1)], 0),
    (1, 0, 0, 0, [("no_restock", 1)], 1),
    (2, 1, 1, 1, [("no_restock", 1)], 0),
    (2, 1, 0, 1, [("no_restock", 1)], 1),
    (2, None, None, 0, [("legacy_restock", 1)], 1),
    (2, None, None, 2, [("legacy_restock", 1)], 0),
    (2, 5, None, 0, [], 0),
]


@pytest.mark.parametrize("row", CANCELLED)
def test_pieces_taken_out_before_shipping_are_cancelled_and_returned_ones_are_not(row):
    quantity, current, open_, sent, refunds, expected = row
    told = order(
        line(quantity=quantity, current_quantity=current, fulfillable_quantity=open_),
        fulfillments=[{"status": "success", "line_items": [{"id": 1, "quantity": sent}]}],
        refunds=[
            {
                "refund_line_items": [
                    {"line_item_id": 1, "quantity": pieces, "restock_type": kind}
                ],
            }
            for kind, pieces in refunds
        ],
    )
    found = read(told).lines[0]
    assert (found.quantity, found.cancelled_quantity) == (quantity, expected)


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"line_items": []}, "no_lines", "line_items"),
        ({"id": None}, "missing_field", "id"),
        ({"created_at": None, "updated_at": None}, "missing_field", "created_at"),
        ({"created_at": "2026-02-30T00:00:00Z"}, "bad_time", "created_at"),
        ({"created_at": "0000-00-00"}, "bad_time", "created_at"),
        ({"test": "perhaps"}, "wrong_type", "test"),
        ({"id": "9\u0000"}, "bad_text", "id"),
        ({"total_price": "12,50"}, "bad_number", "total_price"),
        ({"total_price": "NaN"}, "bad_number", "total_price"),
        ({"line_items": [line(quantity=0)]}, "no_lines", "line_items"),
        ({"line_items": [line(quantity=True)]}, "bad_quantity", "line_items.0.quantity"),
        ({"line_items": [line(quantity=1.5)]}, "bad_quantity", "line_items.0.quantity"),
        ({"line_items": [line(quantity="5")]}, "bad_quantity", "line_items.0.quantity"),
        ({"line_items": [line(quantity=10**10)]}, "bad_quantity", "line_items.0.quantity"),
        ({"line_items": [line(price=None)]}, "missing_field", "line_items.0.price"),
        ({"line_items": [line(), line(price="9")]}, "conflicting_lines", "line_items.1"),
        ({"line_items": {}}, "no_lines", "line_items"),
        ({"line_items": "A"}, "wrong_type", "line_items"),
    ],
)
def test_bad_data_is_named_with_its_code_and_place(changes, code, path):
    with pytest.raises(BadData) as caught:
        read(order(**changes))
    assert (caught.value.code, caught.value.path) == (code, path)


def test_the_same_line_told_twice_counts_once():
    assert len(read(order(line(), line())).lines) == 1


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        ("orders/edited", "told_by_order"),
        ("orders/delete", "deleted_at_channel"),
        ("fulfillments/create", "told_by_order"),
        ("inventory_levels/update", "own_stock"),
        ("products/delete", "kept"),
        ("draft_orders/create", "not_subscribed"),
    ],
)
def test_topics_without_consequence_are_ignored_with_a_reason(topic, code):
    with pytest.raises(Ignored) as caught:
        decode(DECODE, topic, b'{"id": 1}', Context("shop"))
    assert caught.value.code == code


def test_a_list_of_orders_is_read_whole():
    told = {"orders": [order(), order(id=1002)]}
    found = decode(DECODE, "orders/create", json.dumps(told).encode(), Context("shop"))
    assert [one.channel_order_id for one in found] == ["1001", "1002"]


def test_five_thousand_lines_are_read():
    many = order(*(line(n) for n in range(1, 5001)), total_price="50000.00")
    found = read(many)
    assert (len(found.lines), found.totals.rounding) == (5000, 0)
