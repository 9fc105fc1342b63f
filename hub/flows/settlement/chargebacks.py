"""Chargebacks that are lost: what the customer got back is the merchant's loss, as far as it was
earned.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.document import ZERO
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
