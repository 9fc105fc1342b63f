"""Which payments a refund of ours goes out of, in which money, and how far a return goes."""

from decimal import Decimal
from typing import Any, get_args

import pytest

from adapters.kit.samples import sample
from hub.model.errors import BadData, Rejected
from hub.model.returns import ReturnState
from mappings.kit import Context
from mappings.shopify.refunds import told as refunds
from mappings.shopify.returns import told as returns

AT = Context("shop-eu", "acme")


def paid(id_: int, ours: str, theirs: str | None = None, **more: Any) -> dict[str, Any]:
    sums = {"shopMoney": {"amount": ours}, "presentmentMoney": {"amount": theirs or ours}}
    row = {"kind": "SALE", "status": "SUCCESS", "gateway": "cards", "parentTransaction": None}
    return {"id": f"gid://shopify/OrderTransaction/{id_}", **row, "amountSet": sums, **more}


def back(id_: int, ours: str, theirs: str | None = None, parent: int | None = None, **more: Any):
    named = {"id": f"gid://shopify/OrderTransaction/{parent}"} if parent else None
    return paid(id_, ours, theirs, **{"kind": "REFUND", "parentTransaction": named, **more})


def input_of(order: list[dict[str, Any]], shown: str = "EUR", **refund: Any) -> dict[str, Any]:
    shop = {"currencyCode": "EUR", "presentmentCurrencyCode": shown, "transactions": order}
    return refunds.paid_back(sample("refund", **refund), shop, AT)


def spent(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(it["parentId"].rsplit("/", 1)[-1], it["amount"]) for it in told["transactions"]]


@pytest.mark.parametrize(
    ("order", "amount", "expected"),
    [
        ([paid(1, "20.0")], "5.00", [("1", "5.00")]),
        ([paid(1, "3.0"), paid(2, "20.0")], "5.00", [("1", "3.00"), ("2", "2.00")]),
        ([paid(1, "5.0"), back(9, "4.5", parent=1), paid(2, "9.0")], "5.00",
         [("1", "0.50"), ("2", "4.50")]),
        ([paid(1, "5.0"), back(9, "5.0")], "0.00", []),
        ([paid(1, "5.0", kind="AUTHORIZATION"), paid(2, "5.0", kind="CAPTURE")], "5.00",
         [("2", "5.00")]),
        ([paid(1, "9.0"), back(9, "5.0", parent=1, status="FAILURE")], "9.00", [("1", "9.00")]),
    ],
    ids=["one", "two payments", "part is back", "goodwill of nothing", "captured", "failed"],
)  # fmt: skip
def test_a_refund_goes_out_of_what_is_left_of_each_payment(order, amount, expected):
    assert spent(input_of(order, amount=amount)) == expected


def test_the_payment_that_the_refund_names_comes_first():
    order = [paid(1, "20.0", gateway="gift_card"), paid(2, "20.0")]
    named = [{"reference": "2", "amount": "5.00"}]
    assert spent(input_of(order, amount="5.00", payments=named)) == [("2", "5.00")]
    by_gateway = [{"gateway": "cards", "amount": "5.00"}]
    assert spent(input_of(order, amount="5.00", payments=by_gateway)) == [("2", "5.00")]


@pytest.mark.parametrize("order", [[], [paid(1, "20.0"), back(9, "16.0", parent=1)]])
def test_more_than_is_left_is_not_asked_for(order):
    with pytest.raises(Rejected, match="are left at the shop") as caught:
        input_of(order, amount="5.00")
    assert caught.value.code == "differs_at_partner"


def test_what_was_paid_in_another_currency_goes_back_in_that_at_its_own_rate():
    order = [paid(1, "20.0", "21.61")]
    told = input_of(order, "USD", amount="7.00", shipping_amount="2.00")
    assert (told["currency"], told["shipping"]) == ("USD", {"amount": "2.16"})
    assert spent(told) == [("1", "7.56")]
    rest = [*order, back(9, "7.0", "7.56", parent=1)]
    assert spent(input_of(rest, "USD", amount="13.00")) == [("1", "14.05")]
    yen = input_of([paid(1, "20.0", "3333")], "JPY", amount="7.00")
    assert spent(yen) == [("1", "1167")]


def test_all_of_many_parts_come_to_what_the_customer_paid():
    rows = [paid(1, "10.0", "10.99")]
    for at, part in enumerate(("3.33", "3.33", "3.34"), start=2):
        ((_, amount),) = spent(input_of(rows, "USD", amount=part))
        rows.append(back(at, part, amount, parent=1))
    given = [Decimal(row["amountSet"]["presentmentMoney"]["amount"]) for row in rows[1:]]
    assert sum(given) == Decimal("10.99")


def test_an_order_that_the_shop_reckons_in_another_currency_is_for_a_person():
    with pytest.raises(Rejected, match="reckons the order in EUR"):
        input_of([paid(1, "20.0")], currency="USD")


def test_no_piece_is_put_back_by_the_shop_and_a_line_that_it_does_not_know_is_refused():
    lines = [{"channel_line_id": "61", "quantity": "2", "amount": "5.00", "restock": True}]
    told = input_of([paid(1, "20.0")], lines=lines)
    assert [it["restockType"] for it in told["refundLineItems"]] == ["NO_RESTOCK"]
    with pytest.raises(BadData, match="no such line"):
        input_of([paid(1, "20.0")], lines=[{"sku": "CUP", "quantity": "1", "amount": "5.00"}])


@pytest.mark.parametrize("status", get_args(ReturnState))
def test_wherever_ours_is_the_shop_can_be_brought_there_and_then_nothing_is_left(status):
    document = sample("return", status=status)
    goal = returns.wanted(document)
    for before in (None, "REQUESTED", "OPEN"):
        returns.steps(document, before)
    assert returns.steps(document, goal) == ()


@pytest.mark.parametrize(
    ("there", "status"),
    [("DECLINED", "approved"), ("CANCELED", "closed"), ("CLOSED", "rejected")],
)
def test_a_return_that_the_shop_ended_otherwise_is_for_a_person(there, status):
    with pytest.raises(Rejected, match=f"the shop's return is {there}, ours is {status}"):
        returns.steps(sample("return", status=status), there)


def test_pieces_come_out_of_each_fulfilment_that_they_left_with_and_no_more():
    sent = [
        {"quantity": pieces, "fulfillmentLineItem": {
            "id": f"gid://shopify/FulfillmentLineItem/{at}",
            "lineItem": {"id": "gid://shopify/LineItem/61"}}}
        for at, pieces in ((1, 1), (2, 3))
    ]  # fmt: skip

    def taken(pieces: int) -> list[tuple[str, int]]:
        line = {"channel_line_id": "61", "sku": "CUP", "quantity": str(pieces), "reason": "Odd"}
        told = returns.created(sample("return", lines=[line]), sent, AT)["returnLineItems"]
        assert {it["returnReason"] for it in told} == {"OTHER"}
        assert {it["returnReasonNote"] for it in told} == {"Odd (Order Hub no. R-1)"}
        return [(it["fulfillmentLineItemId"][-1], it["quantity"]) for it in told]

    assert taken(3) == [("1", 1), ("2", 2)]
    with pytest.raises(Rejected, match="1 pieces fewer to take back"):
        taken(5)
