"""Which article an order line means: the merchant's SKU, by its own word or through the cross-
reference of the channel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.model.order import OrderLine, SalesOrder
from hub.model.product import Kit
from hub.rules.orders import review_rules
from hub.rules.stock import kits as kit_rules
from hub.store.stock import articles as stored_articles
from hub.store.stock import kit_parts


@dataclass(frozen=True, slots=True)
class Articles:
    """What is known of the articles of a batch: SKU -> owners, (channel, code) -> SKU, and channel
    -> fulfilment service -> the warehouse of ours that it is. `kits`: those that are made of their
    parts for an order, by merchant and SKU.
    """

    owners: dict[str, tuple[str, ...]]
    references: dict[tuple[str, str], str]
    services: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    kits: Mapping[tuple[str, str], Kit] = field(default_factory=dict)
    _known: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def known_to(self, merchant: str) -> frozenset[str]:
        """SKUs that a merchant's order may name. On the operator's channels: those that exactly
        one merchant has.
        """
        known = self._known.get(merchant)
        if known is None:
            is_operator = merchant == OPERATOR
            known = self._known[merchant] = frozenset(
                sku
                for sku, owners in self.owners.items()
                if (len(owners) == 1 if is_operator else merchant in owners)
            )
        return known

    def owner(self, merchant: str, sku: str) -> str:
        """Whose goods they are."""
        return self.owners[sku][0] if merchant == OPERATOR and sku in self.owners else merchant


def article_code(line: OrderLine) -> str | None:
    """What the channel calls the article: its SKU, else its variant or product id."""
    if line.sku:
        return line.sku
    if line.channel_variant_id:
        return f"variant:{line.channel_variant_id}"
    return f"product:{line.channel_product_id}" if line.channel_product_id else None


def load(unit: Unit, orders: Sequence[tuple[str, SalesOrder]]) -> Articles:
    """One query for all lines of (channel, order)."""
    pairs = {
        (channel, code)
        for channel, order in orders
        for line in order.lines
        if (code := article_code(line))
    }
    references = stored_articles.references(unit.db, pairs)
    partners = unit.directory.connections
    sellers = (partners[channel].merchant for channel, _ in orders if channel in partners)
    gifts = review_rules.gifts_of(unit.directory.review, sellers)
    skus = {code for _, code in pairs} | set(references.values()) | gifts
    owners, kits = stored_articles.owners_and_kits(unit.db, skus)
    services = {
        channel: partners[channel].options.get("fulfilment_services", {})
        for channel, _ in orders
        if channel in partners
    }
    return Articles(owners, references, services, _made_to_order(unit, kits) if kits else {})


def _made_to_order(unit: Unit, articles: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Kit]:
    ordered = sorted(kit_parts.made_to_order(unit.db, articles))
    of = kit_parts.below(unit.db, ordered)
    made = {}
    for merchant, sku in ordered:
        its = of.get(merchant, {})
        inside = (sku, *kit_rules.within(sku, its))
        made[merchant, sku] = Kit(sku, {name: its[name] for name in inside if name in its})
    return made


def resolve(articles: Articles, channel: str, order: SalesOrder) -> SalesOrder:
    """The order with the merchant's SKUs in place of the channel's codes, where a reference says
    so, and with the warehouses that its fulfilment services are.
    """
    services = articles.services.get(channel, {})
    lines: list[OrderLine] = []
    changed = False
    for line in order.lines:
        update = _resolved(articles, channel, line, services)
        lines.append(line.model_copy(update=update) if update else line)
        changed = changed or bool(update)
    return order.model_copy(update={"lines": tuple(lines)}) if changed else order


def _resolved(
    articles: Articles, channel: str, line: OrderLine, services: Mapping[str, str]
) -> dict[str, Any]:
    update: dict[str, Any] = {}
    sku = articles.references.get((channel, article_code(line) or ""))
    if sku and sku != line.sku:
        update |= {"sku": sku, "attributes": {**line.attributes, "channel_sku": line.sku}}
    if line.fulfilled_by and services.get(line.fulfilled_by) != line.warehouse:
        update["warehouse"] = services.get(line.fulfilled_by)
    return update


def facts_for(order: SalesOrder, channel: str, known: frozenset[str]) -> list[str]:
    """What must become known for the order's lines: `sku:…` of a product, `ref:channel:…` of a
    reference.
    """
    facts = []
    for line in order.lines:
        if not line.ours_to_ship or line.sku in known:
            continue
        if line.sku:
            facts.append(f"sku:{line.sku}")
        if code := article_code(line):
            facts.append(f"ref:{channel}:{code}")
    return facts
