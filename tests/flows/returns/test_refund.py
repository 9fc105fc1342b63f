"""From what a customer sends back to the money."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from hub.flows.returns.requests import Found
from hub.model.errors import BadData, Contradiction, IllegalTransition
from tests.flows.returns.counter import Counter
from tests.kit.catalogue import DAY


def test_from_the_request_to_the_refund(counter: Counter) -> None:
    counter.sold()
    before = counter.levels()["good"]
    assert counter.asks(pieces={"A": 2}).status == "done"
    assert (counter.status(), counter.approve()) == ("requested", "approved")
    assert counter.came(pieces={("A", "good"): 1, ("A", "defective"): 1}).status == "done"
    assert counter.levels() == {"good": before + 1, "defective": 1}
    assert counter.status() == "inspected"
    assert counter.does("confirm", None) == "confirmed"
    assert counter.pays() == Decimal("20.00")
    assert counter.status() == "refunded"
    number = counter.row().number
    assert counter.refunds() == [(f"{number}-1", Decimal(20))]
    assert counter.told().count("refund") == 1
    assert "return" in counter.told(counter.wh)
    assert set(counter.told(counter.acme.at_erp.code)) >= {"refund", "return", "return_receipt"}
    assert counter.does("close", "") == "closed"
    counter.check()


def test_the_same_receipt_again_books_nothing(counter: Counter) -> None:
    counter.sold()
    counter.asks()
    counter.approve()
    assert counter.came().status == "done"
    there = counter.levels()
    assert (counter.came().code, counter.levels()) == ("repeated", there)
    counter.check()


def test_pieces_that_nobody_looked_at_are_inspected_by_another_than_who_confirms(
    new_counter: Callable[..., Counter],
) -> None:
    counter = new_counter(four_eyes=True)
    counter.sold()
    before = counter.levels()["good"]
    counter.asks(pieces={"A": 2})
    counter.approve()
    counter.came(pieces={("A", "uninspected"): 2})
    assert (counter.status(), counter.levels()) == (
        "received",
        {"good": before, "uninspected": 2},
    )
    found = [{"line_no": 1, "quality": "good", "quantity": 1},
             {"line_no": 1, "quality": "missing", "quantity": 1}]  # fmt: skip
    counter.does("inspect", [Found.model_validate(it) for it in found])
    assert (counter.status(), counter.levels()) == ("inspected", {"good": before + 1})
    with pytest.raises(Contradiction) as refused:
        counter.does("confirm", None)
    assert refused.value.code == "four_eyes"
    counter.does("confirm", None, who="bob")
    assert counter.pays() == Decimal("10.00")
    counter.check()


WRONG = {
    "unknown_order": {"order": 9999},
    "unknown_line": {"pieces": {"C": 1}},
    "more_than_sold": {"pieces": {"A": 3}},
    "after_window": {"requested_at": "2027-03-01T00:00:00Z"},
}
PATHS = {
    "unknown_order": "channel_order_id",
    "unknown_line": "lines.0.sku",
    "more_than_sold": "lines.0.quantity",
    "after_window": "requested_at",
}


@pytest.mark.parametrize("code", WRONG)
def test_what_cannot_come_back_is_refused_by_name(counter: Counter, code: str) -> None:
    counter.sold()
    verdict = counter.wants(allow_late=False, **WRONG[code])
    assert (verdict.status, verdict.code, verdict.path) == ("parked", code, PATHS[code])


def test_pieces_come_back_once_however_often_they_are_asked_for(counter: Counter) -> None:
    counter.sold()
    assert counter.asks(pieces={"A": 2}).status == "done"
    assert counter.asks(pieces={"A": 2}).code == "repeated"
    verdict = counter.asks(number="rma-2", pieces={"A": 1})
    assert (verdict.code, verdict.path) == ("returned_twice", "lines.0.quantity")
    counter.does("reject", "worn")
    assert counter.asks(number="rma-3", pieces={"A": 1}).status == "done"
    counter.check()


def test_no_more_goes_back_than_came_in_and_than_was_paid(counter: Counter) -> None:
    counter.sold()
    counter.asks(pieces={"A": 2})
    counter.approve()
    counter.came()
    counter.does("confirm", None)
    wishes = (
        ({"lines": [{"line_no": 1, "quantity": 2}]}, "more_than_received", "lines.0.quantity"),
        ({"lines": [{"line_no": 1, "amount": "20.01"}]}, "more_than_paid", "lines.0.amount"),
        ({"goodwill": "30.01", "lines": []}, "more_than_paid", "goodwill"),
        ({"goodwill": "20.01"}, "more_than_paid", "amount"),
        ({"shipping": "1.00"}, "more_than_paid", "shipping"),
        ({"restocking_fee": "10.01"}, "more_than_paid", "restocking_fee"),
        ({"lines": []}, "nothing_to_refund", "lines"),
    )
    for wish, code, path in wishes:
        with pytest.raises(BadData) as refused:
            counter.pays(**wish)
        assert (refused.value.code, refused.value.path) == (code, path)
    assert counter.pays(restocking_fee="1.50") == Decimal("8.50")
    assert counter.pays(lines=[{"line_no": 1, "amount": "3.00"}]) == Decimal("3.00")
    assert counter.pays(lines=[], goodwill="5.00") == Decimal("5.00")
    plan = counter.row().document.refund
    assert plan is not None
    assert (plan.amount, plan.lines, plan.goodwill, plan.restocking_fee) == (
        *(Decimal("16.50"), Decimal("13.00"), Decimal("5.00"), Decimal("1.50")),
    )
    counter.check()


def test_the_channels_echo_of_a_refund_counts_once(counter: Counter) -> None:
    counter.sold()
    counter.asks(pieces={"A": 1})
    counter.approve()
    counter.came()
    counter.does("confirm", None)
    counter.pays()
    (mine,) = counter.refunds()
    assert counter.paid_back("shop-77", amount="10.00").code == "repeated"
    assert counter.paid_back("shop-77", amount="10.00").code == "repeated"
    assert counter.refunds() == [mine]
    assert counter.paid_back("shop-78", amount="10.00").status == "done"
    assert len(counter.refunds()) == 2
    counter.check()


def test_a_channel_that_takes_no_refunds_is_paid_by_a_person(
    new_counter: Callable[..., Counter],
) -> None:
    counter = new_counter(shop=("shipment",))
    counter.sold()
    counter.asks()
    counter.approve()
    counter.came()
    counter.does("confirm", None)
    counter.pays()
    assert counter.acme.incidents() == ["refund_by_hand"]


def test_requests_that_come_too_late_are_refused(counter: Counter) -> None:
    counter.sold()
    counter.asks()
    with pytest.raises(IllegalTransition):
        counter.pays()
    counter.does("cancel", "keeps it")
    with pytest.raises(IllegalTransition):
        counter.approve()


def test_terms_decide_by_themselves(new_counter: Callable[..., Counter]) -> None:
    counter = new_counter(
        settle="auto",
        review=[
            {"name": "worn", "when": {"reasons": ["worn*"]}, "then": "refuse"},
            {"name": "small", "when": {"value_at_most": "20"}, "then": "approve"},
        ],
        reasons=[{"code": "worn_out", "words": ["GEBRAUCHT"]}],
        restocking_percent="10",
    )
    counter.sold()
    counter.asks(pieces={"A": 1}, reason="Gebraucht")
    assert (counter.status(), counter.row().document.reason) == ("rejected", "worn_out")
    counter.asks(number="rma-2", pieces={"A": 1})
    assert counter.status(1) == "approved"
    assert counter.told(counter.wh, "return") == ["return"]
    counter.came(number=counter.row(1).number)
    assert counter.does("confirm", None, at=1) == "refunded"
    assert [amount for _, amount in counter.refunds()] == [Decimal(9)]
    counter.check()


def test_a_return_goes_by_the_terms_of_the_moment_it_was_asked_for(
    new_counter: Callable[..., Counter],
) -> None:
    counter = new_counter(restocking_percent="10", otherwise="approve")
    counter.sold()
    counter.asks(pieces={"A": 1})
    counter.terms(since=f"{DAY}T14:30:00Z", restocking_percent="50", otherwise="refuse")
    counter.asks(number="rma-2", pieces={"A": 1}, requested_at=f"{DAY}T14:31:00Z")
    assert (counter.status(0), counter.status(1)) == ("approved", "rejected")
    counter.came()
    counter.does("confirm", None)
    assert counter.pays() == Decimal(9)
    counter.check()
