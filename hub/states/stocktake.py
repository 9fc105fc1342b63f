"""Life cycle of a stocktake: a count of a warehouse's shelves that one person takes and another
approves.
"""

from enum import StrEnum

from hub.states.machine import Row, Table


class State(StrEnum):
    """Where a stocktake stands."""

    COUNTING = "counting"
    COUNTED = "counted"
    APPROVED = "approved"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to it. `submit`: all is counted that is going to be; `recount`: some lines
    are to be counted once more.
    """

    COUNT = "count"
    SUBMIT = "submit"
    RECOUNT = "recount"
    APPROVE = "approve"
    CANCEL = "cancel"


_S, _E = State, Event

# fmt: off
STOCKTAKE = Table(
    document="stocktake", start=_S.COUNTING, final=frozenset({_S.APPROVED, _S.CANCELLED}),
    people=frozenset({_E.COUNT, _E.SUBMIT, _E.RECOUNT, _E.APPROVE, _E.CANCEL}),
    rows=(
        # state          event        then           effects
        Row(_S.COUNTING,  _E.COUNT,    _S.COUNTING),
        Row(_S.COUNTING,  _E.SUBMIT,   _S.COUNTED),
        Row(_S.COUNTING,  _E.CANCEL,   _S.CANCELLED),
        Row(_S.COUNTED,   _E.RECOUNT,  _S.COUNTING),
        Row(_S.COUNTED,   _E.APPROVE,  _S.APPROVED,   ("book_differences",)),
        Row(_S.COUNTED,   _E.CANCEL,   _S.CANCELLED),
    ),
)
# fmt: on

UNDER_WAY = frozenset({_S.COUNTING, _S.COUNTED})
"""Where a level may stand in no other stocktake: both would book the same difference."""
