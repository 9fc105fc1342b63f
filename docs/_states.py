"""docs/states.md, from the life cycle tables."""

from typing import Any

from docs._markdown import code, fenced, sentences, table
from hub.states import TABLES, WITHOUT_FLOW
from hub.states.machine import Table, mermaid

_INTRODUCTION = """# Life cycles

Each document's life cycle is one table in `hub/states`. A step that is in no table is refused,
and the refusal names state and event. A *fact* is what a partner reports: told twice or too late
it is noted on the timeline and changes nothing. A *request* that comes too late is refused. A
fact that cannot be true beside what is settled opens an incident. An *effect* is carried out by the
flow that takes the step.

What to do about a message that stands still: [messages](messages.md).
"""

_NO_FLOW = (
    "No flow goes by it yet: such documents are kept and ignored, and nobody takes its effects."
)


def page() -> str:
    """The page."""
    return "\n\n".join([_INTRODUCTION.rstrip(), *(_section(one) for one in TABLES)])


def _section(machine: Table[Any, Any]) -> str:
    states = type(machine.start)
    facts = ", ".join(code(event) for event in sorted(machine.facts))
    people = ", ".join(code(event) for event in sorted(machine.people))
    named = any(row.effects for row in machine.rows)
    head = ("in", "event", "then", *(["effects"] if named else []))
    rows = [
        [code(row.state), code(row.event), code(row.then)]
        + ([" ".join(map(code, row.effects)) or "-"] if named else [])
        for row in machine.rows
    ]
    parts = [
        f"## {machine.document.capitalize()}",
        f"States: {', '.join(code(state) for state in states)}.",
        sentences(type(machine.rows[0].event).__doc__),
        f"Facts: {facts}." if facts else "",
        f"People may ask for: {people}." if people else "",
        f"It ends in: {', '.join(code(state) for state in sorted(machine.final))}.",
        _NO_FLOW if machine.document in WITHOUT_FLOW else "",
        fenced(mermaid(machine), "mermaid"),
        table(head, rows),
    ]
    return "\n\n".join(part for part in parts if part)
