"""What a worker process holds while it drains lanes, and the drain itself: take, recover, work in
batches, give back.
"""

import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError

from adapters.kit import registry
from adapters.kit.manifest import Manifest
from adapters.kit.partners import Adapters
from adapters.ports import Adapter
from hub import logs
from hub.store import lanes, work
from hub.store.database import Database, DatabaseAway
from hub.store.directory import Directory, DirectoryCache, Partner
from hub.store.lanes import IN, Lane, LeaseLost
from hub.store.runtime import Store
from hub.store.vault import Vault
from hub.store.work import Claimed
from workers.bell import Bell
from workers.identity import Identity

DRAIN_S = 30.0
"""After this long a drain rings its own lane again and gives way to others."""

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

    def give_back(self, lane: Lane, claimed: Sequence[Claimed]) -> None:
        """Try to put claimed messages back untouched; where that fails the lease does it."""
        with suppress(DatabaseAway, DBAPIError, LeaseLost), self.database.begin() as db:
            lanes.guard(db, lane)
            work.release(db, lane, claimed)


Once = Callable[[Engine, Lane], int]


def drain(engine: Engine, lane_id: int, once: Mapping[str, Once]) -> None:
    """Drain a lane until it is empty, its time is over, or the process stops. Somebody else's lane
    is left alone.
    """
    until, lane = time.monotonic() + DRAIN_S, None
    try:
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
            if time.monotonic() > until:
                engine.bell.ring_lanes([lane_id])
                return
    except LeaseLost:
        log.warning("lease_lost", lane=lane_id)
    except DatabaseAway as error:
        log.warning("database_away", lane=lane_id, reason=str(error))
        _let_go(engine, lane)
    except Exception as error:  # noqa: BLE001  # what is in hand goes on by the rules of a crash
        log.error("drain_failed", lane=lane_id, reason=type(error).__name__, where=where(error))
        _let_go(engine, lane)


def _let_go(engine: Engine, lane: Lane | None) -> None:
    """Try to free a lane, so that nobody need wait for its lease."""
    if lane is not None:
        with suppress(DatabaseAway, DBAPIError), engine.database.begin() as db:
            lanes.free(db, lane)


def where(error: Exception) -> str:
    """The places an error of ours went through, the deepest first; never its words."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames[-4:])
    )


def _take(engine: Engine, lane_id: int) -> Lane | None:
    with engine.database.begin() as db:
        lane = lanes.take(db, lane_id, engine.identity.number)
        if lane is None:
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
    """Work until nothing is due. False where what is left must wait (a closed gate), so that
    nobody spins on it.
    """
    worked = False
    while not engine.stopping.is_set() and time.monotonic() < until:
        if not once(engine, lane):
            return worked
        worked = True
        engine.identity.progress()
    return True
