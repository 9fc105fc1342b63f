"""Undoing a sale in work: what has not left and not been billed of it is cancelled for good."""

from collections.abc import Callable
from typing import Any

from adapters.tryton.books import INVOICE, SALE, SHIPMENT, Books, Record
from adapters.tryton.server.rpc import Ids

OPEN_SHIPMENT = ("draft", "waiting", "assigned", "picked", "packed")


def undo(books: Books, record: Record) -> bool:
    """Stop what has not left and not been billed of a sale in work. False: nothing was left."""
    shipments, invoices = undoable(books, record) or ([], [])
    sale = (SALE, record.id)
    for model, numbers, wizard, kind in (
        (SHIPMENT, shipments, "sale.handle.shipment.exception", "moves"),
        (INVOICE, invoices, "sale.handle.invoice.exception", "invoices"),
    ):
        if numbers:
            books.rpc.call(model, "cancel", numbers)
            books.rpc.wizard(wizard, sale, {"handle": _ignoring(kind)})
    return bool(shipments or invoices)


def undoable(books: Books, record: Record) -> tuple[Ids, Ids] | None:
    """Shipments and invoices that can still be cancelled; None where there are none."""
    shipments = books.standing(SHIPMENT, record.shipments, OPEN_SHIPMENT)
    invoices = books.unposted(record.invoices)
    return (shipments, invoices) if shipments or invoices else None


def _ignoring(kind: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The answer to an exception screen: none of it comes again."""
    return lambda shown: {f"ignore_{kind}": shown[f"domain_{kind}"], f"recreate_{kind}": []}
