"""What each channel may be told of articles: their levels read once, shared out by the merchant's
rules. The same numbers are published (`stock_out.py`) and explained (`explaining.py`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from hub.flows.routing import lasting
from hub.flows.unit import Unit
from hub.rules.stock import availability, kits, preorder, sharing
from hub.rules.stock.availability import Level, Part, Pool, Published
from hub.rules.stock.preorder import Ahead, Arrival
from hub.store.config.snapshot import Directory
from hub.store.stock import ahead as store
from hub.store.stock import kit_parts, stock_levels

Article = tuple[str, str]
"""Merchant and SKU."""


def pools(unit: Unit, articles: Collection[Article]) -> dict[Article, Pool]:
    """What there is of each article, for all channels together."""
    of = kit_parts.below(unit.db, articles)
    inside = {
        (merchant, part)
        for merchant, sku in articles
        for part in kits.within(sku, of.get(merchant, {}))
    }
    levels: dict[str, dict[str, list[Level]]] = {}
    for row in stock_levels.levels(unit.db, sorted({*articles, *inside})):
        levels.setdefault(row.merchant_id, {}).setdefault(row.sku, []).append(
            Level(
                *(row.warehouse, row.on_hand, row.reserved, row.safety, not row.stale, row.expiring)
            )
        )
    its_kits = [(merchant, sku) for merchant, sku in articles if sku in of.get(merchant, {})]
    ordered = kit_parts.made_to_order(unit.db, its_kits)
    allowed = store.allowed(unit.db, articles)
    waiting = _waiting(unit, {*allowed, *ordered})
    arrivals = _arrivals(unit, allowed)
    short = lasting.short(unit, articles)
    stock = {}
    for merchant, sku in articles:
        article, its = (merchant, sku), levels.get(merchant, {})
        ahead, left = _ahead(article, allowed, arrivals, waiting.get(article, _ZERO))
        made = kits.made(sku, of.get(merchant, {}), _where_made(unit.directory, its))
        if made.parts:
            made = kits.to_order(made, left) if article in ordered else kits.not_to_order(made)
        pool = availability.pool(its.get(sku, ()), ahead, made)
        stock[article] = replace(pool, short=_short(short, article, its.get(sku, ())))
    return stock


_ZERO = Decimal(0)


def _where_made(directory: Directory, its: Mapping[str, Sequence[Level]]) -> dict[str, list[Level]]:
    """The levels in warehouses that ship parts for a kit."""
    return {
        sku: [level for level in levels if directory.makes_kits(level.warehouse)]
        for sku, levels in its.items()
    }


def _ahead(
    article: Article,
    allowed: Mapping[Article, Decimal | None],
    arrivals: Mapping[Article, Sequence[Arrival]],
    waiting: Decimal,
) -> tuple[tuple[Part, ...], Decimal]:
    """What may be sold of an article before it is there, where any may, and how many pieces orders
    wait for beyond that.
    """
    if article not in allowed:
        return (), waiting
    ahead = Ahead(tuple(arrivals.get(article, ())), waiting, allowed[article])
    parts = tuple(preorder.parts(ahead))
    covered = sum((part.quantity for part in parts if part.name == "waiting"), _ZERO)
    return parts, waiting + covered


def _arrivals(unit: Unit, articles: Collection[Article]) -> dict[Article, list[Arrival]]:
    arrivals: dict[Article, list[Arrival]] = {}
    for it in store.coming(unit.db, articles) if articles else ():
        arrivals.setdefault(it.article, []).append(Arrival(it.warehouse, it.pieces, it.at))
    return arrivals


def _waiting(unit: Unit, articles: Collection[Article]) -> dict[Article, Decimal]:
    waiting: dict[Article, Decimal] = {}
    for wait in store.waiting(unit.db, articles) if articles else ():
        waiting[wait.article] = waiting.get(wait.article, _ZERO) + wait.pieces
    return waiting


def published(directory: Directory, channel: str, article: Article, stock: Pool) -> Published:
    """What a channel may sell of an article, by its merchant's rules, else by the operator's."""
    merchant, sku = article
    place = sharing.place(lasting.rules_of(directory, merchant), channel, sku)
    return availability.publish(availability.without_short(stock, channel), place)


def _short(
    short: lasting.Short, article: Article, levels: Sequence[Level]
) -> dict[str, tuple[Part, ...]]:
    """What of an article's free and confirmed pieces is not for which channel."""
    free = {level.warehouse: level.free for level in levels if level.fresh and level.free > 0}
    return {
        channel: tuple(
            Part("lasts_too_short", -min(pieces[place, *article], free[place]), place)
            for place in sorted(free)
            if (place, *article) in pieces
        )
        for channel, pieces in short.items()
    }
