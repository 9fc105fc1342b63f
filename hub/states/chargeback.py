"""Life cycle of a chargeback: a bank took a payment back at its customer's word.

What a provider reports of how it ended is a fact; what is done about it a person asks for.
"""

from enum import StrEnum

from hub.states.machine import Row, Table


class State(StrEnum):
    """Where a chargeback stands."""

    OPEN = "open"
    EVIDENCE = "evidence"
    WON = "won"
    LOST = "lost"


class Event(StrEnum):
    """What can happen to it. `send_evidence`: we contest it; `win`: the money came back."""

    SEND_EVIDENCE = "send_evidence"
    WIN = "win"
    LOSE = "lose"


_S, _E = State, Event

# fmt: off
CHARGEBACK = Table(
    document="chargeback", start=_S.OPEN, final=frozenset({_S.WON, _S.LOST}),
    facts=frozenset({_E.WIN}),
    people=frozenset({_E.SEND_EVIDENCE, _E.WIN, _E.LOSE}),
    contradicts=frozenset({(_S.LOST, _E.WIN)}),
    rows=(
        # state         event              then          effects
        Row(_S.OPEN,     _E.SEND_EVIDENCE, _S.EVIDENCE),
        Row(_S.OPEN,     _E.WIN,           _S.WON),
        Row(_S.OPEN,     _E.LOSE,          _S.LOST,      ("accept_loss",)),
        Row(_S.EVIDENCE, _E.WIN,           _S.WON),
        Row(_S.EVIDENCE, _E.LOSE,          _S.LOST,      ("accept_loss",)),
    ),
)
# fmt: on
