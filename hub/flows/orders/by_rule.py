"""Ask a merchant's review rules about a batch of orders. Only what some rule asks for is looked up,
in one query for all of them; a merchant without rules costs nothing.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.order import SalesOrder
from hub.rules.orders import review_effects, review_rules, reviewing
from hub.rules.orders.order_totals import open_pieces
from hub.rules.orders.review_effects import Effects
from hub.rules.orders.review_rules import ReviewRule
from hub.rules.orders.reviewing import Bought, Decision, ReviewFacts
from hub.store.orders import customers, orders
from hub.store.orders.orders import OrderRow

NOTHING = Decision()
_NONE = Effects()
Rules = Mapping[str, Sequence[ReviewRule]]
"""Merchant -> its rules."""


def customer(unit: Unit, merchant: str, order: SalesOrder) -> bytes | None:
    """Who ordered, as far as orders of one merchant are to be recognised as one person's. Keyed, so
    it tells nothing.
    """
    it = order.customer
    who = it and (it.email or it.phone or it.channel_customer_id)
    if not who:
        return None
    text = f"customer|{merchant}|{who.strip().lower()}"
    return hmac.digest(unit.vault.index_key, text.encode(), "sha256")[:16]


def ask(unit: Unit, rows: Sequence[OrderRow]) -> Mapping[UUID, Decision]:
    """What the rules say of each order; of one whose merchant has none, nothing. What they change
    stands in the orders' documents then.
    """
    if not unit.directory.review:
        return {}
    rules = {
        code: review_rules.rules_of(unit.directory.review, code)
        for code in {row.merchant for row in rows}
    }
    asked = [row for row in rows if rules[row.merchant]]
    older = _older_in_batch(asked)
    news = customers.known(unit.db, _asking(asked, rules, "first_order"))
    prices = _prices(unit, _asking(asked, rules, "price_below_list"))
    bought = _bought(unit, _asking(asked, rules, "customer_buys"), rules, older)
    decisions = {}
    for row in asked:
        facts = ReviewFacts(
            unit.at,
            row.channel,
            prices.get(row.merchant, {}),
            not (row.id in news or older.get(row.id)) if row.customer else None,
            bought.get(row.id, ()),
        )
        plain = review_effects.apply(row.document, _NONE)
        decision = decisions[row.id] = reviewing.ask(rules[row.merchant], plain, facts)
        after = review_effects.apply(plain, decision.effects)
        row.document = row.document if after == row.document else after
    return decisions


def _asking(rows: Sequence[OrderRow], rules: Rules, condition: str) -> list[OrderRow]:
    """The orders about which a rule asks this."""
    asking = {code for code, some in rules.items() if reviewing.asks(some, condition)}
    return [row for row in rows if row.merchant in asking]


def _prices(
    unit: Unit, rows: Sequence[OrderRow]
) -> Mapping[str, Mapping[str, tuple[Decimal, str | None]]]:
    """Merchant -> SKU -> list price."""
    pairs = {(row.merchant, line.sku) for row in rows for line in row.document.lines if line.sku}
    prices: dict[str, dict[str, tuple[Decimal, str | None]]] = {}
    for row in customers.list_prices(unit.db, pairs):
        prices.setdefault(row.merchant_id, {})[row.sku] = (row.price, row.currency)
    return prices


def _older_in_batch(rows: Sequence[OrderRow]) -> Mapping[UUID, list[OrderRow]]:
    """Older orders of the same customer in the same batch: they may not be stored yet."""
    by_customer: dict[tuple[str, bytes], list[OrderRow]] = {}
    for row in rows:
        if row.customer:
            by_customer.setdefault((row.merchant, row.customer), []).append(row)
    return {
        row.id: [other for other in several if other.id < row.id]
        for several in by_customer.values()
        if len(several) > 1
        for row in several
    }


def _bought(
    unit: Unit,
    rows: Sequence[OrderRow],
    rules: Rules,
    older: Mapping[UUID, Sequence[OrderRow]],
) -> Mapping[UUID, list[Bought]]:
    """What each order's customer bought before, as far back as the rules ask."""
    if not rows:
        return {}
    hours = max(reviewing.hours(rules[row.merchant]) for row in rows)
    since = min(row.document.placed_at for row in rows) - timedelta(hours=hours)
    pairs = [(row.of, row.id) for row in customers.earlier(unit.db, rows, since)]
    documents = orders.documents(unit.db, unit.vault, [id_ for _, id_ in pairs])
    before: dict[UUID, dict[UUID, SalesOrder]] = {}
    for of, id_ in pairs:
        before.setdefault(of, {})[id_] = documents[id_]
    for row in rows:
        for other in older.get(row.id, ()):
            before.setdefault(row.id, {})[other.id] = other.document
    return {of: [it for order in some.values() for it in _pieces(order)]
            for of, some in before.items()}  # fmt: skip


def _pieces(order: SalesOrder) -> list[Bought]:
    return [
        Bought(order.placed_at, line.sku, open_pieces(line)) for line in order.lines if line.sku
    ]
