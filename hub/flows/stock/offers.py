"""What each channel may be told of articles: their levels read once, shared out by the merchant's
rules. The same numbers are published (`stock_out.py`) and explained (`explaining.py`).
"""

import json
from collections.abc import Collection
from functools import lru_cache

from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.rules.stock import availability, sharing
from hub.rules.stock.availability import Level, Pool, Published
from hub.store.config.snapshot import Directory
from hub.store.stock import stock_levels

Article = tuple[str, str]
"""Merchant and SKU."""


def pools(unit: Unit, articles: Collection[Article]) -> dict[Article, Pool]:
    """What there is of each article, for all channels together."""
    levels: dict[Article, list[Level]] = {article: [] for article in articles}
    for row in stock_levels.levels(unit.db, sorted(articles)):
        levels[row.merchant_id, row.sku].append(
            Level(row.warehouse, row.on_hand, row.reserved, row.safety, not row.stale)
        )
    return {article: availability.pool(its) for article, its in levels.items()}


def published(directory: Directory, channel: str, article: Article, stock: Pool) -> Published:
    """What a channel may sell of an article, by its merchant's rules, else by the operator's."""
    merchant, sku = article
    rules = directory.shares.get(merchant) or directory.shares.get(OPERATOR) or ()
    place = sharing.place(_parsed(json.dumps(rules, sort_keys=True)), channel, sku)
    return availability.publish(stock, place)


@lru_cache(maxsize=256)
def _parsed(rules: str) -> tuple[sharing.Rule, ...]:
    return sharing.parse(json.loads(rules))
