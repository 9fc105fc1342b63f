"""A store with what a test puts into it, and workers that move when they are told.

Everything is the real thing (database, lanes, flows, the workers' code) but the broker and the
partners' wire.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.store.base.ids import new_id
from hub.store.messages import inbox, lanes
from hub.store.messages.inbox import Arrival, Kept
from tests.kit.world import books, settling
from tests.kit.world.clock import Clock
from tests.kit.world.partners import Adapters, Bells, Scripted
from tests.kit.world.vocabulary import Merchant
from workers.context import Context
from workers.drain import drain
from workers.inbound import inbound
from workers.outbound import outbound
from workers.polling import polling
from workers.registration import Identity, bury_the_dead

ONCE = {"in": inbound.drain_once, "out": outbound.drain_once, "poll": polling.drain_once}
_RECOVERED = """
UPDATE partner_state SET blocked_until = NULL, breaker = CASE WHEN breaker ->> 'mode' <> 'closed'
  THEN '{}'::jsonb ELSE breaker || '{"closed_at": null}'::jsonb END
"""
_NUMBERS = itertools.count(1)


class World:
    """One installation, in this process."""

    def __init__(self, url: str, home: Path) -> None:
        self.url, self.home = url, home
        self.store = settling.open_store(url, home, pool=20)
        self.clock = Clock(self.store.database)
        self.adapters = Adapters()
        self._identities: list[Identity] = []
        self._delivery = 0
        self.engine = self.worker()

    def close(self) -> None:
        for identity in self._identities:
            identity.stop()
        self.store.close()

    # who there is

    def merchant(self, code: str = "acme", status: str = "active", **how: Any) -> Merchant:
        """A merchant, new or known. `how` holds for each connection that it gets by this name."""
        self.sql(
            "INSERT INTO merchant VALUES (:code, :code, 'EUR', :status) ON CONFLICT DO NOTHING",
            code=code,
            status=status,
        )
        return Merchant(self, code, **how)

    def new_merchant(self, **how: Any) -> Merchant:
        """A merchant that nobody else uses, though the world is shared; its connections too."""
        number = str(next(_NUMBERS))
        return self.merchant(f"m{number}", suffix=number, **how)

    def operator(self, **how: Any) -> Merchant:
        """Whoever runs the hub: what belongs to no merchant is this one's."""
        return Merchant(self, OPERATOR, **how)

    def connect(self, code: str, kind: str, *, merchant: str = "acme", **how: Any) -> Scripted:
        """Configure a connection; `how` as in `settling.connect`."""
        with self.store.database.begin() as db:
            settling.connect(db, self.store.vault, code, kind, merchant, **how)
        self.adapters.made[code] = Scripted(code)
        return self.adapters.made[code]

    def at(self, code: str) -> Scripted:
        """The partner behind a connection."""
        return self.adapters.made[code]

    def stock(self, warehouse: str, merchant: str = "acme", **pieces: int) -> None:
        """Make SKUs known and put pieces into a warehouse."""
        with self.store.database.begin() as db:
            settling.stock(db, merchant, warehouse, pieces)

    def empty(self) -> None:
        """Leave nothing of an earlier test but the audit, to which can only be added."""
        with self.store.database.begin() as db:
            settling.empty(db)
        self.adapters.made.clear()

    def put_away(self) -> None:
        """What is unfinished meets no other test; who there is stays."""
        for table in ("work", "message_key", "partner_state"):
            self.sql(f"DELETE FROM {table}")  # noqa: S608  # our own tables
        self.sql("UPDATE lane SET holder = NULL, leased_until = NULL")

    # what happens

    def tell(
        self,
        connection: str,
        tree: Mapping[str, Any],
        *,
        key: str | None = None,
        delivery: str | None = None,
    ) -> Kept:
        """A delivery that the gateway found authentic."""
        return self.tell_raw(
            connection, str(tree.get("type", "x")), json.dumps(tree).encode(), key, delivery
        )

    def tell_raw(
        self,
        connection: str,
        topic: str,
        raw: bytes,
        key: str | None = None,
        delivery: str | None = None,
        *,
        bulk: bool = False,
    ) -> Kept:
        self._delivery += 1
        partner = self.store.directory().connections[connection]
        arrival = Arrival(
            id=new_id(),
            merchant=partner.merchant,
            connection=connection,
            shards=partner.shards,
            topic=topic,
            delivery_id=delivery or f"delivery-{self._delivery}",
            key=key,
            payload=raw,
            correlation_id=new_id(),
            bulk=bulk,
        )
        with self.store.database.begin() as db:
            return inbox.keep(db, self.store.vault, [arrival])[0]

    def later(self, seconds: float) -> None:
        """Let time pass; by then every partner has recovered."""
        self.clock.pass_(seconds)
        self.sql(_RECOVERED)

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """One transaction for a flow."""
        with self.store.database.begin() as db:
            directory = self.store.directories.read(db)
            yield Unit(db, self.store.vault, directory, datetime.now(UTC))

    # workers

    def worker(self) -> Context:
        """One more worker process, in effect."""
        identity = Identity(self.store.database, "test")
        identity.enlist()
        self._identities.append(identity)
        return Context(self.store, self.adapters, Bells(), identity)  # type: ignore[arg-type]

    def run(self, engine: Context | None = None, rounds: int = 60) -> int:
        """Drain every lane until nothing is due. Returns how many rounds that took."""
        for done in range(rounds):
            due = self.due()
            if not due:
                return done
            for lane_id in due:
                drain(engine or self.engine, lane_id, ONCE)
        raise AssertionError("the lanes do not come to rest")

    def once(self, engine: Context | None = None) -> None:
        """Drain what is due now, each lane once; for what does not come to rest by itself."""
        for lane_id in self.due():
            drain(engine or self.engine, lane_id, ONCE)

    def due(self) -> list[int]:
        """The lanes that a sweep would ring."""
        with self.store.database.begin() as db:
            return lanes.due(db)

    def hurry(self, engine: Context, lane_id: int) -> None:
        """One drain by one worker, as its bell would start it."""
        drain(engine, lane_id, ONCE)

    def kill(self, engine: Context) -> None:
        """A worker dies where it stands: its session is gone, and another one notices."""
        session = engine.identity._session  # what kill -9 does to it
        assert session is not None
        session.invalidate()
        session.close()
        self._identities.remove(engine.identity)
        bury_the_dead(self.store.database)

    # what there is

    def sql(self, text: str, **values: Any) -> Any:
        """One statement of the test's own."""
        with self.store.database.begin() as db:
            result = db.execute(sa.text(text), values)
            return result.all() if result.returns_rows else result.rowcount

    def one(self, text: str, **values: Any) -> Any:
        rows = self.sql(text, **values)
        assert len(rows) == 1, rows
        return rows[0][0] if len(rows[0]) == 1 else rows[0]

    def count(self, table: str) -> int:
        return int(self.one(f"SELECT count(*) FROM {table}"))  # noqa: S608

    def order(self, channel_order_id: str = "1001") -> Any:
        """The order's row with its status and reasons."""
        return self.sql(
            """SELECT id, status, hold_reasons, version FROM sales_order
            WHERE channel_order_id = :id""",
            id=channel_order_id,
        )[0]

    def statuses(self, table: str = "fulfilment_order") -> list[str]:
        return [row[0] for row in self.sql(f"SELECT status FROM {table} ORDER BY id")]  # noqa: S608

    def message_status(self, message_id: UUID) -> str:
        return self.one(
            """SELECT coalesce(work.status, message.status) FROM message
            LEFT JOIN work USING (id) WHERE message.id = :id""",
            id=message_id,
        )

    def why(self, message_id: UUID) -> str:
        """What is kept of why a message stands or ended so, in the words it was said in."""
        return books.why(self.store, message_id)

    def said(self, message_id: UUID) -> str:
        """What is kept of what a partner said at the last attempt."""
        return books.said(self.store, message_id)

    def stock_state(self) -> dict[str, tuple[int, int]]:
        """SKU -> (on hand, reserved), over all warehouses."""
        rows = self.sql("SELECT sku, sum(on_hand), sum(reserved) FROM stock_level GROUP BY sku")
        return {row[0]: (int(row[1]), int(row[2])) for row in rows}

    def check_books(self) -> None:
        """Level = sum of the ledger; reserved = sum of open reservations (G18)."""
        assert books.wrong_levels(self.store) == []
