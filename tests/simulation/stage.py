"""The stage: one database, two sets of connections, workers that are driven by hand, a broker that
is a list. A history is played on it; afterwards it is cleared for the next.
"""

import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
import structlog

from adapters.kit.registry import entry
from hub.flows.unit import Unit
from hub.model.document import Document
from hub.model.fulfilment import FulfilmentCancellation
from hub.states.fulfilment_order import FULFILMENT_ORDER
from hub.store.base.ids import long
from hub.store.config import snapshot
from hub.store.messages import lanes, polls
from hub.store.messages.polls import Planned
from tests.kit.world import ONCE, Clock, World
from tests.simulation.faults import FaultyDatabase, Gremlin, Killed, Lost
from tests.simulation.feed import EVERY_S, OVERLAP_S, TOPIC, Feed
from tests.simulation.partners import Partner, Shelf, schedule_of
from workers.context import Context
from workers.drain import drain
from workers.schedule import chores, stock

WAREHOUSES = ("wh", "xh")
_SETS = {
    "m": {"wh": "qimen", "xh": "qimen", "shop": "shopify", "erp": "tryton", "feed": "woocommerce"},
    "k": {
        **dict.fromkeys(("wh", "xh", "shop", "erp"), "generic_warehouse"),
        "feed": "woocommerce",
    },
}
"""Merchant -> role -> whose manifest holds: those of `m` must be asked, those of `k` know keys."""
_KINDS = {
    "wh": ("warehouse", ("fulfilment_order", "fulfilment_cancellation")),
    "xh": ("warehouse", ("fulfilment_order", "fulfilment_cancellation")),
    "shop": ("channel", ("shipment", "stock_level")),
    "erp": ("erp", ("sales_order", "shipment", "refund")),
    "feed": ("channel", ()),
}
_POLL = {"orders": False, TOPIC: {"every_s": EVERY_S, "overlap_s": OVERLAP_S}}
_KEPT = ("scope_key", "merchant", "connection", "lane", "setting", "alembic_version")


class Rung:
    """A bell that only remembers."""

    def __init__(self, gremlin: Gremlin) -> None:
        self._gremlin = gremlin
        self.rings: list[Any] = []

    def ring(self, rings: Any) -> None:
        found = list(rings)
        if found:
            self._gremlin.pass_("ring")
        self.rings += found

    def ring_lanes(self, numbers: Any) -> None:
        self.rings += list(numbers)

    def ring_later(self, number: int, seconds: float) -> None:
        self.rings.append(number)


@dataclass(slots=True)
class Worker:
    """A process among the workers, without a session of its own."""

    number: int
    name: str = "simulated"
    kind: str = "worker"

    def progress(self) -> None:
        """Nothing watches it."""


@dataclass
class Stage:
    """What the play needs. Made once, used for many histories."""

    world: World
    clock: Clock
    gremlin: Gremlin
    bell: Rung
    partners: dict[str, Partner] = field(default_factory=dict)
    shelves: dict[str, Shelf] = field(default_factory=dict)
    ring_of: dict[Any, int] = field(default_factory=dict)
    poll_lanes: set[int] = field(default_factory=set)
    numbers: int = 1
    lane: int = 0

    @classmethod
    @contextmanager
    def open(cls, url: str) -> Iterator["Stage"]:
        """Set up two merchants with their connections in an empty, migrated database."""
        with tempfile.TemporaryDirectory() as home:
            world = World(url, Path(home))
            stage = cls(world, world.clock, Gremlin(lambda seconds: None), None)  # type: ignore[arg-type]
            stage.gremlin = Gremlin(stage._asleep)
            stage.bell = Rung(stage.gremlin)
            for merchant, adapters in _SETS.items():
                world.merchant(merchant)
                for role, adapter in adapters.items():
                    kind, takes = _KINDS[role]
                    world.connect(f"{role}-{merchant}", kind, adapter=adapter, takes=takes,
                                  merchant=merchant,
                                  options={"priority": 1, "poll": _POLL})  # fmt: skip
                stage._plan(merchant)
            rows = world.sql("SELECT id, direction, connection, shard FROM lane")
            stage.ring_of = {(r.direction, r.connection, r.shard): r.id for r in rows}
            stage.poll_lanes = {r.id for r in rows if r.direction == "poll"}
            with stage.clock.in_charge(), _silence():
                yield stage
            world.close()

    def worker(self, *, faulty: bool = True) -> Context:
        """A new worker process."""
        self.numbers += 1
        store = self.world.store
        if faulty:
            store = replace(store, database=FaultyDatabase(store.database, self.gremlin))
        return Context(store, self.world.adapters, self.bell, Worker(self.numbers))  # type: ignore[arg-type]

    def clear(self, merchant: str, say: Any) -> None:
        """An empty stage for a history of one merchant."""
        tables = self.world.sql(
            """SELECT string_agg(quote_ident(relname), ', ') FROM pg_class
            WHERE relkind IN ('r', 'p') AND NOT relispartition
              AND relnamespace = 'public'::regnamespace
              AND NOT relname = ANY (:kept)""",
            kept=list(_KEPT),
        )
        with self.owner() as db:
            # also what is only ever added to
            db.execute(sa.text("SET LOCAL session_replication_role = replica"))
            db.execute(sa.text(f"TRUNCATE {tables[0][0]}"))
            db.execute(sa.text("UPDATE lane SET holder = NULL, leased_until = NULL"))
            paused = "UPDATE connection SET status = 'active' WHERE status = 'paused'"
            if db.execute(sa.text(paused)).rowcount:
                snapshot.changed(db)
        self.clock.forget()
        self.gremlin.arm(None)
        self.gremlin.zombies.clear()
        self.bell.rings.clear()
        keys = merchant == "k"
        self.partners = {
            role: (Feed if role == "feed" else Partner)(
                f"{role}-{merchant}",
                self.clock,
                self._about,
                keys,
                self.gremlin.pass_,
                entry(_SETS[merchant][role]).manifest.settle_s,
            )
            for role in _KINDS
        }
        self.partners["shop"].dedupes = True  # people may replay what it was told
        self._plan(merchant)
        self.shelves = {role: Shelf(f"{role}-{merchant}", say) for role in WAREHOUSES}
        for role, shelf in self.shelves.items():
            self.partners[role].act = shelf.act
            self.partners[role].has_ended = self._has_ended
        self.world.adapters.made = {one.code: one for one in self.partners.values()}  # type: ignore[misc]
        self.engine, self.other = self.worker(), self.worker(faulty=False)

    def _plan(self, merchant: str) -> None:
        """Its feed is due."""
        feed = f"feed-{merchant}"
        with self.world.store.database.begin() as db:
            polls.plan(db, [Planned(merchant, feed, TOPIC, EVERY_S)], {feed})

    @contextmanager
    def owner(self) -> Iterator[sa.Connection]:
        """A transaction of the tables' owner."""
        with self.world.store.database.begin() as db:
            db.execute(sa.text("SET LOCAL ROLE NONE"))
            yield db

    def _about(self, document: Document) -> int:
        if isinstance(document, FulfilmentCancellation):
            goods = (shelf.goods.get(document.fulfilment_order_id) for shelf in
                     self.shelves.values())  # fmt: skip
            return next((one.schedule for one in goods if one), -1)
        return schedule_of(document)

    def _has_ended(self, document: Document) -> bool:
        goods = long("F", getattr(document, "fulfilment_order_id", ""))
        found = self.world.sql("SELECT status FROM fulfilment_order WHERE id = :id", id=goods)
        return bool(found) and found[0].status in FULFILMENT_ORDER.final

    def ask(self) -> None:
        """A person wants the feed asked now, and it answers as it should."""
        self.feed.spells.clear()
        with self.world.store.database.begin() as db:
            polls.ask(db, self.feed.code, None)

    @property
    def feed(self) -> Feed:
        """The partner that is asked what changed."""
        feed = self.partners["feed"]
        assert isinstance(feed, Feed)
        return feed

    def mood(self, schedule: int, role: str, mood: str) -> None:
        self.partners[role].moods.setdefault(schedule, deque()).append(mood)

    # motion

    def move(self, bells: str, shuffle: int) -> None:
        """Deliver the rings that the broker kept, in any order, or let a sweep ring."""
        chance = Random(shuffle)  # noqa: S311
        rung = [self.ring_of[ring] if isinstance(ring, tuple) else ring for ring in self.bell.rings]
        self.bell.rings.clear()
        lane_ids = sorted(set(rung))
        if bells == "none":
            return
        if bells == "some":
            lane_ids = [one for one in lane_ids if chance.random() < 0.5]
        if bells == "twice":
            lane_ids = lane_ids * 2
        if bells == "sweep":
            lane_ids = self.world.due()
        chance.shuffle(lane_ids)
        for lane_id in lane_ids:
            self.drain(lane_id)

    def drain(self, lane_id: int) -> None:
        """One worker drains a lane; where it dies another one takes its place."""
        self.lane = lane_id
        self.gremlin.polls = lane_id in self.poll_lanes
        try:
            drain(self.engine, lane_id, ONCE)
        except Killed as gone:
            dead, self.engine = self.engine, self.worker()
            if gone.args[0] == "kill":
                with self.world.store.database.begin() as db:
                    lanes.free_all_of(db, dead.identity.number)
        finally:
            self.gremlin.lost = None

    def sweep(self) -> None:
        """The sweep's chores: channels hear of stock that changed, and orders go on for which what
        they wait for has come.
        """
        stock.publish_stock(self.world.store, self.bell)  # type: ignore[arg-type]
        chores.look_again(self.world.store, self.bell)  # type: ignore[arg-type]
        self.bell.rings.append(("poll", self.feed.code, 0))

    def unit(self) -> Any:
        return self.world.unit()

    def ring(self, unit: Unit) -> None:
        self.bell.rings += list(unit.rings)

    def _asleep(self, seconds: int) -> None:
        """The world goes on while a worker stands still."""
        before = self._fence()
        self.clock.pass_(seconds)
        for lane_id in self.world.due():
            drain(self.other, lane_id, ONCE)
        after = self._fence()
        self.gremlin.lost = Lost(self.lane, after) if after != before else None

    def _fence(self) -> int:
        return int(self.world.one("SELECT fence FROM lane WHERE id = :id", id=self.lane))


@contextmanager
def _silence() -> Iterator[None]:
    """What goes wrong is meant to: the log would only cost time."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        yield
    finally:
        structlog.configure(**before)
