"""The ledger by when things happened."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.settlement import entries
from hub.store.settlement.entries import Booked

_AT_ONCE = 2_000


def happened(
    db: Connection, since: datetime, until: datetime, merchant: str | None, most: int
) -> Iterator[Booked]:
    """Entries that happened in a time, in that order."""
    values = {"since": since, "until": until, "merchant": merchant, "most": most}
    ids = list(db.scalars(_HAPPENED, values))
    for start in range(0, len(ids), _AT_ONCE):
        wanted = ids[start : start + _AT_ONCE]
        booked = {it.id: it for it in entries.load(db, wanted)}
        yield from (booked[id_] for id_ in wanted)


_HAPPENED = sa.text(
    """SELECT id FROM entry WHERE settle_at >= :since AND at >= :since AND at < :until
      AND (CAST(:merchant AS text) IS NULL OR merchant_id = :merchant)
    ORDER BY at, id LIMIT :most"""
)
"""What happened never belongs to a statement before."""
