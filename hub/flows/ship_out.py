"""Ship out: what warehouses say of fulfilment orders, and what the channel and the books are told
of it.

A fact may come twice or late: it is noted and changes nothing. One that contradicts what is settled
goes to a person. What left the building is booked as it was told, whatever was ordered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from hub.flows import articles, booking, edits, notices, outcomes, planning, route
from hub.flows.planning import Wanted
from hub.flows.unit import Told, Unit, Verdict
from hub.model.errors import IllegalTransition
from hub.model.fulfilment import FulfilmentStatus, Shipment
from hub.model.personal import hide, personal
from hub.rules import shipping
from hub.rules.matching import KnownLine
from hub.rules.shipping import Decision, FulfilmentKnown
from hub.states.fulfilment_order import FULFILMENT_ORDER, Event, State
from hub.states.machine import Step, step
from hub.states.order import State as OrderState
from hub.store import fulfilments, orders, reservations, stock, timeline
from hub.store.fulfilments import FulfilmentRow
from hub.store.ids import new_id
from hub.store.orders import OrderRow

_LETS_GO = frozenset({Event.REJECT, Event.CANCEL, Event.SHORT})
_SAID_NO = frozenset({State.REJECTED, State.SHORT, State.CANCELLED})


@dataclass(slots=True)
class Desk:
    """The fulfilment orders that a batch speaks of, with their orders; all locked."""

    rows: dict[UUID, FulfilmentRow]
    orders: dict[UUID, OrderRow]
    touched: dict[UUID, UUID] = field(default_factory=dict)
    """Order -> the message that moved it."""
    events: list[timeline.Event] = field(default_factory=list)
    reroute: list[tuple[FulfilmentRow, UUID]] = field(default_factory=list)
    released: list[UUID] = field(default_factory=list)


def report(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Record how far warehouses are. A word told twice or late changes nothing."""
    desk = _open(
        unit,
        [
            one.document.fulfilment_order_id
            for one in told
            if isinstance(one.document, FulfilmentStatus)
        ],
    )
    verdicts = [_heard(unit, desk, one) for one in told]
    _close(unit, desk)
    return verdicts


def confirm(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Record what warehouses shipped. A shipment told twice changes nothing."""
    desk = _open(
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
    _close(unit, desk)
    booking.tell(unit, booked, desk.orders)
    stock.move(unit.db, movements)
    stock.touch(unit.db, [(one.merchant, one.sku) for one in movements])
    return verdicts


def _open(unit: Unit, numbers: Sequence[str]) -> Desk:
    ids = [id_ for number in numbers if (id_ := notices.id_of(number)) is not None]
    found = orders.load(unit.db, unit.vault, fulfilments.order_ids_of(unit.db, ids).values())
    return Desk(fulfilments.load(unit.db, unit.vault, ids), found)


def _find(desk: Desk, told: Told, number: str) -> FulfilmentRow | Verdict:
    id_ = notices.id_of(number)
    row = desk.rows.get(id_) if id_ else None
    if row is None or row.warehouse != told.partner.code:
        message = f"this warehouse was never told of fulfilment order {number[:40]}"
        return Verdict("parked", "contradiction", message, "fulfilment_order_id")
    return row


def _heard(unit: Unit, desk: Desk, told: Told) -> Verdict:
    said = told.document
    assert isinstance(said, FulfilmentStatus)
    row = _find(desk, told, said.fulfilment_order_id)
    if isinstance(row, Verdict):
        return row
    event = shipping.heard(said.status, _known(row))
    detail = {
        "said": said.status,
        "fulfilment_order": notices.number(row.id),
        "warehouse": row.warehouse,
    }
    try:
        moved = step(FULFILMENT_ORDER, State(row.status), event)
    except IllegalTransition as error:
        return _contradiction(unit, desk, row, told, str(error))
    _note(desk, row, f"warehouse_{said.status}", detail | {"verdict": moved.verdict}, told)
    if moved.verdict != "moved":
        return Verdict(
            "ignored", moved.verdict, f"{said.status}: known already", order_id=row.order_id
        )
    if said.warehouse_reference:
        row.warehouse_reference = said.warehouse_reference
    row.reason = _discreet(desk, row, said.reason or said.message) or row.reason
    _move(unit, desk, row, moved, event, told.message_id)
    return Verdict(order_id=row.order_id)


def _discreet(desk: Desk, row: FulfilmentRow, words: str | None) -> str | None:
    """A warehouse's own words, without the person they may name: they are kept in clear."""
    return words and hide(words, personal([desk.orders[row.order_id].document]))


def _decided(
    desk: Desk, told: Told, before: dict[UUID, list[Shipment]]
) -> booking.Booked | Verdict:
    shipment = told.document
    assert isinstance(shipment, Shipment)
    row = _find(desk, told, shipment.fulfilment_order_id)
    if isinstance(row, Verdict):
        return row
    numbers = {
        p.tracking_number
        for one in before.get(row.id, ())
        for p in one.packages
        if p.tracking_number
    }
    decision = shipping.decide(_known(row, frozenset(numbers)), State(row.status), shipment)
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
    _note(desk, row, "shipped" if one.shipment.complete else "shipped_in_part", detail, told)
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
            _contradiction(unit, desk, row, told, str(error))
            return Verdict(order_id=row.order_id)
        if moved.verdict == "moved":
            _move(unit, desk, row, moved, decision.event, told.message_id, reroute=anew)
    if anew and decision.event not in _LETS_GO:  # short is told while more will come
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


def _move(
    unit: Unit,
    desk: Desk,
    row: FulfilmentRow,
    moved: Step[State],
    event: Event,
    cause: UUID,
    *,
    reroute: bool = True,
) -> None:
    row.status = moved.state
    desk.touched[row.order_id] = cause
    if event in _LETS_GO:
        for missing in shipping.rest(_known(row), event):
            next(
                line for line in row.lines if line.line_no == missing.line_no
            ).short += missing.quantity
    if moved.state in FULFILMENT_ORDER.final:
        desk.released.append(row.id)
    if event in _LETS_GO and reroute and desk.orders[row.order_id].status == OrderState.OPEN:
        desk.reroute.append((row, cause))
    if moved.effect == "propose_return":
        outcomes.propose_return(
            unit, desk.orders[row.order_id], "it was shipped although a cancel was asked for", cause
        )
    if moved.effect == "open_incident":
        sentence = (
            f"{row.warehouse} reports trouble with {notices.number(row.id)}: {row.reason or event}"
        )
        _incident(unit, row, "warehouse_exception", sentence, cause)


def _close(unit: Unit, desk: Desk) -> None:
    """Store what moved, give stock back, plan anew what was let go, and see what the orders have
    come to.
    """
    rows = [row for row in desk.rows.values() if row.order_id in desk.touched]
    fulfilments.update(unit.db, rows)
    timeline.note(unit.db, desk.events)
    if not rows:
        return
    grown = reservations.release(unit.db, desk.released) if desk.released else []
    stock.touch(unit.db, [(one.merchant_id, one.sku) for one in grown])
    touched = [desk.orders[id_] for id_ in desk.touched]
    all_rows = fulfilments.of_orders(unit.db, unit.vault, [row.id for row in touched])
    if desk.reroute:
        _plan_anew(unit, desk, all_rows)
        all_rows = fulfilments.of_orders(unit.db, unit.vault, [row.id for row in touched])
    outcomes.conclude(
        unit, [(row, all_rows.get(row.id, []), desk.touched[row.id]) for row in touched]
    )


def _plan_anew(unit: Unit, desk: Desk, all_rows: dict[UUID, list[FulfilmentRow]]) -> None:
    again = {row.order_id: cause for row, cause in desk.reroute}
    known = articles.load(
        unit, [(desk.orders[id_].channel, desk.orders[id_].document) for id_ in again]
    )
    wanted = []
    for order_id, cause in again.items():
        order, rows = desk.orders[order_id], all_rows.get(order_id, [])
        refused = {row.warehouse for row in rows if _said_no(row)}
        refused |= {
            row.warehouse
            for row, _ in desk.reroute
            if row.order_id == order_id and not row.asked_back
        }
        demand = planning.demand_of(order.document, order.merchant, known, planning.taken(rows))
        wanted.append(Wanted(order, demand, cause, frozenset(refused), is_first=False))
    route.route(unit, wanted)


def _said_no(row: FulfilmentRow) -> bool:
    """A warehouse that let go because we asked it to has refused nothing."""
    return row.status in _SAID_NO and (not row.asked_back or row.reason == edits.REROUTED)


def _known(row: FulfilmentRow, tracking: frozenset[str] = frozenset()) -> FulfilmentKnown:
    """What the rules need to know. What was let go of counts as open again where goods left all
    the same: parcels that name no contents then mean everything."""
    let_go = row.status in {State.CANCELLED, State.REJECTED}
    return FulfilmentKnown(
        tuple(
            KnownLine(
                line.line_no,
                line.sku,
                line.ordered,
                line.shipped,
                Decimal(0) if let_go else line.short,
                line.item_code,
            )
            for line in row.lines
        ),
        tracking,
    )


def _contradiction(
    unit: Unit, desk: Desk, row: FulfilmentRow, told: Told, sentence: str
) -> Verdict:
    _note(
        desk,
        row,
        "contradiction",
        {"sentence": sentence, "fulfilment_order": notices.number(row.id)},
        told,
    )
    desk.touched.setdefault(row.order_id, told.message_id)
    _incident(unit, row, "contradiction", f"{notices.number(row.id)}: {sentence}", told.message_id)
    return Verdict("ignored", "contradiction", sentence, order_id=row.order_id)


def _flag(unit: Unit, row: FulfilmentRow, decision: Decision, told: Told) -> None:
    if decision.flags:
        sentence = "; ".join(flag.message for flag in decision.flags)
        _incident(
            unit, row, "shipment_differs", f"{notices.number(row.id)}: {sentence}", told.message_id
        )


def _incident(unit: Unit, row: FulfilmentRow, kind: str, sentence: str, cause: UUID) -> None:
    subject = f"fulfilment_order:{notices.number(row.id)}"
    timeline.open_incidents(
        unit.db, [timeline.Incident(row.merchant, kind, subject, sentence, row.order_id, cause)]
    )


def _note(
    desk: Desk, row: FulfilmentRow, event: str, detail: Mapping[str, object], told: Told
) -> None:
    desk.events.append(
        timeline.Event(
            desk.orders[row.order_id].merchant, row.order_id, event, dict(detail), told.message_id
        )
    )
