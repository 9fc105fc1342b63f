"""Life cycles as tables: rows (state, event, next state, effects), and what reads them.

A *fact* is what a partner reports: it may come twice (`repeated`) or after it was overtaken
(`late`); both are noted and otherwise ignored. Everything else is a *request*: where the table has
no row for it, it is refused. A fact that cannot be true beside what is settled is refused alike,
and the flow opens an incident.

The verdict speaks of the status only. What a document carries (pieces, money) is booked under the
document's own key.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from hub.model.errors import IllegalTransition

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class Verdict(StrEnum):
    """What became of an event."""

    MOVED = "moved"
    REPEATED = "repeated"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Row(Generic[S, E]):
    """In `state`, `event` leads to `then`.

    `effects` name what follows. The flow that takes the step carries each out by its table of
    takers (`EFFECTS`); what a batch does anyway, or a statement by itself, is not named.
    """

    state: S
    event: E
    then: S
    effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """The state after an event, what follows, and whether anything moved."""

    state: S
    effects: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Table(Generic[S, E]):
    """One document's life cycle.

    `final`: nothing more is expected there. `people`: the events that a person may ask for.
    `contradicts`: facts that the graph would call late, though they cannot be true in that state.
    """

    document: str
    start: S
    final: frozenset[S]
    rows: tuple[Row[S, E], ...]
    facts: frozenset[E] = frozenset()
    people: frozenset[E] = frozenset()
    contradicts: frozenset[tuple[S, E]] = frozenset()
    index: Mapping[tuple[S, E], Row[S, E]] = field(init=False, repr=False, compare=False)
    reaches: Mapping[E, frozenset[S]] = field(init=False, repr=False, compare=False)
    passes: Mapping[E, frozenset[S]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the rows: by (state, event), where each event leads, and what lies beyond."""
        events = {row.event for row in self.rows}
        reaches = {
            event: frozenset(row.then for row in self.rows if row.event == event)
            for event in events
        }
        passes = {event: frozenset(_beyond(self, reaches[event])) for event in events}
        object.__setattr__(self, "index", {(row.state, row.event): row for row in self.rows})
        object.__setattr__(self, "reaches", reaches)
        object.__setattr__(self, "passes", passes)


def step(table: Table[S, E], state: S, event: E) -> Step[S]:
    """What `event` does in `state`.

    Raises IllegalTransition for a late request and for a contradiction.
    """
    row = table.index.get((state, event))
    if row is not None:
        silent = row.then == state and not row.effects
        return Step(row.then, row.effects, Verdict.REPEATED if silent else Verdict.MOVED)
    if event in table.facts and (state, event) not in table.contradicts:
        if state in table.reaches.get(event, ()):
            return Step(state, (), Verdict.REPEATED)
        if state in table.passes.get(event, ()):
            return Step(state, (), Verdict.LATE)
    raise IllegalTransition(table.document, state, event)


def allowed(table: Table[S, E], state: S) -> tuple[E, ...]:
    """What a person may ask for in `state`: the console's buttons, in the order of the table."""
    return tuple(
        row.event for row in table.rows if row.state == state and row.event in table.people
    )


def faults(table: Table[S, E]) -> list[str]:
    """What is wrong with a table, as sentences; empty when it is sound."""
    states, events = list(type(table.start)), {row.event for row in table.rows}
    reached = _beyond(table, {table.start})
    twice = [
        pair for pair, n in Counter((row.state, row.event) for row in table.rows).items() if n > 1
    ]
    named = table.facts | table.people | {event for _, event in table.contradicts}
    return [
        *(f"two rows for {state} and {event}" for state, event in twice),
        *(f"{state} is never reached" for state in states if state not in reached),
        *(
            f"{state} leads to no end"
            for state in states
            if not _beyond(table, {state}) & table.final
        ),
        *(f"{event} is named but has no row" for event in sorted(named - events)),
        *(f"{event} has no row" for event in type(table.rows[0].event) if event not in events),
        *(
            f"{state} and {event} have a row and contradict"
            for state, event in sorted(table.contradicts & table.index.keys())
        ),
    ]


def mermaid(table: Table[S, E]) -> str:
    """The table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", f"    [*] --> {table.start}"]
    lines += [f"    {row.state} --> {row.then}: {row.event}" for row in table.rows]
    lines += [f"    {state} --> [*]" for state in sorted(table.final)]
    return "\n".join(lines) + "\n"


def _beyond(table: Table[S, E], states: frozenset[S] | set[S]) -> set[S]:
    """The states themselves and all that can follow them."""
    found, edge = set(states), set(states)
    while edge:
        edge = {row.then for row in table.rows if row.state in edge} - found
        found |= edge
    return found
