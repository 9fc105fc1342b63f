"""The same purchase on two channels: how it is recognised, and what goes on when one of them is no
more.
"""

import hmac
from collections.abc import Iterable

from hub.flows.unit import Unit
from hub.rules.orders.obstacles import twin_fact
from hub.store.orders import order_waits
from hub.store.orders.orders import OrderRow


def fingerprint(unit: Unit, row: OrderRow) -> bytes | None:
    """What makes the same purchase on two channels look alike: who, where to, and how much. Keyed,
    so it tells nothing.
    """
    order = row.document
    who = (order.customer and (order.customer.email or order.customer.phone)) or None
    if who is None or order.ship_to is None or "exchange_of" in order.attributes:
        return None
    skus = sorted(f"{line.sku}*{line.quantity}" for line in order.lines)
    text = "|".join([row.merchant, who.lower(), order.ship_to.postal_code or "", *skus])
    return hmac.digest(unit.vault.index_key, text.encode(), "sha256")[:16]


def cancelled(unit: Unit, rows: Iterable[OrderRow]) -> None:
    """These orders are no more: what was held for looking the same is looked at again."""
    prints = {(row.merchant, twin_fact(row.fingerprint)) for row in rows if row.fingerprint}
    order_waits.appeared_to_some(unit.db, prints)
