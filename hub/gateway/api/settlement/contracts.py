"""Contracts with merchants, corrections by hand, and payouts as a bank takes them."""

from typing import Any
from uuid import UUID

from pydantic import Field

from hub.flows.settlement import contracts, opening, payouts
from hub.gateway.api.order_requests import Nothing
from hub.gateway.api.settlement import shown
from hub.gateway.description.answers import settlement as answers
from hub.gateway.routes import Ask, Param, Reply, Route, choice, text
from hub.model.document import Currency, Instant, OptId, Value
from hub.model.errors import NotFound
from hub.model.money import add
from hub.rules.settlement.correcting import Correcting
from hub.rules.settlement.terms import Terms
from hub.store.settlement import adjustments as adjustment_store
from hub.store.settlement import contracts as store
from mappings.payouts import files


class Agreed(Value):
    """Terms and from when on they are in force; without it from now on."""

    merchant: OptId = None
    valid_from: Instant | None = None
    terms: Terms


class Trying(Value):
    """Terms to be tried over a time."""

    merchant: OptId = None
    currency: Currency
    start: Instant = Field(alias="from")
    to: Instant
    terms: Terms


def contract(ask: Ask) -> Any:
    """A merchant's contract, version by version."""
    return _contract(ask, ask.whose(ask.query.get("merchant")))


def agree(ask: Ask) -> Reply:
    """Put terms in force. What is closed stays; periods that are open are worked out by them."""
    shown.only_operator(ask)
    said = ask.read(Agreed)
    merchant = ask.whose(said.merchant)
    terms = contracts.read(said.terms)
    contracts.agree(ask.unit, merchant, terms, said.valid_from or ask.at, ask.caller.actor)
    return Reply(201, _contract(ask, merchant))


def what_if(ask: Ask) -> Any:
    """What a time would have come to under these terms, beside what it comes to. Nothing is
    kept.
    """
    said = ask.read(Trying)
    merchant = ask.whose(said.merchant)
    terms = contracts.read(said.terms)
    result = opening.what_if(ask.unit, merchant, said.currency, said.start, said.to, terms)
    difference = add(result.then.balance, -result.now.balance)
    return {
        "now": shown.figures(result.now, said.currency),
        "then": shown.figures(result.then, said.currency),
        "difference": shown.money(difference, said.currency),
    }


def adjustments(ask: Ask) -> Any:
    """Corrections that nobody decided yet, the oldest first."""
    return {"items": [_adjustment(row) for row in adjustment_store.waiting(ask.db)]}


def adjust(ask: Ask) -> Reply:
    """Enter a correction; another person decides about it."""
    shown.only_operator(ask)
    said = ask.read(Correcting)
    merchant = ask.whose(said.merchant)
    id_ = contracts.adjust(
        ask.unit, merchant, said.currency, said.amount, said.reason, ask.caller.actor
    )
    return Reply(201, _decided(ask, id_))


def approve(ask: Ask) -> Any:
    """Approve a correction that another person entered: it is booked."""
    return _decide(ask, approved=True)


def refuse(ask: Ask) -> Any:
    """Refuse a correction that another person entered."""
    return _decide(ask, approved=False)


def payout_file(ask: Ask) -> Any:
    """Payouts that are approved and in no file yet, as one file for the bank; where there are none,
    the last file of which the bank said nothing. `file` fetches one again, as it was. Those whose
    merchant or whose operator has no account in its contract are refused by name.
    """
    shown.only_operator(ask)
    format_ = ask.query.get("format", "pain.001")
    named = ask.query.get("file")
    batch = (
        payouts.again(ask.unit, str(named))
        if named
        else payouts.due(ask.unit, str(ask.query.get("currency", "EUR")))
    )
    return {
        "format": format_,
        "file": batch.number,
        "name": files.name_of(batch, format_),
        "count": len(batch.transfers),
        "total": shown.money(batch.total, batch.currency),
        "content": files.FORMATS[format_](batch),
    }


def _contract(ask: Ask, merchant: str) -> dict[str, Any]:
    versions = [
        {
            "version": row.version,
            "valid_from": row.valid_from,
            "terms": row.terms,
            "author": row.author,
            "at": row.at,
        }
        for row in store.of(ask.db, [merchant])
    ]
    return {"merchant": merchant, "versions": versions}


def _decide(ask: Ask, *, approved: bool) -> dict[str, Any]:
    shown.only_operator(ask)
    ask.read(Nothing)
    contracts.decide(ask.unit, ask.uuid(), ask.caller.actor, approved=approved)
    return _decided(ask, ask.uuid())


def _decided(ask: Ask, id_: UUID) -> dict[str, Any]:
    row = adjustment_store.load(ask.db, id_)
    if row is None:
        raise NotFound
    return _adjustment(row)


def _adjustment(row: adjustment_store.Adjustment) -> dict[str, Any]:
    plainly = (
        *("id", "merchant", "currency", "reason", "entered_by", "entered_at", "decision"),
        "decided_by",
    )
    return {
        **{name: getattr(row, name) for name in plainly},
        "amount": shown.money(row.amount, row.currency),
    }


_WHOSE = (Param("merchant", "whose; a merchant's own key need not say", text),)
_FILE = (
    Param("currency", "of which currency; EUR where absent", text),
    choice("format", "how it is written", *files.FORMATS),
    Param("file", "the number of a file that was written, to fetch it again", text),
)
_READ, _WRITE, _DECIDE = "settlement:read", "settlement:write", "settlement:approve"

# fmt: off
ROUTES = (
    Route("GET", "contracts", _READ, contract, answers.ContractItem, _WHOSE),
    Route("POST", "contracts", "contracts:write", agree, answers.ContractItem, body=Agreed,
          status=201),
    Route("POST", "contracts/what-if", _READ, what_if, answers.WhatIfItem, body=Trying),
    Route("GET", "adjustments", _READ, adjustments, answers.AdjustmentList),
    Route("POST", "adjustments", _WRITE, adjust, answers.AdjustmentItem, body=Correcting,
          status=201),
    Route("POST", "adjustments/{id}/approve", _DECIDE, approve, answers.AdjustmentItem,
          body=Nothing, body_optional=True),
    Route("POST", "adjustments/{id}/refuse", _DECIDE, refuse, answers.AdjustmentItem,
          body=Nothing, body_optional=True),
    Route("GET", "payouts", _DECIDE, payout_file, answers.PayoutFile, _FILE, refuses=(409,)),
)
# fmt: on
