"""What a worker process holds while it drains lanes, and the drain itself: take, recover, work in
batches, give back.
"""

import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from adapters.kit import registry
from adapters.kit.manifest import Manifest
from adapters.kit.partners import Adapters
from adapters.ports import Adapter
from hub import logs
from hub.store import lanes, work
from hub.store.database import Database, DatabaseAway, is_passing
from hub.store.directory import Directory, DirectoryCache, Partner
from hub.store.lanes import IN, Lane, LeaseLost
from hub.store.outbox import URGENT
from hub.store.runtime import Store
from hub.store.vault import Vault
from hub.store.work import Claimed
from workers.bell import Bell
from workers.gate import Quiet
from workers.identity import Identity
from workers.seats import Seats

DRAIN_S = 30.0
"""After this long a drain rings its own lane again and gives way to others."""
_AGAIN_S = 0.5
"""After so long a drain that stood in another's way is tried again."""
_LEFT_S = 5.0
"""After so long it is tried again to give a lane back."""

log = logs.get("engine")


@dataclass(slots=True)
class Engine:
    """The parts, made once a process."""

    store: Store
    adapters: Adapters
    bell: Bell
    identity: Identity
    stopping: threading.Event = field(default_factory=threading.Event)
    gather: dict[str, int] = field(default_factory=dict)
    """Connection -> how many messages to claim next for it, learnt from how quick it is."""
    quiet: Quiet = field(default_factory=Quiet)
    seats: Seats = field(default_factory=Seats)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Lane -> its direction and connection, which never change."""
    left: dict[int, Lane] = field(default_factory=dict)
    """Lanes that could not be let go when their work was broken off: the database was away."""
    callers: Executor = field(default_factory=partial(ThreadPoolExecutor, 1024, "call"))
    """Threads of calls that go side by side; each lane's window bounds its own."""

    @property
    def database(self) -> Database:
        return self.store.database

    @property
    def vault(self) -> Vault:
        return self.store.vault

    @property
    def directories(self) -> DirectoryCache:
        return self.store.directories

    def adapter(self, partner: Partner, directory: Directory) -> Adapter:
        """The adapter of a connection."""
        return self.adapters.of(partner, directory.network, directory.version)

    def manifest(self, partner: Partner) -> Manifest:
        """What the connection's adapter says of itself."""
        return registry.entry(partner.adapter).manifest

    def give_back(
        self,
        lane: Lane,
        claimed: Sequence[Claimed],
        beside: Callable[[Connection], None] | None = None,
    ) -> None:
        """Try to put claimed messages back untouched, in one transaction with what goes back beside
        them; where that fails the lease does it.
        """
        with suppress(DatabaseAway, DBAPIError, LeaseLost), self.database.begin() as db:
            lanes.guard(db, lane)
            work.release(db, lane, claimed)
            if beside is not None:
                beside(db)


Once = Callable[[Engine, Lane], Sequence[Claimed]]


def drain(engine: Engine, lane_id: int, once: Mapping[str, Once]) -> None:
    """Drain a lane until it is empty, its time is over, others must come before, or the process
    stops. Somebody else's lane is left alone.
    """
    lane: Lane | None = None
    seated = False
    try:
        seated = _enter(engine, lane_id)
        if not seated:
            return
        until = time.monotonic() + DRAIN_S
        while not engine.stopping.is_set():
            lane = _take(engine, lane_id)
            engine.identity.progress()
            if lane is None:
                return
            more = _drain_held(engine, lane, once[lane.direction], until)
            with engine.database.begin() as db:
                lanes.free(db, lane)
                left = more and lane_id in lanes.due(db, (lane.direction,))
            if not left:
                return
            pause = engine.seats.gives_way(lane_id)
            if pause is not None or time.monotonic() > until:
                engine.bell.ring_later(lane_id, pause or 0.0)
                return
    except LeaseLost:
        log.warning("lease_lost", lane=lane_id)
    except Exception as error:  # noqa: BLE001  # what is in hand goes on by the rules of a crash
        _break_off(engine, lane_id, lane, error)
    finally:
        if seated:
            engine.bell.ring_lanes(engine.seats.leave(lane_id))


def _enter(engine: Engine, lane_id: int) -> bool:
    """Take a seat, where this lane's connection has not too many already."""
    place = engine.places.get(lane_id)
    if place is None:
        with engine.database.begin() as db:
            place = lanes.place(db, lane_id)
        if place is None:
            return False
        engine.places[lane_id] = place
    return engine.seats.enter(lane_id, *place)


def _let_go(engine: Engine, lane: Lane | None) -> None:
    """Give a lane back, so that nobody need wait for its lease; where that fails, by and by."""
    if lane is None:
        return
    engine.left[lane.id] = lane
    try:
        with engine.database.begin() as db:
            lanes.let_go(db, lane)
    except (DatabaseAway, DBAPIError):
        return
    del engine.left[lane.id]


def _break_off(engine: Engine, lane_id: int, lane: Lane | None, error: Exception) -> None:
    """Say why, let the lane go, and come back to it soon where what hindered passes."""
    reason = type(getattr(error, "orig", None) or error).__name__
    if isinstance(error, DatabaseAway):
        log.warning("database_away", lane=lane_id, reason=str(error))
    elif is_passing(error):
        log.warning("drain_put_off", lane=lane_id, reason=reason, where=where(error))
        engine.bell.ring_later(lane_id, _AGAIN_S)
    else:
        log.error("drain_failed", lane=lane_id, reason=reason, where=where(error))
    _let_go(engine, lane)
    if lane_id in engine.left:
        engine.bell.ring_later(lane_id, _LEFT_S)


def where(error: Exception) -> str:
    """The places an error of ours went through, the deepest first; never its words."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames[-4:])
    )


def _take(engine: Engine, lane_id: int) -> Lane | None:
    left = engine.left.get(lane_id)
    if left is not None:
        with engine.database.begin() as db:
            lanes.let_go(db, left)
        del engine.left[lane_id]
    with engine.database.begin() as db:
        lane = lanes.take(db, lane_id, engine.identity.number)
        if lane is None:
            return None
        rest = engine.seats.bulk_rests(lane_id)
        if rest is not None and not work.waiting(db, lane, 1).get((True, URGENT)):
            lanes.free(db, lane)
            engine.bell.ring_later(lane_id, rest)
            return None
        directory = engine.directories.read(db)
        partner = directory.partners.get(lane.connection)
        safe = (
            lane.direction != IN and partner is not None and engine.manifest(partner).honours_keys
        )
        for message_id in work.recover(db, lane, repeats_are_safe=safe):
            log.error("parked", message=str(message_id), reason="crashes_worker")
    return lane


def _drain_held(engine: Engine, lane: Lane, once: Once, until: float) -> bool:
    """Work until nothing is due or others must come before. False where what is left must wait (a
    closed gate), so that nobody spins on it.
    """
    worked = False
    while not engine.stopping.is_set() and time.monotonic() < until:
        since = time.monotonic()
        claimed = once(engine, lane)
        if not claimed:
            return worked
        worked = True
        engine.identity.progress()
        bulk = all(one.urgency != URGENT for one in claimed)
        engine.seats.worked(lane.id, bulk=bulk, took_s=time.monotonic() - since)
        if engine.seats.gives_way(lane.id) is not None:
            return True
    return True
