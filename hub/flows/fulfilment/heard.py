"""What warehouses say of fulfilment orders in a word: accepted, picking, rejected, cancelled.

A fact may come twice or late: it is noted and changes nothing. One that contradicts what is settled
goes to a person.
"""

from collections.abc import Sequence

from hub.flows.fulfilment import batch as desks
from hub.flows.fulfilment import together
from hub.flows.fulfilment.batch import Desk
from hub.flows.orders import outcomes
from hub.flows.routing import planning
from hub.flows.unit import Told, Unit
from hub.model.errors import IllegalTransition
from hub.model.fulfilment import FulfilmentStatus
from hub.model.personal import hide, personal
from hub.rules.fulfilment import words
from hub.rules.messages.receiving import Verdict
from hub.states.fulfilment_order import FULFILMENT_ORDER, Event, State
from hub.states.machine import step
from hub.store.orders.fulfilments import FulfilmentRow

_CARRIER = "carrier"


def report(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Record how far warehouses are. A word told twice or late changes nothing."""
    desk = desks.take(
        unit,
        [
            telling.document.fulfilment_order_id
            for telling in tellings
            if isinstance(telling.document, FulfilmentStatus)
        ],
    )
    verdicts = [_heard(unit, desk, telling) for telling in tellings]
    desks.close(unit, desk)
    outcomes.tell_unfinished(unit, desk.ended)
    return verdicts


def _heard(unit: Unit, desk: Desk, telling: Told) -> Verdict:
    said = telling.document
    assert isinstance(said, FulfilmentStatus)
    carried = telling.partner.kind == _CARRIER
    row = (
        desks.tracked(desk, telling, said)
        if carried
        else desks.find(desk, telling, said.fulfilment_order_id)
    )
    if isinstance(row, Verdict):
        return row
    parts = together.meant(together.members(desk, row), said.status)
    return together.said_of_all([_said_of(unit, desk, part, telling, said) for part in parts])


def _said_of(
    unit: Unit, desk: Desk, row: FulfilmentRow, telling: Told, said: FulfilmentStatus
) -> Verdict:
    event = words.heard(said.status, desks.known(row))
    detail = {
        "said": said.status,
        "fulfilment_order": row.number,
        "warehouse": row.warehouse,
    }
    try:
        moved = step(FULFILMENT_ORDER, State(row.status), event)
    except IllegalTransition as error:
        return desks.contradiction(unit, desk, row, telling, str(error))
    desks.note(desk, row, f"warehouse_{said.status}", detail | {"verdict": moved.verdict}, telling)
    if moved.verdict != "moved":
        return Verdict(
            "ignored", moved.verdict, f"{said.status}: known already", order_id=row.order_id
        )
    if said.warehouse_reference:
        row.warehouse_reference = said.warehouse_reference
    if row.reason != planning.MOVED:  # it still says that the order is to move away from here
        row.reason = _discreet(desk, row, said.reason or said.message) or row.reason
    if event == Event.DELIVER:
        row.delivered_at = min(said.at, unit.at)  # nobody knows what is to come
    desks.move(unit, desk, row, moved, event, telling.message_id)
    return Verdict(order_id=row.order_id)


def _discreet(desk: Desk, row: FulfilmentRow, words: str | None) -> str | None:
    """A warehouse's own words, without the person they may name: they are kept in clear."""
    return words and hide(words, personal([desk.orders[row.order_id].document]))
