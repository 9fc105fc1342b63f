"""How the database carries out the statements of a run: each distinct one is explained where it is
made, with its own values, before it is made.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

GROWING = frozenset({
    "message", "attempt", "timeline", "ledger", "seen", "effect", "sales_order", "refund",
    "fulfilment_order", "fulfilment_line", "reservation", "routing_decision", "shipment",
    "message_version",
})  # fmt: skip
"""Tables that grow with every order and never shrink, or only by whole months."""
_WORDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@dataclass(frozen=True, slots=True)
class Touch:
    """One visit of a plan to a table: which partition, how, by which index, rows it gave, rows it
    threw away, how often it was made; whether a condition of the statement itself (not of row-level
    security) says whose rows are meant.
    """

    relation: str
    how: str
    index: str | None
    rows: float
    thrown: float
    loops: int
    by_merchant: bool

    @property
    def table(self) -> str:
        """The table that a partition belongs to."""
        head, _, tail = self.relation.rpartition("_")
        return head if tail.isdigit() or tail == "default" else self.relation


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement and how it was carried out. `buffers`: pages looked at; `looked`: how often any
    step looked at a row.
    """

    statement: str
    touches: tuple[Touch, ...]
    ms: float
    buffers: int
    looked: float

    def of(self, *tables: str) -> list[Touch]:
        """What was really visited of these tables."""
        return [one for one in self.touches if one.table in tables and one.loops]


@contextmanager
def watched(engine: Engine | Connection) -> Iterator[dict[str, Plan]]:
    """Explain every distinct statement once. Each is really made to be measured, and undone."""
    found: dict[str, Plan] = {}
    inside = [False]

    def explain(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any
    ) -> None:
        key = " ".join(statement.split())
        if inside[0] or key in found or many or not key.startswith(_WORDS):
            return
        inside[0] = True
        try:
            found[key] = _explained(connection, key, statement, parameters)
        finally:
            inside[0] = False

    sa.event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", explain)


@contextmanager
def statements(on: Engine | Connection) -> Iterator[list[str]]:
    """The statements that are made meanwhile, in their order."""
    made: list[str] = []

    def note(_db: Any, _cursor: Any, statement: str, *_: Any) -> None:
        made.append(" ".join(statement.split()))

    sa.event.listen(on, "before_cursor_execute", note)
    try:
        yield made
    finally:
        sa.event.remove(on, "before_cursor_execute", note)


def _explained(connection: Any, key: str, statement: str, parameters: Any) -> Plan:
    with connection.connection.cursor() as own:
        own.execute("SAVEPOINT explained")
        own.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
        (tree,) = own.fetchone()
        own.execute("ROLLBACK TO SAVEPOINT explained")
        own.execute("RELEASE SAVEPOINT explained")
    top = (json.loads(tree) if isinstance(tree, str) else tree)[0]
    plan = top["Plan"]
    pages = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    joined = " ".join(_conditions(plan, _JOINED))
    return Plan(key, tuple(_touches(plan, joined)), top["Execution Time"], pages, _looked(plan))


def _looked(node: Any) -> float:
    rows = sum(node.get(name, 0) for name in _ROWS) * node.get("Actual Loops", 0)
    return float(rows + sum(_looked(child) for child in node.get("Plans", ())))


def _conditions(node: Any, kinds: Sequence[str]) -> Iterator[str]:
    for kind in kinds:
        yield _POLICY.sub("", node.get(kind, ""))
    for child in node.get("Plans", ()):
        yield from _conditions(child, kinds)


def _touches(node: Any, joined: str) -> Iterator[Touch]:
    index = node.get("Index Name")
    if "Scan" in node["Node Type"] and (node.get("Relation Name") or index):
        yield Touch(
            relation=node.get("Relation Name") or index,
            how=node["Node Type"],
            index=index,
            rows=node.get("Actual Rows", 0),
            thrown=node.get("Rows Removed by Filter", 0),
            loops=node.get("Actual Loops", 0),
            by_merchant=_by_merchant(node, joined),
        )
    for child in node.get("Plans", ()):
        yield from _touches(child, joined)


def _by_merchant(node: Any, joined: str) -> bool:
    own = " ".join(_conditions({**node, "Plans": []}, _OWN))
    return "merchant_id" in own or f"{node.get('Alias')}.merchant_id" in joined


_ROWS = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
_OWN = ("Index Cond", "Recheck Cond", "Filter")
_JOINED = ("Hash Cond", "Merge Cond", "Join Filter")
_ONCE = r"(?:\$\d+|\(InitPlan \d+\)\.col1)"
_POLICY = re.compile(rf"\({_ONCE} OR \(merchant_id = ANY \({_ONCE}\)\)\)")
"""What row-level security adds to every statement."""
