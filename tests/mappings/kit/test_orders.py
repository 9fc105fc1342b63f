"""Whatever a channel tells of an order: it adds up, and nothing that was told is changed."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import BadData
from hub.model.money import fits, unit
from hub.model.order import Discount, SalesOrder, TaxLine
from mappings.kit import Context
from mappings.kit.orders import ChannelOrder, ChannelPayment, Charge, sales_order
from tests.mappings.equations import assert_adds_up

AT = Context("shop-eu")
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "XXX"])
D = Decimal


def head(**more):
    return {
        "source": AT.source("1"),
        "channel_order_id": "1",
        "order_number": "#1",
        "placed_at": datetime(2026, 3, 1, tzinfo=UTC),
        **more,
    }


def order(goods=None, at=AT, **told):
    told = {"currency": "EUR", "tax_included": True, "head": head(), **told}
    return sales_order(ChannelOrder(goods=goods or [goods_for("10.00")], **told), at)


def goods_for(price, quantity=1, **told):
    return Charge(path="items.0", quantity=D(quantity), unit_price=D(price), **told)


# --- any order


TOLD = st.sampled_from(["p", "g", "n", "pg", "pn", "gn", "pgn"]).map(
    lambda kinds: tuple(kind in kinds for kind in "pgn")
)


@cache
def units_or_none(low, high):
    """Made once: to make a strategy takes longer than to draw from it."""
    return st.none() | st.integers(low, high)


@st.composite
def channel_orders(draw):
    currency = draw(CURRENCIES)
    step = unit(currency) if currency != "XXX" else D("0.01")

    def money(low=0, high=20_000):
        return draw(st.integers(low, high)) * step

    def perhaps(low=0, high=20_000):
        units = draw(units_or_none(low, high))
        return None if units is None else units * step

    def tax_lines(most=2):
        return [
            TaxLine(title=f"T{at}", rate=D("0.19"), amount=money(-20, 500))
            for at in range(draw(st.integers(0, most)))
        ]

    def charge(path, *, pieces=False, low=0):
        price, gross, net = draw(TOLD)
        unit_price = draw(st.integers(low, 10**7)) * draw(st.sampled_from([step, D("0.0001")]))
        return Charge(
            path=path,
            quantity=D(draw(st.integers(0, 9))) if pieces else D(1),
            unit_price=unit_price if price else None,
            gross=money(low) if gross else None,
            net=money(low) if net else None,
            discount=perhaps(0, 500),
            tax=perhaps(-50, 4_000),
            taxes=tax_lines() if draw(st.booleans()) else None,
            taxable=draw(st.booleans()),
        )

    return ChannelOrder(
        currency=currency,
        tax_included=draw(st.booleans()),
        goods=[
            goods_for("1.00"),
            *(charge(f"items.{at}", pieces=True) for at in range(draw(st.integers(0, 5)))),
        ],
        shipping=[charge(f"shipping.{at}") for at in range(draw(st.integers(0, 2)))],
        fees=[charge(f"fees.{at}", low=-5_000) for at in range(draw(st.integers(0, 2)))],
        discount=perhaps(0, 3_000),
        shipping_discount=perhaps(0, 500),
        discounts=[
            Discount(code=f"C{at}", amount=money(0, 2_000)) for at in range(draw(st.integers(0, 2)))
        ],
        tax=perhaps(-50, 9_000),
        taxes=tax_lines(),
        grand_total=perhaps(0, 60_000),
        edited_total=perhaps(0, 60_000),
        payment_state=draw(
            st.sampled_from([None, "pending", "paid", "partially_paid", "refunded"])
        ),
        paid=perhaps(),
        refunded=perhaps(),
        outstanding=perhaps(),
        payments=[
            ChannelPayment(state=draw(st.sampled_from([None, "paid"])), amount=perhaps())
            for _ in range(draw(st.integers(0, 2)))
        ],
        head=head(),
    )


def pairs(told, made):
    """Each charge with what became of it. Goods of no pieces, and fees of nothing, are none."""
    goods = [one for one in told.goods if one.quantity]
    yield from zip(goods, made.lines, strict=True)
    yield from zip(told.shipping, made.shipping, strict=True)


def net(part, made):
    return part.total - (D(0) if made.prices_include_tax else part.tax)


@given(channel_orders())
def test_any_order_adds_up_and_is_what_its_constructor_would_make_of_it(told):
    made = sales_order(told, Context("shop-eu"))
    assert_adds_up(made)
    assert SalesOrder.model_validate(made.model_dump()) == made


@given(channel_orders())
def test_nothing_that_was_told_is_changed(told):
    made = sales_order(told, Context("shop-eu"))
    for charge, part in pairs(told, made):
        if charge.net is not None:
            assert net(part, made) == charge.net
        elif charge.gross is not None and charge.discount is not None:
            assert net(part, made) == charge.gross - charge.discount
        elif charge.gross is None and charge.discount is not None:
            assert part.discount == charge.discount
        price = part.unit_price if hasattr(part, "unit_price") else part.price
        if charge.unit_price is not None and charge.gross in {
            None, charge.unit_price * charge.quantity,
        }:  # fmt: skip
            assert price == charge.unit_price
        if charge.tax is not None:
            assert part.tax == charge.tax
        elif charge.taxes is not None:
            assert list(part.tax_lines) == charge.taxes
    if told.grand_total is not None:
        assert made.totals.grand_total in {told.grand_total, told.edited_total}
    assert told.paid in {None, made.totals.paid}
    assert told.payment_state in {None, made.payment_state}


@given(channel_orders())
def test_what_is_shared_out_is_all_shared_out(told):
    made = sales_order(told, Context("shop-eu"))
    charges = [*told.goods, *told.shipping, *told.fees]
    stated = sum((one.tax or D(0) for one in charges if one.tax is not None), D(0)) + sum(
        (tax.amount for one in charges if one.tax is None for tax in one.taxes or ()), D(0)
    )
    whole = told.tax if told.tax is not None else sum((one.amount for one in told.taxes), D(0))
    goes_on = any(one.tax is None and one.taxes is None for one in charges if _is_there(one))
    rest = whole - stated if goes_on and (whole - stated > 0) == (whole > 0) and whole else D(0)
    assert made.totals.tax == stated + rest


def _is_there(charge):
    return bool(charge.quantity or charge.gross or charge.net or charge.tax or charge.taxes)


# --- a unit price that multiplies back


@given(st.integers(0, 10**9), st.integers(1, 10**4), CURRENCIES)
def test_a_unit_price_that_was_not_told_reaches_the_gross_and_no_more_than_it_must(
    units, quantity, currency
):
    step = unit(currency) if currency != "XXX" else D("0.000001")
    gross = units * step
    charge = Charge(path="items.0", quantity=D(quantity), gross=gross)
    (line,) = order([charge], currency=currency).lines
    assert line.unit_price * quantity - line.discount == gross == line.total
    if line.discount:  # no price of six places would have done
        assert fits(line.unit_price, currency) if currency != "XXX" else True
        assert (line.unit_price - step) * quantity < gross < line.unit_price * quantity
        assert (gross / quantity) % D("0.000001")


@pytest.mark.parametrize(
    ("currency", "quantity", "gross", "price", "discount"),
    [
        ("EUR", 3, "10.00", "3.34", "0.02"),
        ("EUR", 4, "10.00", "2.50", "0.00"),
        ("EUR", 8, "1.00", "0.125", "0.00"),
        ("EUR", 3, "-10.00", "-3.33", "0.01"),
        ("JPY", 3, "100", "34", "2"),
        ("KWD", 7, "1.000", "0.143", "0.001"),
        ("EUR", 7, "0.00", "0.00", "0.00"),
    ],
)
def test_ten_for_three_are_three_thirty_four_each_less_two_cents(
    currency, quantity, gross, price, discount
):
    charge = Charge(path="items.0", quantity=D(quantity), gross=D(gross), discount=D(0))
    (line,) = order([charge], currency=currency).lines
    assert (str(line.unit_price), str(line.discount)) == (price, discount)
    assert line.total == D(gross)


def test_a_gross_and_a_net_as_a_channel_of_line_totals_tells_them():
    told = Charge(path="i", quantity=D(3), gross=D("10.00"), net=D("9.00"), tax=D("1.71"))
    made = order([told], tax_included=False)
    (line,) = made.lines
    assert (str(line.unit_price), str(line.discount), str(line.tax), str(line.total)) == (
        "3.34", "1.02", "1.71", "10.71",
    )  # fmt: skip
    assert (made.totals.items, made.totals.discount) == (D("10.02"), D("1.02"))


# --- what is told on the order only


def test_a_tax_of_the_order_is_shared_over_the_charges_that_tell_none():
    goods = [goods_for("10.00"), goods_for("20.00"), goods_for("5.00", taxable=False)]
    shipping = [Charge(path="shipping.0", unit_price=D("5.00"), taxes=())]
    vat = TaxLine(title="VAT", rate=D("0.19"), amount=D("5.00"))
    made = order(goods, shipping=shipping, tax=D("5.00"), taxes=[vat], tax_included=False)
    assert [str(line.tax) for line in made.lines] == ["1.67", "3.33", "0.00"]
    assert [tax.title for line in made.lines for tax in line.tax_lines] == ["VAT", "VAT"]
    assert made.shipping[0].tax == 0
    assert made.totals.grand_total == D("45.00")


def test_a_discount_of_the_order_is_taken_off_the_goods_and_its_part_off_the_shipping():
    goods, shipping = [goods_for("10.00"), goods_for("20.00")], [goods_for("5.00")]
    made = order(
        goods,
        shipping=shipping,
        discount=D("11.00"),
        shipping_discount=D("6.00"),
        discounts=[Discount(code="SPRING", amount=D("10.00"))],
    )
    assert [str(line.discount) for line in made.lines] == ["2.00", "4.00"]
    assert str(made.shipping[0].discount) == "5.00"
    assert [(one.code, str(one.amount)) for one in made.discounts] == [
        ("SPRING", "10.00"), (None, "1.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("grand_total", "discounts", "rounding"),
    [("30.00", ["0.00", "0.00"], "0.00"), ("27.00", ["1.00", "2.00"], "0.00"),
     ("27.01", ["1.00", "2.00"], "0.01"), ("29.00", ["0.00", "0.00"], "-1.00")],
)  # fmt: skip
def test_a_discount_is_taken_off_where_that_brings_the_parts_closer_to_the_total(
    grand_total, discounts, rounding
):
    goods = [goods_for("10.00"), goods_for("20.00")]
    made = order(goods, discount=D("3.00"), grand_total=D(grand_total))
    assert [str(line.discount) for line in made.lines] == discounts
    assert (str(made.totals.rounding), made.totals.grand_total) == (rounding, D(grand_total))


def test_taxes_by_name_are_made_to_sum_up_to_the_tax_that_is_told():
    taxes = [TaxLine(title="State", amount=D("1.2345")), TaxLine(title="City", amount=D("0.6789"))]
    (line,) = order([goods_for("10.00", tax=D("1.91"), taxes=taxes)]).lines
    assert [(one.title, str(one.amount)) for one in line.tax_lines] == [
        ("State", "1.23"), ("City", "0.68"),
    ]  # fmt: skip


def test_an_order_that_was_edited_costs_what_its_parts_come_to():
    goods = [goods_for("10.00"), goods_for("20.00")]
    assert order(goods, grand_total=D("10.00"), edited_total=D("30.01")).totals.grand_total == D(
        "30.01"
    )
    assert order(goods, grand_total=D("10.00"), edited_total=D("31.00")).totals.grand_total == D(
        "10.00"
    )


# --- odd lines


def test_goods_of_no_pieces_are_no_line_and_a_fee_where_they_cost_something():
    at = Context("shop-eu")
    free = Charge(path="items.1", quantity=D(0), unit_price=D("5.00"))
    paid = Charge(path="items.2", quantity=D(0), gross=D("5.00"), what={"title": "Deposit"})
    made = order([goods_for("10.00"), free, paid], at)
    assert len(made.lines) == 1
    assert [(fee.code, fee.title, str(fee.total)) for fee in made.fees] == [
        ("no_pieces", "Deposit", "5.00")
    ]
    assert [(one.path, one.code) for one in at.warnings] == [
        ("items.1", "no_pieces"), ("items.2", "no_pieces"),
    ]  # fmt: skip


def test_a_fee_below_zero_lowers_the_order_and_one_of_nothing_is_none():
    fees = [Charge(path="fees.0", net=D("-3.00"), tax=D("-0.57")), Charge(path="f", net=D(0))]
    made = order(fees=fees, tax_included=False)
    assert [(str(fee.amount), str(fee.tax), str(fee.total)) for fee in made.fees] == [
        ("-3.00", "-0.57", "-3.57")
    ]
    assert made.totals.grand_total == D("6.43")


@pytest.mark.parametrize("quantity", ["1.5", "-1"])
def test_pieces_that_are_not_whole_are_refused_by_their_place(quantity):
    with pytest.raises(BadData) as error:
        order([goods_for("10.00", quantity)])
    assert (error.value.path, error.value.code) == ("items.0.quantity", "bad_quantity")


def test_goods_without_a_price_are_refused_by_their_place():
    with pytest.raises(BadData) as error:
        order([Charge(path="items.0", discount=D(1))])
    assert (error.value.path, error.value.code) == ("items.0.price", "missing_field")


def test_a_field_that_a_line_does_not_have_is_a_mistake_of_the_mapping():
    with pytest.raises(TypeError, match=r"\['colour'\] are no fields of items.0"):
        order([goods_for("10.00", what={"colour": "red"})])


# --- how it stands


@pytest.mark.parametrize(
    ("told", "state", "sums"),
    [
        ({}, "pending", ("0.00", "0.00", "10.00")),
        ({"payment_state": "paid"}, "paid", ("10.00", "0.00", "0.00")),
        ({"payment_state": "refunded"}, "refunded", ("10.00", "10.00", "0.00")),
        ({"paid": D(4)}, "partially_paid", ("4.00", "0.00", "6.00")),
        ({"paid": D(10)}, "paid", ("10.00", "0.00", "0.00")),
        ({"paid": D(4), "outstanding": D(1)}, "partially_paid", ("4.00", "0.00", "1.00")),
        ({"paid": D(4), "refunded": D(5)}, "partially_paid", ("4.00", "5.00", "6.00")),
        ({"paid": D(4), "refunded": D(5), "refunded_worked_out": True}, "partially_paid",
         ("4.00", "4.00", "6.00")),
        ({"payments": [ChannelPayment(state="authorized")]}, "authorized",
         ("0.00", "0.00", "10.00")),
        ({"payments": [ChannelPayment(state="paid", amount=D(3))]}, "partially_paid",
         ("3.00", "0.00", "7.00")),
        ({"grand_total": D(0)}, "paid", ("0.00", "0.00", "0.00")),
    ],
)  # fmt: skip
def test_how_an_order_stands_follows_from_what_is_told(told, state, sums):
    made = order(**told)
    totals = made.totals
    assert made.payment_state == state
    assert (str(totals.paid), str(totals.refunded), str(totals.outstanding)) == sums


def test_a_payment_without_an_amount_is_the_whole():
    made = order(payment_state="paid", payments=[ChannelPayment(gateway="stripe")])
    (payment,) = made.payments
    assert (payment.state, payment.amount, payment.currency) == ("paid", D(10), "EUR")
