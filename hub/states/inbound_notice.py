"""Life cycle of an inbound notice: what a warehouse is told to expect.

Each accepted receipt adds its pieces, also after the last one: warehouses correct themselves. Only
`closed` and `cancelled` refuse them.
"""

from enum import StrEnum

from hub.states.machine import Row, Table


class State(StrEnum):
    """Where an inbound notice stands."""

    DRAFT = "draft"
    NOTIFIED = "notified"
    RECEIVING = "receiving"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to it. `change`: its merchant tells it anew; `receive_part`: a staged
    receipt; `receive`: the last one.
    """

    NOTIFY = "notify"
    CHANGE = "change"
    RECEIVE_PART = "receive_part"
    RECEIVE = "receive"
    CLOSE = "close"
    CANCEL = "cancel"


_S, _E = State, Event

# fmt: off
INBOUND_NOTICE = Table(
    document="inbound notice", start=_S.DRAFT, final=frozenset({_S.CLOSED, _S.CANCELLED}),
    facts=frozenset({_E.RECEIVE_PART, _E.RECEIVE}),
    people=frozenset({_E.NOTIFY, _E.CLOSE, _E.CANCEL}),
    contradicts=frozenset({(_S.CLOSED, _E.RECEIVE_PART), (_S.CLOSED, _E.RECEIVE)}),
    rows=(
        # state          event             then            effects
        Row(_S.DRAFT,     _E.NOTIFY,       _S.NOTIFIED,    ("send_off", "send_to_warehouse")),
        Row(_S.DRAFT,     _E.CHANGE,       _S.DRAFT),
        Row(_S.DRAFT,     _E.CANCEL,       _S.CANCELLED),
        Row(_S.NOTIFIED,  _E.CHANGE,       _S.NOTIFIED,    ("send_off", "send_to_warehouse")),
        Row(_S.NOTIFIED,  _E.RECEIVE_PART, _S.RECEIVING,   ("book_receipt",)),
        Row(_S.NOTIFIED,  _E.RECEIVE,      _S.RECEIVED,    ("book_receipt",)),
        Row(_S.NOTIFIED,  _E.CANCEL,       _S.CANCELLED,   ("put_back", "tell_warehouse")),
        Row(_S.RECEIVING, _E.CHANGE,       _S.RECEIVING,   ("send_off", "send_to_warehouse")),
        Row(_S.RECEIVING, _E.RECEIVE_PART, _S.RECEIVING,   ("book_receipt",)),
        Row(_S.RECEIVING, _E.RECEIVE,      _S.RECEIVED,    ("book_receipt",)),
        Row(_S.RECEIVING, _E.CLOSE,        _S.CLOSED,      ("note_shortage",)),
        Row(_S.RECEIVED,  _E.RECEIVE_PART, _S.RECEIVED,    ("book_receipt",)),
        Row(_S.RECEIVED,  _E.RECEIVE,      _S.RECEIVED,    ("book_receipt",)),
        Row(_S.RECEIVED,  _E.CLOSE,        _S.CLOSED),
    ),
)
# fmt: on

TAKES_RECEIPTS = frozenset(row.state for row in INBOUND_NOTICE.rows if row.event == _E.RECEIVE)
"""Where goods may come in under a notice."""
AWAITS = frozenset({_S.NOTIFIED, _S.RECEIVING})
"""Where pieces are still expected: their rest counts as expected stock."""
