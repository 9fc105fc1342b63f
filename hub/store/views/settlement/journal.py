"""Entries of the ledger of money as people look at them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.settlement import entries
from hub.store.settlement.entries import Booked
from hub.store.tables import entry
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None: all."""

    merchant: str | None = None
    document: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def listed(
    db: Connection, wanted: Wanted, *, after: Position | None = None, limit: int = 50
) -> Page[Booked]:
    """Entries in the order they were booked."""
    query = sa.select(entry.c.id)
    for column, value in (
        (entry.c.merchant_id, wanted.merchant),
        (entry.c.document, wanted.document),
        (entry.c.reason, wanted.reason),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(entry.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(entry.c.at < wanted.until)
    if after is not None:
        query = query.where(entry.c.id > id_of(after))
    rows = db.execute(query.order_by(entry.c.id).limit(limit + 1)).all()
    place = page(rows, limit, lambda row: row.id, by_id)
    return Page(entries.load(db, place.items), place.after)
