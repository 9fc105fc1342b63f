"""Books: the ledger as journal entries, as files, and what of it the books do not have yet."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from hub.flows.books import closing, exporting
from hub.flows.books.exporting import Wanted
from hub.flows.books.tell import hears
from hub.gateway.description.answers import books as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, choice, text
from hub.model.errors import NotFound
from hub.rules.books import chart
from hub.rules.books.chart import Day
from hub.store.config.snapshot import Connection
from hub.store.views.page import Page, Position
from hub.store.views.settlement import books as views
from mappings.journal import EXPORTS, Client, export

_DAYS = 31
"""So many days where nobody says from when on."""


class Lock(BaseModel):
    """Close books up to and with a day: all of a merchant's, or those behind one connection."""

    model_config = ConfigDict(extra="forbid")

    merchant: str
    until: Day
    connection: str | None = None


def listed(ask: Ask) -> Any:
    """The ledger as journal entries, in the order in which things happened."""
    whole = exporting.entries(ask.db, _wanted(ask))
    after, limit = ask.after(), ask.limit()
    start = _place(after)
    page = whole[start : start + limit]
    following: Position | None = (str(start + limit),) if start + limit < len(whole) else None
    return ask.listed(Page(page, following), lambda it: it.model_dump(mode="json"))


def exported(ask: Ask) -> Any:
    """The ledger as a file: for Beancount, hledger, a spreadsheet or DATEV."""
    if "format" not in ask.query:
        message = f"one of {', '.join(EXPORTS)} is expected"
        raise Stop(422, "missing_field", message, path="format")
    it = _wanted(ask)
    file = export(
        ask.query["format"], exporting.entries(ask.db, it), Client(zone=it.zone), _name(it)
    )
    said = {
        "Content-Type": file.media_type,
        "Content-Disposition": f'attachment; filename="{file.name}"',
    }
    return Reply(200, file.raw, said)


def missing(ask: Ask) -> Any:
    """What the books do not have yet, per day and connection, with the reason."""
    _whole(ask)
    reach = {it.code for it in ask.directory.connections.values() if ask.caller.sees(it)}
    lacking = views.missing(ask.db, ask.query.get("connection"))
    return {
        "items": [
            {
                "connection": it.connection,
                "merchant": it.merchant,
                "day": str(it.day),
                "currency": it.currency,
                "status": it.status,
                "code": it.code,
                "count": it.count,
                "entries": int(it.entries),
                "total": it.total,
                "message_id": it.message,
            }
            for it in lacking
            if it.connection in reach
        ]
    }


def lock(ask: Ask) -> Any:
    """Close books up to and with a day. What comes for it later goes to the next; it says so."""
    _whole(ask)
    said = ask.read(Lock)
    if ask.caller.merchant not in (None, said.merchant):
        raise Stop(422, "unknown_merchant", "a merchant of yours is expected", path="merchant")
    if said.connection is not None:
        _books(ask, said.connection, "connection")
    until = date.fromisoformat(said.until)
    closing.close(ask.unit, said.merchant, said.connection, until, ask.caller.actor)
    return {"merchant": said.merchant, "connection": said.connection, "until": said.until}


def _wanted(ask: Ask) -> Wanted:
    _whole(ask)
    last = ask.query.get("to") or datetime.now(UTC).date()
    first = ask.query.get("from") or last - timedelta(days=_DAYS)
    code, merchant = ask.query.get("chart"), ask.query.get("merchant") or ask.caller.merchant
    partner = _books(ask, code, "chart") if code else None
    it = exporting.wanted(first, last, partner, merchant)
    if ask.caller.merchant is not None and it.half == chart.OPERATOR:
        raise Stop(422, "unknown_connection", "a connection of yours is expected", path="chart")
    return it


def _books(ask: Ask, code: str, path: str) -> Connection:
    partner = ask.directory.connections.get(code)
    if partner is None or not hears(partner) or not ask.caller.sees(partner):
        message = "the code of a connection to books is expected"
        raise Stop(422, "unknown_connection", message, path=path)
    return partner


def _whole(ask: Ask) -> None:
    """A partner that signs sees its own orders, not the books."""
    if ask.caller.connection is not None:
        raise NotFound


def _name(it: Wanted) -> str:
    return f"journal_{it.first}_{it.last}"


def _place(after: Position | None) -> int:
    try:
        return 0 if after is None else int(after[0])
    except (ValueError, IndexError):
        message = "the cursor is none of this list"
        raise Stop(400, "bad_cursor", message, path="cursor") from None


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ValueError("a day such as 2026-05-31 is expected") from None


_DAY = {"type": "string", "format": "date"}
_TIME = (
    Param("from", "the first day; 31 days before the last where absent", _day, _DAY),
    Param("to", "the last day; today where absent", _day, _DAY),
    Param("merchant", "whose; all that are in reach where absent", text),
    Param("chart", "the connection under whose accounts they stand", text),
)
ROUTES = (
    Route(
        "GET",
        "books/journal",
        "books:read",
        listed,
        answers.JournalPage,
        (*_TIME, *PAGED),
        slow=True,
    ),
    Route(
        "GET",
        "journal/export",
        "books:read",
        exported,
        answers.JournalFile,
        (choice("format", "the form; needed", *EXPORTS), *_TIME),
        slow=True,
        media=("text/plain", "text/csv", "application/zip"),
    ),
    Route(
        "GET",
        "books/missing",
        "books:read",
        missing,
        answers.MissingList,
        (Param("connection", "of one connection", text),),
    ),
    Route("POST", "books/lock", "books:write", lock, answers.Locked, body=Lock),
)
