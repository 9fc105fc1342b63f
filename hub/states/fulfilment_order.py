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

_LET_GO = ("let_go", "release_stock")
"""Its open pieces will not leave here; what the order still wants of them is planned anew. After a
cancel that is nothing, unless it was asked back for a new address alone.
"""
_LEFT_ALL_THE_SAME = ("propose_return", "release_stock")

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
        Row(state, _E.SHIP_PART,  _S.PACKED),
        Row(state, _E.SHIP,       _S.SHIPPED,          ("release_stock",)),
        Row(state, _E.DELIVER,    _S.DELIVERED,        ("release_stock",)),  # papers may follow
        Row(state, _E.SHORT,      _S.SHORT,            _LET_GO),
        Row(state, _E.REJECT,     _S.REJECTED,         _LET_GO),
        Row(state, _E.CANCEL,     _S.CANCELLED,        _LET_GO),
        Row(state, _E.ASK_CANCEL, _S.CANCEL_REQUESTED, ("ask_warehouse",)),
        Row(state, _E.EXCEPT,     state,               ("open_incident",)),
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
        # state                  event             then          effects
        Row(_S.PLANNED,          _E.NOTIFY,        _S.NOTIFIED,  ("tell_warehouse",)),
        Row(_S.PLANNED,          _E.WITHDRAW,      _S.CANCELLED, ("release_stock",)),
        Row(_S.NOTIFIED,         _E.WITHDRAW,      _S.CANCELLED, ("release_stock",)),  # untold
        *_PROGRESS,
        *_OUTCOMES,
        Row(_S.CANCEL_REQUESTED, _E.CANCEL,        _S.CANCELLED, _LET_GO),
        Row(_S.CANCEL_REQUESTED, _E.REJECT,        _S.CANCELLED, _LET_GO),
        Row(_S.CANCEL_REQUESTED, _E.SHORT,         _S.SHORT,     _LET_GO),
        Row(_S.CANCEL_REQUESTED, _E.REFUSE_CANCEL, _S.ACCEPTED,  ("propose_return",)),
        Row(_S.CANCEL_REQUESTED, _E.LEAVE,         _S.PACKED,    ("propose_return",)),  # too late
        Row(_S.CANCEL_REQUESTED, _E.SHIP_PART,     _S.PACKED,    ("propose_return",)),
        Row(_S.CANCEL_REQUESTED, _E.SHIP,          _S.SHIPPED,   _LEFT_ALL_THE_SAME),
        Row(_S.CANCEL_REQUESTED, _E.DELIVER,       _S.DELIVERED, _LEFT_ALL_THE_SAME),
        Row(_S.CANCEL_REQUESTED, _E.EXCEPT,        _S.CANCEL_REQUESTED, ("open_incident",)),
        Row(_S.SHIPPED,          _E.DELIVER,       _S.DELIVERED),
        Row(_S.SHIPPED,          _E.EXCEPT,        _S.SHIPPED,   ("open_incident",)),
        Row(_S.DELIVERED,        _E.SHORT,         _S.SHORT,     _LET_GO),     # papers after it
        Row(_S.SHORT,            _E.DELIVER,       _S.SHORT),      # what left of it arrived
        Row(_S.REJECTED,         _E.CANCEL,        _S.REJECTED),   # both mean: nothing will come
    ),
)
# fmt: on

SHIPPABLE = frozenset({*_WORKING, State.CANCEL_REQUESTED})
"""Goods may still leave under this fulfilment order."""
