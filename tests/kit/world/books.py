"""What a world has kept, where it is sealed or has to add up."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.store.base import sealed_words
from hub.store.opened import Store


def why(store: Store, message_id: UUID) -> str:
    """Why a message stands or ended so, in the words it was said in."""
    row = _rows(store, _MESSAGE, message_id)[0]
    words, place = row.error["message"], "message.error"
    return sealed_words.clear(store.vault, words, place, row.merchant_id, message_id)


def said(store: Store, message_id: UUID) -> str:
    """What a partner said at the last attempt."""
    row = _rows(store, _ATTEMPTS, message_id)[-1]
    return sealed_words.clear(store.vault, row.detail, "attempt.detail", row.merchant_id, row.id)


def wrong_levels(store: Store) -> list[Any]:
    """Levels that are not the sum of the ledger, or promise what no reservation does."""
    with store.database.begin() as db:
        levels = db.execute(_LEVELS).all()
    return [row for row in levels if (row.on_hand, row.reserved) != (row.booked, row.promised)]


def _rows(store: Store, text: str, message_id: UUID) -> Any:
    with store.database.begin() as db:
        return db.execute(sa.text(text), {"id": message_id}).all()


_MESSAGE = "SELECT merchant_id, error FROM message WHERE id = :id"
_ATTEMPTS = "SELECT id, merchant_id, detail FROM attempt WHERE message_id = :id ORDER BY id"
_LEVELS = sa.text(
    """SELECT warehouse, sku, on_hand, reserved, (SELECT coalesce(sum(delta), 0) FROM ledger
        WHERE ledger.warehouse = l.warehouse AND ledger.sku = l.sku
          AND ledger.quality = l.quality) AS booked,
      (SELECT coalesce(sum(open), 0) FROM reservation
        WHERE reservation.warehouse = l.warehouse AND reservation.sku = l.sku
          AND reservation.quality = l.quality) AS promised
    FROM stock_level AS l"""
)
