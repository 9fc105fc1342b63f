"""Whoever shortens a queue locks its counters first and its work second."""

import threading
import time
from uuid import UUID

import sqlalchemy as sa

from hub.store.base.ids import new_id
from hub.store.messages import finish, outbox
from tests.kit.world import World

QUEUED = (
    """INSERT INTO work (id, merchant_id, connection, direction, shard, key, seq, topic, status)
    VALUES (:id, 'acme', 'wh', 'out', 0, 'F-1', 1, 'fulfilment_order', 'pending')""",
    "INSERT INTO message_key VALUES ('acme', 'wh', 'out', 'F-1', 1)",
)
WAITS = sa.text(
    """SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (
      SELECT pid FROM pg_stat_activity WHERE datname = current_database())"""
)
FREE = sa.text("SELECT id FROM work WHERE id = :id FOR UPDATE SKIP LOCKED")


def test_what_is_taken_back_waits_for_its_counter_and_holds_no_work_meanwhile(
    world: World,
) -> None:
    id_, taken = new_id(), list[UUID]()
    for statement in QUEUED:
        world.sql(statement, **({"id": id_} if ":id" in statement else {}))

    def take_back() -> None:
        with world.store.database.begin() as db:
            taken.extend(outbox.supersede(db, "wh", [id_]))

    other = threading.Thread(target=take_back)
    with world.store.database.begin() as db:
        finish.lock_keys(db, "out", "wh", ["F-1"])
        other.start()
        until = time.monotonic() + 4
        while not db.scalar(WAITS) and time.monotonic() < until:
            time.sleep(0.05)
        free = list(db.scalars(FREE, {"id": id_}))
    other.join()
    assert (free, taken) == ([id_], [id_])
    assert world.sql("SELECT open FROM message_key") == [(0,)]
