"""docs/states.md, from the life cycle tables."""

from typing import Any

from docs._markdown import code, fenced, sentences, table
from hub.states import TABLES
from hub.states.machine import Table, mermaid

_INTRODUCTION = """# Life cycles

Each document's life cycle is one table in `hub/states`. A step that is in no table is refused,
and the refusal names state and event. A *fact* is what a partner reports: told twice or too late
it is noted on the timeline and changes nothing. A *request* that comes too late is refused. A
fact that cannot be true beside what is settled opens an incident.

What to do about a message that stands still: [messages](messages.md).
"""


def page() -> str:
    """The page."""
    return "\n\n".join([_INTRODUCTION.rstrip(), *(_section(one) for one in TABLES)])


def _section(one: Table[Any, Any]) -> str:
    states = type(one.start)
    facts = ", ".join(code(event) for event in sorted(one.facts))
    people = ", ".join(code(event) for event in sorted(one.people))
    rows = [
        (code(row.state), code(row.event), code(row.then), code(row.effect or ""))
        for row in one.rows
    ]
    parts = [
        f"## {one.document.capitalize()}",
        f"States: {', '.join(code(state) for state in states)}.",
        sentences(type(one.rows[0].event).__doc__),
        f"Facts: {facts}." if facts else "",
        f"People may ask for: {people}." if people else "",
        f"It ends in: {', '.join(code(state) for state in sorted(one.final))}.",
        fenced(mermaid(one), "mermaid"),
        table(("in", "event", "then", "effect"), rows),
    ]
    return "\n\n".join(part for part in parts if part)
