"""What has become of what messages would tell, and closing those that are overtaken."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.errors import Overtaken
from hub.store.base.ids import span
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.messages import finish


def subjects(
    db: Connection, goods_of: Mapping[UUID, UUID | None], whole: Sequence[str]
) -> list[Any]:
    """What these messages are about, as it stands now: `goods` (of several that are told together
    one that has not ended, if there is any), `next` (the fulfilment order that
    took its place), `order_status`, `newer` and `newer_told` (of `whole` documents), `was_told`.

    `goods_of`: message -> the fulfilment order that it is about, if it is about one.
    """
    ids = list(goods_of)
    at = {"whole": list(whole), **span(ids)}
    return list(db.execute(_SUBJECTS, {**_GOODS.of(goods_of.items()), **at}))


def standing(db: Connection, keys: Sequence[tuple[str, str]], topics: Sequence[str]) -> list[Any]:
    """What stands in the queues of these (connection, key): id, topic and key."""
    return list(db.execute(_STANDING, {**_KEYS.of(keys), "topics": list(topics)}))


def close(db: Connection, overtaken: Mapping[UUID, Overtaken]) -> list[Any]:
    """Close overtaken messages that stand in a queue, and let what is behind them go. What is in a
    worker's hands is left to it. Returns connection and shard of those closed.
    """
    rows = db.execute(_PLACES, {"ids": list(overtaken)}).all()
    closed = []
    for connection, group in groupby(rows, key=lambda row: str(row.connection)):
        mine = list(group)
        finish.lock_keys(db, "out", connection, [row.key for row in mine])
        free = set(db.scalars(_FREE, {"ids": [row.id for row in mine]}))
        gone = [row for row in mine if row.id in free]
        if gone:
            why = ((row.id, str(overtaken[row.id]), overtaken[row.id].successor) for row in gone)
            write(db, _CLOSE, _CLOSED.of(why))
            finish.finish(db, "out", connection, [(row.id, row.key) for row in gone])
        closed += gone
    return closed


def told_before(db: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these messages the partner has from an earlier attempt."""
    return set(db.scalars(_TOLD_BEFORE, {"ids": list(ids)})) if ids else set()


_GOODS = Rows(id="uuid", goods="uuid")
_KEYS = Rows(connection="text", key="text")
_CLOSED = Rows(id="uuid", sentence="text", successor="text")
_SUBJECTS = sa.text(
    f"""SELECT message.id, message.topic, message.key, message.status = 'delivered' AS was_told,
      coalesce(living.status, goods.status) AS goods, next.id AS next,
      sales_order.status AS order_status, newer.id AS newer, newer.told AS newer_told
    FROM {_GOODS.named("w")}
    JOIN message ON message.id = w.id AND message.id BETWEEN :low AND :high
    LEFT JOIN sales_order ON sales_order.id = message.order_id
    LEFT JOIN fulfilment_order AS goods ON goods.id = w.goods
    LEFT JOIN LATERAL (
      SELECT status FROM fulfilment_order AS told
      WHERE (told.id = w.goods OR told.merged_into = w.goods) AND told.notice_id = goods.notice_id
        AND told.status NOT IN ('shipped', 'delivered', 'short', 'rejected', 'cancelled')
      ORDER BY told.status = 'cancel_requested' DESC, told.id LIMIT 1
    ) AS living ON true
    LEFT JOIN LATERAL (
      SELECT id FROM fulfilment_order AS later
      WHERE later.order_id = goods.order_id AND later.created_at > goods.created_at
        AND goods.status IN ('rejected', 'cancelled', 'short')
        AND later.status NOT IN ('rejected', 'cancelled')
      ORDER BY later.created_at, later.id LIMIT 1
    ) AS next ON true
    LEFT JOIN LATERAL (
      SELECT id, status IS NOT NULL AS told FROM message AS later
      WHERE message.topic = ANY (:whole) AND later.connection = message.connection
        AND later.key = message.key AND later.topic = message.topic AND later.direction = 'out'
        AND later.id > message.id AND (later.status IS NULL OR later.status = 'delivered')
      ORDER BY later.status IS NULL, later.id DESC LIMIT 1
    ) AS newer ON true"""  # noqa: S608  # ours
)
_STANDING = sa.text(
    f"""SELECT work.id, work.topic, work.key
    FROM {_KEYS.named("k")}
    JOIN work ON work.connection = k.connection AND work.direction = 'out' AND work.key = k.key
    WHERE work.topic = ANY (:topics)"""  # noqa: S608  # ours
)
_PLACES = sa.text(
    """SELECT id, connection, key, shard FROM work WHERE id = ANY (:ids) AND direction = 'out'
    ORDER BY connection, id"""
)
_FREE = sa.text("SELECT id FROM work WHERE id = ANY (:ids) AND status <> 'sending' FOR UPDATE")
_CLOSE = sa.text(
    f"""UPDATE message SET status = 'superseded', finished_at = now(), successor = o.successor,
      error = jsonb_build_object('code', 'overtaken', 'path', '', 'message', o.sentence)
    FROM {_CLOSED.named("o")}
    WHERE message.id = o.id"""  # noqa: S608  # ours
)
_TOLD_BEFORE = sa.text(
    """SELECT DISTINCT message_id FROM attempt
    WHERE message_id = ANY (:ids) AND fate IN ('delivered', 'found', 'already_done')"""
)
