"""The messages about a person: what stands in queues still, and their bytes taken out of rows,
versions, recorded exchanges and archive files.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault
from hub.store.customers.erasure import Reach


def of(db: Connection, reach: Reach) -> list[Any]:
    """Messages about these orders, in whatever way they are known to be, and about the customers:
    id, merchant_id, connection, topic, `unfinished`, and where their bytes are.
    """
    asked = {
        "merchant": reach.merchant,
        "orders": list(reach.orders),
        "customers": [str(id_) for id_ in reach.customers],
    }
    return list(db.execute(_OF, asked))


def late(db: Connection, most: int) -> list[Any]:
    """Finished messages about erased orders that hold bytes again: they came afterwards."""
    return list(db.execute(_LATE, {"most": most}))


def forget(db: Connection, vault: Vault, messages: Sequence[Any]) -> int:
    """Empty them; that they were, when and how they ended stays. An archive file is written anew
    without them, the old one goes with the next tidying. Returns how many exchanges were recorded.
    """
    ids = [row.id for row in messages]
    attempts = db.execute(_ATTEMPTS, {"ids": ids}).all()
    _out_of_archives(db, vault, [*messages, *attempts])
    empty = [(row.id, row.merchant_id, _nothing(vault, row)) for row in messages]
    if empty:
        db.execute(_EMPTY, _SEALED.of(empty))
    for statement in (_DROP_VERSIONS, _EMPTY_ATTEMPTS):
        db.execute(statement, {"ids": ids})
    return len(attempts)


def _nothing(vault: Vault, row: Any) -> bytes:
    return vault.seal(b"", "message.payload", row.merchant_id, row.id)


def _out_of_archives(db: Connection, vault: Vault, rows: Sequence[Any]) -> None:
    places: dict[int, list[tuple[int, int, UUID]]] = {}
    for row in rows:
        if row.archive_id is not None:
            place = (row.archive_offset, row.archive_length, row.id)
            places.setdefault(row.archive_id, []).append(place)
    if not places:
        return
    if vault.shelf is None:
        raise LookupError("the archive files are not at hand")
    for file in db.execute(_FILES, {"ids": sorted(places)}):
        name, digest = vault.shelf.without(file.name, places[file.id])
        db.execute(_NEW_EDITION, {"id": file.id, "name": name, "digest": digest})


_OF = sa.text(
    """WITH mine AS (
      SELECT id, channel, channel_order_id, correlation_id FROM sales_order
      WHERE id = ANY (:orders)
    ), back AS (
      SELECT correlation_id FROM customer_return WHERE order_id = ANY (:orders)
    ), ids AS (
      SELECT m.id FROM message AS m WHERE m.order_id = ANY (:orders)
      UNION SELECT m.id FROM message AS m
        WHERE m.correlation_id IN (SELECT correlation_id FROM mine UNION SELECT * FROM back)
      UNION SELECT m.id FROM message AS m JOIN mine
        ON m.connection = mine.channel AND m.key = mine.channel_order_id
      UNION SELECT m.id FROM message AS m
        WHERE m.topic = 'customer' AND m.key = ANY (:customers)
    )
    SELECT m.id, m.merchant_id, m.connection, m.topic, m.archive_id, m.archive_offset,
      m.archive_length, EXISTS (SELECT FROM work WHERE work.id = m.id) AS unfinished
    FROM message AS m WHERE m.id IN (SELECT id FROM ids) AND m.merchant_id = :merchant
    ORDER BY m.id"""
)
_LATE = sa.text(
    """SELECT m.id, m.merchant_id, m.archive_id, m.archive_offset, m.archive_length
    FROM sales_order AS o JOIN message AS m ON m.order_id = o.id
    WHERE o.erased_at IS NOT NULL AND m.size > 0 AND m.status IS NOT NULL
      AND m.received_at >= o.erased_at
    ORDER BY m.id LIMIT :most"""
)
_ATTEMPTS = sa.text(
    """SELECT id, merchant_id, archive_id, archive_offset, archive_length FROM attempt
    WHERE message_id = ANY (:ids)"""
)
_SEALED = Rows(id="uuid", merchant="text", sealed="bytea")
_EMPTY = sa.text(
    f"""UPDATE message SET payload = r.sealed, size = 0, version = 1, archive_id = NULL,
      archive_offset = NULL, archive_length = NULL, warnings = NULL, error = error - 'message',
      reference = CASE WHEN topic = 'customer' THEN NULL ELSE reference END
    FROM {_SEALED.named("r")}
    WHERE message.id = r.id AND message.merchant_id = r.merchant"""  # noqa: S608  # ours
)
_DROP_VERSIONS = sa.text("DELETE FROM message_version WHERE message_id = ANY (:ids)")
_EMPTY_ATTEMPTS = sa.text(
    """UPDATE attempt SET exchange = NULL, detail = NULL, archive_id = NULL, archive_offset = NULL,
      archive_length = NULL WHERE message_id = ANY (:ids)"""
)
_FILES = sa.text("SELECT id, name FROM archive_file WHERE id = ANY (:ids) ORDER BY id FOR UPDATE")
_NEW_EDITION = sa.text("UPDATE archive_file SET name = :name, digest = :digest WHERE id = :id")
