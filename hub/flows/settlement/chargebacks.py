"""Chargebacks that are lost: what the customer got back is the merchant's loss, as far as it was
earned.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.flows.settlement.calculate import versions_of
from hub.flows.unit import Unit
from hub.model.document import ZERO
from hub.model.merchant import in_force
from hub.model.money import add
from hub.model.settlement import ChargeItem, Entry
from hub.rules.settlement import postings
from hub.rules.settlement.matching import TURNOVER
from hub.store.reconciliation import cases
from hub.store.settlement import entries, facts, items


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
    document = f"chargeback:{cases.id_text(case.id)}"
    entry = Entry(
        merchant, document, "chargeback", case.currency, unit.at, at, postings.turnover([item]),
        case.order_id, detail={"reference": case.reference}, items=(item,),
    )  # fmt: skip
    entries.book(unit.db, [entry])


def book_fees(unit: Unit, rows: Sequence[UUID]) -> None:
    """Book what providers took for new cases beside the money itself, to whom the contract says:
    it is lost, however the case ends.
    """
    taken = cases.fees(unit.db, rows) if rows else []
    if not taken:
        return
    facts.lock(unit.db)
    known = facts.known(unit.db, unit.vault, [it.order_id for it in taken if it.order_id])
    owners = {it.id: known[it.order_id].merchant if it.order_id in known else it.merchant_id
              for it in taken}  # fmt: skip
    terms = versions_of(unit, sorted(set(owners.values())))
    closed = facts.closed_until(unit.db, sorted(set(owners.values())))
    made = []
    for it in taken:
        merchant = owners[it.id]
        version = in_force(terms[merchant], unit.at)
        items_: tuple[ChargeItem, ...] = ()
        lines = postings.operators_fee(it.fee)
        if version is not None and version.terms.chargeback_fee == "merchant":
            traits = {"channel": known[it.order_id].channel} if it.order_id in known else {}
            items_ = (ChargeItem("chargeback_fee", traits, it.reference, amount=-it.fee),)
            lines = postings.turnover(items_)
        at = max(unit.at, closed.get((merchant, it.currency), unit.at))
        document = f"chargeback:{cases.id_text(it.id)}"
        made.append(Entry(
            merchant, document, "fee", it.currency, unit.at, at, lines, it.order_id,
            detail={"reference": it.reference}, items=items_,
        ))  # fmt: skip
    entries.book(unit.db, made)


def _earned(unit: Unit, order_id: UUID, merchant: str) -> Decimal:
    booked = items.sums(unit.db, [order_id]).get(order_id, {})
    return add(
        ZERO,
        *(
            sum_.amount
            for (kind, _), sum_ in booked.items()
            if kind in TURNOVER and sum_.merchant == merchant
        ),
    )
