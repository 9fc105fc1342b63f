"""The bare floor of processing: the least code that turns stored webhooks into routed orders.

A loop over batches, `json.loads`, and COPY or one statement of many rows for each table. It writes
the rows that the hub writes, as many and about as large; it judges nothing and seals nothing.
"""

import json
import os
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Json
from sqlalchemy.engine import make_url

from benchmarks.stage import ERP, MERCHANT, SHOP, WAREHOUSE

BATCH = 200
Row = tuple[Any, ...]


def connect(url: str) -> "psycopg.Connection[Row]":
    """A session that sees every merchant."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, options="-c orderhub.scope=* -c jit=off")


def new_id() -> UUID:
    """A UUIDv7: the tables are partitioned by its time."""
    head = time.time_ns() // 1_000_000 << 16 | 0x7000 | int.from_bytes(os.urandom(2)) & 0xFFF
    return UUID(int=head << 64 | 1 << 63 | int.from_bytes(os.urandom(8)) >> 2)


def keep(db: "psycopg.Connection[Row]", topic: str, delivery: str, key: str, raw: bytes) -> None:
    """Store one webhook and queue it, once."""
    row, packed = new_id(), zlib.compress(raw, 1)
    digest = sha256(f"{topic}\0{delivery}".encode()).digest()[:16]
    db.execute(_KEEP, (MERCHANT, SHOP, digest, row, key, topic, row, packed, len(raw)))


def work(db: "psycopg.Connection[Row]") -> int:
    """Route one batch of orders. Returns how many that were."""
    with db.transaction():
        rows = db.execute(_TAKE, (BATCH,)).fetchall()
        if rows:
            _route(
                db, [(row, key, json.loads(zlib.decompress(raw)), raw) for row, key, raw in rows]
            )
    return len(rows)


def _route(db: "psycopg.Connection[Row]", batch: Sequence[tuple[UUID, str, Any, bytes]]) -> None:
    rows: dict[str, list[Row]] = {name: [] for name in _COLUMNS}
    taken: Counter[str] = Counter()
    seq = db.execute("SELECT nextval('work_seq')").fetchone()
    assert seq is not None
    for message, _, body, raw in batch:
        order, notice, sale = new_id(), new_id(), new_id()
        rows["sales_order"].append(_order(order, body, raw))
        for event in ("received", "released", "routed"):
            rows["timeline"].append((new_id(), MERCHANT, order, event, Json({}), message))
        reasoning = Json([{"warehouse": WAREHOUSE, "chosen": True}])
        rows["routing_decision"].append((new_id(), MERCHANT, order, reasoning))
        planned = new_id()
        rows["fulfilment_order"].append(
            (planned, MERCHANT, order, WAREHOUSE, "notified", notice, raw)
        )
        for no, line in enumerate(body["line_items"], start=1):
            sku, pieces = line["sku"], line["quantity"]
            taken[sku] += pieces
            rows["fulfilment_line"].append((planned, MERCHANT, no, sku, pieces))
            held = (order, no, planned, MERCHANT, WAREHOUSE, sku, pieces, pieces)
            rows["reservation"].append(held)
        rows["attempt"].append((new_id(), MERCHANT, message, 1, "floor", "done"))
        for row_id, partner, topic, key in (
            (notice, WAREHOUSE, "fulfilment_order", planned.hex),
            (sale, ERP, "sales_order", f"{SHOP}/{body['id']}"),
        ):
            rows["message"].append(
                (row_id, MERCHANT, partner, "out", topic, key, message, order, raw, len(raw))
            )
            rows["work"].append(
                (row_id, MERCHANT, partner, "out", 0, key, seq[0], topic, "pending")
            )
            rows["seen"].append((MERCHANT, partner, sha256(row_id.bytes).digest()[:16], row_id))
            rows["message_key"].append((MERCHANT, partner, "out", key, 1))
    with db.cursor() as cursor:
        for name, columns in _COLUMNS.items():
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                for row in rows[name]:
                    copy.write_row(row)
    _finish(db, [row for row, *_ in batch], [key for _, key, *_ in batch], taken)


def _order(order: UUID, body: Any, raw: bytes) -> Row:
    return (
        order, MERCHANT, SHOP, str(body["id"]), body["name"], "open", body["updated_at"],
        sha256(raw).digest(), body["currency"], body["total_price"], raw, order, body["created_at"],
    )  # fmt: skip


def _finish(
    db: "psycopg.Connection[Row]", messages: list[UUID], keys: list[str], taken: Counter[str]
) -> None:
    db.execute(
        """UPDATE stock_level SET reserved = reserved + t.pieces
        FROM unnest(%s::text[], %s::numeric[]) AS t (sku, pieces)
        WHERE warehouse = %s AND stock_level.sku = t.sku""",
        (list(taken), list(taken.values()), WAREHOUSE),
    )
    db.execute(
        "INSERT INTO stock_dirty SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING",
        (MERCHANT, list(taken)),
    )
    settle(db, messages, keys, "done")


def settle(
    db: "psycopg.Connection[Row]", messages: list[UUID], keys: list[str], status: str
) -> None:
    """Take messages out of their queues."""
    db.execute(
        """UPDATE message SET status = %s, finished_at = now(), attempts = 1
        WHERE id = ANY (%s) AND id BETWEEN %s AND %s""",
        (status, messages, min(messages), max(messages)),
    )
    db.execute("DELETE FROM work WHERE id = ANY (%s)", (messages,))
    db.execute("DELETE FROM message_key WHERE key = ANY (%s)", (keys,))


_COLUMNS = {
    "sales_order": "id, merchant_id, channel, channel_order_id, order_number, status, revision,"
    " digest, currency, grand_total, document, correlation_id, placed_at",
    "timeline": "id, merchant_id, order_id, event, detail, message_id",
    "routing_decision": "id, merchant_id, order_id, reasoning",
    "fulfilment_order": "id, merchant_id, order_id, warehouse, status, notice_id, document",
    "fulfilment_line": "fulfilment_order_id, merchant_id, line_no, sku, ordered",
    "reservation": "order_id, line_no, fulfilment_order_id, merchant_id, warehouse, sku, quantity,"
    " open",
    "attempt": "id, merchant_id, message_id, number, worker, fate",
    "message": "id, merchant_id, connection, direction, topic, key, correlation_id, order_id,"
    " payload, size",
    "work": "id, merchant_id, connection, direction, shard, key, seq, topic, status",
    "seen": "merchant_id, connection, digest, message_id",
    "message_key": "merchant_id, connection, direction, key, open",
}
_KEEP = """
WITH s AS (
  INSERT INTO seen (merchant_id, connection, digest, message_id) VALUES (%s, %s, %s, %s)
  ON CONFLICT DO NOTHING RETURNING merchant_id, connection, message_id
), a AS (SELECT s.*, %s AS key, %s AS topic FROM s), k AS (
  INSERT INTO message_key (merchant_id, connection, direction, key, open)
  SELECT merchant_id, connection, 'in', key, 1 FROM a
  ON CONFLICT (connection, direction, key, merchant_id) DO UPDATE SET open = message_key.open + 1
), m AS (
  INSERT INTO message (id, merchant_id, connection, direction, topic, key, correlation_id, payload,
    size)
  SELECT message_id, merchant_id, connection, 'in', topic, key, %s::uuid, %s, %s FROM a
)
INSERT INTO work (id, merchant_id, connection, direction, shard, key, topic, seq, status)
SELECT message_id, merchant_id, connection, 'in', 0, key, topic, nextval('work_seq'), 'received'
FROM a"""
_TAKE = """
SELECT work.id, work.key, payload FROM work JOIN message ON message.id = work.id
WHERE work.direction = 'in' AND work.status = 'received' ORDER BY work.id LIMIT %s
FOR UPDATE OF work SKIP LOCKED"""
