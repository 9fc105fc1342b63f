"""Which messages may be worked again, said once for every door: by where they stand, what they
tell, and whether their payload is still held.

| refused as | because |
| --- | --- |
| `overtaken` | what it would tell is over; it is closed instead |
| `ended` | it has ended in a way that its life cycle does not lead out of |
| `at_work` | it stands in its queue, or is in a worker's hands: it goes on by itself |
| `told` | the partner has it: it is told again only where somebody names it |
| `unknown_outcome` | it may have arrived: it is asked about again only where somebody names it |
| `payload_gone` | there are no bytes to work again; an edit brings its own |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hub.states.machine import Table, allowed
from hub.states.message import INBOX, OUTBOX, In, InEvent, Out, OutEvent

MOST = 1000
"""One call works no more messages again, through whichever door."""
MAY_HAVE_ARRIVED = "unknown_outcome"
"""The code of a message of which nobody knows whether the partner has it."""
ASKED_FIRST = frozenset({MAY_HAVE_ARRIVED, "crashes_worker"})
"""Codes of messages that may have been told: the partner is asked before it is told again."""


class Refusal(StrEnum):
    """Why a message is not worked again."""

    OVERTAKEN = "overtaken"
    ENDED = "ended"
    AT_WORK = "at_work"
    TOLD = "told"
    UNKNOWN_OUTCOME = "unknown_outcome"
    PAYLOAD_GONE = "payload_gone"


@dataclass(frozen=True, slots=True)
class Standing:
    """A message as it stands. `code`: why it stands still. `is_held`: its bytes can be had."""

    direction: str
    status: str
    code: str | None = None
    is_held: bool = True
    is_overtaken: bool = False


def refusal(message: Standing, *, is_named: bool) -> Refusal | None:
    """Why it is not worked again; None where it may be. `is_named`: somebody asks for this very
    message, and not for all that fit.
    """
    if message.is_overtaken:
        return Refusal.OVERTAKEN
    if message.status not in REPLAYABLE[message.direction]:
        table, _ = _TABLES[message.direction]
        return Refusal.ENDED if message.status in table.final else Refusal.AT_WORK
    if not is_named and message.status in _TOLD[message.direction]:
        return Refusal.TOLD
    if not is_named and may_have_arrived(message):
        return Refusal.UNKNOWN_OUTCOME
    return None if message.is_held else Refusal.PAYLOAD_GONE


def may_have_arrived(message: Standing) -> bool:
    """Whether somebody says first whether it arrived, before it is simply told again."""
    return message.status == Out.UNKNOWN or message.code == MAY_HAVE_ARRIVED


def offered(message: Standing) -> frozenset[str]:
    """What a person is offered on a message, as events of its life cycle."""
    table, states = _TABLES[message.direction]
    events = {str(event) for event in allowed(table, states(message.status))}
    return frozenset(events - (_AGAIN if may_have_arrived(message) else _SETTLED))


_TABLES: Mapping[str, tuple[Table[Any, Any], type[In] | type[Out]]] = {
    "in": (INBOX, In),
    "out": (OUTBOX, Out),
}
_AGAIN = frozenset({"replay"})
_SETTLED = frozenset({"it_arrived", "it_did_not"})
_TOLD: Mapping[str, frozenset[str]] = {"in": frozenset(), "out": frozenset({Out.DELIVERED})}


def _from(event: str) -> Mapping[str, frozenset[str]]:
    """Direction -> the statuses from which an event leads on."""
    return {
        direction: frozenset(str(row.state) for row in table.rows if row.event == event)
        for direction, (table, _) in _TABLES.items()
    }


SETTLEABLE = _from(OutEvent.IT_ARRIVED)
"""Somebody may say of these whether they arrived."""
REPLAYABLE, DISCARDABLE = _from(InEvent.REPLAY), _from(InEvent.DISCARD)
"""What may be worked again, and given up: both tables call these events the same."""
BY_SELECTION = frozenset(
    status for direction, statuses in REPLAYABLE.items() for status in statuses - _TOLD[direction]
)
"""Statuses of which a selection may have some worked again."""
