"""Which article an order line means: the merchant's SKU, by its own word or through the cross-
reference of the channel.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.flows.unit import Unit
from hub.model.order import OrderLine, SalesOrder
from hub.store import catalogue
from hub.store.directory import OPERATOR


@dataclass(frozen=True, slots=True)
class Articles:
    """What is known of the articles of a batch: SKU -> owners, and (channel, code) -> SKU."""

    owners: dict[str, tuple[str, ...]]
    references: dict[tuple[str, str], str]
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
    references = catalogue.references(unit.db, pairs)
    skus = {code for _, code in pairs} | set(references.values())
    owners = catalogue.owners(unit.db, skus)
    return Articles(owners, references)


def resolve(articles: Articles, channel: str, order: SalesOrder) -> SalesOrder:
    """The order with the merchant's SKUs in place of the channel's codes, where a reference says
    so.
    """
    lines: list[OrderLine] = []
    changed = False
    for line in order.lines:
        sku = articles.references.get((channel, article_code(line) or ""))
        if sku and sku != line.sku:
            attributes = {**line.attributes, "channel_sku": line.sku}
            line = line.model_copy(update={"sku": sku, "attributes": attributes})  # noqa: PLW2901
            changed = True
        lines.append(line)
    return order.model_copy(update={"lines": tuple(lines)}) if changed else order


def facts_for(order: SalesOrder, channel: str, known: frozenset[str]) -> list[str]:
    """What must become known for the order's lines: `sku:…` of a product, `ref:channel:…` of a
    reference.
    """
    found = []
    for line in order.lines:
        if not line.requires_shipping or line.sku in known:
            continue
        if line.sku:
            found.append(f"sku:{line.sku}")
        if code := article_code(line):
            found.append(f"ref:{channel}:{code}")
    return found
