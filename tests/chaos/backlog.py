"""A backlog at the start: does it slow the claims? 100,000 messages queued, and one key whose first
is parked with 50,000 behind it.

    python -m tests.chaos backlog [--messages N]

Real lanes and claims on PostgreSQL, worked in this process; the messages themselves do nothing.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.store.base.ids import new_id
from hub.store.messages import inbox
from hub.store.messages.inbox import Arrival
from hub.store.migrate import upgrade
from tests.chaos.servers import Postgres
from tests.kit.database import open_folder
from tests.kit.world import World
from workers.drain import drain
from workers.process import ONCE

SHARE = 0.8
"""The part of the empty hub's rate that must be left."""
_BASE, _AT_ONCE = 10_000, 2000
_MEASURED_S = 4.0
_NOTHING = {"type": "acknowledgement", "of": "x", "status": "accepted", "errors": []}
_SOURCE = {"connection": "shop", "id": "1", "revision": None, "occurred_at": None}
_FOLLOWED = "the one that is followed"


def run(messages: int) -> dict[str, Any]:
    """Messages a second of an empty hub, behind a backlog, and beside a parked key's followers."""
    rates = {}
    with open_folder() as place, Postgres(place / "postgres").make() as server:
        for name, fill in (("empty", 0), ("backlog", messages), ("followers", messages // 2)):
            server.make_database(name)
            with _world(server.url(name), place / name) as world:
                rates[name] = _rate(world, name, fill)
    shares = {name: round(rate / rates["empty"], 2) for name, rate in rates.items()}
    slow = sorted(name for name, share in shares.items() if share < SHARE)
    return {
        "workload": "backlog",
        "messages": messages,
        "per_s": rates,
        "share": shares,
        "slow": slow,
    }


@contextmanager
def _world(url: str, home: Path) -> Iterator[World]:
    upgrade(url)
    made = World(url, home)
    try:
        made.merchant().shop(takes=())
        yield made
    finally:
        made.close()


def _rate(world: World, name: str, fill: int) -> float:
    """Messages finished a second while so many more stand in line."""
    if name == "followers":
        _fill(world, fill, _FOLLOWED)
        world.sql("UPDATE work SET status = 'parked' WHERE status <> 'behind'")
        fill = 0
    _fill(world, max(fill, _BASE), None)
    world.sql("ANALYZE work")
    world.sql("ANALYZE message")
    (lane,) = world.due()
    enough = threading.Timer(_MEASURED_S, world.engine.stopping.set)
    begun = time.monotonic()
    enough.start()
    drain(world.engine, lane, ONCE)
    took = time.monotonic() - begun
    enough.cancel()
    done = world.one("SELECT count(*) FROM message WHERE finished_at IS NOT NULL")
    return round(done / took, 1)


def _fill(world: World, count: int, key: str | None) -> None:
    """So many messages, of one key or each of its own."""
    raw = json.dumps({**_NOTHING, "source": _SOURCE}).encode()
    partner = world.store.directory().connections["shop"]
    for first in range(0, count, _AT_ONCE):
        made = [
            Arrival(
                id=new_id(),
                merchant=partner.merchant,
                connection="shop",
                shards=partner.shards,
                topic="acknowledgement",
                delivery_id=f"{key or 'own'}-{at}",
                key=key or f"key-{at}",
                payload=raw,
                correlation_id=new_id(),
            )
            for at in range(first, min(first + _AT_ONCE, count))
        ]
        with world.store.database.begin() as db:
            inbox.keep(db, world.store.vault, made)
