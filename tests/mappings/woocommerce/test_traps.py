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
        order(line_items=[{**line, "quantity": 1.5}])
    assert (caught.value.path, caught.value.code) == ("line_items.0.quantity", "bad_quantity")


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
