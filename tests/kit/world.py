"""A small world for tests of the engine: a store, scripted partners, a worker driven step by step.

Everything is the real thing (database, lanes, flows, workers' code) but the broker and the
partners' wire: bells are collected instead of rung, and partners answer as a test tells them.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from adapters.ports import Call, Delivery, Receipt
from hub.flows.unit import Unit
from hub.model.catalogue import read
from hub.model.document import Document
from hub.model.errors import BadData
from hub.settings import Settings
from hub.store import directory, inbox, lanes, stock
from hub.store.ids import new_id
from hub.store.inbox import Arrival, Kept
from hub.store.runtime import Store
from mappings.reading import read_json_object
from workers import inbound, outbound
from workers.engine import Engine, drain
from workers.identity import Identity, bury_the_dead

ONCE = {"in": inbound.drain_once, "out": outbound.drain_once}
Answer = Callable[[Document, str], Receipt]


@dataclass
class Scripted:
    """A partner that speaks canonical JSON and answers as told. `told` is its own record."""

    answers: list[Any] = field(default_factory=list)
    finds: list[Any] = field(default_factory=list)
    told: list[tuple[str, str, Document]] = field(default_factory=list)
    asked: list[Document] = field(default_factory=list)
    effects: dict[str, Document] = field(default_factory=dict)
    before: Callable[[Document], None] = lambda document: None

    def check(self) -> None:
        """Nothing to check."""

    def verify(self, call: Call, now: datetime) -> Delivery:
        raise NotImplementedError

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        tree = read_json_object(raw)
        if tree.get("type") == "crash":
            raise SystemExit("the interpreter goes down")
        if tree.get("type") == "bug":
            raise ZeroDivisionError
        if isinstance(tree.get("documents"), list):
            return [read(one["type"], one) for one in tree["documents"]]
        return [read(tree.get("type", topic), tree)]

    def send(self, document: Document, key: str) -> Receipt:
        self.before(document)
        self.told.append((document.type, key, document))
        answer = self.answers.pop(0) if self.answers else None
        if callable(answer):
            return answer(document, key)
        if isinstance(answer, Exception):
            raise answer
        self.effects[key] = document
        return Receipt(f"ref-{len(self.effects)}")

    def find(self, document: Document) -> Receipt | None:
        self.asked.append(document)
        answer = self.finds.pop(0) if self.finds else None
        if isinstance(answer, Exception):
            raise answer
        return answer


class Adapters:
    """Hands out the scripted partners."""

    def __init__(self) -> None:
        self.made: dict[str, Scripted] = {}

    def of(self, partner: Any, network: Mapping[str, Any], version: int) -> Scripted:
        return self.made[partner.code]


class Bells:
    """Collects rings."""

    def __init__(self) -> None:
        self.rung: list[Any] = []

    def ring(self, rings: Iterable[Any]) -> None:
        self.rung += list(rings)

    def ring_lanes(self, numbers: Iterable[int]) -> None:
        self.rung += list(numbers)

    def ring_later(self, number: int, seconds: float) -> None:
        self.rung.append(number)

    def away_s(self) -> float:
        return 0.0


class World:
    """A store with what a test puts into it, and workers that move when they are told."""

    def __init__(self, url: str, home: Path) -> None:
        settings = Settings.read({"ORDERHUB_HOME": str(home)})
        self.url, self.home = url, home
        self.store = Store.open(settings, url, name="test", pool=20)
        self.adapters = Adapters()
        self._identities: list[Identity] = []
        self.engine = self.worker()
        self._delivery = 0

    def worker(self) -> Engine:
        """One more worker process, in effect."""
        identity = Identity(self.store.database, "test")
        identity.enlist()
        self._identities.append(identity)
        return Engine(self.store, self.adapters, Bells(), identity)  # type: ignore[arg-type]

    def close(self) -> None:
        for identity in self._identities:
            identity.stop()
        self.store.close()

    def merchant(self, code: str = "acme", status: str = "active") -> None:
        self.sql(
            "INSERT INTO merchant VALUES (:code, :code, 'EUR', :status) ON CONFLICT DO NOTHING",
            code=code,
            status=status,
        )

    def connect(
        self,
        code: str,
        kind: str,
        *,
        adapter: str = "qimen",
        takes: Sequence[str] = (),
        merchant: str = "acme",
        shards: int = 1,
        limits: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Scripted:
        """Configure a connection. `adapter` says whose manifest holds (qimen: no keys)."""
        with self.store.database.begin() as db:
            db.execute(
                sa.text(
                    """INSERT INTO connection (code, merchant_id, kind, adapter, gives, takes,
                      shards, limits, options)
                    VALUES (:code, :merchant, :kind, :adapter, '{}', :takes, :shards,
                      CAST(:limits AS jsonb), CAST(:options AS jsonb))"""
                ),
                {
                    "code": code,
                    "merchant": merchant,
                    "kind": kind,
                    "adapter": adapter,
                    "takes": list(takes),
                    "shards": shards,
                    "limits": json.dumps(dict(limits or {})),
                    "options": json.dumps(dict(options or {})),
                },
            )
            lanes.ensure(db, code, shards)
            directory.changed(db)
        self.adapters.made[code] = Scripted()
        return self.adapters.made[code]

    def stock(self, warehouse: str, merchant: str = "acme", **pieces: int) -> None:
        """Make SKUs known and put pieces into a warehouse."""
        with self.store.database.begin() as db:
            for sku in pieces:
                db.execute(
                    sa.text(
                        """INSERT INTO product (merchant_id, sku, title)
                        VALUES (:merchant, :sku, :sku) ON CONFLICT DO NOTHING"""
                    ),
                    {"merchant": merchant, "sku": sku},
                )
            stock.move(
                db,
                [
                    stock.Movement(merchant, warehouse, sku, Decimal(n), "opening", "opening")
                    for sku, n in pieces.items()
                ],
            )

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
        partner = self.store.directory().partners[connection]
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

    def run(self, engine: Engine | None = None, rounds: int = 60) -> int:
        """Drain every lane until nothing is due. Returns how many rounds that took."""
        for done in range(rounds):
            with self.store.database.begin() as db:
                due = lanes.due(db)
            if not due:
                return done
            for lane_id in due:
                drain(engine or self.engine, lane_id, ONCE)
        raise AssertionError("the lanes do not come to rest")

    def later(self, seconds: float) -> None:
        """Let time pass for what waits for a time."""
        self.sql(
            """UPDATE work SET due = due - :s * interval '1 s',
              deadline = deadline - :s * interval '1 s',
              denied_at = denied_at - :s * interval '1 s'""",
            s=seconds,
        )
        self.sql(
            """UPDATE partner_state SET blocked_until = NULL, breaker =
            CASE WHEN breaker ->> 'mode' <> 'closed' THEN '{}'::jsonb
              ELSE breaker || '{"closed_at": null}'::jsonb END"""
        )

    def pass_time(self, seconds: float) -> None:
        """Let time pass for what waits for a time, and for every breaker and bucket."""
        self.sql(
            """UPDATE work SET due = due - :s * interval '1 s'
            WHERE due > now() AND status IN ('retry', 'unknown')""",
            s=seconds,
        )
        self.sql(
            """UPDATE partner_state SET refilled_at = refilled_at - :s * interval '1 s',
              blocked_until = blocked_until - :s * interval '1 s',
              breaker = breaker || (SELECT coalesce(jsonb_object_agg(key,
                CAST(value #>> '{}' AS timestamptz) - :s * interval '1 s'), '{}')
                FROM jsonb_each(breaker) WHERE jsonb_typeof(value) = 'string'
                AND key IN ('away_since', 'retry_at', 'not_before', 'probe_until', 'closed_at'))""",
            s=seconds,
        )

    def once(self, engine: Engine | None = None) -> None:
        """Drain what is due now, each lane once; for what does not come to rest by itself."""
        for lane_id in self.due():
            drain(engine or self.engine, lane_id, ONCE)

    def due(self) -> list[int]:
        """The lanes that a sweep would ring."""
        with self.store.database.begin() as db:
            return lanes.due(db)

    def hurry(self, engine: Engine, lane_id: int) -> None:
        """One drain by one worker, as its bell would start it."""
        drain(engine, lane_id, ONCE)

    def kill(self, engine: Engine) -> None:
        """A worker dies where it stands: its session is gone, and another one notices."""
        session = engine.identity._session  # what kill -9 does to it
        assert session is not None
        session.invalidate()
        session.close()
        self._identities.remove(engine.identity)
        bury_the_dead(self.store.database)

    def unit(self) -> "UnitOf":
        return UnitOf(self)

    def sql(self, text: str, **values: Any) -> Any:
        """One statement of the test's own."""
        with self.store.database.begin() as db:
            result = db.execute(sa.text(text), values)
            return result.all() if result.returns_rows else result.rowcount

    def one(self, text: str, **values: Any) -> Any:
        rows = self.sql(text, **values)
        assert len(rows) == 1, rows
        return rows[0][0] if len(rows[0]) == 1 else rows[0]

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

    def stock_state(self) -> dict[str, tuple[int, int]]:
        """SKU -> (on hand, reserved), over all warehouses."""
        rows = self.sql("SELECT sku, sum(on_hand), sum(reserved) FROM stock_level GROUP BY sku")
        return {row[0]: (int(row[1]), int(row[2])) for row in rows}

    def check_books(self) -> None:
        """Level = sum of the ledger; reserved = sum of open reservations (G18)."""
        wrong = self.sql(
            """SELECT warehouse, sku, on_hand, reserved, (SELECT coalesce(sum(delta), 0) FROM ledger
                WHERE ledger.warehouse = l.warehouse AND ledger.sku = l.sku
                  AND ledger.quality = l.quality) AS booked,
              (SELECT coalesce(sum(open), 0) FROM reservation
                WHERE reservation.warehouse = l.warehouse AND reservation.sku = l.sku) AS promised
            FROM stock_level AS l"""
        )
        kept = [(row.on_hand, row.reserved) == (row.booked, row.promised) for row in wrong]
        assert all(kept), [row for row, ok in zip(wrong, kept, strict=True) if not ok]


class UnitOf:
    """`with world.unit() as unit`: one transaction for a flow."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __enter__(self) -> Unit:
        self._context = self._world.store.database.begin()
        db = self._context.__enter__()
        return Unit(
            db, self._world.store.vault, self._world.store.directories.read(db), datetime.now(UTC)
        )

    def __exit__(self, *error: object) -> None:
        with suppress(BadData):
            self._context.__exit__(*error)


def sales_order(number: int = 1001, *, channel: str = "shop", **changes: Any) -> dict[str, Any]:
    """A paid order of two lines to Amsterdam; `lines` as (SKU, pieces) pairs."""
    wanted = changes.pop("lines", [("A", 2), ("B", 1)])
    lines = [
        {
            "line_no": at,
            "channel_line_id": f"{number}-{at}",
            "sku": sku,
            "title": f"Article {sku}",
            "quantity": str(pieces),
            "unit_price": "10.00",
            "total": f"{pieces * 10}.00",
        }
        for at, (sku, pieces) in enumerate(wanted, start=1)
    ]
    total = f"{sum(pieces for _, pieces in wanted) * 10}.00"
    minute = changes.pop("minute", 0)
    return {
        "type": "sales_order",
        "source": {
            "connection": channel,
            "id": str(number),
            "revision": f"2026-11-24T10:{minute:02d}:00Z",
            "occurred_at": f"2026-11-24T10:{minute:02d}:00Z",
        },
        "channel_order_id": str(number),
        "order_number": f"#{number}",
        "placed_at": "2026-11-24T10:00:00Z",
        "updated_at": f"2026-11-24T10:{minute:02d}:00Z",
        "payment_state": "paid",
        "currency": "EUR",
        "customer": {"name": "Ada Bakker", "email": f"ada{number}@example.com"},
        "ship_to": {
            "name": "Ada Bakker",
            "lines": ["Keizersgracht 1"],
            "city": "Amsterdam",
            "postal_code": "1015CJ",
            "country": "NL",
        },
        "lines": lines,
        "totals": {"items": total, "grand_total": total, "paid": total},
        **changes,
    }


def shipment(
    fulfilment_order: str,
    *,
    delivery: str = "s1",
    lines: Sequence[tuple[int, int]] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A confirmation; without lines everything open has left in one parcel."""
    package: dict[str, Any] = {"tracking_number": f"TRACK-{delivery}", "carrier": "dhl"}
    if lines is not None:
        package["lines"] = [{"line_no": no, "quantity": str(pieces)} for no, pieces in lines]
    return {
        "type": "shipment",
        "source": {"connection": "wh", "id": f"{fulfilment_order}:{delivery}"},
        "fulfilment_order_id": fulfilment_order,
        "shipped_at": "2026-11-24T12:00:00Z",
        "complete": True,
        "packages": [package],
        **changes,
    }


def status(fulfilment_order: str, word: str, **changes: Any) -> dict[str, Any]:
    """A warehouse's word."""
    return {
        "type": "fulfilment_status",
        "source": {"connection": "wh", "id": f"{fulfilment_order}:{word}"},
        "fulfilment_order_id": fulfilment_order,
        "status": word,
        "at": "2026-11-24T11:00:00Z",
        **changes,
    }
