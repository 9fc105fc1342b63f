"""Life cycle of a statement: what a merchant is owed for a period.

Once approved its period is closed: the figures stay, and what comes later belongs to the next one,
also while it is disputed. What is wrong with money that was paid is an adjustment of the next one.
"""

from enum import StrEnum

from hub.states.machine import Row, Table


class State(StrEnum):
    """Where a statement stands."""

    OPEN = "open"
    CALCULATED = "calculated"
    APPROVED = "approved"
    PAID = "paid"
    CLOSED = "closed"
    DISPUTED = "disputed"


class Event(StrEnum):
    """What can happen to it. `pay`: the payout is confirmed, by the bank or by a person; `close`:
    there is nothing to pay, or all is done; `resolve`: a dispute ends, and two people look anew;
    `take_back`: a person saw that a payout did not arrive, or came back: it is to be made again.
    """

    CALCULATE = "calculate"
    APPROVE = "approve"
    PAY = "pay"
    CLOSE = "close"
    DISPUTE = "dispute"
    RESOLVE = "resolve"
    TAKE_BACK = "take_back"


_S, _E = State, Event

# fmt: off
STATEMENT = Table(
    document="settlement statement", start=_S.OPEN, final=frozenset({_S.CLOSED}),
    facts=frozenset({_E.PAY}),
    people=frozenset({_E.CALCULATE, _E.APPROVE, _E.PAY, _E.CLOSE, _E.DISPUTE, _E.RESOLVE,
                      _E.TAKE_BACK}),
    # a payout that was taken back leads on to these: none of them is beyond a payment
    contradicts=frozenset({(_S.OPEN, _E.PAY), (_S.CALCULATED, _E.PAY), (_S.DISPUTED, _E.PAY)}),
    rows=(
        # state           event          then            effects
        Row(_S.OPEN,       _E.CALCULATE,  _S.CALCULATED,  ("work_out",)),
        Row(_S.CALCULATED, _E.CALCULATE,  _S.CALCULATED,  ("work_out",)),
        Row(_S.CALCULATED, _E.APPROVE,    _S.APPROVED,    ("book_charges",)),
        Row(_S.CALCULATED, _E.DISPUTE,    _S.DISPUTED),
        Row(_S.APPROVED,   _E.PAY,        _S.PAID,        ("book_payout",)),
        Row(_S.APPROVED,   _E.CLOSE,      _S.CLOSED),
        Row(_S.APPROVED,   _E.DISPUTE,    _S.DISPUTED),
        Row(_S.APPROVED,   _E.TAKE_BACK,  _S.APPROVED,    ("free_payout",)),
        Row(_S.PAID,       _E.CLOSE,      _S.CLOSED),
        Row(_S.PAID,       _E.TAKE_BACK,  _S.APPROVED,    ("book_back", "free_payout")),
        Row(_S.DISPUTED,   _E.RESOLVE,    _S.CALCULATED),
    ),
)
# fmt: on
