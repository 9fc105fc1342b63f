"""Products become known: from a channel, the Open API or the connections file.

Whatever waits for them goes on.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.flows.orders import reconsider
from hub.flows.unit import Told, Unit
from hub.model.errors import BadData
from hub.model.merchant import OPERATOR
from hub.model.product import Product
from hub.rules.messages.receiving import Verdict
from hub.rules.stock import kits
from hub.store.stock import articles, batches, kit_parts, levels_touched


def learn(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Products as a partner tells them, into its merchant's catalogue."""
    documents = [(telling.merchant, telling.document) for telling in tellings]
    known = [
        (merchant, document) for merchant, document in documents if isinstance(document, Product)
    ]
    upsert(unit, known, tellings[0].message_id)
    return [Verdict() for _ in tellings]


def upsert(unit: Unit, products: Sequence[tuple[str, Product]], cause: UUID | None) -> int:
    """Store products of (merchant, document). Returns how many are new or changed. Raises BadData
    where a kit may not be made of its components.
    """
    changed = articles.upsert(unit.db, products)
    _take_apart(unit, {(owner, product.sku): product for owner, product in products}, changed)
    batches.judge(unit.db, [(row.merchant_id, row.sku) for row in changed])
    for merchant in sorted({row.merchant_id for row in changed}):
        # a channel that did not list it when it was told of its stock may do so now
        skus = [row.sku for row in changed if row.merchant_id == merchant]
        levels_touched.touch_all(unit.db, merchant, skus)
    facts = [(row.merchant_id, f"sku:{row.sku}") for row in changed if row.merchant_id != OPERATOR]
    reconsider.appeared(unit, facts, cause)
    return len(changed)


def _take_apart(
    unit: Unit, products: Mapping[tuple[str, str], Product], changed: Sequence[Any]
) -> None:
    """Keep what changed kits are made of. Raises BadData, naming the component, where one would
    hold itself or goes too deep.
    """
    made = {
        (row.merchant_id, row.sku): _parts(products[row.merchant_id, row.sku]) for row in changed
    }
    levels_touched.touch(unit.db, kit_parts.save(unit.db, made))
    held = [kit for kit, parts in made.items() if parts]
    around = kit_parts.around(unit.db, held)
    for merchant, sku in held:
        fault = kits.fault(sku, around[merchant])
        if fault is not None:
            part, wrong = fault
            names = [component.sku for component in products[merchant, sku].components]
            path = f"components.{names.index(part)}.sku"
            if wrong == "circle":
                raise BadData(f"{sku} would be a part of itself", path=path)
            raise BadData(f"{sku} holds {part}, which makes three levels of parts", path=path)


def _parts(product: Product) -> dict[str, Decimal]:
    parts: dict[str, Decimal] = {}
    for component in product.components:
        parts[component.sku] = parts.get(component.sku, Decimal(0)) + component.quantity
    return parts


def refer(unit: Unit, connection: str, code: str, merchant: str, sku: str) -> None:
    """A partner's code for an article means this SKU. Whatever waits for the code goes on."""
    articles.refer(unit.db, connection, code, merchant, sku)
    facts = [(merchant, f"ref:{connection}:{code}"), (merchant, f"sku:{code}")]
    reconsider.appeared(unit, facts, None)
