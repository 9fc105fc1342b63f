"""Closing books: from then on nothing is booked up to and with a day."""

from datetime import date

from hub.flows.books.tell import hears
from hub.flows.unit import Unit
from hub.model.errors import BadData, IllegalTransition
from hub.store.books import locks
from hub.store.config.snapshot import Connection
from hub.store.people import audit_trail


def close(unit: Unit, merchant: str, connection: str | None, until: date, who: str) -> None:
    """Close all books of a merchant, or those behind a connection, and say so in the audit.
    IllegalTransition where they are closed so far already.
    """
    if merchant not in unit.directory.merchants:
        message = "the code of a merchant is expected"
        raise BadData(message, path="merchant", code="unknown_merchant")
    if connection is not None:
        books_at(unit, connection)
    place = connection or locks.ALL
    if not locks.close(unit.db, merchant, place, until, who):
        raise IllegalTransition("books", "closed", f"close {until}")
    detail = {"until": str(until), "connection": connection}
    subject = f"books:{connection or merchant}"
    audit_trail.record(unit.db, merchant, who, "books.close", subject, detail, unit.at)


def books_at(unit: Unit, connection: str) -> Connection:
    """The connection to books of that name. BadData where there is none."""
    partner = unit.directory.connections.get(connection)
    if partner is None or not hears(partner):
        message = "the code of a connection to books is expected"
        raise BadData(message, path="connection", code="unknown_connection")
    return partner
