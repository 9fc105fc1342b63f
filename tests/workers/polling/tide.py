"""A shop that can be asked, on a real socket, and a hub that asks it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.kit import registry
from adapters.kit.http import Transport
from adapters.kit.signature import hex_hmac
from adapters.kit.testing.scripted_partner import Asked, Loopback, Told
from adapters.ports import Call
from hub.store.base.ids import new_id
from hub.store.messages import inbox
from hub.store.messages.inbox import Arrival, Kept
from mappings.kit import Context
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from tests.workers.polling.tideshop import SECRET
from workers.schedule.polls import plan_polls

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO: Any = {"look_back_s": 10 * 365 * 86_400.0}
POLL: Any = {"events": False, "orders": LONG_AGO}
Script = Callable[[Asked], Told | None]


def moment(seconds: float = 0) -> datetime:
    """So long after noon by the shop's own clock."""
    return NOON + timedelta(seconds=seconds)


def body(number: int, at: datetime, **changes: Any) -> bytes:
    """An order as the shop tells it."""
    tree = sales_order(number, channel="tide", lines=[("A", 1)], **changes)
    tree["updated_at"] = tree["source"]["revision"] = tree["source"]["occurred_at"] = at.isoformat()
    return json.dumps(tree).encode()


@dataclass
class Shop:
    """The shop's rows, (changed at, id) -> body, and how it answers. `before` may answer in its
    place.
    """

    limit: int = 2
    rows: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)
    before: Script = lambda asked: None
    asked: list[dict[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def change(self, number: int, seconds: float = 0, **changes: Any) -> bytes:
        """An order is new, or changes, so long after noon."""
        raw = body(number, moment(seconds), **changes)
        self.rows[str(number)] = (moment(seconds), raw)
        return raw

    def answer(self, asked: Asked) -> Told:
        said = self.before(asked)
        if said is not None:
            return said
        if asked.path.startswith("/events/"):
            self.fetched.append(asked.path.rpartition("/")[2])
            return Told(body=self.rows[self.fetched[-1].partition(":")[0]][1])
        self.asked.append(asked.query)
        return Told.json(self.page(asked))

    def page(self, asked: Asked) -> Any:
        query = asked.query
        start = (datetime.fromisoformat(query["since"]), query.get("after", ""))
        found = sorted((at, id_) for id_, (at, _) in self.rows.items())
        found = [one for one in found if (one > start if start[1] else one[0] >= start[0])]
        skipped = int(query["page"]) * self.limit if "after" not in query else 0
        some = found[skipped : skipped + self.limit]
        rows = [self.row(asked.path, id_) for _, id_ in some]
        return {"rows": rows, "more": len(found) > skipped + self.limit}

    def row(self, path: str, id_: str) -> dict[str, str]:
        at, raw = self.rows[id_]
        row = {"id": id_, "at": at.isoformat()}
        if path == "/events":
            return row | {"id": f"{id_}:{at.timestamp():.0f}", "key": id_}
        return row | {"body": raw.decode()}


class Tide:
    """A hub with one connection to the shop."""

    def __init__(self, world: World, shop: Shop, url: str, **settings: Any) -> None:
        self.world, self.shop, self.url = world, shop, url
        world.merchant()
        poll, limits = settings.pop("poll", POLL), settings.pop("limits", {})
        options = {"poll": poll}
        world.connect(
            "tide", "channel", adapter="tideshop", shards=2, options=options, limits=limits
        )
        world.connect("wh", "warehouse", adapter="generic_warehouse", takes=("fulfilment_order",))
        world.stock("wh", A=10_000)
        self.adapter: Any = registry.make(
            "tideshop", {"url": url, **settings}, {}, Context("tide"), Transport.local()
        )
        world.adapters.made["tide"] = self.adapter
        self.plan()

    def plan(self) -> None:
        plan_polls(self.world.store, self.world.engine.bell)

    def poll(self, engine: Any = None) -> None:
        """Everything is asked for now, and what came of it worked."""
        self.world.sql("UPDATE poll SET due = now() WHERE due IS NOT NULL")
        self.world.run(engine)

    def lane(self) -> int:
        found: int = self.world.one("SELECT id FROM lane WHERE direction = 'poll'")
        return found

    def webhook(self, raw: bytes) -> Kept:
        """The shop posts, and the gateway finds it authentic and keeps it."""
        headers = {"x-signature": hex_hmac(SECRET, raw)}
        delivery = self.adapter.verify(Call("POST", "", headers, raw), datetime.now(UTC))
        arrival = Arrival(
            new_id(), "acme", "tide", 2, delivery.topic, delivery.id, delivery.key, raw, new_id(),
            content=delivery.content,
        )  # fmt: skip
        with self.world.store.database.begin() as db:
            return inbox.keep(db, self.world.store.vault, [arrival])[0]

    def heard(self) -> list[str]:
        """The orders of which a message is kept, one a message."""
        rows = self.world.sql("SELECT key FROM message WHERE connection = 'tide' ORDER BY key")
        return [row.key for row in rows]

    def orders(self) -> list[str]:
        rows = self.world.sql("SELECT channel_order_id AS id FROM sales_order ORDER BY 1")
        return [row.id for row in rows]

    def state(self, topic: str = "orders") -> Any:
        return self.world.sql("SELECT * FROM poll WHERE topic = :topic", topic=topic)[0]


def served(shop: Shop) -> Loopback:
    """The shop on a socket."""
    return Loopback(shop.answer)
