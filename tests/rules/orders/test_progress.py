"""How far an order is."""

from decimal import Decimal

import pytest

from hub.rules.orders.progress import LineProgress, fulfilled, outcome
from hub.states.fulfilment_order import State as F
from hub.states.order import Event, State


def lines(*pairs):
    return [LineProgress(Decimal(wanted), Decimal(shipped)) for wanted, shipped in pairs]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([(2, 0)], "unfulfilled"),
        ([(2, 1)], "partial"),
        ([(2, 2), (1, 0)], "partial"),
        ([(2, 2)], "fulfilled"),
        ([(2, 3)], "fulfilled"),
        ([(0, 0)], "fulfilled"),
        ([], "fulfilled"),
    ],
)
def test_how_much_is_shipped(known, expected):
    assert fulfilled(lines(*known)) == expected


@pytest.mark.parametrize(
    ("state", "known", "fulfilments", "event"),
    [
        (State.OPEN, [(2, 2)], [F.SHIPPED], Event.COMPLETE),
        (State.OPEN, [(2, 2)], [F.SHORT, F.SHIPPED], Event.COMPLETE),
        (State.OPEN, [(2, 1)], [F.SHORT], None),
        (State.OPEN, [(2, 2)], [F.SHIPPED, F.CANCEL_REQUESTED], None),
        (State.OPEN, [(2, 0)], [], None),
        (State.HELD, [(2, 2)], [F.REJECTED, F.SHIPPED], Event.COMPLETE),
        (State.HELD, [(2, 1)], [F.SHIPPED], None),
        (State.HELD, [(0, 0)], [F.CANCELLED], None),
        (State.CANCEL_REQUESTED, [(2, 0)], [F.CANCELLED, F.REJECTED], Event.CANCEL),
        (State.CANCEL_REQUESTED, [(2, 2)], [F.SHIPPED], Event.GIVE_UP),
        (State.CANCEL_REQUESTED, [(2, 1)], [F.SHIPPED, F.CANCELLED], Event.GIVE_UP),
        (State.CANCEL_REQUESTED, [(2, 1)], [F.SHIPPED, F.CANCEL_REQUESTED], None),
        (State.CANCEL_REQUESTED, [(2, 0)], [F.ACCEPTED, F.CANCELLED], Event.REFUSE_CANCEL),
    ],
)
def test_what_the_fulfilment_orders_amount_to(state, known, fulfilments, event):
    assert outcome(state, lines(*known), fulfilments, called_off=False) is event


@pytest.mark.parametrize(
    ("state", "known", "fulfilments", "event"),
    [
        (State.OPEN, [(0, 0)], [F.CANCELLED], Event.CALL_OFF),
        (State.OPEN, [(0, 0)], [F.REJECTED, F.CANCELLED], Event.CALL_OFF),
        (State.OPEN, [(0, 0)], [F.ACCEPTED], None),
        (State.OPEN, [(0, 1)], [F.SHIPPED, F.CANCELLED], Event.COMPLETE),
        (State.HELD, [(0, 0)], [F.CANCELLED], None),
        (State.CANCEL_REQUESTED, [(0, 0)], [F.CANCELLED], Event.CALL_OFF),
        (State.CANCEL_REQUESTED, [(0, 0)], [F.ACCEPTED], Event.REFUSE_CANCEL),
    ],
)
def test_what_its_channel_called_off_is_cancelled_unless_something_left(
    state, known, fulfilments, event
):
    assert outcome(state, lines(*known), fulfilments, called_off=True) is event
