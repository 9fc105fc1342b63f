"""What warehouses did with a merchant's goods, as what charges are worked out from: pieces that
came in, pieces that came back, and pieces stored for a day. No money moves before a statement.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.product import Product
from hub.model.settlement import ChargeItem
from hub.rules.settlement.recognising import article
from hub.rules.settlement.terms import Terms

KINDS = frozenset({"receipt", "return", "storage"})
_GRAMS = Decimal(1000)


def charged_kinds(terms: Terms) -> frozenset[str]:
    """Which of them a contract charges."""
    return KINDS.intersection(rule.on for rule in terms.rules)


def items(
    kind: str, pieces: Iterable[tuple[str, str, Decimal]], products: Mapping[str, Product]
) -> list[ChargeItem]:
    """An item for each (warehouse, SKU, pieces), with the weight of all of them in kg where the
    article has one.
    """
    return [
        ChargeItem(
            kind, {**article(sku, products), "warehouse": warehouse}, f"{warehouse}:{sku}",
            number, weight=_weight(products.get(sku), number),
        )
        for warehouse, sku, number in pieces
    ]  # fmt: skip


def _weight(product: Product | None, pieces: Decimal) -> Decimal:
    if product is None or product.weight_g is None:
        return ZERO
    return product.weight_g * pieces / _GRAMS
