"""What a refund is worth, of every kind: in the order's currency, by its tax mode, never above
what was paid.
"""

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.order import Refund
from hub.rules.orders.refunding import settled, within
from mappings.kit import Context, decode
from mappings.shopify import DECODE
from tests.kit.fixtures import SHARED
from tests.mappings.shopify.sample import line, order, read

BUGS = SHARED / "bugs"
CENT = Decimal("0.01")
NETS = st.lists(st.decimals("0.01", "500", places=2), min_size=1, max_size=4)
RATES = st.sampled_from(["0", "0.05", "0.077", "0.19", "0.25"])


def refund(tree: dict[str, Any]) -> Refund:
    whole = {"id": 7, "order_id": 1001, "created_at": "2026-01-02T00:00:00Z", **tree}
    (found,) = decode(DECODE, "refunds/create", json.dumps(whole).encode(), Context("shop"))
    assert isinstance(found, Refund)
    return found


def bag(ours: Any, theirs: Any | None = None) -> dict[str, Any]:
    """An amount in EUR and, as the customer saw it, in CHF."""
    found = {"shop_money": {"amount": str(ours), "currency_code": "EUR"}}
    if theirs is not None:
        found["presentment_money"] = {"amount": str(theirs), "currency_code": "CHF"}
    return found


def moved(amount: Any, currency: str = "EUR", **changes: Any) -> dict[str, Any]:
    return {"id": 1, "kind": "refund", "status": "success", "gateway": "card",
            "amount": str(amount), "currency": currency, **changes}  # fmt: skip


def goods(amount: str, tax: str, *, theirs: str | None = None, **changes: Any) -> dict[str, Any]:
    """One line refunded whole, its tax as told. The CHF are four for five EUR."""
    return {
        "line_item_id": 1,
        "quantity": 1,
        "restock_type": "return",
        "subtotal": amount,
        "total_tax": tax,
        "subtotal_set": bag(amount, theirs),
        "total_tax_set": bag(tax, theirs and cents(Decimal(tax) * 4 / 5)),
        **changes,
    }


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


KINDS: dict[str, tuple[dict[str, Any], tuple[str, str, bool, str]]] = {
    # what is told -> amount, tax, whether it was worked out, tax unsettled
    "told in the order's currency": (
        {"refund_line_items": [goods("119.00", "19.00")], "transactions": [moved("119.00")]},
        ("119.00", "19.00", False, "0"),
    ),
    "in the customer's, tax included": (
        {
            "refund_line_items": [goods("119.00", "19.00", theirs="95.20")],
            "transactions": [moved("95.20", "CHF")],
        },
        ("119.00", "19.00", True, "0"),
    ),
    "in the customer's, tax on top": (
        {
            "refund_line_items": [goods("100.00", "19.00", theirs="80.00")],
            "transactions": [moved("95.20", "CHF")],
        },
        ("119.00", "19.00", True, "0"),
    ),
    "in the customer's, told in both": (
        {"transactions": [moved("95.20", "CHF", amount_set=bag("119.00", "95.20"))]},
        ("119.00", "0.00", False, "0"),
    ),
    "part of it, by the rate": (
        {
            "refund_line_items": [goods("119.00", "19.00", theirs="95.20")],
            "transactions": [moved("10.00", "CHF")],
        },
        ("12.50", "2.00", True, "0"),
    ),
    "part of it, the rest told as a discrepancy": (
        {
            "refund_line_items": [goods("119.00", "19.00")],
            "order_adjustments": [
                {"kind": "refund_discrepancy", "amount": "87.75", "tax_amount": "0.00"}
            ],
            "transactions": [moved("31.25")],
        },
        ("31.25", "4.99", False, "0"),
    ),
    "several transactions, of which one failed and one is pending": (
        {
            "refund_line_items": [goods("119.00", "19.00")],
            "transactions": [
                moved("100.00"),
                moved("19.00", status="pending"),
                moved("119.00", status="failure"),
                moved("119.00", kind="void"),
            ],
        },
        ("119.00", "19.00", False, "0"),
    ),
    "every transaction failed": (
        {
            "refund_line_items": [goods("119.00", "19.00")],
            "transactions": [moved("119.00", status="error")],
        },
        ("0.00", "0.00", False, "0"),
    ),
    "an exchange": (
        {"refund_line_items": [goods("119.00", "19.00")], "transactions": []},
        ("0.00", "0.00", False, "0"),
    ),
    "goods and shipping, tax on top": (
        {
            "refund_line_items": [goods("100.00", "19.00", theirs="80.00")],
            "order_adjustments": [
                {
                    "kind": "shipping_refund",
                    "amount_set": bag("-10.00", "-8.00"),
                    "tax_amount_set": bag("-1.90", "-1.52"),
                }
            ],
            "transactions": [moved("104.72", "CHF")],
        },
        ("130.90", "20.90", True, "0"),
    ),
    "shipping alone, told by shipping line": (
        {
            "refund_shipping_lines": [
                {"subtotal_amount_set": bag("5.95"), "tax_amount_set": bag("0.95")}
            ],
            "transactions": [moved("5.95")],
        },
        ("5.95", "0.95", False, "0"),
    ),
    "goodwill without goods": (
        {
            "order_adjustments": [{"kind": "refund_discrepancy", "amount": "-20.00"}],
            "transactions": [moved("20.00")],
        },
        ("20.00", "0.00", False, "0"),
    ),
    "to a gift card": (
        {
            "refund_line_items": [goods("50.00", "0.00")],
            "transactions": [moved("50.00", gateway="gift_card")],
        },
        ("50.00", "0.00", False, "0"),
    ),
    "no transactions sent, the rates tell that tax is included": (
        {
            "refund_line_items": [
                goods(
                    "119.00",
                    "19.00",
                    line_item=line(
                        price="119.00", tax_lines=[{"rate": 0.19, "price": "19.00"}]
                    ),
                )
            ]
        },
        ("119.00", "19.00", True, "0"),
    ),
    "no transactions sent, the rates tell that tax is on top": (
        {
            "refund_line_items": [
                goods(
                    "100.00",
                    "19.00",
                    line_item=line(
                        price="100.00", tax_lines=[{"rate": 0.19, "price": "19.00"}]
                    ),
                )
            ]
        },
        ("119.00", "19.00", True, "0"),
    ),
    "no transactions sent, nothing tells of the tax": (
        {"refund_line_items": [goods("100.00", "19.00")]},
        ("100.00", "19.00", True, "19.00"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_refund_is_worth_the_money_that_went_back_in_the_orders_currency(kind):
    told, expected = KINDS[kind]
    found = refund(told)
    assert found.currency == "EUR"
    shown = (str(found.amount), str(found.tax), found.worked_out, str(found.tax_unsettled))
    assert shown == expected
    assert sum((one.amount for one in found.payments), Decimal(0)) in (found.amount, 0)


def test_what_the_customer_got_in_another_currency_is_kept_beside():
    told, _ = KINDS["part of it, by the rate"]
    assert refund(told).attributes["presented"] == {"CHF": "10.00"}


def test_several_transactions_in_another_currency_are_shared_without_loss():
    found = refund(
        {
            "refund_line_items": [goods("10.00", "0.00", theirs="8.00")],
            "transactions": [moved("2.67", "CHF"), moved("2.67", "CHF"), moved("2.66", "CHF")],
        }
    )
    assert [str(one.amount) for one in found.payments] == ["3.34", "3.34", "3.32"]
    assert str(found.amount) == "10.00"


def test_the_order_settles_the_tax_that_a_refund_leaves_open():
    told, _ = KINDS["no transactions sent, nothing tells of the tax"]
    for included, amount in ((True, "100.00"), (False, "119.00")):
        taxed = read(order(taxes_included=included, total_price="119.00"))
        found = settled(refund(told), taxed)
        assert found is not None
        assert (str(found.amount), found.tax_unsettled) == (amount, 0)


def test_a_refund_told_in_the_customers_currency_alone_is_changed_by_the_orders_own_rate():
    alone = {"presentment_money": {"amount": "95.20", "currency_code": "CHF"}}
    tax = {"presentment_money": {"amount": "15.20", "currency_code": "CHF"}}
    told = refund(
        {
            "refund_line_items": [
                {
                    "line_item_id": 1,
                    "quantity": 1,
                    "subtotal_set": alone,
                    "total_tax_set": tax,
                }
            ],
            "transactions": [moved("95.20", "CHF")],
        }
    )
    assert (told.currency, str(told.amount)) == ("CHF", "95.20")
    sold = read(
        order(
            line(price="119.00", tax_lines=[{"rate": 0.19, "price": "19.00"}]),
            total_price="119.00",
            total_price_set=bag("119.00", "95.20"),
        )
    )
    found = settled(told, sold)
    assert found is not None
    assert (found.currency, str(found.amount), str(found.tax)) == ("EUR", "119.00", "19.00")
    assert [str(one.amount) for one in found.payments] == ["119.00"]
    assert [(str(one.amount), str(one.tax)) for one in found.lines] == [("119.00", "19.00")]
    assert settled(told, read(order())) is None


@given(
    nets=NETS,
    rate=RATES,
    included=st.booleans(),
    abroad=st.booleans(),
    course=st.decimals("0.2", "9", places=4),
    part=st.integers(1, 100),
    sent=st.booleans(),
)
def test_a_refund_is_in_the_orders_currency_by_its_mode_and_within_what_was_paid(
    nets, rate, included, abroad, course, part, sent
):
    taxes = [cents(net * Decimal(rate)) for net in nets]
    prices = [net + tax if included else net for net, tax in zip(nets, taxes, strict=True)]
    total = sum(nets) + sum(taxes)
    lines = [
        line(at, price=str(price), tax_lines=[{"rate": float(rate), "price": str(tax)}])
        for at, (price, tax) in enumerate(zip(prices, taxes, strict=True), start=1)
    ]
    seen = cents(total * course)
    sold = order(
        *lines,
        taxes_included=included,
        total_price=str(total),
        total_price_set=bag(total, seen),
    )
    given_back = [
        {
            "line_item_id": one["id"],
            "line_item": one,
            "quantity": 1,
            "subtotal_set": bag(price, cents(price * course)),
            "total_tax_set": bag(tax, cents(tax * course)),
        }
        for one, price, tax in zip(lines, prices, taxes, strict=True)
    ]
    paid = (seen if abroad else total) * part / 100
    told = {
        "id": 7, "order_id": 1001, "created_at": "2026-01-02T00:00:00Z",
        "refund_line_items": given_back,
        **({"transactions": [moved(cents(paid), "CHF" if abroad else "EUR")]} if sent else {}),
    }  # fmt: skip
    whole = read({**sold, "refunds": [told], "financial_status": "partially_refunded"})
    assert whole.totals.refunded <= whole.totals.paid == total
    found = settled(refund(told), whole)
    assert found is not None
    found = within(found, total)
    assert found.currency == "EUR"
    assert 0 <= found.amount <= total
    assert 0 <= found.tax <= found.amount
    if not sent:
        assert (found.amount, found.tax) == (total, sum(taxes))
    elif not abroad:
        assert found.amount == cents(paid)
    assert sum((one.amount for one in found.payments), Decimal(0)) == (found.amount if sent else 0)


@pytest.mark.skipif(not BUGS.exists(), reason="the collection is not beside the checkout")
@pytest.mark.parametrize(
    ("name", "amount", "tax"),
    [
        ("04-refund-other-currency", "119.00", "19.00"),
        ("04-refund-part-other-currency", "31.25", "4.99"),
        ("07-refund-exchange", "0.00", "0.00"),
    ],
)
def test_a_reported_refund_reads_as_is_right(name, amount, tax):
    found = refund(json.loads((BUGS / f"{name}.json").read_text("utf-8")))
    assert (found.currency, str(found.amount), str(found.tax)) == ("EUR", amount, tax)
