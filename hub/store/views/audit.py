"""The audit as people look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.tables import audit
from hub.store.views.page import Page, Position, page


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the audit."""

    chain: str
    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def entries(
    db: Connection, chain: str, *, after: Position | None = None, limit: int = 50
) -> Page[Entry]:
    """A chain of the audit, newest first."""
    table = audit.c
    query = sa.select(audit).where(table.chain == chain)
    if after is not None:
        query = query.where(table.number < int(after[0]))
    rows: Sequence[Any] = db.execute(query.order_by(table.number.desc()).limit(limit + 1)).all()
    return page(rows, limit, _entry, lambda row: (str(row.number),))


def _entry(row: Any) -> Entry:
    return Entry(row.chain, row.number, row.at, row.actor, row.action, row.subject, row.detail)
