"""Statements and the ledger they are made of."""

from typing import Any
from uuid import UUID

from pydantic import Field

from hub.flows.settlement import opening, statements
from hub.gateway.api.order_requests import Nothing, Reason
from hub.gateway.api.settlement import shown
from hub.gateway.description.answers import settlement as answers
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, choice, text
from hub.model.document import Currency, Id, Instant, OptId, Value
from hub.model.errors import NotFound
from hub.states.settlement import State
from hub.store.settlement import statements as store
from hub.store.settlement import transfers
from hub.store.views.page import Page
from hub.store.views.settlement import journal as journal_view
from hub.store.views.settlement import statements as view
from hub.store.views.settlement.statements import StatementItem


class Opening(Value):
    """A period to be settled: `from` (included) to `to` (excluded), behind the last one."""

    merchant: Id
    currency: Currency
    start: Instant = Field(alias="from")
    to: Instant


class Paid(Value):
    """How it was paid; without a reference the statement's own number."""

    reference: OptId = None
    at: Instant | None = None


def listed(ask: Ask) -> Any:
    """Statements, newest first; a merchant sees its own."""
    query = ask.query
    wanted = view.Wanted(query.get("merchant"), query.get("status"), query.get("currency"))
    there = view.listed(ask.db, wanted, after=ask.after(), limit=ask.limit())
    return ask.listed(there, shown.statement)


def post(ask: Ask) -> Reply:
    """Open a statement for a period. Those of contracts are opened by themselves."""
    shown.only_operator(ask)
    said = ask.read(Opening)
    merchant = ask.whose(said.merchant)
    made = statements.open_period(
        ask.unit, merchant, said.currency, said.start, said.to, ask.caller.actor
    )
    return Reply(201, _whole(ask, store.load(ask.db, [made])[0].number))


def one(ask: Ask) -> Any:
    """A statement with its lines."""
    return _whole(ask, ask.ids["id"])


def items(ask: Ask) -> Any:
    """The items behind a line of a statement: which order, which message, which part of it."""
    item = _seen(ask)
    after = ask.after()
    place = (UUID(after[0]), int(after[1])) if after else None
    row = store.load(ask.db, [item.id])[0]
    limit, line = ask.limit(), int(ask.query.get("line", 1))
    there = opening.items(ask.unit, row, line, place, limit + 1)
    last = there[limit - 1] if len(there) > limit else None
    page = Page(there[:limit], (str(last.entry_id), str(last.position)) if last else None)
    return ask.listed(page, lambda it: shown.item(it, item.currency))


def calculate(ask: Ask) -> Any:
    """Work a statement out, or out anew."""
    shown.only_operator(ask)
    ask.read(Nothing)
    statements.calculate(ask.unit, [_seen(ask).id], ask.caller.actor)
    return _whole(ask, ask.ids["id"])


def approve(ask: Ask) -> Any:
    """Approve what somebody else calculated: its period is closed."""
    shown.only_operator(ask)
    ask.read(Nothing)
    statements.approve(ask.unit, _seen(ask).id, ask.caller.actor)
    return _whole(ask, ask.ids["id"])


def pay(ask: Ask) -> Any:
    """The payout was made. Where the bank's statements are read this happens by itself."""
    shown.only_operator(ask)
    said = ask.read(Paid)
    at = said.at or ask.at
    statements.pay(ask.unit, _seen(ask).id, ask.caller.actor, said.reference, at)
    return _whole(ask, ask.ids["id"])


def take_back(ask: Ask) -> Any:
    """A payout did not arrive, or came back: the next file for the bank has it again."""
    shown.only_operator(ask)
    reason = ask.read(Reason).reason
    statements.take_back(ask.unit, _seen(ask).id, ask.caller.actor, reason)
    return _whole(ask, ask.ids["id"])


def dispute(ask: Ask) -> Any:
    """Do not agree with a statement: it is not paid until this is resolved."""
    reason = ask.read(Reason).reason
    statements.dispute(ask.unit, _seen(ask).id, ask.caller.actor, reason)
    return _whole(ask, ask.ids["id"])


def resolve(ask: Ask) -> Any:
    """End a dispute: the statement is to be approved anew."""
    shown.only_operator(ask)
    reason = ask.read(Reason).reason
    statements.resolve(ask.unit, _seen(ask).id, ask.caller.actor, reason)
    return _whole(ask, ask.ids["id"])


def close(ask: Ask) -> Any:
    """Nothing is left to do about a statement."""
    shown.only_operator(ask)
    ask.read(Nothing)
    statements.close(ask.unit, _seen(ask).id, ask.caller.actor)
    return _whole(ask, ask.ids["id"])


def journal(ask: Ask) -> Any:
    """Entries of the ledger of money, in the order they were booked."""
    query = ask.query
    wanted = journal_view.Wanted(query.get("merchant"), query.get("document"), query.get("reason"))
    there = journal_view.listed(ask.db, wanted, after=ask.after(), limit=ask.limit())
    return ask.listed(there, shown.entry)


def _seen(ask: Ask) -> StatementItem:
    item = view.by_number(ask.db, ask.ids["id"])
    if item is None:
        raise NotFound
    return item


def _whole(ask: Ask, number: str) -> dict[str, Any]:
    item = view.by_number(ask.db, number)
    if item is None:
        raise NotFound
    lines = shown.lines(view.lines(ask.db, item), item.currency)
    sent = [shown.transfer(row, item.currency) for row in transfers.of(ask.db, [item.id])]
    return {**shown.statement(item), "lines": lines, "transfers": sent}


def _line(given: str) -> int:
    if not (given.isascii() and given.isdecimal() and 1 <= int(given) <= 100_000):
        raise ValueError("the number of a line is expected")
    return int(given)


_FILTERS = (
    Param("merchant", "whose they are", text),
    choice("status", "where it stands", *State),
    Param("currency", "of which currency", text),
    *PAGED,
)
_OF_JOURNAL = (
    Param("merchant", "whose they are", text),
    Param("document", "what they come from, such as `order:…` or `statement:…`", text),
    Param("reason", "why they were booked", text),
    *PAGED,
)
_LINE = Param("line", "which line of it", _line, {"type": "integer", "minimum": 1})
_S, _ONE = "settlements", "settlements/{id}"
_READ, _WRITE, _DECIDE = "settlement:read", "settlement:write", "settlement:approve"

# fmt: off
ROUTES = (
    Route("GET", _S, _READ, listed, answers.StatementPage, _FILTERS),
    Route("POST", _S, _WRITE, post, answers.StatementWhole, body=Opening, status=201),
    Route("GET", _ONE, _READ, one, answers.StatementWhole),
    Route("GET", f"{_ONE}/items", _READ, items, answers.ChargedPage, (_LINE, *PAGED)),
    Route("POST", f"{_ONE}/calculate", _WRITE, calculate, answers.StatementWhole, body=Nothing,
          body_optional=True),
    Route("POST", f"{_ONE}/approve", _DECIDE, approve, answers.StatementWhole, body=Nothing,
          body_optional=True),
    Route("POST", f"{_ONE}/pay", _DECIDE, pay, answers.StatementWhole, body=Paid,
          body_optional=True),
    Route("POST", f"{_ONE}/take-back", _DECIDE, take_back, answers.StatementWhole, body=Reason),
    Route("POST", f"{_ONE}/dispute", _WRITE, dispute, answers.StatementWhole, body=Reason),
    Route("POST", f"{_ONE}/resolve", _DECIDE, resolve, answers.StatementWhole, body=Reason),
    Route("POST", f"{_ONE}/close", _DECIDE, close, answers.StatementWhole, body=Nothing,
          body_optional=True),
    Route("GET", "journal", _READ, journal, answers.EntryPage, _OF_JOURNAL),
)
# fmt: on
