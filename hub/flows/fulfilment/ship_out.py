"""Ship out: what warehouses shipped or could not ship, and what follows of it.

A shipment told twice changes nothing. What left the building is booked as it was told, whatever was
ordered; what contradicts what is settled goes to a person as well.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from hub.flows.fulfilment import batch as desks
from hub.flows.fulfilment import booking, together
from hub.flows.fulfilment.batch import Desk
from hub.flows.fulfilment.parcels import Booked
from hub.flows.orders import outcomes
from hub.flows.unit import Told, Unit
from hub.model.errors import IllegalTransition
from hub.model.fulfilment import Shipment
from hub.rules.fulfilment import apportioning, shipping
from hub.rules.fulfilment.apportioning import Member
from hub.rules.fulfilment.shipping import Shipped
from hub.rules.messages.receiving import Verdict
from hub.states.fulfilment_order import FULFILMENT_ORDER, SHIPPABLE, State
from hub.states.machine import step
from hub.store.base.ids import new_id
from hub.store.orders import shipments
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.stock import levels_touched

_Before = Mapping[UUID, Sequence[Shipment]]
"""What left already, by fulfilment order."""


def confirm(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Record what warehouses shipped and what they are short of: each shipment is decided
    (`shipping.decide`) and its decision obeyed; then all of them are booked and told.
    """
    desk = desks.take(unit, [_shipment(telling).fulfilment_order_id for telling in tellings])
    decided = _decided(unit, desk, tellings)
    new = _new(unit, [entry for entries in decided for entry in entries])
    verdicts, booked = [], []
    for entries in decided:
        verdicts.append(together.said_of_all([_said(unit, desk, entry, new) for entry in entries]))
        booked += [it for it in entries if isinstance(it, Booked) and it.id in new]
    movements = booking.movements(unit, booked)
    booking.ask_of_carriers(unit, booked)
    booking.ask_of_late_parts(unit, booked)
    desks.close(unit, desk)
    booking.tell(unit, booked, desk, outcomes.unfinished(desk.ended))
    outcomes.tell_unfinished(unit, desk.ended)
    unit.move(movements)
    levels_touched.touch(unit.db, [(movement.merchant, movement.sku) for movement in movements])
    return verdicts


def _said(unit: Unit, desk: Desk, entry: Booked | Verdict, new: Collection[UUID]) -> Verdict:
    """Obey it; what to answer where it is known by its own id, or was answered before."""
    if isinstance(entry, Verdict):
        return entry
    if entry.id in new:
        return _obey(unit, desk, entry)
    return Verdict("ignored", "repeated", "this shipment is known", order_id=entry.row.order_id)


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


def _decided(unit: Unit, desk: Desk, tellings: Sequence[Told]) -> list[list[Booked | Verdict]]:
    """What each comes to: one entry, or one for each fulfilment order of its notice."""
    leaders = {row.merged_into for row in desk.rows.values()}
    before = shipments.of(
        unit.db,
        unit.vault,
        [
            row.id
            for row in desk.rows.values()
            if row.merged_into or row.id in leaders or any(line.shipped > 0 for line in row.lines)
        ],
    )
    return [_shared(desk, telling, before) for telling in tellings]


def _shared(desk: Desk, telling: Told, before: _Before) -> list[Booked | Verdict]:
    shipment = _shipment(telling)
    row = desks.find(desk, telling, shipment.fulfilment_order_id)
    if isinstance(row, Verdict):
        return [row]
    parts = {part.number: part for part in together.members(desk, row)}
    if len(parts) == 1:
        return [_decide(row, shipment, telling, before)]
    if _is_known([*parts.values()], shipment, before):
        return [Verdict("ignored", "repeated", "this shipment is known", order_id=row.order_id)]
    heard = apportioning.apportion(shipment, [_member(part) for part in parts.values()])
    return [_decide(parts[it.fulfilment_order_id], it, telling, before) for it in heard]


def _is_known(parts: Sequence[FulfilmentRow], shipment: Shipment, before: _Before) -> bool:
    """Whether it was shared out before: told again it would go to whom lacks something now."""
    for part in parts:
        own = apportioning.source_id(shipment.source.id, _member(part))
        if any(it.source.id == own for it in before.get(part.id, ())):
            return True
    named = [parcel.tracking_number for parcel in shipment.packages]
    gone = {number for part in parts for number in _numbers(part, before)}
    is_open = any(line.open > 0 for part in parts for line in desks.known(part).lines)
    return bool(named) and gone.issuperset(named) and not is_open


def _member(row: FulfilmentRow) -> Member:
    is_living = row.status in SHIPPABLE | {State.DELIVERED}
    return Member(row.number, row.line_offset, desks.known(row).lines, is_living)


def _numbers(row: FulfilmentRow, before: _Before) -> frozenset[str]:
    parcels = (parcel for earlier in before.get(row.id, ()) for parcel in earlier.packages)
    return frozenset(parcel.tracking_number for parcel in parcels if parcel.tracking_number)


def _decide(
    row: FulfilmentRow, shipment: Shipment, telling: Told, before: _Before
) -> Booked | Verdict:
    known = desks.known(row, _numbers(row, before))
    decision = shipping.decide(known, State(row.status), shipment)
    if decision.repeated:
        return Verdict("ignored", "repeated", decision.flags[0].message, order_id=row.order_id)
    return Booked(new_id(), row, shipment, decision, telling)


def _new(unit: Unit, decided: Iterable[Booked | Verdict]) -> set[UUID]:
    """Keep the shipments. Returns those that are not known by their own ids."""
    rows = [(entry.id, entry.row, entry.shipment) for entry in decided if isinstance(entry, Booked)]
    return shipments.insert(unit.db, unit.vault, rows)


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
