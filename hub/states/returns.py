"""Life cycle of a return: goods coming back, approved under a number (RMA).

Goods are booked as they come in, by each receipt, wherever the return stands: the rows speak of the
status only.
"""

from enum import StrEnum

from hub.states.machine import Row, Table


class State(StrEnum):
    """Where a return stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    AWAITING_GOODS = "awaiting_goods"
    RECEIVED = "received"
    INSPECTED = "inspected"
    CONFIRMED = "confirmed"
    REFUNDED = "refunded"
    EXCHANGED = "exchanged"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to it.

    `waive_goods`: the customer may keep them, or they are lost; the money goes back all the same.
    `refund`: money went back, once more while the return is not closed. `exchange`: other goods,
    the same anew or mended ones go out under a linked order.
    """

    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    AWAIT_GOODS = "await_goods"
    WAIVE_GOODS = "waive_goods"
    RECEIVE = "receive"
    INSPECT = "inspect"
    CONFIRM = "confirm"
    REFUND = "refund"
    EXCHANGE = "exchange"
    CLOSE = "close"


_S, _E = State, Event

# fmt: off
RETURN = Table(
    document="return", start=_S.REQUESTED, final=frozenset({_S.REJECTED, _S.CLOSED, _S.CANCELLED}),
    facts=frozenset({_E.RECEIVE, _E.INSPECT}),
    people=frozenset({_E.APPROVE, _E.REJECT, _E.CANCEL, _E.WAIVE_GOODS, _E.INSPECT, _E.CONFIRM,
                      _E.REFUND, _E.EXCHANGE, _E.CLOSE}),
    rows=(
        # state                event           then             effects
        Row(_S.REQUESTED,      _E.APPROVE,     _S.APPROVED,     ("tell_warehouse", "tell_channel")),
        Row(_S.REQUESTED,      _E.REJECT,      _S.REJECTED,     ("tell_channel",)),
        Row(_S.REQUESTED,      _E.CANCEL,      _S.CANCELLED,    ("tell_channel",)),
        Row(_S.REQUESTED,      _E.RECEIVE,     _S.RECEIVED,     ("tell_channel",)),  # unasked
        Row(_S.REQUESTED,      _E.INSPECT,     _S.INSPECTED,    ("tell_channel",)),
        Row(_S.APPROVED,       _E.AWAIT_GOODS, _S.AWAITING_GOODS),
        Row(_S.APPROVED,       _E.WAIVE_GOODS, _S.CONFIRMED,    ("cancel_notice", "settle")),
        Row(_S.APPROVED,       _E.CANCEL,      _S.CANCELLED,    ("cancel_notice", "tell_channel")),
        Row(_S.APPROVED,       _E.RECEIVE,     _S.RECEIVED,     ("tell_channel",)),
        Row(_S.APPROVED,       _E.INSPECT,     _S.INSPECTED,    ("tell_channel",)),
        Row(_S.AWAITING_GOODS, _E.WAIVE_GOODS, _S.CONFIRMED,    ("cancel_notice", "settle")),
        Row(_S.AWAITING_GOODS, _E.CANCEL,      _S.CANCELLED,    ("cancel_notice", "tell_channel")),
        Row(_S.AWAITING_GOODS, _E.RECEIVE,     _S.RECEIVED,     ("tell_channel",)),
        Row(_S.AWAITING_GOODS, _E.INSPECT,     _S.INSPECTED,    ("tell_channel",)),
        Row(_S.RECEIVED,       _E.INSPECT,     _S.INSPECTED,    ("tell_channel",)),
        Row(_S.RECEIVED,       _E.CONFIRM,     _S.CONFIRMED,    ("settle",)),
        Row(_S.RECEIVED,       _E.REJECT,      _S.REJECTED,     ("send_back", "tell_channel")),
        Row(_S.INSPECTED,      _E.CONFIRM,     _S.CONFIRMED,    ("settle",)),
        Row(_S.INSPECTED,      _E.REJECT,      _S.REJECTED,     ("send_back", "tell_channel")),
        Row(_S.CONFIRMED,      _E.REFUND,      _S.REFUNDED,     ("tell_books", "tell_channel")),
        Row(_S.CONFIRMED,      _E.EXCHANGE,    _S.EXCHANGED,    ("tell_books", "tell_channel")),
        Row(_S.CONFIRMED,      _E.CLOSE,       _S.CLOSED,       ("tell_channel",)),
        Row(_S.REFUNDED,       _E.REFUND,      _S.REFUNDED,     ("tell_books", "tell_channel")),
        Row(_S.REFUNDED,       _E.CLOSE,       _S.CLOSED,       ("tell_channel",)),
        Row(_S.EXCHANGED,      _E.CLOSE,       _S.CLOSED,       ("tell_channel",)),
    ),
)
# fmt: on

AWAITS = frozenset({_S.APPROVED, _S.AWAITING_GOODS})
"""Where a warehouse expects the goods."""
OVER = RETURN.final
"""Where nothing more is expected: what comes in all the same goes to a person."""
