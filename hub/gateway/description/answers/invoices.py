"""What the Open API answers about invoices."""

from uuid import UUID

from hub.gateway.description.answers import Answer, Page
from hub.model.document import Amount, Instant
from hub.model.invoice.seller import UntaxedSales


class InvoiceItem(Answer):
    """An invoice or credit note; the hub's own id names it in addresses. `payable`: what of the
    total was not paid when it was drawn.
    """

    id: UUID
    merchant: str
    number: str
    kind: str
    order_id: UUID
    currency: str
    tax: Amount
    total: Amount
    payable: Amount
    at: Instant


class InvoicePage(Page[InvoiceItem]):
    """Invoices and credit notes, oldest first."""


class InvoiceWhole(InvoiceItem):
    """An invoice or credit note with its document: UBL 2.1, by the rules of EN 16931, and of Peppol
    BIS Billing 3 where both parties have an address in Peppol.
    """

    ubl: str


class Drawn(Answer):
    """The number of an invoice."""

    number: str


class SellerSaid(Answer):
    """Who draws a merchant's invoices: whether one is drawn when goods leave, in which language,
    and what the sales are that bear no tax.
    """

    merchant: str
    at_shipment: bool
    language: str
    untaxed: UntaxedSales
