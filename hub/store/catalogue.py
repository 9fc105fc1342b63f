"""The catalogue: which SKUs there are and whose, and what partners call them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.catalogue import freeze
from hub.model.product import Product
from hub.store.directory import OPERATOR


def owners(db: Connection, skus: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """SKU -> the merchants that have it."""
    rows = db.execute(_OWNERS, {"skus": sorted(set(skus))})
    return {row.sku: tuple(row.owners) for row in rows}


def references(db: Connection, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(connection, its code) -> SKU, where a cross-reference says so."""
    wanted = sorted(set(pairs))
    if not wanted:
        return {}
    columns = {"connections": [pair[0] for pair in wanted], "codes": [pair[1] for pair in wanted]}
    rows = db.execute(_REFERENCES, columns)
    return {(row.connection, row.code): row.sku for row in rows}


def articles_of(
    db: Connection, connection: str, merchant: str, codes: Sequence[str]
) -> Mapping[str, tuple[str, str]]:
    """A warehouse's code -> (merchant, SKU): by cross-reference, else where the code is a SKU."""
    wanted = {
        "connection": connection,
        "codes": list(codes),
        "merchant": merchant,
        "operator": OPERATOR,
    }
    return {row.code: (row.merchant_id, row.sku) for row in db.execute(_ARTICLES, wanted)}


def upsert(db: Connection, products: Sequence[tuple[str, Product]]) -> Sequence[Any]:
    """Store products of (merchant, document). Returns merchant_id and sku of what is new or
    changed.
    """
    rows = sorted({(merchant, product.sku): product for merchant, product in products}.items())
    if not rows:
        return []
    return db.execute(
        _UPSERT,
        {
            "merchants": [merchant for (merchant, _), _ in rows],
            "skus": [sku for (_, sku), _ in rows],
            "titles": [product.title for _, product in rows],
            "gtins": [product.gtin for _, product in rows],
            "documents": [json.dumps(json.loads(freeze(product))) for _, product in rows],
        },
    ).all()


def refer(db: Connection, connection: str, code: str, merchant: str, sku: str) -> None:
    """A partner's code for an article means this SKU."""
    db.execute(_REFER, {"connection": connection, "code": code, "merchant": merchant, "sku": sku})


_REFERENCES = sa.text(
    """SELECT connection, code, sku FROM sku_reference WHERE (connection, code) IN (
      SELECT * FROM unnest(CAST(:connections AS text[]), CAST(:codes AS text[])))"""
)
_OWNERS = sa.text(
    """SELECT sku,
      array_agg(merchant_id ORDER BY merchant_id) AS owners FROM product WHERE sku = ANY (:skus)
    GROUP BY sku"""
)
_ARTICLES = sa.text(
    """SELECT code, merchant_id,
      sku FROM sku_reference WHERE connection = :connection AND code = ANY (:codes)
    UNION
    SELECT sku, min(merchant_id), sku FROM product
    WHERE sku = ANY (:codes) AND (merchant_id = :merchant OR :merchant = :operator)
    GROUP BY sku HAVING count(*) = 1"""
)
_UPSERT = sa.text(
    """INSERT INTO product (merchant_id, sku, title, gtin, document)
    SELECT merchant, sku, title, gtin, CAST(document AS jsonb)
    FROM unnest(CAST(:merchants AS text[]), CAST(:skus AS text[]), CAST(:titles AS text[]),
      CAST(:gtins AS text[]), CAST(:documents AS text[]))
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
