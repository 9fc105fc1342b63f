"""Whose pieces they are. The warehouse puts orders together and takes them apart; each article
bears the number of our order and of its line through all of that, as its `lineItemKey`.
"""

import re
from collections.abc import Iterable, Mapping

from hub.model.document import ZERO
from hub.model.fulfilment import ShippedLine
from mappings.kit.fields import needed
from mappings.shipstation.wire import Item

_OURS = re.compile(r"(.+):([1-9][0-9]{0,6})", re.ASCII)


def key(order: str, line_no: int) -> str:
    """What an article of ours bears."""
    return f"{order}:{line_no}"


def by_order(items: Iterable[Item], usual: str | None) -> Mapping[str | None, list[ShippedLine]]:
    """Our number of an order -> the pieces of it. `usual`: whose pieces those are that bear no key
    of ours.
    """
    found: dict[str | None, list[ShippedLine]] = {}
    for item in items:
        if item.adjustment or needed(item.quantity, "items.quantity") == 0:
            continue
        ours = _OURS.fullmatch(item.line_item_key or "")
        line = ShippedLine(
            line_no=int(ours[2]) if ours else None,
            sku=item.sku,
            item_code=item.fulfillment_sku if item.fulfillment_sku != item.sku else None,
            quantity=item.quantity or ZERO,
        )
        found.setdefault(ours[1] if ours else usual, []).append(line)
    return found
