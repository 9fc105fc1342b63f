"""The bare floor behind the door: routes what comes in and tells both partners, until terminated.

    python -m benchmarks.floor_teller DATABASE_URL WAREHOUSE_URL ERP_URL

Each telling is noted before its call and settled after it, in two transactions, as the hub does.
"""

import json
import sys
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from benchmarks import floor
from benchmarks.floor_partners import Books, Warehouse
from benchmarks.stage import ERP, MERCHANT, WAREHOUSE

IDLE_S = 0.002
Told = tuple[UUID, str, dict[str, Any]]


def main(url: str, warehouse_url: str, erp_url: str) -> None:
    warehouse, books = Warehouse(warehouse_url), Books(erp_url)
    pool = ThreadPoolExecutor(4)

    def notify(told: Sequence[Told]) -> None:
        list(pool.map(lambda one: warehouse.tell(one[1], one[2]), told))

    def book(told: Sequence[Told]) -> None:
        books.tell([(key, order) for _, key, order in told])

    for connection, tell, most in ((WAREHOUSE, notify, 50), (ERP, book, 40)):
        threading.Thread(target=drain, args=(url, connection, tell, most), daemon=True).start()
    with floor.connect(url) as db:
        while True:
            if not floor.work(db):
                time.sleep(IDLE_S)


def drain(url: str, connection: str, tell: Callable[[Sequence[Told]], None], most: int) -> None:
    """Tell one partner whatever is pending."""
    with floor.connect(url) as db:
        while True:
            with db.transaction():
                rows = db.execute(_CLAIM, (connection, most)).fetchall()
                attempts = [(floor.new_id(), MERCHANT, row[0], 1, "floor") for row in rows]
                with db.cursor() as cursor, cursor.copy(_ATTEMPTS) as copy:
                    for attempt in attempts:
                        copy.write_row(attempt)
            if not rows:
                time.sleep(IDLE_S)
                continue
            tell([(row, key, json.loads(zlib.decompress(raw))) for row, key, raw in rows])
            with db.transaction():
                db.execute(_DONE, ([attempt[0] for attempt in attempts],))
                _note(db, rows)
                floor.settle(db, [row[0] for row in rows], [row[1] for row in rows], "delivered")


def _note(db: Any, rows: Sequence[Any]) -> None:
    with db.cursor() as cursor, cursor.copy(_TIMELINE) as copy:
        for row in rows:
            copy.write_row((floor.new_id(), MERCHANT, row[0], "told", "{}"))


_CLAIM = """
WITH picked AS (
  SELECT id FROM work WHERE direction = 'out' AND connection = %s AND status = 'pending'
  ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE work SET status = 'sending', attempts = 1 FROM picked WHERE work.id = picked.id
  RETURNING work.id
)
SELECT message.id, message.key, payload FROM message JOIN claimed ON claimed.id = message.id"""
_ATTEMPTS = "COPY attempt (id, merchant_id, message_id, number, worker) FROM STDIN"
_DONE = "UPDATE attempt SET finished_at = now(), fate = 'delivered' WHERE id = ANY (%s)"
_TIMELINE = "COPY timeline (id, merchant_id, order_id, event, detail) FROM STDIN"


if __name__ == "__main__":
    main(*sys.argv[1:4])
