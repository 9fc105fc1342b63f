"""What each channel may be told of articles: their levels read once, shared out by the merchant's
rules. The same numbers are published (`stock_out.py`) and explained (`explaining.py`).
"""

import json
from collections.abc import Collection
from decimal import Decimal
from functools import lru_cache

from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.rules.stock import availability, kits, preorder, sharing
from hub.rules.stock.availability import Level, Pool, Published
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
            Level(row.warehouse, row.on_hand, row.reserved, row.safety, not row.stale)
        )
    ahead = _ahead(unit, sorted(articles))
    return {
        (merchant, sku): availability.pool(
            levels.get(merchant, {}).get(sku, ()),
            tuple(preorder.parts(ahead.get((merchant, sku), _NOTHING))),
            kits.made(sku, of.get(merchant, {}), levels.get(merchant, {})),
        )
        for merchant, sku in articles
    }


_NOTHING = Ahead()


def _ahead(unit: Unit, articles: Collection[Article]) -> dict[Article, Ahead]:
    """What may be sold before it is there, of those articles of which any may."""
    allowed = store.allowed(unit.db, articles)
    if not allowed:
        return {}
    arrivals: dict[Article, list[Arrival]] = {}
    for it in store.coming(unit.db, allowed):
        arrivals.setdefault(it.article, []).append(Arrival(it.warehouse, it.pieces, it.at))
    waiting: dict[Article, Decimal] = {}
    for wait in store.waiting(unit.db, allowed):
        waiting[wait.article] = waiting.get(wait.article, Decimal(0)) + wait.pieces
    return {
        article: Ahead(tuple(arrivals.get(article, ())), waiting.get(article, Decimal(0)), limit)
        for article, limit in allowed.items()
    }


def published(directory: Directory, channel: str, article: Article, stock: Pool) -> Published:
    """What a channel may sell of an article, by its merchant's rules, else by the operator's."""
    merchant, sku = article
    rules = directory.shares.get(merchant) or directory.shares.get(OPERATOR) or ()
    place = sharing.place(_parsed(json.dumps(rules, sort_keys=True)), channel, sku)
    return availability.publish(stock, place)


@lru_cache(maxsize=256)
def _parsed(rules: str) -> tuple[sharing.Rule, ...]:
    return sharing.parse(json.loads(rules))
