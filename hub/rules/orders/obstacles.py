"""What lets an order go on that is held, or whose rest waits: for each reason the facts that may
appear, and whose word ends it otherwise.

A fact is a short text (`stock:acme:MUG`, `warehouse:wh-ams`): whoever makes it appear names it, and
the orders that wait for it are looked at again, the oldest first.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`facts` are kinds of facts; `word` is who ends it by saying so: the channel with a newer
    telling, or a person. Nobody's word is needed where facts are enough.
    """

    facts: tuple[str, ...] = ()
    word: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """An order that stands: what could let it go on. `articles`: facts of those that nobody knows;
    `missing`: (merchant, SKU) of pieces that nobody has; `paused`: warehouses that may not ship for
    now; `opens_at`: when the next of them takes orders again, or a
    review rule speaks against the order no more.
    """

    merchant: str
    channel: str
    articles: Sequence[str] = ()
    twin: bytes | None = None
    missing: Sequence[tuple[str, str]] = ()
    paused: Sequence[str] = ()
    opens_at: datetime | None = None


_PLAN = ("stock", "warehouse", "time", "rules")

# fmt: off
OBSTACLES: Mapping[str, Obstacle] = {
    "test_order":         Obstacle((), "channel"),
    "awaiting_payment":   Obstacle(("channel",), "channel"),
    "unknown_sku":        Obstacle(("article",), "channel"),
    "totals_mismatch":    Obstacle((), "channel"),
    "no_address":         Obstacle((), "channel"),
    "bad_address":        Obstacle(("review",), "channel"),
    "unmapped_code":      Obstacle((), "person"),
    "unknown_currency":   Obstacle((), "channel"),
    "risk":               Obstacle(("review", "time"), "person"),
    "possible_duplicate": Obstacle(("twin", "review"), "person"),
    "customer_note":      Obstacle(("channel", "review"), "person"),
    "refund_in_progress": Obstacle((), "channel"),
    "no_route":           Obstacle(_PLAN),
    "out_of_stock":       Obstacle(_PLAN),
    "merchant_suspended": Obstacle(("merchant",)),
    "manual":             Obstacle((), "person"),
    "review":             Obstacle(("review", "time"), "person"),
    "not_before":         Obstacle(("review", "time")),
}
"""Every hold reason, with what ends it."""

_NAMED: Mapping[str, Callable[[Standing], Iterable[str]]] = {
    "article":   lambda one: one.articles,
    "stock":     lambda one: (f"stock:{owner}:{sku}" for owner, sku in one.missing),
    "warehouse": lambda one: (f"warehouse:{code}" for code in one.paused),
    "time":      lambda one: (time_fact(one.opens_at),) if one.opens_at else (),
    "rules":     lambda one: (f"rules:{one.merchant}",),
    "review":    lambda one: (f"review:{one.merchant}",),
    "merchant":  lambda one: (f"merchant:{one.merchant}",),
    "channel":   lambda one: (f"channel:{one.channel}",),
    "twin":      lambda one: (twin_fact(one.twin),) if one.twin else (),
}
"""Kind of fact -> those of an order that stands."""
# fmt: on


def facts_of(codes: Iterable[str], standing: Standing) -> list[str]:
    """The facts that an order waits for that stands for these reasons."""
    return list(dict.fromkeys(_facts(codes, standing)))


def _facts(codes: Iterable[str], standing: Standing) -> Iterator[str]:
    for code in codes:
        for kind in OBSTACLES[code].facts:
            yield from _NAMED[kind](standing)


def time_fact(at: datetime) -> str:
    """That a moment has come."""
    return f"time:{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment_of(fact: str) -> datetime | None:
    """The moment that a fact is about; None where it is about something else."""
    kind, _, at = fact.partition(":")
    return datetime.fromisoformat(at) if kind == "time" else None


def dispute_fact(order_id: UUID) -> str:
    """That a bank took an order's payment back, or gave it again."""
    return f"dispute:{order_id}"


def twin_fact(fingerprint: bytes) -> str:
    """That an order which looks the same is no more."""
    return f"twin:{fingerprint.hex()}"
