"""What a worker process holds while it drains lanes: made once, shared by all its threads."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.engine import Connection as Db
from sqlalchemy.exc import DBAPIError

from adapters.kit import registry
from adapters.kit.manifest import Manifest
from adapters.kit.partners import Adapters
from adapters.ports import Parts
from hub.flows.config.inspecting import Inspector
from hub.model.errors import BadData
from hub.store.base.database import Database
from hub.store.base.failures import DatabaseAway
from hub.store.base.sealing import Vault
from hub.store.config.hindrances import Hindrance
from hub.store.config.snapshot import Connection, Directory, DirectoryCache
from hub.store.messages import giving_back, lanes
from hub.store.messages.claimed import Claimed
from hub.store.messages.lanes import IN, OUT, Lane, LeaseLost
from hub.store.opened import Store
from workers.outbound.call_guard import Quiet
from workers.registration import Identity
from workers.wakeups.fair_share import Seats
from workers.wakeups.wakeup import Bell


def side(direction: str) -> str:
    """Whether a lane takes what comes in, or calls the partner: to tell it, or to ask it."""
    return IN if direction == IN else OUT


@dataclass(slots=True)
class Context:
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
    passed: dict[int, float] = field(default_factory=dict)
    """Lane -> when its bell was passed on to others, who can use its connection."""
    callers: Executor = field(default_factory=partial(ThreadPoolExecutor, 1024, "call"))
    """Threads of calls that go side by side; each lane's window bounds its own."""
    inspector: Inspector = field(init=False)

    def __post_init__(self) -> None:
        kind = self.identity.kind
        self.inspector = Inspector(self.store, self.adapters, kind, is_called=self._is_called)

    @property
    def database(self) -> Database:
        return self.store.database

    @property
    def vault(self) -> Vault:
        return self.store.vault

    @property
    def directories(self) -> DirectoryCache:
        return self.store.directories

    def adapter(self, partner: Connection, directory: Directory, direction: str) -> Parts:
        """The adapter of a connection; what comes in is read without the secrets of calls."""
        make = self.adapters.inward if direction == IN else self.adapters.of
        return make(partner, directory.network, directory.version)

    def can_use(self, partner: Connection, directory: Directory, direction: str) -> bool:
        """Whether this process has what it takes. A paused connection takes nothing."""
        if partner.status == "paused":
            return True
        try:
            self.adapter(partner, directory, direction)
        except BadData as error:
            self.inspector.note(partner, side(direction), error)
            return False
        return True

    def hindrance(self, connection: str, direction: str) -> Hindrance | None:
        """What is known to be missing here to work a lane of that direction."""
        return self.inspector.hindrance(connection, side(direction))

    def _is_called(self, partner: Connection) -> bool:
        entry = registry.entries().get(partner.adapter)
        return bool(partner.takes) or (entry is not None and bool(entry.manifest.polls))

    def honours_keys(self, partner: Connection) -> bool:
        """Whether a repeat is safe, as far as its adapter is known here."""
        entry = registry.entries().get(partner.adapter)
        return entry is not None and entry.manifest.honours_keys

    def manifest(self, partner: Connection) -> Manifest:
        """What the connection's adapter says of itself."""
        return registry.entry(partner.adapter).manifest

    def give_back(
        self,
        lane: Lane,
        claimed: Sequence[Claimed],
        beside: Callable[[Db], None] | None = None,
    ) -> None:
        """Try to put claimed messages back untouched, in one transaction with what goes back beside
        them; where that fails the lease does it.
        """
        with suppress(DatabaseAway, DBAPIError, LeaseLost), self.database.begin() as db:
            lanes.guard(db, lane)
            giving_back.release(db, lane, claimed)
            if beside is not None:
                beside(db)
