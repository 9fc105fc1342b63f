"""Steady orders: several shops post what they have, repeat what was not taken, tell some things
twice, some late, and some in the wrong order.
"""

import copy
import heapq
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from mappings.kit.times import revision
from sandbox import outgoing
from sandbox.orders import generate
from sandbox.shopify import Shop
from tests.chaos.history import History
from tests.journeys.partners import as_bytes

TRAITS = frozenset({"discount", "free_shipping", "tip", "digital", "many"})
_POSTERS = 6
_TIMEOUT_S = 12.0
_WAITS_S = (0.2, 0.5, 1.0, 2.0)
_TAKEN, _BUSY = 200, {0, 429, 503}
TWICE, CHANGED, LATE_S = 0.3, 0.2, (2.0, 12.0)
"""Shares of deliveries told twice, of orders changed after they were placed; how late the late
ones come."""


@dataclass(order=True)
class Delivery:
    """One delivery of a shop. `telling` counts those of an order from 0; `at`: its `updated_at`."""

    due: float
    number: int
    shop: str = field(compare=False)
    order: int = field(compare=False)
    telling: int = field(compare=False)
    at: str = field(compare=False)
    headers: Mapping[str, str] = field(compare=False)
    raw: bytes = field(compare=False)
    tries: int = field(compare=False, default=0)

    @property
    def named(self) -> dict[str, Any]:
        """What a history calls it."""
        return {
            "topic": self.headers["X-Shopify-Topic"],
            "delivery": self.headers["X-Shopify-Webhook-Id"],
            "key": str(self.order),
            "revision": revision(datetime.fromisoformat(self.at)),
        }


class Traffic:
    """Posts orders at a steady rate until told to stop, then until everything was taken."""

    def __init__(
        self,
        shops: Mapping[str, Shop],
        doors: Sequence[str],
        history: History,
        *,
        rate: float,
        seed: int,
    ) -> None:
        self._shops, self._doors, self._history = shops, doors, history
        self._rate = rate
        self._die = random.Random(seed)  # noqa: S311  # repeatable on purpose
        self._bodies = self._mixed(seed)
        self._heap: list[Delivery] = []
        self._numbers = itertools.count()
        self._bell = threading.Condition()
        self._enough, self._over = threading.Event(), threading.Event()
        self._in_hand = 0
        self.orders = 0
        self.taken: dict[tuple[str, int], str] = {}
        """(shop, order) -> the newest `updated_at` that the hub answered 2xx to."""
        self.statuses: Counter[int] = Counter()
        self.strange: list[str] = []
        """Answers that no fault excuses."""
        self._threads = [threading.Thread(target=self._pace, daemon=True)]
        self._threads += [
            threading.Thread(target=self._post_all, daemon=True) for _ in range(_POSTERS)
        ]

    def start(self) -> None:
        for one in self._threads:
            one.start()

    def enough(self) -> None:
        """No new orders; what was made is still told."""
        self._enough.set()

    def left(self) -> int:
        """Deliveries that were not taken yet."""
        with self._bell:
            return len(self._heap) + self._in_hand

    def close(self) -> None:
        self._enough.set()
        self._over.set()
        with self._bell:
            self._bell.notify_all()
        for one in self._threads:
            one.join(_TIMEOUT_S + 5)

    def _mixed(self, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
        every = [
            (name, generate(1_000_000, seed + at * 101, traits=TRAITS))
            for at, name in enumerate(self._shops)
        ]
        for name, bodies in itertools.cycle(every):
            yield name, next(bodies)

    def _pace(self) -> None:
        begun = time.monotonic()
        for at in itertools.count():
            if self._enough.wait(max(0.0, begun + at / self._rate - time.monotonic())):
                return
            name, body = next(self._bodies)
            self._place(name, body)

    def _place(self, name: str, body: dict[str, Any]) -> None:
        """One order comes to be: its deliveries are planned, some twice, some in a wrong order."""
        shop, die = self._shops[name], self._die
        tellings = [("orders/create", body)]
        if die.random() < CHANGED:
            tellings.append(("orders/updated", _changed(body)))
        shop.place(tellings[-1][1])
        self.orders += 1
        upside_down = die.random() < 0.5
        for telling, (topic, told) in enumerate(tellings):
            headers, raw = shop.webhook(topic, as_bytes(told), webhook_id=str(uuid4()))
            early = upside_down == bool(telling) or len(tellings) == 1
            wait = 0.0 if early else die.uniform(*LATE_S)
            for again in range(2 if die.random() < TWICE else 1):
                late = wait + (die.uniform(*LATE_S) if again else 0.0)
                self._plan(name, int(body["id"]), telling, told["updated_at"], headers, raw, late)

    def _plan(
        self,
        shop: str,
        order: int,
        telling: int,
        at: str,
        headers: Mapping[str, str],
        raw: bytes,
        wait: float,
    ) -> None:
        due = time.monotonic() + wait
        with self._bell:
            one = Delivery(due, next(self._numbers), shop, order, telling, at, headers, raw)
            heapq.heappush(self._heap, one)
            self._bell.notify()
        self._history.tell("offered", shop, **one.named)

    def _post_all(self) -> None:
        while (one := self._next()) is not None:
            door = self._doors[(one.number + one.tries) % len(self._doors)]
            reply = outgoing.post(f"{door}/in/{one.shop}", one.raw, one.headers, _TIMEOUT_S)
            self._answered(one, reply.status, reply.body)

    def _next(self) -> Delivery | None:
        with self._bell:
            while not self._over.is_set():
                wait = self._heap[0].due - time.monotonic() if self._heap else 0.5
                if wait <= 0:
                    self._in_hand += 1
                    return heapq.heappop(self._heap)
                self._bell.wait(min(wait, 0.5))
        return None

    def _answered(self, one: Delivery, status: int, body: bytes) -> None:
        named = {**one.named, "status": status}
        if status == _TAKEN:
            named["message"] = json.loads(body)["id"]
        self._history.tell("answered", one.shop, **named)
        if status not in _BUSY and status != _TAKEN:
            self.strange.append(f"{status} {body[:200]!r}")
        with self._bell:
            self.statuses[status] += 1
            self._in_hand -= 1
            if status == _TAKEN:
                self._taken(one)
                return
            one.due = time.monotonic() + _WAITS_S[min(one.tries, len(_WAITS_S) - 1)]
            one.tries += 1
            heapq.heappush(self._heap, one)
            self._bell.notify()

    def _taken(self, one: Delivery) -> None:
        key = (one.shop, one.order)
        self.taken[key] = max(self.taken.get(key, ""), one.at)


def _changed(body: Mapping[str, Any]) -> dict[str, Any]:
    """The order as somebody changed it some minutes later: other tags, nothing that moves goods."""
    newer = copy.deepcopy(dict(body))
    at = datetime.fromisoformat(body["updated_at"]) + timedelta(minutes=7)
    newer.update(updated_at=at.isoformat(), tags="changed")
    return newer
