"""Products become known: from a channel, the Open API or the connections file.

Whatever waits for them goes on.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.flows.orders import reconsider
from hub.flows.unit import Told, Unit
from hub.model.merchant import OPERATOR
from hub.model.product import Product
from hub.rules.messages.receiving import Verdict
from hub.store.stock import articles, levels_touched


def learn(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Products as a partner tells them, into its merchant's catalogue."""
    documents = [(telling.merchant, telling.document) for telling in tellings]
    known = [
        (merchant, document) for merchant, document in documents if isinstance(document, Product)
    ]
    upsert(unit, known, tellings[0].message_id)
    return [Verdict() for _ in tellings]


def upsert(unit: Unit, products: Sequence[tuple[str, Product]], cause: UUID | None) -> int:
    """Store products of (merchant, document). Returns how many are new or changed."""
    changed = articles.upsert(unit.db, products)
    for merchant in sorted({row.merchant_id for row in changed}):
        # a channel that did not list it when it was told of its stock may do so now
        skus = [row.sku for row in changed if row.merchant_id == merchant]
        levels_touched.touch_all(unit.db, merchant, skus)
    facts = [(row.merchant_id, f"sku:{row.sku}") for row in changed if row.merchant_id != OPERATOR]
    reconsider.appeared(unit, facts, cause)
    return len(changed)


def refer(unit: Unit, connection: str, code: str, merchant: str, sku: str) -> None:
    """A partner's code for an article means this SKU. Whatever waits for the code goes on."""
    articles.refer(unit.db, connection, code, merchant, sku)
    facts = [(merchant, f"ref:{connection}:{code}"), (merchant, f"sku:{code}")]
    reconsider.appeared(unit, facts, None)
