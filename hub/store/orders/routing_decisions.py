"""Routing decisions: the reasoning, under which version of whose rules it was made, and what it was
made on, so that it can be made again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base import ids
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision. `rules_owner` None: the hub's own rules; `facts`: see `hub/rules/routing/replay`;
    None for one of before they were kept.
    """

    id: UUID
    merchant: str
    order_id: UUID
    reasoning: Sequence[Mapping[str, Any]]
    rules_owner: str | None
    rules_version: int | None
    facts: Mapping[str, Any]


def keep(db: Connection, decisions: Sequence[Decided]) -> None:
    """Store decisions."""
    if decisions:
        rows = (
            (
                *(row.id, row.merchant, row.order_id, _JSON.encode(row.reasoning)),
                *(row.rules_owner, row.rules_version, _JSON.encode(row.facts)),
            )
            for row in decisions
        )
        write(db, _KEEP, _ROWS.of(rows))


def count(db: Connection, merchant: str, since: datetime, until: datetime) -> int:
    """How many decisions there are of a time that can be made again."""
    return int(db.scalar(_COUNT, _span(merchant, since, until)) or 0)


def between(
    db: Connection, merchant: str, since: datetime, until: datetime, after: UUID | None, most: int
) -> list[Decided]:
    """The decisions of a time that can be made again, the oldest first, from behind `after`."""
    values = {**_span(merchant, since, until), "after": after, "most": most}
    return [Decided(*row) for row in db.execute(_BETWEEN, values)]


def of_order(db: Connection, order_id: UUID) -> list[Decided]:
    """An order's decisions that can be made again, the oldest first."""
    return [Decided(*row) for row in db.execute(_OF_ORDER, {"order_id": order_id})]


def _span(merchant: str, since: datetime, until: datetime) -> dict[str, Any]:
    return {"merchant": merchant, "low": ids.floor_id(since), "high": ids.floor_id(until)}


_JSON = json.JSONEncoder(default=str)
_ROWS = Rows(
    id="uuid",
    merchant="text",
    order_id="uuid",
    reasoning="text",
    owner="text",
    version="int",
    facts="text",
)
_KEEP = sa.text(
    f"""INSERT INTO routing_decision
      (id, merchant_id, order_id, reasoning, rules_owner, rules_version, facts)
    SELECT id, merchant, order_id, CAST(reasoning AS jsonb), owner, version, CAST(facts AS jsonb)
    FROM {_ROWS.named("d")}"""  # noqa: S608  # ours
)
_COLUMNS = "id, merchant_id, order_id, reasoning, rules_owner, rules_version, facts"
_WITHIN = """routing_decision WHERE merchant_id = :merchant AND id >= :low AND id < :high
  AND facts IS NOT NULL"""
_COUNT = sa.text(f"SELECT count(*) FROM {_WITHIN}")  # noqa: S608  # ours
_BETWEEN = sa.text(
    f"""SELECT {_COLUMNS} FROM {_WITHIN}
      AND (CAST(:after AS uuid) IS NULL OR id > :after) ORDER BY id LIMIT :most"""  # noqa: S608
)
_OF_ORDER = sa.text(
    f"""SELECT {_COLUMNS} FROM routing_decision
    WHERE order_id = :order_id AND facts IS NOT NULL ORDER BY id"""  # noqa: S608
)
