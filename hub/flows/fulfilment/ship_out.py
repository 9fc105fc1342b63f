"""Ship out: what warehouses shipped or could not ship, and what follows of it.

A shipment told twice changes nothing. What left the building is booked as it was told, whatever was
ordered; what contradicts what is settled goes to a person as well.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from hub.flows.fulfilment import batch as desks
from hub.flows.fulfilment import booking
from hub.flows.fulfilment.batch import Desk
from hub.flows.fulfilment.parcels import Booked
from hub.flows.unit import Told, Unit
from hub.model.errors import IllegalTransition
from hub.model.fulfilment import Shipment
from hub.rules.fulfilment import shipping
from hub.rules.fulfilment.shipping import Shipped
from hub.rules.messages.receiving import Verdict
from hub.states.fulfilment_order import FULFILMENT_ORDER, State
from hub.states.machine import step
from hub.store.base.ids import new_id
from hub.store.orders import shipments
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.stock import levels_touched, stock_levels


def confirm(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Record what warehouses shipped and what they are short of: each shipment is decided
    (`shipping.decide`) and its decision obeyed; then all of them are booked and told.
    """
    desk = desks.take(unit, [_shipment(telling).fulfilment_order_id for telling in tellings])
    decided = _new(unit, _decided(unit, desk, tellings))
    verdicts = [
        entry if isinstance(entry, Verdict) else _obey(unit, desk, entry) for entry in decided
    ]
    booked = [entry for entry in decided if isinstance(entry, Booked)]
    movements = booking.movements(unit, booked)
    desks.close(unit, desk)
    booking.tell(unit, booked, desk.orders, desk.whole)
    stock_levels.move(unit.db, movements)
    levels_touched.touch(unit.db, [(movement.merchant, movement.sku) for movement in movements])
    return verdicts


def _obey(unit: Unit, desk: Desk, entry: Booked) -> Verdict:
    """Do to the fulfilment order what was decided. The stock and the channel follow for all of them
    (`booking`).
    """
    row, decision, cause = entry.row, entry.decision, entry.telling.message_id
    _note(desk, entry)
    desk.touched[row.order_id] = cause
    row.warehouse_reference = entry.shipment.warehouse_reference or row.warehouse_reference
    _count(row, decision.shipped)
    desks.let_go(desk, row, decision.missing, cause)
    if decision.event is not None:
        try:
            taken = step(FULFILMENT_ORDER, State(row.status), decision.event)
        except IllegalTransition as error:
            desks.contradiction(unit, desk, row, entry.telling, str(error))
            return Verdict(order_id=row.order_id)
        desks.move(unit, desk, row, taken, decision.event, cause)
    if decision.flags:
        sentence = "; ".join(flag.message for flag in decision.flags)
        number = row.number
        desks.incident(unit, row, "shipment_differs", f"{number}: {sentence}", cause)
    return Verdict(order_id=row.order_id)


def _shipment(telling: Told) -> Shipment:
    assert isinstance(telling.document, Shipment)
    return telling.document


def _decided(unit: Unit, desk: Desk, tellings: Sequence[Told]) -> list[Booked | Verdict]:
    partly = [row.id for row in desk.rows.values() if any(line.shipped > 0 for line in row.lines)]
    before = shipments.of(unit.db, unit.vault, partly)
    return [_decide(desk, telling, before) for telling in tellings]


def _decide(
    desk: Desk, telling: Told, before: Mapping[UUID, Sequence[Shipment]]
) -> Booked | Verdict:
    shipment = _shipment(telling)
    row = desks.find(desk, telling, shipment.fulfilment_order_id)
    if isinstance(row, Verdict):
        return row
    parcels = (parcel for earlier in before.get(row.id, ()) for parcel in earlier.packages)
    numbers = frozenset(parcel.tracking_number for parcel in parcels if parcel.tracking_number)
    decision = shipping.decide(desks.known(row, numbers), State(row.status), shipment)
    if decision.repeated:
        return Verdict("ignored", "repeated", decision.flags[0].message, order_id=row.order_id)
    return Booked(new_id(), row, shipment, decision, telling)


def _new(unit: Unit, decided: Sequence[Booked | Verdict]) -> list[Booked | Verdict]:
    """Keep the shipments; what to answer where one is known by its own id."""
    rows = [(entry.id, entry.row, entry.shipment) for entry in decided if isinstance(entry, Booked)]
    new = shipments.insert(unit.db, unit.vault, rows)
    return [
        entry if isinstance(entry, Verdict) or entry.id in new else _known(entry)
        for entry in decided
    ]


def _known(entry: Booked) -> Verdict:
    return Verdict("ignored", "repeated", "this shipment is known", order_id=entry.row.order_id)


def _note(desk: Desk, entry: Booked) -> None:
    gone = sum((shipped.quantity for shipped in entry.decision.shipped), Decimal(0))
    detail = {
        "fulfilment_order": entry.row.number,
        "warehouse": entry.row.warehouse,
        "packages": [package.tracking_number for package in entry.shipment.packages],
        "pieces": str(gone.normalize()),
    }
    what = "shipped" if entry.shipment.complete else "shipped_in_part"
    desks.note(desk, entry.row, what, detail, entry.telling)


def _count(row: FulfilmentRow, shipped: Sequence[Shipped]) -> None:
    lines = {line.line_no: line for line in row.lines}
    for left in shipped:
        lines[left.line_no].shipped += left.quantity
        lines[left.line_no].short -= left.of_short
