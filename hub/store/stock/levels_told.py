"""What each channel was last told of its stock, so that a level that did not change is not told
again.

It is the newest level given to the outbox, sent or not: a level that changes and changes back
before it is sent is told once more, for nobody knows what an attempt under way will have done.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.pipelining import write
from hub.store.base.rows import Rows

Told = tuple[str, str, str, Decimal]
"""Channel, merchant, SKU, and what may be sold of it."""


def news(db: Connection, levels: Sequence[Told], at: datetime) -> set[tuple[str, str, str]]:
    """Keep these levels as told at this moment. Returns channel, merchant and SKU of those that are
    new or differ.
    """
    if not levels:
        return set()
    rows = db.execute(_NEWS, {**_LEVELS.of(sorted(levels)), "at": at})
    return {(row.connection, row.merchant_id, row.sku) for row in rows}


def told_by(db: Connection, tellings: Sequence[tuple[str, str, str, UUID]]) -> None:
    """Which message tells a level (channel, merchant, SKU, message): how it ends is how the level
    got there.
    """
    if tellings:
        write(db, _TOLD_BY, _TELLINGS.of(sorted(tellings, key=lambda one: one[:3])))


def next_version(db: Connection) -> int:
    """A number that rises with every publication of levels."""
    return int(db.scalar(sa.text("SELECT nextval('stock_version')")) or 0)


def forget(db: Connection, connection: str, skus: Iterable[str] | None = None) -> None:
    """The channel may not know these levels (or any): each is told again when it is looked at."""
    if skus is None:
        db.execute(_FORGET_ALL, {"connection": connection})
    elif which := sorted(set(skus)):
        db.execute(_FORGET, {"connection": connection, "skus": which})


_LEVELS = Rows(connection="text", merchant="text", sku="text", available="numeric")
_NEWS = sa.text(
    f"""INSERT INTO level_told AS told (connection, merchant_id, sku, available, at)
    SELECT connection, merchant, sku, available, :at FROM {_LEVELS.named("l")}
    ON CONFLICT (connection, sku, merchant_id) DO UPDATE
      SET available = excluded.available, at = excluded.at, message_id = NULL
      WHERE told.available <> excluded.available
    RETURNING connection, merchant_id, sku"""  # noqa: S608  # ours
)
_TELLINGS = Rows(connection="text", merchant="text", sku="text", message="uuid")
_TOLD_BY = sa.text(
    f"""UPDATE level_told AS told SET message_id = t.message FROM {_TELLINGS.named("t")}
    WHERE told.connection = t.connection AND told.sku = t.sku AND told.merchant_id = t.merchant"""  # noqa: S608  # ours
)
_FORGET_ALL = sa.text("DELETE FROM level_told WHERE connection = :connection")
_FORGET = sa.text("DELETE FROM level_told WHERE connection = :connection AND sku = ANY (:skus)")
"""Apart: `skus IS NULL OR ...` as one condition leaves a plan that is kept without an index, and
compares all levels of the channel with each SKU.
"""
