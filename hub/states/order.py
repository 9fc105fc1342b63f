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

    `record`: nothing is left for a warehouse to do, it is kept and told to the books. `ask_cancel`:
    a warehouse was told, its word is awaited. `cancel`: nothing of it will ship (no warehouse was
    told, or all let go of it). `reopen`: an edit added pieces to a completed order.
    """

    HOLD = "hold"
    RELEASE = "release"
    RECORD = "record"
    ASK_CANCEL = "ask_cancel"
    CANCEL = "cancel"
    REFUSE_CANCEL = "refuse_cancel"
    COMPLETE = "complete"
    REOPEN = "reopen"


_S, _E = State, Event

# fmt: off
ORDER = Table(
    document="order", start=_S.RECEIVED, final=frozenset({_S.CANCELLED, _S.COMPLETED}),
    facts=frozenset({_E.RECORD, _E.REFUSE_CANCEL, _E.COMPLETE}),
    people=frozenset({_E.HOLD, _E.RELEASE, _E.ASK_CANCEL, _E.CANCEL}),
    rows=(
        # state                 event              then                  effect
        Row(_S.RECEIVED,         _E.HOLD,          _S.HELD,              "note_reasons"),
        Row(_S.RECEIVED,         _E.RELEASE,       _S.OPEN,              "reserve_and_route"),
        Row(_S.RECEIVED,         _E.RECORD,        _S.COMPLETED,         "tell_books"),
        Row(_S.RECEIVED,         _E.CANCEL,        _S.CANCELLED,         "tell_books"),
        Row(_S.HELD,             _E.HOLD,          _S.HELD,              "note_reasons"),
        Row(_S.HELD,             _E.RELEASE,       _S.OPEN,              "reserve_and_route"),
        Row(_S.HELD,             _E.RECORD,        _S.COMPLETED,         "tell_books"),
        Row(_S.HELD,             _E.CANCEL,        _S.CANCELLED,         "release_stock"),
        Row(_S.OPEN,             _E.HOLD,          _S.HELD,              "withdraw_untold"),
        Row(_S.OPEN,             _E.CANCEL,        _S.CANCELLED,         "release_stock"),
        Row(_S.OPEN,             _E.ASK_CANCEL,    _S.CANCEL_REQUESTED,  "ask_warehouses"),
        Row(_S.OPEN,             _E.COMPLETE,      _S.COMPLETED,         "tell_books"),
        Row(_S.CANCEL_REQUESTED, _E.CANCEL,        _S.CANCELLED,         "release_stock"),
        Row(_S.CANCEL_REQUESTED, _E.REFUSE_CANCEL, _S.OPEN,              "propose_return"),
        Row(_S.CANCEL_REQUESTED, _E.COMPLETE,      _S.COMPLETED,         "propose_return"),
        Row(_S.COMPLETED,        _E.REOPEN,        _S.OPEN,              "reserve_and_route"),
    ),
)
# fmt: on
