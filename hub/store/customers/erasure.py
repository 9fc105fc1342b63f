"""A person, found in every table and taken out of it: documents written anew without him, bytes of
messages emptied, words of people and partners hidden. Numbers, amounts and dates stay.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.catalogue import freeze, thaw
from hub.model.document import Document
from hub.model.personal import Hide, hidden, without_person
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault
from hub.store.customers.customers import ERASED


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose orders, and which customers are him."""

    merchant: str
    customers: Sequence[UUID]
    orders: Sequence[UUID]


_OF_ORDERS = "order_id = ANY (:orders)"
_RETURNS = f"SELECT id FROM customer_return WHERE {_OF_ORDERS}"  # noqa: S608  # ours
# fmt: off
_DOCUMENTS = {
    "sales_order":      ("sales_order", "id = ANY (:orders)"),
    "refund":           ("refund", _OF_ORDERS),
    "fulfilment_order": ("fulfilment_order", _OF_ORDERS),
    "shipment":         ("shipment", _OF_ORDERS),
    "customer_return":  ("return", _OF_ORDERS),
    "return_receipt":   ("return_receipt", f"return_id IN ({_RETURNS})"),
}
"""Table -> the document that is sealed in its rows, and which rows are of these orders."""
_WORDS = (
    ("incident", "sentence", _OF_ORDERS),
    ("incident", "detail", _OF_ORDERS),
    ("timeline", "detail", _OF_ORDERS),
    ("routing_decision", "reasoning", _OF_ORDERS),
    ("routing_decision", "facts", _OF_ORDERS),
    ("sales_order", "hold_reasons", "id = ANY (:orders)"),
    ("expected_money", "note", _OF_ORDERS),
    ("provider_row", "note", _OF_ORDERS),
    ("chargeback", "note", _OF_ORDERS),
    ("customer_return", "reason", _OF_ORDERS),
    ("job", "detail", "merchant_id = :merchant OR merchant_id IS NULL"),
)
"""Where people and rules write words: table, column, and which rows may be about him."""
# fmt: on
_TREES = frozenset({"detail", "reasoning", "facts", "hold_reasons"})


def orders_of(db: Connection, customers: Sequence[UUID]) -> list[Any]:
    """His orders: id, order_number, status; locked, so that nothing comes of them meanwhile."""
    return list(db.execute(_ORDERS, {"ids": list(customers)}))


def documents(db: Connection, vault: Vault, reach: Reach) -> Iterator[Document]:
    """All that says who he is, as it is kept."""
    for table, (kind, which) in _DOCUMENTS.items():
        for row in _rows(db, table, "document", which, reach):
            raw = vault.open(row.value, f"{table}.document", row.merchant_id, row.id)
            yield thaw(kind, raw)


def forget_documents(db: Connection, vault: Vault, reach: Reach, hide: Hide) -> int:
    """Write them anew without him. Returns how many."""
    count = 0
    for table, (kind, which) in _DOCUMENTS.items():
        rows = [
            (row.id, row.merchant_id, _without(vault, table, kind, row, hide))
            for row in _rows(db, table, "document", which, reach)
        ]
        if rows:
            db.execute(_RESEAL[table], _SEALED.of(rows))
        count += len(rows)
    for statement in _FORGET_BESIDE:
        db.execute(statement, _asked(reach))
    return count


def forget_words(db: Connection, reach: Reach, hide: Hide) -> int:
    """Hide him in what people and rules wrote. Returns in how many places."""
    count = 0
    for table, column, which in _WORDS:
        changed = [
            (row.id, row.merchant_id, text)
            for row in _rows(db, table, column, which, reach)
            if (text := _without_him(row.value, hide)) is not None
        ]
        if changed:
            db.execute(_REWRITE[table, column], _TEXTS.of(changed))
        count += len(changed)
    return count


def forget_customers(db: Connection, reach: Reach, at: datetime) -> None:
    """What is left of customers is that they were, and what they spent."""
    said = {**_asked(reach), "at": at}
    for statement in _FORGET_CUSTOMERS:
        db.execute(statement, said)


def _rows(db: Connection, table: str, column: str, which: str, reach: Reach) -> Sequence[Any]:
    return db.execute(_LOOK[table, column, which], _asked(reach)).all()


def _asked(reach: Reach) -> dict[str, Any]:
    return {
        "merchant": reach.merchant,
        "orders": list(reach.orders),
        "customers": list(reach.customers),
        "erased": ERASED,
    }


def _without(vault: Vault, table: str, kind: str, row: Any, hide: Hide) -> bytes:
    place = f"{table}.document"
    document = thaw(kind, vault.open(row.value, place, row.merchant_id, row.id))
    return vault.seal(freeze(without_person(document, hide)), place, row.merchant_id, row.id)


def _without_him(value: Any, hide: Hide) -> str | None:
    """The words without him; None where they are as they were."""
    after = hidden(value, hide)
    if after == value:
        return None
    return after if isinstance(after, str) else json.dumps(after)


def _as_kept(column: str) -> str:
    return "CAST(r.text AS jsonb)" if column in _TREES else "r.text"


_LOOK = {
    (table, column, which): sa.text(
        f"SELECT id, merchant_id, {column} AS value FROM {table}"  # noqa: S608  # ours
        f" WHERE {column} IS NOT NULL AND ({which})"
    )
    for table, column, which in (
        *((table, "document", which) for table, (_, which) in _DOCUMENTS.items()),
        *_WORDS,
    )
}
_SEALED = Rows(id="uuid", merchant="text", sealed="bytea")
_TEXTS = Rows(id="uuid", merchant="text", text="text")
_RESEAL = {
    table: sa.text(
        f"""UPDATE {table} SET document = r.sealed FROM {_SEALED.named("r")}
        WHERE {table}.id = r.id AND {table}.merchant_id = r.merchant"""  # noqa: S608  # ours
    )
    for table in _DOCUMENTS
}
_REWRITE = {
    (table, column): sa.text(
        f"""UPDATE {table} SET {column} = {_as_kept(column)}
        FROM {_TEXTS.named("r")} WHERE {table}.id = r.id"""  # noqa: S608  # ours
    )
    for table, column, _ in _WORDS
}
_ORDERS = sa.text(
    """SELECT o.id, o.order_number, o.status FROM sales_order AS o
    JOIN customer_order AS co ON co.order_id = o.id
    WHERE co.customer_id = ANY (:ids) ORDER BY o.id FOR UPDATE OF o"""
)
_FORGET_BESIDE = (
    sa.text(
        """UPDATE sales_order SET told_address = NULL, customer = NULL, fingerprint = NULL,
          digest = sha256(CAST(CAST(id AS text) AS bytea)), erased_at = now()
        WHERE id = ANY (:orders) AND CAST(:merchant AS text) = merchant_id"""
    ),
    sa.text(
        "UPDATE fulfilment_order SET reason = NULL, recipient = NULL WHERE order_id = ANY (:orders)"
    ),
    sa.text("UPDATE customer_return SET phone = NULL WHERE order_id = ANY (:orders)"),
    sa.text(
        """UPDATE return_receipt SET phone = NULL WHERE return_id IN (
          SELECT id FROM customer_return WHERE order_id = ANY (:orders))"""
    ),
)
_FORGET_CUSTOMERS = (
    sa.text("DELETE FROM customer_mark WHERE customer_id = ANY (:customers)"),
    sa.text("DELETE FROM customer_consent WHERE customer_id = ANY (:customers)"),
    sa.text(
        """DELETE FROM customer_pair
        WHERE first = ANY (:customers) OR second = ANY (:customers)"""
    ),
    sa.text(
        """UPDATE customer SET profile = NULL, digest = NULL, status = :erased, erased_at = :at,
          updated_at = now()
        WHERE id = ANY (:customers)"""
    ),
)
