"""Channels that ask for goods that last longer than others must: the pieces that are not for them.

Promises name no batch, and a piece that lasts may be promised to anybody: what does not last long
enough is taken off what is free, as if none of it were promised. Such a channel is never told, and
its orders never given, more than surely lasts.
"""

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import lru_cache

from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.rules.stock import sharing, shelf_life
from hub.rules.stock.shelf_life import Batch
from hub.store.config.snapshot import Directory
from hub.store.stock import batches, stock_levels

Article = tuple[str, str]
"""Merchant and SKU."""
Short = Mapping[str, Mapping[tuple[str, str, str], Decimal]]
"""Channel -> (warehouse, merchant, SKU) -> pieces that may be sold, but not there."""


def rules_of(directory: Directory, merchant: str) -> tuple[sharing.Rule, ...]:
    """How channels share a merchant's stock: by its own rules, else by the operator's."""
    rules = directory.shares.get(merchant) or directory.shares.get(OPERATOR) or ()
    return _parsed(json.dumps(rules, sort_keys=True))


@lru_cache(maxsize=256)
def _parsed(rules: str) -> tuple[sharing.Rule, ...]:
    return sharing.parse(json.loads(rules))


def short(unit: Unit, articles: Collection[Article]) -> Short:
    """What of these articles does not last long enough for which channel."""
    rules = {merchant: rules_of(unit.directory, merchant) for merchant, _ in articles}
    asked = sorted({it for it in articles if sharing.asking(rules[it[0]])})
    if not asked:
        return {}
    known: dict[tuple[str, str, str], list[Batch]] = {}
    for it in batches.of(unit.db, asked):
        if it.quality == "good":
            place = (it.warehouse, it.merchant, it.sku)
            known.setdefault(place, []).append(Batch(it.name, it.on_hand, it.expires_on))
    by_channel: dict[str, dict[tuple[str, str, str], Decimal]] = {}
    for row in stock_levels.levels(unit.db, asked) if known else ():
        place = (row.warehouse, row.merchant_id, row.sku)
        for channel in sharing.asking(rules[row.merchant_id]) if place in known else ():
            days = sharing.lasting(rules[row.merchant_id], channel, row.sku)
            soon = shelf_life.expiring(known[place], row.on_hand, unit.at.date(), days)
            if soon > row.expiring:
                by_channel.setdefault(channel, {})[place] = soon - row.expiring
    return by_channel


def in_warehouse(
    have: Mapping[tuple[str, str] | str, Decimal],
    warehouse: str,
    pieces: Mapping[tuple[str, str, str], Decimal],
) -> dict[tuple[str, str] | str, Decimal]:
    """What a warehouse could promise, less these pieces."""
    left = dict(have)
    for (place, merchant, sku), off in pieces.items():
        if place == warehouse and (merchant, sku) in left:
            left[merchant, sku] = max(left[merchant, sku] - off, Decimal(0))
    return left
