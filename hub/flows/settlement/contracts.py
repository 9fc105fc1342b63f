"""What people agree with merchants: terms, and corrections by hand."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from hub.flows.unit import Unit
from hub.model.errors import BadData, IllegalTransition, NotFound
from hub.model.money import EXPONENT, fits
from hub.model.plain import bad_data
from hub.model.settlement import MASKED, Entry, masked
from hub.rules.ops.four_eyes import refuse_same
from hub.rules.settlement import postings
from hub.rules.settlement.terms import Payee, Terms
from hub.store.base.ids import new_id
from hub.store.people import audit_trail
from hub.store.settlement import adjustments, entries, facts
from hub.store.settlement import contracts as store
from hub.store.settlement.adjustments import Adjustment


def read(tree: Any) -> Terms:
    """Terms of plain data. BadData names every field that is wrong."""
    try:
        terms = Terms.model_validate(tree)
    except ValidationError as error:
        raise bad_data(error) from None
    if terms.currency not in EXPONENT:
        raise BadData("a currency of ISO 4217 is expected", path="currency", code="unknown_code")
    return terms


def agree(unit: Unit, merchant: str, terms: Terms, valid_from: datetime, actor: str) -> int:
    """Put terms in force from a moment on, also in the past: periods that are open are worked out
    by them, closed ones never change. Returns the version.
    """
    account = _account(unit, merchant, terms.payee) if terms.payee else None
    shown = hidden(terms)
    number = store.add(
        unit.db, unit.vault, merchant, valid_from, shown.model_dump_json(), account, actor
    )
    detail = {
        "version": number, "valid_from": valid_from.isoformat(), "rules": len(terms.rules),
        **({"account": shown.payee.iban} if shown.payee else {}),
    }  # fmt: skip
    subject = f"contract:{merchant}"
    audit_trail.record(unit.db, merchant, actor, "contract.agree", subject, detail, unit.at)
    return number


def hidden(terms: Terms) -> Terms:
    """Terms as anybody may see them: the account by its end."""
    if terms.payee is None:
        return terms
    payee = terms.payee.model_copy(update={"iban": masked(terms.payee.iban)})
    return terms.model_copy(update={"payee": payee})


def _account(unit: Unit, merchant: str, payee: Payee) -> str:
    """The account that is meant: the one that is written, or that of the newest version which is
    shown like that.
    """
    if not payee.iban.startswith(MASKED):
        return payee.iban
    known = store.accounts(unit.db, unit.vault, [merchant])
    for _, account in sorted(known.items(), reverse=True):
        if masked(account) == payee.iban:
            return account
    message = "the account is written whole: the contract has none that ends like this"
    raise BadData(message, path="payee.iban", code="no_account")


def adjust(
    unit: Unit, merchant: str, currency: str, amount: Decimal, reason: str, actor: str
) -> UUID:
    """Enter a correction; another person decides about it. Returns its id."""
    if currency not in EXPONENT or not amount or not fits(amount, currency):
        message = "an amount in whole units of a currency, not zero, is expected"
        raise BadData(message, path="amount", code="bad_number")
    id_ = new_id()
    row = Adjustment(id_, merchant, currency, amount, reason, actor, unit.at, None, None)
    adjustments.enter(unit.db, row)
    detail = {"amount": str(amount), "currency": currency, "reason": reason}
    subject = f"adjustment:{id_}"
    audit_trail.record(unit.db, merchant, actor, "adjustment.enter", subject, detail, unit.at)
    return id_


def decide(unit: Unit, adjustment_id: UUID, actor: str, *, approved: bool) -> None:
    """Approve or refuse a correction that another person entered; approved, it is booked in the
    period that is open.
    """
    facts.lock(unit.db)
    row = adjustments.load(unit.db, adjustment_id)
    if row is None:
        raise NotFound(f"no adjustment {adjustment_id}")
    decision = "approved" if approved else "refused"
    if row.decision is not None:
        raise IllegalTransition("adjustment", row.decision, decision)
    refuse_same(actor, [row.entered_by], "somebody else decides what you entered")
    adjustments.decide(unit.db, row, decision, actor)
    subject = f"adjustment:{row.id}"
    if approved:
        closed = facts.closed_until(unit.db, [row.merchant])
        at = max(unit.at, closed.get((row.merchant, row.currency), unit.at))
        lines = postings.adjustment(row.amount)
        detail = {"reason": row.reason, "entered_by": row.entered_by, "approved_by": actor}
        entry = Entry(
            row.merchant, subject, "adjustment", row.currency, unit.at, at, lines, detail=detail
        )
        entries.book(unit.db, [entry])
    audit_trail.record(unit.db, row.merchant, actor, f"adjustment.{decision}", subject, {}, unit.at)
