"""What chargebacks cost: of those that are lost, what the customer got back is the merchant's
loss as far as it was earned; and what providers take for each.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.flows.settlement.calculate import versions_of
from hub.flows.unit import Unit
from hub.model.document import ZERO
from hub.model.merchant import in_force
from hub.model.money import add
from hub.model.settlement import Account, ChargeItem, Entry
from hub.rules.settlement import postings
from hub.rules.settlement.matching import TURNOVER
from hub.store.reconciliation import cases
from hub.store.settlement import entries, facts, items

_FEE, _FEE_BACK = "fee", "fee_back"
"""Reasons of entries: what a provider took for a case, and what it gave back of it."""


def book_loss(unit: Unit, case: Any) -> None:
    """Book a lost case once, in the period that is open. Of an order that is known no more than
    its merchant has earned by now: what never left was never earned.
    """
    facts.lock(unit.db)
    known = facts.known(unit.db, unit.vault, [case.order_id] if case.order_id else [])
    order = known.get(case.order_id)
    merchant, loss = case.merchant_id, -case.amount
    traits = {}
    if order is not None:
        merchant, traits = order.merchant, {"channel": order.channel}
        if order.document.currency == case.currency:
            loss = min(loss, _earned(unit, case.order_id, merchant))
    if loss <= 0:
        return
    item = ChargeItem("chargeback", traits, case.reference, amount=-loss)
    closed = facts.closed_until(unit.db, [merchant])
    at = max(unit.at, closed.get((merchant, case.currency), unit.at))
    entry = Entry(
        merchant, _document(case.id), "chargeback", case.currency, unit.at, at,
        postings.turnover([item]), case.order_id, detail={"reference": case.reference},
        items=(item,),
    )  # fmt: skip
    entries.book(unit.db, [entry])


def book_fees(unit: Unit, rows: Sequence[UUID]) -> None:
    """Book what providers took for new cases beside the money itself, to whom the contract says."""
    _book_fees(unit, cases.fees(unit.db, rows) if rows else [], _FEE, Decimal(1))


def give_fees_back(unit: Unit, rows: Sequence[UUID]) -> None:
    """Book what providers gave back of it for cases that were won, to who bore it. Most keep it."""
    _book_fees(unit, cases.fees_back(unit.db, rows) if rows else [], _FEE_BACK, Decimal(-1))


def _book_fees(unit: Unit, taken: Sequence[Any], reason: str, sign: Decimal) -> None:
    if not taken:
        return
    facts.lock(unit.db)
    known = facts.known(unit.db, unit.vault, [it.order_id for it in taken if it.order_id])
    owners = {it.id: known[it.order_id].merchant if it.order_id in known else it.merchant_id
              for it in taken}  # fmt: skip
    bearers = _bearers(unit, owners)
    closed = facts.closed_until(unit.db, sorted(set(owners.values())))
    made = []
    for it in taken:
        merchant, fee = owners[it.id], it.fee * sign
        items_: tuple[ChargeItem, ...] = ()
        lines = postings.operators_fee(fee)
        if bearers[it.id] == "merchant":
            traits = {"channel": known[it.order_id].channel} if it.order_id in known else {}
            items_ = (ChargeItem("chargeback_fee", traits, it.reference, amount=-fee),)
            lines = postings.turnover(items_)
        at = max(unit.at, closed.get((merchant, it.currency), unit.at))
        made.append(Entry(
            merchant, _document(it.id), reason, it.currency, unit.at, at, lines, it.order_id,
            detail={"reference": it.reference}, items=items_,
        ))  # fmt: skip
    entries.book(unit.db, made)


def _bearers(unit: Unit, owners: Mapping[UUID, str]) -> dict[UUID, str]:
    """Who bears the fee of each case (id -> merchant): who bore it, else whom the contract says."""
    terms = versions_of(unit, sorted(set(owners.values())))
    now = {merchant: in_force(versions, unit.at) for merchant, versions in terms.items()}
    bore = entries.accounts(unit.db, [(owners[id_], _document(id_), _FEE) for id_ in owners])
    bearers: dict[UUID, str] = {}
    for id_, merchant in owners.items():
        version = now[merchant]
        bearers[id_] = version.terms.chargeback_fee if version is not None else "operator"
        if accounts := bore.get((merchant, _document(id_), _FEE)):
            bearers[id_] = "merchant" if Account.CHARGEBACKS in accounts else "operator"
    return bearers


def _document(case: UUID) -> str:
    return f"chargeback:{cases.id_text(case)}"


def _earned(unit: Unit, order_id: UUID, merchant: str) -> Decimal:
    booked = items.sums(unit.db, [order_id]).get(order_id, {})
    return add(
        ZERO,
        *(
            sum_.amount
            for (kind, _), sum_ in booked.items()
            if kind in TURNOVER and kind != "chargeback_fee" and sum_.merchant == merchant
        ),
    )
