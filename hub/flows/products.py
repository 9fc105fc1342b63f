"""Products become known: from a channel, the Open API or the connections file.

Whatever waits for them goes on.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.flows import waiting
from hub.flows.unit import Told, Unit, Verdict
from hub.model.product import Product
from hub.store import catalogue
from hub.store.directory import OPERATOR


def learn(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Products as a partner tells them, into its merchant's catalogue."""
    documents = [(one.merchant, one.document) for one in told]
    known = [(merchant, one) for merchant, one in documents if isinstance(one, Product)]
    upsert(unit, known, told[0].message_id)
    return [Verdict() for _ in told]


def upsert(unit: Unit, products: Sequence[tuple[str, Product]], cause: UUID | None) -> int:
    """Store products of (merchant, document). Returns how many are new or changed."""
    changed = catalogue.upsert(unit.db, products)
    facts = [(row.merchant_id, f"sku:{row.sku}") for row in changed if row.merchant_id != OPERATOR]
    waiting.appeared(unit, facts, cause)
    return len(changed)


def refer(unit: Unit, connection: str, code: str, merchant: str, sku: str) -> None:
    """A partner's code for an article means this SKU. Whatever waits for the code goes on."""
    catalogue.refer(unit.db, connection, code, merchant, sku)
    facts = [(merchant, f"ref:{connection}:{code}"), (merchant, f"sku:{code}")]
    waiting.appeared(unit, facts, None)
