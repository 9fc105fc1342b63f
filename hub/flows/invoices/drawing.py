"""An invoice is drawn once for each order, a credit note once for each refund of it; each takes the
next number of its merchant and year, or none.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.errors import BadData, NotFound
from hub.model.invoice import ENGLISH, Invoice, spoken
from hub.model.invoice.seller import Seller
from hub.rules.invoices import crediting, drawing
from hub.store.invoices import invoices
from hub.store.invoices.invoices import INVOICE
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.orders import orders, shipments
from hub.store.orders import refunds as refund_store
from hub.store.orders.orders import OrderRow
from hub.store.orders.refunds import RefundRow
from hub.store.people import audit_trail


def shipped(unit: Unit, rows: Sequence[OrderRow]) -> None:
    """Goods of these orders left: draw the invoices of merchants who want that. What cannot be
    drawn goes to a person; the goods left all the same.
    """
    sellers = invoices.sellers(unit.db, [row.merchant for row in rows]) if rows else {}
    for row in {row.id: row for row in rows}.values():
        seller = sellers.get(row.merchant)
        if seller is not None and seller.at_shipment:
            _or_incident(unit, row, lambda it=row, by=seller: _draw(unit, it, by))  # type: ignore[misc]


def paid_back(unit: Unit, rows: Sequence[RefundRow]) -> None:
    """These refunds are borne by their orders: credit what was invoiced."""
    sellers = invoices.sellers(unit.db, [row.merchant for row in rows]) if rows else {}
    for row in rows:
        seller = sellers.get(row.order.merchant)
        if seller is not None:
            _or_incident(unit, row.order, lambda it=row, by=seller: _credit(unit, [it], by))  # type: ignore[misc]


def draw(unit: Unit, order_id: UUID, actor: str) -> str:
    """Draw the invoice of an order that a person asks for. Returns its number; the same again
    where it was drawn.
    """
    row = orders.load(unit.db, unit.vault, [order_id]).get(order_id)
    if row is None:
        raise NotFound(f"no order {order_id}")
    seller = invoices.sellers(unit.db, [row.merchant]).get(row.merchant)
    if seller is None:
        raise BadData("nobody said who draws this merchant's invoices", path="seller")
    number = _draw(unit, row, seller)
    subject = f"order:{row.channel}/{row.channel_order_id}"
    detail = {"number": number}
    audit_trail.record(unit.db, row.merchant, actor, "invoice.draw", subject, detail, unit.at)
    return number


def _draw(unit: Unit, row: OrderRow, seller: Seller) -> str:
    day, merchant = unit.at.date(), row.merchant
    made = drawing.invoice(row.document, "-", day, seller, shipments.last_day(unit.db, row.id))
    serial = invoices.next_serial(unit.db, merchant, day.year)
    known = invoices.numbers(unit.db, row.id)
    if INVOICE in known:
        return known[INVOICE]
    number = _keep(unit, row, INVOICE, _in_words(made, row, seller), serial)
    kept = refund_store.of_orders(unit.db, unit.vault, [row])
    _credit(unit, [it for it in kept if it.attached], seller)
    return number


def _credit(unit: Unit, rows: Sequence[RefundRow], seller: Seller) -> None:
    day = unit.at.date()
    for row in rows:
        serial = invoices.next_serial(unit.db, row.order.merchant, day.year)
        known = invoices.numbers(unit.db, row.order.id)
        subject = f"refund:{row.refund.refund_id}"
        if INVOICE not in known or subject in known:
            continue
        left = shipments.last_day(unit.db, row.order.id)
        made = crediting.credit_note(
            row.order.document, row.refund, "-", known[INVOICE], day, seller, left
        )
        _keep(unit, row.order, subject, _in_words(made, row.order, seller), serial)


def _in_words(made: Invoice, row: OrderRow, seller: Seller) -> Invoice:
    """In the seller's language, or the buyer's where it can be had."""
    buyer = row.document.customer
    theirs = spoken(buyer.language) if buyer else None
    language = seller.language or theirs or ENGLISH
    return made.model_copy(update={"language": language})


def _keep(unit: Unit, row: OrderRow, subject: str, made: Invoice, serial: int) -> str:
    year = made.issued_on.year
    drawn = made.model_copy(update={"number": f"{year}-{serial:06d}"})
    invoices.insert(unit.db, unit.vault, row.merchant, row.id, subject, drawn, year, serial)
    return drawn.number


def _or_incident(unit: Unit, row: OrderRow, work: Callable[[], object]) -> None:
    try:
        work()
    except BadData as error:
        subject = f"invoice:{row.channel}/{row.channel_order_id}"
        sentence = f"the invoice of order {row.document.order_number[:60]}: {error}"
        incident = Incident(row.merchant, "invoice_not_drawn", subject, sentence[:500], row.id)
        incidents.open_new(unit.db, [incident])
