"""Invoices and credit notes as a list, and one with all of it."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.invoice import Invoice
from hub.store.base.sealing import Vault
from hub.store.invoices.invoices import PLACE
from hub.store.tables import invoice
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class InvoiceItem:
    """An invoice or credit note. `document` is what was drawn."""

    id: UUID
    merchant: str
    number: str
    kind: str
    order_id: UUID
    currency: str
    tax: Decimal
    total: Decimal
    payable: Decimal
    at: datetime
    document: Invoice


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """What a list shows of an invoice or credit note."""

    id: UUID
    merchant: str
    number: str
    kind: str
    currency: str
    total: Decimal
    payable: Decimal
    at: datetime


def listed(
    db: Connection,
    vault: Vault,
    *,
    merchant: str | None = None,
    order_id: UUID | None = None,
    after: Position | None = None,
    limit: int = 50,
) -> Page[InvoiceItem]:
    """Invoices, oldest first."""
    table = invoice.c
    pairs = ((table.merchant_id, merchant), (table.order_id, order_id))
    query = sa.select(invoice).where(
        *(column == value for column, value in pairs if value is not None)
    )
    if after is not None:
        query = query.where(table.id > id_of(after))
    rows = db.execute(query.order_by(table.id).limit(limit + 1)).all()
    return page(rows, limit, lambda row: _item(row, vault), by_id)


def one(db: Connection, vault: Vault, invoice_id: UUID) -> InvoiceItem | None:
    """One invoice."""
    row = db.execute(sa.select(invoice).where(invoice.c.id == invoice_id)).one_or_none()
    return None if row is None else _item(row, vault)


def serial_of(number: str) -> tuple[int, int] | None:
    """The year and serial that a number says; None where it is no number."""
    parts = _NUMBER.fullmatch(number)
    return parts and (int(parts[1]), int(parts[2]))


def numbered(
    db: Connection, vault: Vault, serial: tuple[int, int], merchant: str | None
) -> list[InvoiceItem]:
    """What has this number, each a merchant's own; two at most."""
    table = invoice.c
    query = sa.select(invoice).where(table.year == serial[0], table.serial == serial[1])
    if merchant is not None:
        query = query.where(table.merchant_id == merchant)
    return [_item(row, vault) for row in db.execute(query.order_by(table.id).limit(2))]


def of_order(db: Connection, order_id: UUID) -> list[InvoiceRow]:
    """What was drawn of an order, oldest first."""
    table = invoice.c
    named = (table.id, table.merchant_id, table.number, table.kind)
    query = sa.select(*named, table.currency, _TOTAL, table.payable, table.at)
    rows = db.execute(query.where(table.order_id == order_id).order_by(table.id))
    return [InvoiceRow(*row) for row in rows]


_TOTAL = invoice.c.payable + invoice.c.prepaid
"""What it comes to, whether paid or not."""
_NUMBER = re.compile(r"([0-9]{4})-([0-9]{6,9})")


def _item(row: Any, vault: Vault) -> InvoiceItem:
    raw = vault.open(row.document, PLACE, row.merchant_id, row.id)
    return InvoiceItem(
        *(row.id, row.merchant_id, row.number, row.kind, row.order_id, row.currency, row.tax),
        *(row.payable + row.prepaid, row.payable, row.at),
        Invoice.model_validate_json(raw),
    )
