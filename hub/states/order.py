"""Life cycle of a sales order in the hub.

How far it is shipped, paid and returned is computed, never set beside it.
"""

from enum import StrEnum

from hub.states.machine import Row, Table


class State(StrEnum):
    """Where an order stands."""

    RECEIVED = "received"
    HELD = "held"
    OPEN = "open"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


class Event(StrEnum):
    """What can happen to it.

    `record`: nothing is left for a warehouse to do, it is kept and told to the books. `call_off`:
    its channel cancelled it. `ask_cancel`: a warehouse was told, its word is awaited. `cancel`: we
    gave it up, and nothing of it will ship (no warehouse was told, or all let go of it). `give_up`:
    part of it has left, we gave up the rest. `reopen`: an edit added pieces to a completed order.
    """

    HOLD = "hold"
    RELEASE = "release"
    RECORD = "record"
    CALL_OFF = "call_off"
    ASK_CANCEL = "ask_cancel"
    CANCEL = "cancel"
    REFUSE_CANCEL = "refuse_cancel"
    GIVE_UP = "give_up"
    COMPLETE = "complete"
    REOPEN = "reopen"


_S, _E = State, Event

_DONE = ("stop_waiting", "end_kits")
_CALLED_OFF = ("free_twin", "stop_waiting", "tell_books", "end_kits")
_CANCELLED = ("give_up_rest", *_CALLED_OFF)
_GIVEN_UP = ("give_up_rest", "stop_waiting", "tell_books", "end_kits")
_CAME_TOO_LATE = ("propose_return", "stop_waiting", "end_kits")
_IN_PART_TOO_LATE = ("propose_return", *_GIVEN_UP)
_REFUSED = ("propose_return", "look_again")

# fmt: off
ORDER = Table(
    document="order", start=_S.RECEIVED, final=frozenset({_S.CANCELLED, _S.COMPLETED}),
    facts=frozenset({_E.RECORD, _E.REFUSE_CANCEL, _E.COMPLETE}),
    people=frozenset({_E.HOLD, _E.RELEASE, _E.ASK_CANCEL, _E.CANCEL}),
    rows=(
        # state                 event              then                  effects
        Row(_S.RECEIVED,         _E.HOLD,          _S.HELD),
        Row(_S.RECEIVED,         _E.RELEASE,       _S.OPEN,              ("tell_books",)),
        Row(_S.RECEIVED,         _E.RECORD,        _S.COMPLETED,         ("tell_books",)),
        Row(_S.RECEIVED,         _E.CALL_OFF,      _S.CANCELLED,         ("tell_books",)),
        Row(_S.RECEIVED,         _E.CANCEL,        _S.CANCELLED,         _CANCELLED),
        Row(_S.HELD,             _E.HOLD,          _S.HELD),
        Row(_S.HELD,             _E.RELEASE,       _S.OPEN,              ("tell_books",)),
        Row(_S.HELD,             _E.RECORD,        _S.COMPLETED,         ("tell_books",)),
        Row(_S.HELD,             _E.CALL_OFF,      _S.CANCELLED,         _CALLED_OFF),
        Row(_S.HELD,             _E.CANCEL,        _S.CANCELLED,         _CANCELLED),
        Row(_S.HELD,             _E.GIVE_UP,       _S.COMPLETED,         _GIVEN_UP),
        Row(_S.HELD,             _E.COMPLETE,      _S.COMPLETED,         _DONE),
        Row(_S.OPEN,             _E.HOLD,          _S.HELD),
        Row(_S.OPEN,             _E.CALL_OFF,      _S.CANCELLED,         _CALLED_OFF),
        Row(_S.OPEN,             _E.CANCEL,        _S.CANCELLED,         _CANCELLED),
        Row(_S.OPEN,             _E.GIVE_UP,       _S.COMPLETED,         _GIVEN_UP),
        Row(_S.OPEN,             _E.ASK_CANCEL,    _S.CANCEL_REQUESTED,  ("stop_waiting",)),
        Row(_S.OPEN,             _E.COMPLETE,      _S.COMPLETED,         _DONE),
        Row(_S.CANCEL_REQUESTED, _E.CALL_OFF,      _S.CANCELLED,         _CALLED_OFF),
        Row(_S.CANCEL_REQUESTED, _E.CANCEL,        _S.CANCELLED,         _CANCELLED),
        Row(_S.CANCEL_REQUESTED, _E.REFUSE_CANCEL, _S.OPEN,              _REFUSED),
        Row(_S.CANCEL_REQUESTED, _E.GIVE_UP,       _S.COMPLETED,         _IN_PART_TOO_LATE),
        Row(_S.CANCEL_REQUESTED, _E.COMPLETE,      _S.COMPLETED,         _CAME_TOO_LATE),
        Row(_S.COMPLETED,        _E.REOPEN,        _S.OPEN),
    ),
)
# fmt: on
