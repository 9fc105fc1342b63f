"""Which orders may leave as one parcel, and what their warehouse is told."""

from decimal import Decimal

import pytest

from hub.model.document import Source
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentOrder
from hub.rules.routing import merging
from hub.rules.routing.rulebook.compiled import Book
from hub.rules.routing.rulebook.routing_rules import parse
from tests.rules.builders import ADDRESS, AT, order


def most(*rules):
    return Book(parse(rules)).parcel_at_most(AT)


def told(number, lines, **given):
    """What a warehouse would be told of one order."""
    return FulfilmentOrder(
        **{
            "source": Source(connection="shop", id=number),
            "fulfilment_order_id": f"F{number}",
            "order_number": number,
            "channel_order_id": number,
            "merchant": "acme",
            "warehouse": "ams",
            "created_at": AT,
            "ship_to": ADDRESS.model_copy(update={"email": "ada@example.com"}),
            "lines": [{"line_no": at, "sku": "A", "quantity": 1} for at in range(1, lines + 1)],
            **given,
        }
    )


def test_nothing_meets_without_a_rule():
    assert most() == most({"fallback": "hold"}) == 1


def test_a_rule_says_how_many_may_meet_while_it_holds():
    assert most({"merge": "same_recipient"}) == 20
    assert most({"merge": "same_recipient", "at_most": 3}) == 3
    assert most({"merge": "same_recipient", "until": "2020-01-01"}) == 1
    few = {"merge": "same_recipient", "at_most": 2, "priority": 1}
    assert most({"merge": "same_recipient"}, few) == 2


@pytest.mark.parametrize(
    "wrong", [{"merge": "same_street"}, {"merge": "same_recipient", "at_most": 1}]
)
def test_a_wrong_rule_is_refused(wrong):
    with pytest.raises(BadData):
        parse([wrong])


def test_one_notice_keeps_what_each_says():
    first = told("1001", 2, note="ring twice", insured_value="10.00")
    second = told("1002", 1, note="no plastic", insured_value="5.50")
    notice = merging.notice([first, second])
    assert notice.fulfilment_order_id == first.fulfilment_order_id
    assert [(it.line_no, it.attributes["order_number"]) for it in notice.lines] == [
        (1, "1001"), (2, "1001"), (3, "1002")
    ]  # fmt: skip
    assert notice.note == "1001: ring twice; 1002: no plastic"
    assert notice.insured_value == Decimal("15.50")
    assert merging.notice([first]) is first


def recipient(**given):
    return merging.recipient(order(), told("1001", 1, **given))


def test_one_recipient_however_it_is_spelt():
    to = ADDRESS.model_copy(update={"name": " ADA  EXAMPLE", "email": "Ada@Example.com"})
    assert recipient() is not None
    assert recipient() == recipient(ship_to=to)


@pytest.mark.parametrize(
    "alone",
    [
        {"ship_to": None},
        {"ship_to": ADDRESS},
        {"cash_on_delivery": {"amount": "10.00", "currency": "EUR"}},
        {"gift_message": "Happy birthday"},
    ],
    ids=["no address", "nobody to reach", "cash", "a gift"],
)
def test_what_stays_alone(alone):
    assert recipient(**alone) is None


@pytest.mark.parametrize(
    "other",
    [
        {"warehouse": "ber"},
        {"merchant": "beta"},
        {"delivery": {"method": "express"}},
        {"delivery": {"pickup_point": "P1"}},
        {"delivery": {"instructions": "at the back"}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_is_another_parcel(other):
    assert recipient(**other) not in {None, recipient()}
