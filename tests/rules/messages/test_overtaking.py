"""What is overtaken, by document and by what became of its subject."""

import pytest

from hub.rules.messages.overtaking import Subject, overtaken
from hub.states.fulfilment_order import FULFILMENT_ORDER, State

ENDED = sorted(FULFILMENT_ORDER.final)
LIVING = sorted(set(State) - FULFILMENT_ORDER.final)


@pytest.mark.parametrize("document", ["fulfilment_order", "fulfilment_cancellation"])
@pytest.mark.parametrize("goods", ENDED)
@pytest.mark.parametrize("was_told", [True, False])
def test_nothing_is_told_of_a_fulfilment_order_that_has_ended(document, goods, was_told):
    said = overtaken(document, Subject("F1", goods=goods, was_told=was_told))
    assert said is not None
    assert said.startswith("fulfilment order F1 ")


@pytest.mark.parametrize("document", ["fulfilment_order", "fulfilment_cancellation"])
@pytest.mark.parametrize("goods", LIVING)
def test_what_still_lives_is_told(document, goods):
    assert overtaken(document, Subject("F1", goods=goods)) is None


def test_a_notice_is_not_told_again_after_the_wish_to_take_it_back():
    asked_back = Subject("F1", goods="cancel_requested", was_told=True)
    assert overtaken("fulfilment_order", asked_back) == "fulfilment order F1 is asked back"
    assert overtaken("fulfilment_cancellation", asked_back) is None


@pytest.mark.parametrize(
    ("goods", "says"),
    [
        ("shipped", "is shipped"),
        ("delivered", "is delivered"),
        ("short", "is closed, part of it could not be shipped; F2 took its place"),
        ("rejected", "was refused by the warehouse; F2 took its place"),
        ("cancelled", "is cancelled; F2 took its place"),
    ],
)
def test_it_says_what_became_of_it_and_what_took_its_place(goods, says):
    successor = "F2" if "F2" in says else None
    said = overtaken("fulfilment_order", Subject("F1", goods=goods, successor=successor))
    assert said == f"fulfilment order F1 {says}"


@pytest.mark.parametrize(
    ("document", "newer", "order", "says"),
    [
        ("stock_level", None, None, None),
        ("stock_level", False, None, "a newer level of this article took its place"),
        ("stock_level", True, None, "a newer level of this article took its place"),
        ("sales_order", None, "cancelled", None),
        ("sales_order", False, "open", None),
        ("sales_order", True, "open", "a newer telling of this order took its place"),
        (
            "sales_order",
            False,
            "cancelled",
            "the order is cancelled; the telling of that took its place",
        ),
        ("shipment", True, "cancelled", None),
        ("refund", True, "cancelled", None),
        ("something_else", True, "cancelled", None),
    ],
)
def test_of_what_is_told_whole_a_newer_telling_takes_the_place(document, newer, order, says):
    assert overtaken(document, Subject("1", order=order, is_newer_told=newer)) == says


def test_an_order_that_was_told_is_not_told_again_behind_a_newer_telling():
    subject = Subject("1", order="open", is_newer_told=False, was_told=True)
    assert overtaken("sales_order", subject) == "a newer telling of this order took its place"
