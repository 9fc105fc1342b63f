"""Which of the orders that a person chose can leave as one parcel, and why others cannot."""

from uuid import UUID

import pytest

from hub.rules.routing import by_hand
from hub.rules.routing.by_hand import Waiting
from hub.rules.routing.merging import MOST_LINES


def waiting(number, recipient="ada", *, notice=None, lines=1, order=None, untouched=True):
    whose = (UUID(int=number), UUID(int=order or number), UUID(int=notice or number))
    return Waiting(*whose, recipient, lines, untouched)


def numbers(parcels):
    return [[it.id.int for it in parcel] for parcel in parcels]


@pytest.mark.parametrize(
    ("parts", "parcels"),
    [
        ([waiting(2), waiting(1)], [[1, 2]]),
        ([waiting(1), waiting(2, "eve"), waiting(3), waiting(4, "eve")], [[1, 3], [2, 4]]),
        ([waiting(1), waiting(2, untouched=False)], []),
        ([waiting(1, None), waiting(2, None)], []),
        ([waiting(1), waiting(2, order=1)], []),
        ([waiting(1, notice=9), waiting(2, notice=9)], []),
        ([waiting(1, notice=9), waiting(2, notice=9), waiting(3)], [[1, 2, 3]]),
        ([waiting(1, lines=MOST_LINES - 1), waiting(2), waiting(3), waiting(4)], [[1, 2], [3, 4]]),
    ],
)  # fmt: skip
def test_what_leaves_together(parts, parcels):
    assert numbers(by_hand.together(parts)) == parcels


def test_why_orders_stay_as_they_are():
    parts = [
        waiting(1, untouched=False), waiting(2, None), waiting(3, "eve"),
        waiting(4, "bob", notice=9), waiting(5, "bob", notice=9), waiting(6), waiting(7),
    ]  # fmt: skip
    whose = {it.order_id: [it] for it in parts}
    joined = {it.order_id for parcel in by_hand.together(parts) for it in parcel}
    refused = by_hand.why_not_together(whose, joined)
    assert {order.int: problem.code for order, problem in refused.items()} == {
        1: "with_warehouse", 2: "leaves_alone", 3: "nobody_alike",
        4: "together_already", 5: "together_already",
    }  # fmt: skip


def test_what_leaves_alone_again():
    parts = [waiting(1, notice=9), waiting(2), waiting(3, notice=9, untouched=False)]
    shared = {UUID(int=9)}
    assert by_hand.apart(parts, shared) == parts[:1]
    codes = [by_hand.why_not_apart([it], shared).code for it in parts[1:]]
    assert codes == ["not_merged", "with_warehouse"]
