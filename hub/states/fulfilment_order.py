"""Life cycle of a fulfilment order: what one warehouse is told to ship.

`shipped` means complete. While more may come the order stays `packed`: a partial shipment
(`ship_part`), and the bare word "it left" without its papers (`leave`), lead there. Rejected, short
and cancelled end it: the rest is planned anew under a new number, so that late words about the old
one never touch the new.

Cancel against ship: as long as nothing was told, `withdraw` wins at once; afterwards `ask_cancel`,
and the warehouse's word decides in the order in which its words arrive. Any word that goods left
makes the cancel a proposal to return. Goods that leave after the warehouse confirmed the cancel
contradict it.
"""

from enum import StrEnum

from hub.states.machine import Row, Table


class State(StrEnum):
    """Where a fulfilment order stands."""

    PLANNED = "planned"
    NOTIFIED = "notified"
    ACCEPTED = "accepted"
    PICKING = "picking"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    SHORT = "short"
    REJECTED = "rejected"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to it.

    `notify`, `withdraw` and `ask_cancel` are ours, the rest are the warehouse's words.
    """

    NOTIFY = "notify"
    WITHDRAW = "withdraw"
    ASK_CANCEL = "ask_cancel"
    ACCEPT = "accept"
    REJECT = "reject"
    PICK = "pick"
    PACK = "pack"
    LEAVE = "leave"
    SHIP_PART = "ship_part"
    SHIP = "ship"
    SHORT = "short"
    DELIVER = "deliver"
    CANCEL = "cancel"
    REFUSE_CANCEL = "refuse_cancel"
    EXCEPT = "except"


_S, _E = State, Event

_WORKING = (_S.NOTIFIED, _S.ACCEPTED, _S.PICKING, _S.PACKED)
"""Told and nothing settled: every word may come next, also one that skips others."""

# fmt: off
_PROGRESS = (
    # state        event      then
    Row(_S.NOTIFIED, _E.ACCEPT, _S.ACCEPTED),
    Row(_S.NOTIFIED, _E.PICK,   _S.PICKING),
    Row(_S.ACCEPTED, _E.PICK,   _S.PICKING),
    Row(_S.NOTIFIED, _E.PACK,   _S.PACKED),
    Row(_S.ACCEPTED, _E.PACK,   _S.PACKED),
    Row(_S.PICKING,  _E.PACK,   _S.PACKED),
    Row(_S.NOTIFIED, _E.LEAVE,  _S.PACKED),
    Row(_S.ACCEPTED, _E.LEAVE,  _S.PACKED),
    Row(_S.PICKING,  _E.LEAVE,  _S.PACKED),
)

_OUTCOMES = tuple(
    row
    for state in _WORKING
    for row in (
        Row(state, _E.SHIP_PART,  _S.PACKED,           "tell_channel"),
        Row(state, _E.SHIP,       _S.SHIPPED,          "tell_channel"),
        Row(state, _E.DELIVER,    _S.DELIVERED),       # papers may follow
        Row(state, _E.SHORT,      _S.SHORT,            "reroute"),
        Row(state, _E.REJECT,     _S.REJECTED,         "reroute"),
        Row(state, _E.CANCEL,     _S.CANCELLED,        "reroute"),  # unasked: still wanted
        Row(state, _E.ASK_CANCEL, _S.CANCEL_REQUESTED, "ask_warehouse"),
        Row(state, _E.EXCEPT,     state,               "open_incident"),
    )
)

FULFILMENT_ORDER = Table(
    document="fulfilment order", start=_S.PLANNED,
    final=frozenset({_S.SHIPPED, _S.DELIVERED, _S.SHORT, _S.REJECTED, _S.CANCELLED}),
    facts=frozenset(_E) - {_E.NOTIFY, _E.WITHDRAW, _E.ASK_CANCEL},
    people=frozenset({_E.WITHDRAW, _E.ASK_CANCEL}),
    contradicts=frozenset({
        (_S.CANCELLED, _E.LEAVE), (_S.CANCELLED, _E.SHIP_PART),
        (_S.REJECTED,  _E.LEAVE), (_S.REJECTED,  _E.SHIP_PART),
        (_S.SHORT,     _E.SHIP_PART), (_S.SHORT, _E.SHIP),
    }),
    rows=(
        Row(_S.PLANNED,          _E.NOTIFY,        _S.NOTIFIED,  "send_to_warehouse"),
        Row(_S.PLANNED,          _E.WITHDRAW,      _S.CANCELLED, "release_stock"),
        Row(_S.NOTIFIED,         _E.WITHDRAW,      _S.CANCELLED, "release_stock"),  # not attempted
        *_PROGRESS,
        *_OUTCOMES,
        Row(_S.CANCEL_REQUESTED, _E.CANCEL,        _S.CANCELLED, "release_stock"),
        Row(_S.CANCEL_REQUESTED, _E.REJECT,        _S.CANCELLED, "release_stock"),
        Row(_S.CANCEL_REQUESTED, _E.REFUSE_CANCEL, _S.ACCEPTED,  "propose_return"),
        Row(_S.CANCEL_REQUESTED, _E.LEAVE,         _S.PACKED,    "propose_return"),  # too late
        Row(_S.CANCEL_REQUESTED, _E.SHIP_PART,     _S.PACKED,    "propose_return"),
        Row(_S.CANCEL_REQUESTED, _E.SHIP,          _S.SHIPPED,   "propose_return"),
        Row(_S.CANCEL_REQUESTED, _E.SHORT,         _S.SHORT,     "release_stock"),  # rest unwanted
        Row(_S.CANCEL_REQUESTED, _E.DELIVER,       _S.DELIVERED, "propose_return"),
        Row(_S.CANCEL_REQUESTED, _E.EXCEPT,        _S.CANCEL_REQUESTED, "open_incident"),
        Row(_S.SHIPPED,          _E.DELIVER,       _S.DELIVERED),
        Row(_S.SHIPPED,          _E.EXCEPT,        _S.SHIPPED,   "open_incident"),
        Row(_S.DELIVERED,        _E.SHORT,         _S.SHORT,     "reroute"),  # papers after it
        Row(_S.SHORT,            _E.DELIVER,       _S.SHORT),      # what left of it arrived
        Row(_S.REJECTED,         _E.CANCEL,        _S.REJECTED),   # both mean: nothing will come
    ),
)
# fmt: on

SHIPPABLE = frozenset({*_WORKING, State.CANCEL_REQUESTED})
"""Goods may still leave under this fulfilment order."""
