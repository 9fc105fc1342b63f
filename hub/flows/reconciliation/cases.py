"""Chargebacks: a case each, moved by what providers report and what people do."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from hub.flows.settlement import chargebacks
from hub.flows.unit import Unit
from hub.model.errors import IllegalTransition, NotFound
from hub.rules.orders.obstacles import dispute_fact
from hub.states.chargeback import CHARGEBACK, Event, State
from hub.states.machine import Verdict, step
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.orders import order_waits
from hub.store.orders.order_waits import Waited
from hub.store.people import audit_trail
from hub.store.reconciliation import cases, decisions
from hub.store.reconciliation.cases import NewCase


def open_new(unit: Unit, rows: Sequence[tuple[UUID, str]]) -> None:
    """Open a case for each row (id, merchant) in which money was taken back."""
    new = [NewCase(row, merchant) for row, merchant in rows]
    cases.open_new(unit.db, new, CHARGEBACK.start)
    ids = [row for row, _ in rows]
    chargebacks.book_fees(unit, ids)
    _look_at_orders(unit, ids)


def take_back(unit: Unit, merchant: str, rows: Sequence[UUID]) -> None:
    """The chargebacks of these rows were taken back: won. One that was told together with that is
    a case as well: what it cost is booked.
    """
    if not rows:
        return
    open_new(unit, [(row, merchant) for row in rows])
    chargebacks.give_fees_back(unit, rows)
    for case in cases.of_rows(unit.db, rows):
        try:
            taken = step(CHARGEBACK, State(case.status), Event.WIN)
        except IllegalTransition as error:
            subject = f"chargeback:{cases.id_text(case.id)}"
            incident = Incident(case.merchant_id, "contradiction", subject, str(error))
            incidents.open_new(unit.db, [incident])
            continue
        for effect in taken.effects:
            EFFECTS[effect](unit, case, "hub", "")
        if taken.verdict is Verdict.MOVED:
            cases.set_status(unit.db, case.id, taken.state)
            _look_at_orders(unit, [case.row_id])


def ask(unit: Unit, case_id: UUID, event: Event, actor: str, note: str) -> str:
    """Do what a person asks about a chargeback. Returns the new status."""
    case = cases.lock(unit.db, case_id)
    if case is None:
        raise NotFound(f"no chargeback {case_id}")
    taken = step(CHARGEBACK, State(case.status), event)
    for effect in taken.effects:
        EFFECTS[effect](unit, case, actor, note)
    cases.set_status(unit.db, case.id, taken.state, note or None)
    _look_at_orders(unit, [case.row_id])
    detail = {"note": note} if note else {}
    subject = f"chargeback:{cases.id_text(case.id)}"
    audit_trail.record(
        unit.db, case.merchant_id, actor, f"chargeback.{event}", subject, detail, unit.at
    )
    return str(taken.state)


def _look_at_orders(unit: Unit, rows: Sequence[UUID]) -> None:
    """Have the orders of these rows looked at that may yet be shipped: what a bank took back waits
    for a person, what it gave again goes on.
    """
    orders = cases.to_stop(unit.db, rows) if rows else []
    facts = [(merchant, order_id, dispute_fact(order_id)) for merchant, order_id in orders]
    order_waits.wait_for(unit.db, facts)
    order_waits.look_at(unit.db, [Waited(merchant, fact) for merchant, _, fact in facts])


def _accept_loss(unit: Unit, case: Any, actor: str, note: str) -> None:
    decisions.settle(unit.db, "theirs", [case.row_id], "accepted", actor, note or None)
    chargebacks.book_loss(unit, case)


EFFECTS: Mapping[str, Callable[[Unit, Any, str, str], None]] = {"accept_loss": _accept_loss}
