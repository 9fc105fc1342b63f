"""Why a channel is told what it is told: the number, the parts that add up to it, the orders behind
what is reserved, and when each part was last confirmed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from hub.flows.stock import offers
from hub.flows.unit import Unit
from hub.rules.stock.availability import Ingredient, Part
from hub.store.stock import ahead, batches, explained
from hub.store.stock.batches import Batch
from hub.store.stock.explained import Confirmed, LastTold, Promise

NOT_TOLD = "not_told_yet"


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the number. `confirmed_at`: when the warehouse counted it; `moved_at`: when the
    ledger last moved it; `arrives_at`: when the first of what is expected comes. `promises` are the
    newest of what is reserved, `more` the pieces of the others. `made_of`: the parts of
    the kits that it adds. `batches`: those that are known of what is on hand, what expires first
    coming first.
    """

    name: str
    quantity: Decimal
    of: str | None
    confirmed_at: datetime | None = None
    moved_at: datetime | None = None
    promises: tuple[Promise, ...] = ()
    more: Decimal = Decimal(0)
    arrives_at: datetime | None = None
    made_of: tuple[Ingredient, ...] = ()
    batches: tuple[Batch, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """`published` is what the channel was told last, or where it was told nothing, what it may sell
    now: `available`. The steps add up to `published`.
    """

    merchant: str
    sku: str
    channel: str | None
    published: Decimal
    available: Decimal
    steps: tuple[Step, ...]
    stale: tuple[str, ...]
    told: LastTold | None
    at: datetime


def explain(unit: Unit, merchant: str, sku: str, channel: str | None) -> Explanation:
    """Explain what a channel is told of an article; without a channel, what there is for all."""
    article = (merchant, sku)
    stock = offers.pools(unit, [article])[article]
    if channel is None:
        available, parts, last = stock.fresh, stock.parts, None
    else:
        offer = offers.published(unit.directory, channel, article, stock)
        available, parts = offer.available, offer.parts
        last = explained.last_told(unit.db, channel, merchant, sku)
    published = available if last is None else last.available
    if published != available:
        parts = (*parts, Part(NOT_TOLD, published - available, channel))
    steps = _steps(
        [part for part in parts if part.quantity or part.made_of],
        explained.confirmed(unit.db, merchant, sku),
        explained.promises(unit.db, merchant, sku),
        _first_arrivals(unit, article, parts),
    )
    known = [it for it in batches.of(unit.db, [article]) if it.quality == "good"]
    steps = tuple(_with_batches(step, known) for step in steps)
    return Explanation(
        merchant, sku, channel, published, available, steps, stock.stale, last, unit.at
    )


def _with_batches(step: Step, known: Sequence[Batch]) -> Step:
    its = tuple(it for it in known if it.warehouse == step.of) if step.name == "on_hand" else ()
    return replace(step, batches=its) if its else step


def _first_arrivals(
    unit: Unit, article: tuple[str, str], parts: Sequence[Part]
) -> dict[str, datetime]:
    if not any(part.name == "expected" for part in parts):
        return {}
    by_place: dict[str, datetime] = {}
    for it in ahead.coming(unit.db, [article]):
        by_place.setdefault(it.warehouse, it.at)
    return by_place


def _steps(
    parts: Sequence[Part],
    confirmed: dict[str, Confirmed],
    promises: Sequence[Promise],
    arrivals: dict[str, datetime],
) -> tuple[Step, ...]:
    return tuple(_step(part, confirmed, promises, arrivals) for part in parts)


def _step(
    part: Part,
    confirmed: dict[str, Confirmed],
    promises: Sequence[Promise],
    arrivals: dict[str, datetime],
) -> Step:
    if part.name == "expected":
        return Step(part.name, part.quantity, part.of, arrives_at=arrivals.get(part.of or ""))
    if part.name == "reserved":
        held = tuple(promise for promise in promises if promise.warehouse == part.of)
        named = sum((promise.quantity for promise in held), Decimal(0))
        return Step(part.name, part.quantity, part.of, promises=held, more=-part.quantity - named)
    level = confirmed.get(part.of or "") if part.name == "on_hand" else None
    if level is None:
        return Step(part.name, part.quantity, part.of, made_of=part.made_of)
    return Step(part.name, part.quantity, part.of, level.counted_at, level.moved_at)
