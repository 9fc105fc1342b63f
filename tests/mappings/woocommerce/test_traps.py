"""What sites send that is not as one would think."""

import pytest

from adapters.kit.samples import sample
from hub.model.errors import BadData
from mappings.kit import encode
from mappings.woocommerce import ENCODE
from tests.mappings.equations import assert_adds_up
from tests.mappings.partners import PARTNERS, READ_AT

WOOCOMMERCE = PARTNERS["woocommerce"]


def order(**fields):
    tree = {
        "id": 7,
        "status": "processing",
        "currency": "EUR",
        "total": "10.00",
        "date_created_gmt": "2026-05-04T10:00:00",
        "line_items": [{"id": 1, "sku": "CUP", "quantity": 2, "subtotal": "10", "total": "10.00"}],
        **fields,
    }
    (read,) = WOOCOMMERCE.read("order.updated", tree)
    assert_adds_up(read)
    return read


@pytest.mark.parametrize(
    ("paid", "state"),
    [
        ({"date_paid_gmt": "2026-05-04T10:00:00"}, "paid"),
        ({"date_paid_gmt": None, "date_paid": "2026-05-04T12:00:00"}, "paid"),
        ({"date_paid_gmt": None}, "pending"),
        ({"date_paid_gmt": "0000-00-00T00:00:00"}, "pending"),
        ({"date_paid_gmt": "yesterday"}, "paid"),
        ({}, "paid"),
        ({"status": "on-hold"}, "pending"),
        ({"payment_method": "cod"}, "pending"),
    ],
    ids=str,
)
def test_what_is_paid_is_said_by_a_date_even_one_that_nobody_can_read(paid, state):
    assert order(**paid).payment_state == state


@pytest.mark.parametrize(
    "entry",
    [
        {"key": "_ywgc_applied_gift_cards", "value": {"GC-1": "3.00", "GC-2": 1}},
        {"key": "_wc_store_credit_used", "value": "4.00"},
        {"key": "smart_coupons_contribution", "value": {"sc": 4.0}},
        {"key": "_gift_cards", "value": [{"code": "x", "amount": "4.00"}]},
    ],
    ids=lambda it: it["key"],
)
def test_store_credit_of_any_plug_in_is_a_payment_where_it_is_what_the_total_lacks(entry):
    paid = order(total="6.00", date_paid_gmt="2026-05-04T10:00:00", meta_data=[entry])
    assert (str(paid.totals.grand_total), str(paid.totals.rounding)) == ("10.00", "0.00")
    assert sum(it.amount for it in paid.payments) == 4
    less = order(total="7.00", meta_data=[entry])
    assert (str(less.totals.grand_total), str(less.totals.rounding)) == ("7.00", "-3.00")
    assert less.payments == ()


def test_pieces_are_whole_and_two_of_them_are_two():
    line = {"id": 1, "sku": "CUP", "quantity": 2.00, "subtotal": "10.00", "total": "10.00"}
    assert str(order(line_items=[line]).lines[0].quantity) == "2"
    with pytest.raises(BadData) as caught:
        order(line_items=[{**line, "quantity": -1.5}])
    assert (caught.value.path, caught.value.code) == ("line_items.0.quantity", "bad_quantity")


def test_what_is_sold_by_length_is_one_of_no_known_article_until_a_person_says_more():
    line = {"id": 1, "sku": "CLOTH", "quantity": 1.5, "subtotal": "30.00", "total": "27.00"}
    bought = order(total="27.00", line_items=[line])
    (cloth,) = bought.lines
    assert (str(cloth.quantity), cloth.sku) == ("1", None)
    assert (str(cloth.unit_price), str(cloth.discount), str(cloth.total)) == (
        "30.00",
        "3.00",
        "27.00",
    )
    assert cloth.attributes["measured"] == {"quantity": "1.5", "sku": "CLOTH"}
    assert_adds_up(bought)


def test_no_piece_is_counted_of_what_was_sold_by_length_and_came_back():
    line = {"sku": "CLOTH", "quantity": -0.5, "total": "-10.00", "total_tax": "-1.90"}
    told = {"id": 3, "parent_id": 7, "amount": "11.90", "line_items": [line]}
    (back,) = WOOCOMMERCE.read("order.refunds", told)
    assert (str(back.amount), str(back.lines[0].quantity)) == ("11.90", "0")
    assert str(back.lines[0].amount) == "10.00"


def test_what_went_back_is_above_zero_whichever_sign_the_site_writes():
    line = {"sku": "CUP", "quantity": 1, "total": "10.00", "total_tax": "1.90"}
    less = {"name": "Restocking", "total": "-1.00", "total_tax": "0.00"}
    told = {"id": 3, "parent_id": 7, "amount": "10.90", "line_items": [line], "fee_lines": [less]}
    (back,) = WOOCOMMERCE.read("order.refunds", told)
    assert (str(back.amount), str(back.tax)) == ("10.90", "1.90")
    assert (str(back.lines[0].quantity), str(back.lines[0].amount)) == ("1", "10.00")


def test_an_amount_that_was_asked_for_alone_is_what_was_bought_and_nothing_to_send():
    fee = {"id": 9, "name": "Simple Payments", "total": "20.00", "total_tax": "3.80"}
    asked = order(total="23.80", total_tax="3.80", line_items=[], fee_lines=[fee])
    (line,) = asked.lines
    assert (line.title, line.sku, line.requires_shipping) == ("Simple Payments", None, False)
    assert (str(line.total), str(line.tax), asked.fees) == ("23.80", "3.80", ())
    assert_adds_up(asked)
    with pytest.raises(BadData) as caught:
        order(line_items=[])
    assert caught.value.code == "no_lines"


def test_a_line_that_tells_its_price_alone_costs_as_much_for_each_piece():
    (cups,) = order(total="20.00", line_items=[{"id": 1, "quantity": 2, "price": 10}]).lines
    assert (str(cups.unit_price), str(cups.total)) == ("10.00", "20.00")


def test_a_price_that_was_raised_by_hand_took_nothing_off():
    line = {"id": 1, "sku": "CUP", "quantity": 2, "subtotal": "20.00", "total": "25.00"}
    (cups,) = order(total="25.00", line_items=[line]).lines
    assert (str(cups.unit_price), str(cups.discount), str(cups.total)) == ("12.50", "0.00", "25.00")


def test_a_refund_without_a_time_has_that_of_its_arrival():
    at = WOOCOMMERCE.context()
    told = {"id": 3, "parent_id": 7, "amount": "5.00"}
    (refund,) = WOOCOMMERCE.read("order.refunds", told, at)
    assert (refund.created_at, refund.source.revision) == (READ_AT, None)
    assert [it.code for it in at.warnings] == ["bad_time"]


def test_a_refund_that_the_hub_told_comes_back_under_its_own_number():
    sent = encode(ENCODE, sample("refund"), WOOCOMMERCE.context())
    there = {**sent, "id": 900, "parent_id": 5001, "date_created_gmt": "2026-05-06T10:00:01"}
    (refund,) = WOOCOMMERCE.read("order.refunds", there)
    assert (refund.refund_id, refund.source.id) == ("7001", "900")
