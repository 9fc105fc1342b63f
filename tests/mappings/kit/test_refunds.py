"""Whatever a channel tells of a refund: its money, in the order's currency, never above what was
paid.
"""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import BadData
from hub.model.money import unit
from hub.model.order import Refund, RefundPayment
from mappings.kit import Context
from mappings.kit.refunds import ChannelRefund, Returned, refund

D = Decimal


def head():
    return {
        "source": Context("shop-eu").source("1"),
        "refund_id": "1",
        "channel_order_id": "7",
        "created_at": datetime(2026, 3, 1, tzinfo=UTC),
    }


def refunded(at=None, **told):
    told = {"currency": "EUR", "tax_included": True, "head": head(), **told}
    return refund(ChannelRefund(**told), at or Context("shop-eu"))


def back(net, **told):
    return Returned(path="lines.0", net=None if net is None else D(net), **told)


@cache
def units_or_none(low, high):
    """Made once: to make a strategy takes longer than to draw from it."""
    return st.none() | st.integers(low, high)


@st.composite
def channel_refunds(draw):
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD", "XXX"]))
    step = unit(currency) if currency != "XXX" else D("0.01")

    def perhaps(low=0, high=9_000):
        units = draw(units_or_none(low, high))
        return None if units is None else units * step

    def part(path, low=0):
        return Returned(
            path=path,
            quantity=D(draw(st.integers(0, 5))),
            net=perhaps(low),
            unit_price=perhaps(),
            tax=perhaps(0, 900),
        )

    def parts(name, low=0):
        return [part(f"{name}.{at}", low) for at in range(draw(st.integers(0, 3)))]

    return ChannelRefund(
        currency=currency,
        tax_included=draw(st.sampled_from([True, False, None])),
        goods=parts("goods"),
        shipping=parts("shipping"),
        fees=parts("fees", -2_000),
        amount=perhaps(),
        tax=perhaps(0, 2_000),
        paid=perhaps(),
        payments=[
            RefundPayment(amount=draw(st.integers(0, 5_000)) * step)
            for _ in range(draw(st.integers(0, 2)))
        ],
        head=head(),
    )


@given(channel_refunds())
def test_no_more_goes_back_than_was_told_or_paid(told):
    made = refund(told, Context("shop-eu"))
    assert made.amount >= 0
    assert told.amount is None or made.amount <= told.amount
    assert told.paid is None or made.amount <= told.paid
    if told.amount is not None and (told.paid is None or told.amount <= told.paid):
        assert made.amount == told.amount
        assert list(made.payments) == told.payments
    assert made.worked_out is (told.amount is None)
    assert Refund.model_validate(made.model_dump()) == made


@given(channel_refunds())
def test_what_a_line_was_told_to_give_back_is_kept_and_the_rest_is_shared_exactly(told):
    made = refund(told, Context("shop-eu"))
    for returned, line in zip(told.goods, made.lines, strict=True):
        assert returned.net in {None, line.amount}
        assert returned.tax in {None, line.tax}
    everything = [*told.goods, *told.shipping, *told.fees]
    if told.amount is None or told.tax_included is False or told.shipping or told.fees:
        return
    stated = sum((one.net for one in everything if one.net is not None), D(0))
    rest = told.amount - stated
    if rest > 0 and any(one.net is None for one in told.goods):
        assert sum(line.amount for line in made.lines) == told.amount


def test_lines_that_tell_no_amount_share_the_money_by_what_their_pieces_cost():
    goods = [
        back(None, quantity=D(2), unit_price=D("10.00")),
        back(None, quantity=D(1), unit_price=D("10.00")),
        back("5.00"),
    ]
    made = refunded(goods=goods, amount=D("25.00"), tax=D("3.99"))
    assert [str(line.amount) for line in made.lines] == ["13.33", "6.67", "5.00"]
    assert [str(line.tax) for line in made.lines] == ["2.13", "1.06", "0.80"]


def test_a_refund_that_tells_no_money_is_worth_its_parts():
    told = {"goods": [back("10.00", tax=D("1.90"))], "shipping": [back("5.00", tax=D("0.95"))]}
    for included, amount, unsettled in (
        (True, "15.00", "0"), (False, "17.85", "0"), (None, "15.00", "2.85"),
    ):  # fmt: skip
        made = refunded(tax_included=included, **told)
        assert (str(made.amount), str(made.tax_unsettled)) == (amount, unsettled)
        assert (made.worked_out, made.tax, made.shipping_amount) == (True, D("2.85"), 5)


def test_less_money_than_the_parts_are_worth_holds_less_tax():
    made = refunded(goods=[back("11.90", tax=D("1.90"))], amount=D("5.95"))
    assert (str(made.amount), str(made.tax), str(made.lines[0].tax)) == ("5.95", "0.95", "1.90")


def test_nothing_goes_back_for_an_order_that_was_not_paid():
    at = Context("shop-eu")
    paid = [RefundPayment(reference="r", amount=D("10.00"))]
    made = refunded(at, amount=D("10.00"), paid=D("0.00"), payments=paid)
    assert (str(made.amount), str(made.payments[0].amount)) == ("0.00", "0.00")
    assert [(one.path, one.code) for one in at.warnings] == [("amount", "above_paid")]


def test_pieces_that_are_not_whole_are_refused_by_their_place():
    with pytest.raises(BadData) as error:
        refunded(goods=[back("1.00", quantity=D("0.5"))])
    assert (error.value.path, error.value.code) == ("lines.0.quantity", "bad_quantity")


def test_money_that_went_the_other_way_for_parts_of_nothing_has_no_tax():
    made = refunded(goods=[back("0.00")], amount=D("-5.00"))
    assert (str(made.amount), str(made.tax)) == ("-5.00", "0.00")
