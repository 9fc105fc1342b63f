"""Invoices and credit notes: each subject of an order once, numbers without gaps. They belong to
the books: who is erased elsewhere stays on them.

The counter of a merchant and year is locked until the end of the transaction, so a number that is
given is used, and one that is not used was never given.
"""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.invoice import Invoice, Party, spoken
from hub.model.invoice.seller import Seller, UntaxedSales
from hub.store.base.ids import new_id
from hub.store.base.sealing import Vault

PLACE = "invoice.document"
INVOICE = "invoice"
"""The subject of an order's invoice; a credit note's is `refund:` and the refund's number."""


def sellers(db: Connection, merchants: Iterable[str]) -> dict[str, Seller]:
    """Who draws the invoices of these merchants, where that is known."""
    return {
        row.merchant_id: Seller(
            party=Party.model_validate(row.seller),
            untaxed=UntaxedSales.model_validate(row.untaxed),
            at_shipment=row.at_shipment,
            language=spoken(row.language),
        )
        for row in db.execute(_SELLERS, {"merchants": sorted(set(merchants))})
    }


def set_seller(db: Connection, merchant: str, seller: Seller) -> None:
    """Say who draws a merchant's invoices from now on."""
    said = {
        "seller": seller.party.model_dump_json(),
        "untaxed": seller.untaxed.model_dump_json(exclude_none=True),
        "at": seller.at_shipment,
        "language": seller.language,
    }
    db.execute(_SET_SELLER, {"merchant": merchant, **said})


def next_serial(db: Connection, merchant: str, year: int) -> int:
    """The number that comes next; nobody else gets one until the end of the transaction."""
    return int(db.scalar(_LOCK, {"merchant": merchant, "year": year}) or 0) + 1


def numbers(db: Connection, order_id: UUID) -> dict[str, str]:
    """What was drawn of an order: subject -> number."""
    return {row.subject: row.number for row in db.execute(_OF_ORDER, {"order": order_id})}


def insert(
    db: Connection,
    vault: Vault,
    merchant: str,
    order_id: UUID,
    subject: str,
    drawn: Invoice,
    year: int,
    serial: int,
) -> UUID:
    """Keep what was drawn, and count its number."""
    id_ = new_id()
    sealed = vault.seal(drawn.model_dump_json().encode(), PLACE, merchant, id_)
    row = {"id": id_, "merchant": merchant, "order": order_id, "subject": subject}
    named = {"year": year, "serial": serial, "number": drawn.number, "kind": drawn.kind}
    sums = {
        "currency": drawn.currency, "tax": drawn.totals.tax,
        "payable": drawn.totals.payable, "prepaid": drawn.totals.prepaid,
    }  # fmt: skip
    db.execute(_INSERT, {**row, **named, **sums, "document": sealed})
    db.execute(_COUNT, {"merchant": merchant, "year": year, "last": serial})
    return id_


_SELLERS = sa.text(
    """SELECT merchant_id, seller, untaxed, at_shipment, language FROM invoice_seller
    WHERE merchant_id = ANY (:merchants)"""
)
_SET_SELLER = sa.text(
    """INSERT INTO invoice_seller (merchant_id, seller, untaxed, at_shipment, language)
    VALUES (:merchant, CAST(:seller AS jsonb), CAST(:untaxed AS jsonb), :at, :language)
    ON CONFLICT (merchant_id) DO UPDATE SET seller = excluded.seller, untaxed = excluded.untaxed,
      at_shipment = excluded.at_shipment, language = excluded.language, updated_at = now()"""
)
_LOCK = sa.text(
    """INSERT INTO invoice_counter AS counter (merchant_id, year, last)
    VALUES (:merchant, :year, 0)
    ON CONFLICT (year, merchant_id) DO UPDATE SET last = counter.last RETURNING last"""
)
_COUNT = sa.text(
    "UPDATE invoice_counter SET last = :last WHERE merchant_id = :merchant AND year = :year"
)
_OF_ORDER = sa.text("SELECT subject, number FROM invoice WHERE order_id = :order")
_INSERT = sa.text(
    """INSERT INTO invoice (id, merchant_id, year, serial, number, kind, order_id, subject,
      currency, tax, payable, prepaid, document)
    VALUES (:id, :merchant, :year, :serial, :number, :kind, :order, :subject, :currency, :tax,
      :payable, :prepaid, :document)"""
)
