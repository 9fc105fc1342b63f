"""Ship out: what warehouses say of fulfilment orders, and what the channel and the books are told
of it.

A fact may come twice or late: it is noted and changes nothing. One that contradicts what is settled
goes to a person. What left the building is booked as it was told, whatever was ordered.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from hub.flows import booking, notices
from hub.flows import fulfilment_desk as desks
from hub.flows.fulfilment_desk import Desk
from hub.flows.unit import Told, Unit, Verdict
from hub.model.errors import IllegalTransition
from hub.model.fulfilment import FulfilmentStatus, Shipment
from hub.model.personal import hide, personal
from hub.rules import shipping
from hub.rules.shipping import Decision
from hub.states.fulfilment_order import FULFILMENT_ORDER, State
from hub.states.machine import step
from hub.states.order import State as OrderState
from hub.store import fulfilments, stock
from hub.store.fulfilments import FulfilmentRow
from hub.store.ids import new_id


def report(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Record how far warehouses are. A word told twice or late changes nothing."""
    desk = desks.take(
        unit,
        [
            one.document.fulfilment_order_id
            for one in told
            if isinstance(one.document, FulfilmentStatus)
        ],
    )
    verdicts = [_heard(unit, desk, one) for one in told]
    desks.close(unit, desk)
    return verdicts


def confirm(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Record what warehouses shipped. A shipment told twice changes nothing."""
    desk = desks.take(
        unit,
        [one.document.fulfilment_order_id for one in told if isinstance(one.document, Shipment)],
    )
    before = fulfilments.shipments_of(
        unit.db,
        unit.vault,
        [row.id for row in desk.rows.values() if any(line.shipped > 0 for line in row.lines)],
    )
    found = [_decided(desk, one, before) for one in told]
    new = fulfilments.insert_shipments(
        unit.db,
        unit.vault,
        [(one.id, one.row, one.shipment) for one in found if isinstance(one, booking.Booked)],
    )
    verdicts, booked = [], []
    for one in found:
        if isinstance(one, Verdict):
            verdicts.append(one)
        elif one.id not in new:
            verdicts.append(
                Verdict("ignored", "repeated", "this shipment is known", order_id=one.row.order_id)
            )
        else:
            verdicts.append(_ship(unit, desk, one))
            booked.append(one)
    movements = booking.movements(unit, booked)
    desks.close(unit, desk)
    booking.tell(unit, booked, desk.orders)
    stock.move(unit.db, movements)
    stock.touch(unit.db, [(one.merchant, one.sku) for one in movements])
    return verdicts


def _heard(unit: Unit, desk: Desk, told: Told) -> Verdict:
    said = told.document
    assert isinstance(said, FulfilmentStatus)
    row = desks.find(desk, told, said.fulfilment_order_id)
    if isinstance(row, Verdict):
        return row
    event = shipping.heard(said.status, desks.known(row))
    detail = {
        "said": said.status,
        "fulfilment_order": notices.number(row.id),
        "warehouse": row.warehouse,
    }
    try:
        moved = step(FULFILMENT_ORDER, State(row.status), event)
    except IllegalTransition as error:
        return desks.contradiction(unit, desk, row, told, str(error))
    desks.note(desk, row, f"warehouse_{said.status}", detail | {"verdict": moved.verdict}, told)
    if moved.verdict != "moved":
        return Verdict(
            "ignored", moved.verdict, f"{said.status}: known already", order_id=row.order_id
        )
    if said.warehouse_reference:
        row.warehouse_reference = said.warehouse_reference
    row.reason = _discreet(desk, row, said.reason or said.message) or row.reason
    desks.move(unit, desk, row, moved, event, told.message_id)
    return Verdict(order_id=row.order_id)


def _discreet(desk: Desk, row: FulfilmentRow, words: str | None) -> str | None:
    """A warehouse's own words, without the person they may name: they are kept in clear."""
    return words and hide(words, personal([desk.orders[row.order_id].document]))


def _decided(
    desk: Desk, told: Told, before: dict[UUID, list[Shipment]]
) -> booking.Booked | Verdict:
    shipment = told.document
    assert isinstance(shipment, Shipment)
    row = desks.find(desk, told, shipment.fulfilment_order_id)
    if isinstance(row, Verdict):
        return row
    numbers = {
        p.tracking_number
        for one in before.get(row.id, ())
        for p in one.packages
        if p.tracking_number
    }
    decision = shipping.decide(desks.known(row, frozenset(numbers)), State(row.status), shipment)
    if decision.repeated:
        return Verdict("ignored", "repeated", decision.flags[0].message, order_id=row.order_id)
    return booking.Booked(new_id(), row, shipment, decision, told)


def _ship(unit: Unit, desk: Desk, one: booking.Booked) -> Verdict:
    row, decision, told = one.row, one.decision, one.told
    detail = {
        "fulfilment_order": notices.number(row.id),
        "warehouse": row.warehouse,
        "packages": [package.tracking_number for package in one.shipment.packages],
        "pieces": str(
            sum((shipped.quantity for shipped in decision.shipped), Decimal(0)).normalize()
        ),
    }
    desks.note(desk, row, "shipped" if one.shipment.complete else "shipped_in_part", detail, told)
    _apply(row, decision)
    if one.shipment.warehouse_reference:
        row.warehouse_reference = one.shipment.warehouse_reference
    desk.touched[row.order_id] = told.message_id
    # asked back for a new address, the rest is wanted all the same
    anew = bool(decision.missing) and desk.orders[row.order_id].status == OrderState.OPEN
    if decision.event is not None:
        try:
            moved = step(FULFILMENT_ORDER, State(row.status), decision.event)
        except IllegalTransition as error:
            desks.contradiction(unit, desk, row, told, str(error))
            return Verdict(order_id=row.order_id)
        if moved.verdict == "moved":
            desks.move(unit, desk, row, moved, decision.event, told.message_id, reroute=anew)
    if anew and decision.event not in desks.LETS_GO:  # short is told while more will come
        desk.reroute.append((row, told.message_id))
    _flag(unit, row, decision, told)
    return Verdict(order_id=row.order_id)


def _apply(row: FulfilmentRow, decision: Decision) -> None:
    lines = {line.line_no: line for line in row.lines}
    for shipped in decision.shipped:
        lines[shipped.line_no].shipped += shipped.quantity
        lines[shipped.line_no].short -= shipped.of_short
    for missing in decision.missing:
        lines[missing.line_no].short += missing.quantity


def _flag(unit: Unit, row: FulfilmentRow, decision: Decision, told: Told) -> None:
    if decision.flags:
        sentence = "; ".join(flag.message for flag in decision.flags)
        desks.incident(
            unit, row, "shipment_differs", f"{notices.number(row.id)}: {sentence}", told.message_id
        )
