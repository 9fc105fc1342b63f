"""Corrections by hand as people see them: how each stands."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.settlement.adjustments import Adjustment
from hub.store.tables import adjustment
from hub.store.views.page import Page, Position, by_id, id_of, page

WAITING = "waiting"
STATES = (WAITING, "approved", "refused")
"""How a correction stands; one that nobody decided yet waits."""


def listed(
    db: Connection, state: str | None, *, after: Position | None = None, limit: int = 50
) -> Page[Adjustment]:
    """Corrections, the newest first; `state` None: all."""
    query = sa.select(adjustment)
    if state is not None:
        decided = None if state == WAITING else state
        query = query.where(adjustment.c.decision.is_not_distinct_from(decided))
    if after is not None:
        query = query.where(adjustment.c.id < id_of(after))
    rows = db.execute(query.order_by(adjustment.c.id.desc()).limit(limit + 1)).all()
    return page(rows, limit, _item, by_id)


def _item(row: Any) -> Adjustment:
    return Adjustment(
        row.id, row.merchant_id, row.currency, row.amount, row.reason, row.entered_by,
        row.entered_at, row.decision, row.decided_by,
    )  # fmt: skip
