"""The catalogue: which SKUs there are and whose, and what partners call them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.catalogue import freeze
from hub.model.merchant import OPERATOR
from hub.model.product import Product
from hub.store.base.rows import Rows


def owners(db: Connection, skus: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """SKU -> the merchants that have it."""
    return owners_and_kits(db, skus)[0]


def owners_and_kits(
    db: Connection, skus: Iterable[str]
) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    """SKU -> the merchants that have it; and which of them, by merchant and SKU, are kits."""
    rows = db.execute(_OWNERS, {"skus": sorted(set(skus))}).all()
    kits = [(merchant, row.sku) for row in rows for merchant in row.kits or ()]
    return {row.sku: tuple(row.owners) for row in rows}, kits


def references(db: Connection, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(connection, its code) -> SKU, where a cross-reference says so."""
    wanted = sorted(set(pairs))
    if not wanted:
        return {}
    rows = db.execute(_REFERENCES, _CODES.of(wanted))
    return {(row.connection, row.code): row.sku for row in rows}


def articles_of(
    db: Connection, connection: str, merchant: str, codes: Sequence[str]
) -> Mapping[str, tuple[str, str]]:
    """A warehouse's code -> (merchant, SKU): the merchant's own SKU where the code is one, else
    what the cross-reference says.
    """
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
    columns = _PRODUCTS.of(
        (merchant, sku, product.title, product.gtin, json.dumps(json.loads(freeze(product))))
        for (merchant, sku), product in rows
    )
    return db.execute(_UPSERT, columns).all()


def refer(db: Connection, connection: str, code: str, merchant: str, sku: str) -> None:
    """A partner's code for an article means this SKU."""
    db.execute(_REFER, {"connection": connection, "code": code, "merchant": merchant, "sku": sku})


_CODES = Rows(connection="text", code="text")
_REFERENCES = sa.text(
    f"""SELECT connection, code, sku FROM sku_reference
    WHERE (connection, code) IN (SELECT * FROM {_CODES.arrays})"""  # noqa: S608  # ours
)
_OWNERS = sa.text(
    """SELECT sku, array_agg(merchant_id ORDER BY merchant_id) AS owners,
      array_agg(merchant_id) FILTER (WHERE EXISTS (
        SELECT FROM kit_part
        WHERE kit_part.merchant_id = product.merchant_id AND kit_part.kit = product.sku
      )) AS kits
    FROM product WHERE sku = ANY (:skus) GROUP BY sku"""
)
_ARTICLES = sa.text(
    """SELECT DISTINCT ON (code) code, merchant_id, sku FROM (
      SELECT 1 AS rank, sku AS code, min(merchant_id) AS merchant_id, sku FROM product
      WHERE sku = ANY (:codes) AND (merchant_id = :merchant OR :merchant = :operator)
      GROUP BY sku HAVING count(*) = 1
      UNION ALL
      SELECT 2, code, merchant_id, sku FROM sku_reference
      WHERE connection = :connection AND code = ANY (:codes)
    ) AS meant ORDER BY code, rank, merchant_id"""
)
_PRODUCTS = Rows(merchant="text", sku="text", title="text", gtin="text", document="text")
_UPSERT = sa.text(
    f"""INSERT INTO product (merchant_id, sku, title, gtin, document)
    SELECT merchant, sku, title, gtin, CAST(document AS jsonb)
    FROM {_PRODUCTS.named("p")}
    ON CONFLICT (merchant_id, sku) DO UPDATE
    SET title = excluded.title, gtin = excluded.gtin, document = excluded.document,
      updated_at = now()
    WHERE product.document IS DISTINCT FROM excluded.document
    RETURNING merchant_id, sku"""  # noqa: S608  # ours
)
_REFER = sa.text(
    """INSERT INTO sku_reference (connection, code, merchant_id, sku) VALUES (:connection, :code,
      :merchant, :sku)
    ON CONFLICT (merchant_id, connection, code) DO UPDATE SET sku = excluded.sku"""
)
