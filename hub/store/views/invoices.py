"""Invoices and credit notes as a list, and one with all of it."""

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
    payable: Decimal
    at: datetime
    document: Invoice


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


def _item(row: Any, vault: Vault) -> InvoiceItem:
    raw = vault.open(row.document, PLACE, row.merchant_id, row.id)
    return InvoiceItem(
        *(row.id, row.merchant_id, row.number, row.kind, row.order_id, row.currency, row.tax),
        *(row.payable, row.at, Invoice.model_validate_json(raw)),
    )
