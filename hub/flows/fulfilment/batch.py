"""The fulfilment orders that warehouses speak of: found and locked, moved, and stored with what
follows.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from hub.flows.messages import overtaking
from hub.flows.orders import order_steps, outcomes
from hub.flows.orders.order_steps import Ended
from hub.flows.routing import planning
from hub.flows.unit import Told, Unit
from hub.model.fulfilment import FulfilmentStatus
from hub.model.merchant import OPERATOR
from hub.rules.fulfilment import shipping
from hub.rules.fulfilment.matching import KnownLine
from hub.rules.fulfilment.shipping import FulfilmentKnown, Missing
from hub.rules.messages.receiving import Verdict
from hub.states.fulfilment_order import FULFILMENT_ORDER, Event, State
from hub.states.machine import Step
from hub.states.order import State as OrderState
from hub.store.ops import incidents
from hub.store.orders import fulfilments, orders, timeline
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow
from hub.store.stock import levels_touched, reservations

_CODE = re.compile(r"[a-z]+(_[a-z]+)*")


@dataclass(slots=True)
class Desk:
    """The fulfilment orders that a batch speaks of, with their orders; all locked."""

    rows: dict[UUID, FulfilmentRow]
    orders: dict[UUID, OrderRow]
    touched: dict[UUID, UUID] = field(default_factory=dict)
    """Order -> the message that moved it."""
    events: list[timeline.Event] = field(default_factory=list)
    reroute: dict[UUID, UUID] = field(default_factory=dict)
    """Order to be planned anew -> the message that let go of its pieces."""
    released: list[UUID] = field(default_factory=list)
    """Fulfilment orders that ended."""
    whole: dict[UUID, list[FulfilmentRow]] = field(default_factory=dict)
    """Once closed: all fulfilment orders of the orders that were touched."""
    handed_back: set[UUID] = field(default_factory=set)
    """Orders of which a warehouse let go what it was asked for."""
    ended: list[Ended] = field(default_factory=list)
    """Once closed: orders that are over, of which what left is still to be told (`unfinished`)."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A fulfilment order that takes a step, by which event, and the message that told of it."""

    row: FulfilmentRow
    event: Event
    cause: UUID


def take(unit: Unit, numbers: Sequence[str]) -> Desk:
    """Lock and load what these numbers name; what none is, is left out."""
    ids = [id_ for number in numbers if (id_ := fulfilments.id_of(number)) is not None]
    whose = fulfilments.order_ids_of(unit.db, ids)
    theirs = orders.load(unit.db, unit.vault, whose.values())
    return Desk(fulfilments.load(unit.db, unit.vault, whose), theirs)


def find(desk: Desk, telling: Told, number: str) -> FulfilmentRow | Verdict:
    """The fulfilment order, if it is the teller's own; else what to answer."""
    id_ = fulfilments.id_of(number)
    row = desk.rows.get(id_) if id_ else None
    if row is None or row.warehouse != telling.partner.code:
        message = f"this warehouse was never told of fulfilment order {number[:40]}"
        return Verdict("parked", "contradiction", message, "fulfilment_order_id")
    if row.merged_into is not None:
        message = f"{row.number} was told as part of {row.told_as}: that one is to be named"
        return Verdict("parked", "contradiction", message, "fulfilment_order_id")
    return row


def tracked(desk: Desk, telling: Told, said: FulfilmentStatus) -> FulfilmentRow | Verdict:
    """The fulfilment order that a carrier speaks of: one of a merchant whose parcels it is told
    of. Only what left can arrive or go astray: it says nothing else, and nothing before.
    """
    id_ = fulfilments.id_of(said.fulfilment_order_id)
    row = desk.rows.get(id_) if id_ else None
    if row is None or telling.partner.merchant not in (row.merchant, OPERATOR):
        message = "no parcel of such a fulfilment order was told to it"
        return Verdict("parked", "contradiction", message, "fulfilment_order_id")
    if said.status not in _OF_CARRIERS:
        return Verdict("ignored", "no_consequence", f"{said.status} is a warehouse's to say")
    if said.status == "delivered" and row.status not in {State.SHIPPED, State.DELIVERED}:
        message = f"{row.number} has not left whole: more parcels may follow"
        return Verdict("ignored", "no_consequence", message, order_id=row.order_id)
    return row


_OF_CARRIERS = frozenset({"delivered", "exception"})


def move(
    unit: Unit, desk: Desk, row: FulfilmentRow, taken: Step[State], event: Event, cause: UUID
) -> None:
    """Take a step of the state table, with all that follows it."""
    desk.touched[row.order_id] = cause
    for effect in taken.effects:
        EFFECTS[effect](unit, desk, Moved(row, event, cause))
    row.status = taken.state  # last: what is open is counted by where it stood


def let_go(desk: Desk, row: FulfilmentRow, missing: Sequence[Missing], cause: UUID) -> None:
    """Pieces that will not leave under this fulfilment order. Here alone is decided whether they
    are planned anew: where the order is open. One that is to be cancelled wants them no more; one
    that was asked back for a new address wants them all the same.
    """
    lines = {line.line_no: line for line in row.lines}
    for shortfall in missing:
        lines[shortfall.line_no].short += shortfall.quantity
    if missing and desk.orders[row.order_id].status == OrderState.OPEN:
        desk.reroute[row.order_id] = cause


def _let_go(_: Unit, desk: Desk, moved: Moved) -> None:
    rest = shipping.rest(known(moved.row), moved.event)
    let_go(desk, moved.row, rest, moved.cause)
    if moved.row.asked_back:
        desk.handed_back.add(moved.row.order_id)


def _release_stock(_: Unit, desk: Desk, moved: Moved) -> None:
    desk.released.append(moved.row.id)


def _propose_return(unit: Unit, desk: Desk, moved: Moved) -> None:
    because = "it was shipped although a cancel was asked for"
    order_steps.propose_return(unit, desk.orders[moved.row.order_id], because, moved.cause)


def _open_incident(unit: Unit, _: Desk, moved: Moved) -> None:
    row = moved.row
    number, why = row.number, _code(row) or moved.event
    sentence = f"{row.warehouse} reports trouble with {number}: {why}"
    incident(unit, row, "warehouse_exception", sentence, moved.cause)


EFFECTS: Mapping[str, Callable[[Unit, Desk, Moved], None]] = {
    "let_go": _let_go,
    "release_stock": _release_stock,
    "propose_return": _propose_return,
    "open_incident": _open_incident,
}
"""Who takes what follows a warehouse's word (`hub/states/fulfilment_order.py`)."""


def close(unit: Unit, desk: Desk) -> None:
    """Store what moved, give stock back, plan anew what was let go, see what the orders have come
    to, and close what was still to be told of those that ended.
    """
    rows = [row for row in desk.rows.values() if row.order_id in desk.touched]
    fulfilments.update(unit.db, unit.vault, rows)
    timeline.note(unit.db, desk.events)
    if not rows:
        return
    grown = reservations.release(unit.db, desk.released) if desk.released else []
    levels_touched.touch(unit.db, [(level.merchant_id, level.sku) for level in grown])
    touched = [desk.orders[id_] for id_ in desk.touched]
    all_rows = fulfilments.of_orders(unit.db, unit.vault, [row.id for row in touched])
    if desk.reroute:
        again = [
            (desk.orders[id_], all_rows.get(id_, ()), cause) for id_, cause in desk.reroute.items()
        ]
        order_steps.route(unit, planning.anew(unit, again))
        all_rows = fulfilments.of_orders(unit.db, unit.vault, [row.id for row in touched])
    desk.whole = all_rows
    desk.ended = outcomes.conclude(
        unit, [(row, all_rows.get(row.id, []), desk.touched[row.id]) for row in touched]
    )
    over = [id_ for id_ in desk.handed_back if not _may_come_back(all_rows.get(id_, ()))]
    order_steps.propose_return_no_more(unit, over)
    overtaking.close_of(unit, [desk.rows[id_] for id_ in desk.released])


def _may_come_back(rows: Sequence[FulfilmentRow]) -> bool:
    """Whether pieces of an order left, or may yet leave, that were asked back."""
    kept = any(row.asked_back and row.status not in FULFILMENT_ORDER.final for row in rows)
    return kept or any(pieces > 0 for pieces in order_steps.begun(rows).values())


def known(row: FulfilmentRow, tracking: frozenset[str] = frozenset()) -> FulfilmentKnown:
    """What the rules need to know. What was let go of counts as open again where goods left all
    the same: parcels that name no contents then mean everything.
    """
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


def _code(row: FulfilmentRow) -> str | None:
    """Why, where that is a code: a warehouse's own words stay sealed, with its fulfilment order."""
    return row.reason if row.reason and _CODE.fullmatch(row.reason) else None


def contradiction(
    unit: Unit, desk: Desk, row: FulfilmentRow, telling: Told, sentence: str
) -> Verdict:
    """What was told does not fit what is settled: a person looks, nothing moves."""
    note(
        desk,
        row,
        "contradiction",
        {"sentence": sentence, "fulfilment_order": row.number},
        telling,
    )
    desk.touched.setdefault(row.order_id, telling.message_id)
    incident(
        unit,
        row,
        "contradiction",
        f"{row.number}: {sentence}",
        telling.message_id,
    )
    return Verdict("ignored", "contradiction", sentence, order_id=row.order_id)


def incident(unit: Unit, row: FulfilmentRow, kind: str, sentence: str, cause: UUID) -> None:
    """Have a person look at a fulfilment order."""
    subject = f"fulfilment_order:{row.number}"
    incidents.open_new(
        unit.db, [incidents.Incident(row.merchant, kind, subject, sentence, row.order_id, cause)]
    )


def note(
    desk: Desk, row: FulfilmentRow, event: str, detail: Mapping[str, object], telling: Told
) -> None:
    """Put an entry into the order's timeline, written when the desk is closed."""
    desk.events.append(
        timeline.Event(
            desk.orders[row.order_id].merchant,
            row.order_id,
            event,
            dict(detail),
            telling.message_id,
        )
    )
