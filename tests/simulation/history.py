"""Histories: what happens to some orders, when, and what goes wrong meanwhile.

A history is drawn from a seed and is plain data: it can be printed, replayed and cut down. Its
schedules are independent of one another (orders, articles and moods of their own) and are advanced
together, so that the engine's statements work on many at once. What goes wrong with workers, bells
and the database belongs to the ticks that all schedules share.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, NamedTuple

TICKS = 12
MOODS = (
    *["later"] * 3, "throttled", *["refused"] * 2, "expired", *["lost_before"] * 3,
    *["lost_after"] * 4, *["hidden"] * 2, *["late"] * 2,
)  # fmt: skip
"""How a partner treats the next call about a schedule: see `partners`. Doubled: more often."""
WAREHOUSE = (
    "word", "word", "ship", "ship", "part", "part", "short", "answer", "unasked", "rogue",
)  # fmt: skip
WORDS = ("accepted", "picking", "packed", "exception")
PERSON = (
    "cancel", "hold", "release", "reroute", "replay", "edit", "discard", "settle", "pause",
)  # fmt: skip
EVERYWHERE = (
    "decode",
    "send",
    "acted",
    "worked",
    "worked",
    "before_commit",
    "after_commit",
    "ring",
)
OUTSIDE = ("decode", "send", "acted", "after_commit", "ring")
FAULTS = (
    ("kill", EVERYWHERE),
    ("kill", EVERYWHERE),
    ("freeze", EVERYWHERE),
    ("sleep", OUTSIDE),
    ("sleep", OUTSIDE),
    ("deadlock", ("worked", "before_commit")),
    ("lost_commit", ("after_commit",)),
    ("away", ("worked", "before_commit")),
)
"""What may go wrong, and where it strikes: see `faults`."""
FEED_FAULTS = (
    ("kill", "listed"),
    ("freeze", "listed"),
    ("sleep", "listed"),
    ("sleep", "listed"),
    ("kill", "kept"),
    ("away", "kept"),
    ("kill", "moved"),
    ("lost_commit", "moved"),
)
"""The same while a partner is asked what changed: between its answer and the inbox, between what
it listed and the commit of the cursor, and after that.
"""
SPELLS = ("away", "away", "expired", "repeating", "repeating")
LATE_S = (0, 0, 0, 2, 30)
"""So long after its own time a change can be seen at the partner."""
BELLS = ("all", "all", "all", "none", "some", "twice", "sweep")
"""What the broker makes of the rings of a tick."""


At = Callable[..., int]


class Event(NamedTuple):
    """One thing that a partner or a person does, to one schedule."""

    schedule: int
    kind: str
    args: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"#{self.schedule} {self.kind} {' '.join(map(str, self.args))}".rstrip()


class Fault(NamedTuple):
    """What goes wrong in a tick: `kind` at the nth passing of `point`."""

    kind: str
    point: str
    at: int
    seconds: int

    def __str__(self) -> str:
        after = f", {self.seconds} s" if self.kind == "sleep" else ""
        return f"{self.kind} at {self.point} {self.at}{after}"


@dataclass(frozen=True)
class Tick:
    """What all schedules share: events come in, bells ring, one thing goes wrong, time passes."""

    events: tuple[Event, ...]
    bells: str = "all"
    shuffle: int = 0
    fault: Fault | None = None
    seconds: int = 1


@dataclass(frozen=True)
class Setup:
    """One schedule's orders: for each the versions that its channel tells, oldest first; and what
    is on the shelves of two warehouses.
    """

    lives: tuple[tuple[dict[str, Any], ...], ...]
    shelves: tuple[int, int, int, int]
    unknown_sku: bool = False


@dataclass(frozen=True)
class History:
    """`keys`: partners recognise the hub's keys; else they must be asked."""

    seed: int
    keys: bool
    setups: dict[int, Setup]
    ticks: tuple[Tick, ...] = field(default=())

    def events(self) -> int:
        return sum(len(tick.events) for tick in self.ticks)

    def __str__(self) -> str:
        head = f"seed {self.seed}, partners {'know keys' if self.keys else 'must be asked'}"
        told = [head, *(f"  #{n}: {_setup(setup)}" for n, setup in self.setups.items())]
        for at, tick in enumerate(self.ticks):
            what = [*map(str, tick.events)]
            if tick.fault:
                what.append(f"[{tick.fault}]")
            if what or tick.bells != "all":
                told.append(f"  {at:2}: {'; '.join(what)} (bells: {tick.bells}, {tick.seconds} s)")
        return "\n".join(told)


def draw(seed: int, schedules: int) -> History:
    """A history of so many schedules; the same for the same numbers."""
    chance = Random(seed)  # noqa: S311  # repeatable, not secret
    setups = {n: _setting(Random(f"{seed}:{n}")) for n in range(schedules)}  # noqa: S311
    events: list[list[Event]] = [[] for _ in range(TICKS)]
    for n, setup in setups.items():
        for at, event in _happenings(Random(f"{seed}:{n}:events"), n, setup):  # noqa: S311
            events[at].append(event)
        for at in _pressed(Random(f"{seed}:{n}:again")):  # noqa: S311
            events[at].append(Event(n, "again"))
        for at, event in _fed(Random(f"{seed}:{n}:feed"), n):  # noqa: S311
            events[at].append(event)
    ticks, feed = [], Random(f"{seed}:feed")  # noqa: S311
    for told in events:
        chance.shuffle(told)
        ticks.append(_struck(feed, _tick(chance, tuple(told))))
    return History(seed, seed % 3 == 0, setups, tuple(ticks))


def _pressed(chance: Random) -> list[int]:
    """When somebody presses Replay on every message of a schedule."""
    return [chance.randint(2, TICKS - 1) for _ in range(chance.choice((0, 0, 0, 1, 2)))]


def _fed(chance: Random, n: int) -> list[tuple[int, Event]]:
    """What changes at the partner that is polled, and how it then answers."""
    times = sorted(chance.randrange(TICKS) for _ in range(chance.choice((0, 0, 0, 1, 2))))
    changes = [Event(n, "change", (at, chance.choice(LATE_S))) for at in range(len(times))]
    spells = [Event(n, "spell", (chance.choice(SPELLS),)) for _ in range(chance.random() < 0.02)]
    return [*zip(times, changes, strict=True), *((chance.randrange(TICKS), it) for it in spells)]


def _struck(chance: Random, tick: Tick) -> Tick:
    """In some ticks it is the polling that something befalls."""
    if chance.random() < 0.6:
        return tick
    kind, point = chance.choice(FEED_FAULTS)
    seconds = chance.choice((50, 60, 90, 125))
    return replace(tick, fault=Fault(kind, point, chance.randint(1, 3), seconds))


def _tick(chance: Random, events: tuple[Event, ...]) -> Tick:
    fault = None
    if chance.random() < 0.75:
        seconds = chance.choice((50, 60, 90, 125))
        kind, points = chance.choice(FAULTS)
        fault = Fault(kind, chance.choice(points), chance.randint(1, 5), seconds)
    seconds = chance.choice((0, 1, 1, 3, 8, 30, 50, 130))
    return Tick(events, chance.choice(BELLS), chance.randrange(10**6), fault, seconds)


def _setting(chance: Random) -> Setup:
    lives = tuple(_life(chance) for _ in range(chance.choice((1, 1, 1, 2, 2, 3))))
    shelves = (chance.randint(1, 6), chance.randint(1, 4), chance.randint(0, 4), 2)
    return Setup(lives, shelves, unknown_sku=chance.random() < 0.1)


def _life(chance: Random) -> tuple[dict[str, Any], ...]:
    """The versions of an order, each complete in itself."""
    now: dict[str, Any] = {
        "lines": (("A", chance.randint(1, 3)), ("B", 1))[: chance.randint(1, 2)],
        "payment_state": chance.choice(("pending", "authorized", "paid", "paid", "paid")),
        "city": "Amsterdam",
        "state": "open",
    }
    versions = [dict(now)]
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        what = chance.choice(("pay", "raise", "lower", "address", "cancel", "cancel"))
        first = now["lines"][0][1]
        if what == "raise":
            now["lines"] = (("A", first + 1), *now["lines"][1:])
        elif what == "lower" and first > 1:
            now["lines"] = (("A", first - 1), *now["lines"][1:])
        elif what == "address":
            now["city"] = chance.choice(("Utrecht", "Leiden"))
        elif what == "cancel":
            now["state"] = "cancelled"
        now["payment_state"] = "paid"
        versions.append(dict(now))
        if now["state"] == "cancelled":
            break
    return tuple(versions)


def _happenings(chance: Random, n: int, setup: Setup) -> list[tuple[int, Event]]:
    """What happens to a schedule, each with its tick."""
    found: list[tuple[int, Event]] = []

    def at(low: int, kind: str, *args: Any) -> int:
        tick = min(max(low, 0) + chance.choice((0, 0, 1, 1, 2, 3)), TICKS - 1)
        found.append((tick, Event(n, kind, args)))
        return tick

    for order, life in enumerate(setup.lives):
        begun = at(chance.choice((0, 0, 1, 2)), "tell", order, 0, 0)
        _shop(chance, at, order, begun, len(life))
        for kind in chance.choices(WAREHOUSE, k=chance.choice((0, 1, 2, 2, 3))):
            words = (chance.choice(WORDS),) if kind == "word" else ()
            at(begun + chance.randint(1, 7), kind, order, *words)
    _around(chance, at, len(setup.lives))
    if setup.unknown_sku:
        at(chance.randint(2, 9), "map")
    return found


def _shop(chance: Random, at: At, order: int, begun: int, versions: int) -> None:
    """Its later versions, late, early or twice; a refund."""
    for version in range(1, versions):
        told = at(begun + chance.randint(-1, 5), "tell", order, version, 0)
        if chance.random() < 0.3:
            at(told - 1, "tell", order, version, chance.choice((0, 0, 1)))
    if chance.random() < 0.2:
        at(begun + 3, "tell", order, 0, chance.choice((0, 1)))
    if chance.random() < 0.2:
        at(begun, "refund", order, chance.choice((0, 0, 1)))


def _around(chance: Random, at: At, orders: int) -> None:
    """Echoes, silences, counts, moods and people."""
    if chance.random() < 0.3:
        at(chance.randint(0, 8), "echo", chance.choice((0, 1)))
    if chance.random() < 0.2:
        at(chance.randint(0, 4), "hold_back")
    if chance.random() < 0.25:
        hour = chance.randint(1, 20)
        at(chance.randint(0, 8), "count", hour)
        if chance.random() < 0.5:
            at(chance.randint(0, 8), "count", chance.choice((hour, hour - 1, hour + 1)))
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        who = chance.choice(("wh", "wh", "erp", "shop"))
        at(chance.randint(0, 6), "mood", who, chance.choice(MOODS))
    if chance.random() < 0.25:
        at(chance.randint(2, 9), "person", chance.choice(PERSON), chance.randrange(orders))


def _setup(setup: Setup) -> str:
    lives = " / ".join(" > ".join(map(_version, life)) for life in setup.lives)
    return f"shelves {setup.shelves}{', SKU B unknown' if setup.unknown_sku else ''}; {lives}"


def _version(version: dict[str, Any]) -> str:
    lines = "+".join(f"{pieces}{sku}" for sku, pieces in version["lines"])
    words = [lines, version["payment_state"], version["city"][:3]]
    return " ".join([*words, *(["cancelled"] if version["state"] == "cancelled" else [])])
