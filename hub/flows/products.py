"""Products become known: from a channel, the Open API or the connections file. Whatever waits for
them goes on.
"""

import json
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from hub.flows import waiting
from hub.flows.unit import Told, Unit, Verdict
from hub.model.catalogue import freeze
from hub.model.product import Product
from hub.store.directory import OPERATOR


def learn(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Products as a partner tells them, into its merchant's catalogue."""
    rows = [(one.merchant, one.document, one.message_id) for one in told]
    for merchant, document, cause in rows:
        assert isinstance(document, Product)
        upsert(unit, [(merchant, document)], cause)
    return [Verdict() for _ in told]


def upsert(unit: Unit, products: Sequence[tuple[str, Product]], cause: UUID | None) -> int:
    """Store products of (merchant, document). Returns how many are new or changed."""
    newest = {(merchant, product.sku): product for merchant, product in products}
    rows = sorted(newest.items())
    changed = (
        unit.db.execute(
            _UPSERT,
            {
                "merchants": [merchant for (merchant, _), _ in rows],
                "skus": [sku for (_, sku), _ in rows],
                "titles": [product.title for _, product in rows],
                "gtins": [product.gtin for _, product in rows],
                "documents": [json.dumps(json.loads(freeze(product))) for _, product in rows],
            },
        ).all()
        if rows
        else []
    )
    waiting.appeared(
        unit,
        [(row.merchant_id, f"sku:{row.sku}") for row in changed if row.merchant_id != OPERATOR],
        cause,
    )
    return len(changed)


def refer(unit: Unit, connection: str, code: str, merchant: str, sku: str) -> None:
    """A partner's code for an article means this SKU. Whatever waits for the code goes on."""
    unit.db.execute(
        _REFER, {"connection": connection, "code": code, "merchant": merchant, "sku": sku}
    )
    waiting.appeared(
        unit, [(merchant, f"ref:{connection}:{code}"), (merchant, f"sku:{code}")], None
    )


_UPSERT = sa.text(
    """INSERT INTO product (merchant_id, sku, title, gtin, document)
    SELECT merchant, sku, title, gtin,
      CAST(document AS jsonb) FROM unnest(CAST(:merchants AS text[]),
      CAST(:skus AS text[]), CAST(:titles AS text[]), CAST(:gtins AS text[]),
        CAST(:documents AS text[]))
      AS p (merchant, sku, title, gtin, document)
    ON CONFLICT (merchant_id, sku) DO UPDATE
    SET title = excluded.title, gtin = excluded.gtin, document = excluded.document,
      updated_at = now()
    WHERE product.document IS DISTINCT FROM excluded.document
    RETURNING merchant_id, sku"""
)
_REFER = sa.text(
    """INSERT INTO sku_reference (connection, code, merchant_id, sku) VALUES (:connection, :code,
      :merchant, :sku)
    ON CONFLICT (merchant_id, connection, code) DO UPDATE SET sku = excluded.sku"""
)
