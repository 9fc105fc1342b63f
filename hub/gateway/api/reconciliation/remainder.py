"""What nothing matched: listed by reason and age, and decided about."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from hub.flows.reconciliation import requests
from hub.gateway.api.order_requests import Nothing
from hub.gateway.description.answers import reconciliation as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, choice, text
from hub.model.document import Id, OptText, Text, Value, plain
from hub.model.errors import NotFound
from hub.model.merchant import OPERATOR
from hub.rules.reconciliation import classing
from hub.rules.reconciliation.classing import AGES, REASONS, Decision
from hub.store.reconciliation import decisions, expected, reports
from hub.store.reconciliation.decisions import SIDES, Side
from hub.store.views.reconciliation import remainder
from hub.store.views.reconciliation.remainder import Item


class Matching(Value):
    """Rows that belong together, by their ids."""

    ours: tuple[Id, ...] = Field(default=(), max_length=200)
    theirs: tuple[Id, ...] = Field(min_length=1, max_length=200)
    note: OptText = None


class Noted(Value):
    """Why it is so."""

    note: Text


class MaybeNoted(Value):
    """Why it is so, where somebody wants to say."""

    note: OptText = None


def listed(ask: Ask) -> Any:
    """What is left on either side, oldest first: what waits for a person, unless `open` is
    false.
    """
    there = remainder.listed(ask.db, _wanted(ask), after=ask.after(), limit=ask.limit())
    return ask.listed(there, lambda item: _shown(item, ask.at))


def summed(ask: Ask) -> Any:
    """What is left on either side, summed up by reason and currency."""
    return {
        "groups": [
            {
                "side": it.side,
                "reason": it.reason,
                "currency": it.currency,
                "rows": it.rows,
                "amount": plain(it.amount),
                "oldest": it.oldest,
            }
            for it in remainder.summed(ask.db, _wanted(ask))
        ]
    }


def one(ask: Ask) -> Any:
    """One row of either side."""
    return _shown(_seen(ask), ask.at)


def match(ask: Ask) -> Reply:
    """Match rows by hand: of one currency, and of sums that differ by no more than may be written
    off.
    """
    said = ask.read(Matching)
    ours = [_id("ours", it, "ours") for it in said.ours]
    theirs = [_id("theirs", it, "theirs") for it in said.theirs]
    made = requests.match(ask.unit, ours, theirs, ask.caller.actor, said.note or "")
    return Reply(201, {"id": decisions.id_text(made)})


def run(ask: Ask) -> Any:
    """Match all that is open once more."""
    ask.read(Nothing)
    merchant = ask.caller.merchant or ask.query.get("merchant") or OPERATOR
    if merchant != OPERATOR and merchant not in ask.directory.merchants:
        raise Stop(422, "unknown_merchant", "the code of a merchant is expected", path="merchant")
    return {"matches": requests.match_again(ask.unit, merchant, ask.caller.actor)}


def accept(ask: Ask) -> Any:
    """It is as the provider says: it is booked as the row's `proposal` says."""
    return _decided(ask, "accept", ask.read(MaybeNoted).note or "")


def write_off(ask: Ask) -> Any:
    """Let a small amount go."""
    return _decided(ask, "write_off", ask.read(MaybeNoted).note or "")


def explain(ask: Ask) -> Any:
    """Nothing is wrong with it, and the note says why."""
    return _decided(ask, "explain", ask.read(Noted).note)


def undo(ask: Ask) -> Any:
    """Undo what was decided, or the whole match that the row is in: it is open again, and only
    people match what was matched.
    """
    ask.read(Nothing)
    item = _seen(ask)
    requests.undo(ask.unit, _side(item), item.id, ask.caller.actor)
    return _shown(_seen(ask), ask.at)


def _decided(ask: Ask, decision: Decision, note: str) -> Any:
    item = _seen(ask)
    requests.decide(ask.unit, _side(item), item.id, decision, ask.caller.actor, note)
    return _shown(_seen(ask), ask.at)


def _wanted(ask: Ask) -> remainder.Wanted:
    since, until = None, None
    if "age" in ask.query:
        since, until = classing.span(ask.query["age"], ask.at)
    return remainder.Wanted(
        side=ask.query.get("side"),
        reason=ask.query.get("reason"),
        merchant=ask.query.get("merchant"),
        name=ask.query.get("name"),
        since=since,
        until=until,
        is_open=ask.query.get("open") != "false",
    )


def _side(item: Item) -> Side:
    return "ours" if item.side == "ours" else "theirs"


def _id(side: Side, given: str, path: str) -> UUID:
    known = expected.id_of(given) if side == "ours" else reports.id_of(given)
    if known is None:
        raise Stop(422, "bad_id", "the id of a row of this side is expected", path=path)
    return known


def _seen(ask: Ask) -> Item:
    given = ask.ids["id"]
    for side, number in (("ours", expected.id_of(given)), ("theirs", reports.id_of(given))):
        item = None if number is None else remainder.one(ask.db, side, number)
        if item is not None:
            return item
    raise NotFound


def _shown(item: Item, at: datetime) -> dict[str, Any]:
    meaning = classing.MEANINGS[item.reason]
    return {
        "id": item.key,
        "side": item.side,
        "merchant": item.merchant,
        "provider": item.source,
        "kind": item.kind,
        "reference": item.reference,
        "order_reference": item.order_reference,
        "order_id": item.order_id,
        "amount": plain(item.amount),
        "fee": plain(item.fee),
        "currency": item.currency,
        "ours": plain(item.ours),
        "theirs": plain(item.theirs),
        "difference": plain(item.difference),
        "at": item.at,
        "age": classing.age(item.at, at),
        "state": item.state,
        "reason": item.reason,
        "proposal": meaning.proposal,
        "decisions": list(meaning.decisions) if item.state == "open" else [],
        "decided_by": item.decided_by,
        "decided_at": item.decided_at,
        "note": item.note,
    }


_WHICH = (
    choice("side", "whose rows", *SIDES),
    choice("reason", "why nothing matches it", *REASONS),
    choice("age", "how long it stands", *(it.name for it in AGES)),
    Param("merchant", "whose money it is", text),
    Param("name", "a payment's reference, or the channel's id of an order", text),
    choice("open", "whether only what waits for a person", "true", "false"),
)
_R, _READ, _WRITE = "reconciliation", "reconciliation:read", "reconciliation:write"

# fmt: off
ROUTES = (
    Route("GET", _R, _READ, listed, answers.RemainderPage, (*_WHICH, *PAGED)),
    Route("GET", f"{_R}/summary", _READ, summed, answers.Remainder, _WHICH),
    Route("POST", f"{_R}/match", _WRITE, match, answers.Matched, body=Matching, status=201),
    Route("POST", f"{_R}/run", _WRITE, run, answers.MatchedAgain,
          (Param("merchant", "whose reports", text),), body=Nothing, body_optional=True, slow=True),
    Route("GET", f"{_R}/{{id}}", _READ, one, answers.RemainderItem),
    Route("POST", f"{_R}/{{id}}/accept", _WRITE, accept, answers.RemainderItem, body=MaybeNoted,
          body_optional=True),
    Route("POST", f"{_R}/{{id}}/write-off", _WRITE, write_off, answers.RemainderItem,
          body=MaybeNoted, body_optional=True),
    Route("POST", f"{_R}/{{id}}/explain", _WRITE, explain, answers.RemainderItem, body=Noted),
    Route("POST", f"{_R}/{{id}}/undo", _WRITE, undo, answers.RemainderItem, body=Nothing,
          body_optional=True),
)
# fmt: on
