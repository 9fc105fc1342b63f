"""The fulfilment orders that warehouses speak of: found and locked, moved, and stored with what
follows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from hub.flows import articles, edits, notices, outcomes, planning, route
from hub.flows.planning import Wanted
from hub.flows.unit import Told, Unit, Verdict
from hub.rules import shipping
from hub.rules.matching import KnownLine
from hub.rules.shipping import FulfilmentKnown
from hub.states.fulfilment_order import FULFILMENT_ORDER, Event, State
from hub.states.machine import Step
from hub.states.order import State as OrderState
from hub.store import fulfilments, orders, reservations, stock, timeline
from hub.store.fulfilments import FulfilmentRow
from hub.store.orders import OrderRow

LETS_GO = frozenset({Event.REJECT, Event.CANCEL, Event.SHORT})
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


def take(unit: Unit, numbers: Sequence[str]) -> Desk:
    """Lock and load what these numbers name; what none is, is left out."""
    ids = [id_ for number in numbers if (id_ := notices.id_of(number)) is not None]
    found = orders.load(unit.db, unit.vault, fulfilments.order_ids_of(unit.db, ids).values())
    return Desk(fulfilments.load(unit.db, unit.vault, ids), found)


def find(desk: Desk, told: Told, number: str) -> FulfilmentRow | Verdict:
    """The fulfilment order, if it is the teller's own; else what to answer."""
    id_ = notices.id_of(number)
    row = desk.rows.get(id_) if id_ else None
    if row is None or row.warehouse != told.partner.code:
        message = f"this warehouse was never told of fulfilment order {number[:40]}"
        return Verdict("parked", "contradiction", message, "fulfilment_order_id")
    return row


def move(
    unit: Unit,
    desk: Desk,
    row: FulfilmentRow,
    moved: Step[State],
    event: Event,
    cause: UUID,
    *,
    reroute: bool = True,
) -> None:
    """Take a step of the state table with what it brings: pieces let go, a new plan (unless
    `reroute` is false), a proposed return, an incident.
    """
    row.status = moved.state
    desk.touched[row.order_id] = cause
    if event in LETS_GO:
        for missing in shipping.rest(known(row), event):
            next(
                line for line in row.lines if line.line_no == missing.line_no
            ).short += missing.quantity
    if moved.state in FULFILMENT_ORDER.final:
        desk.released.append(row.id)
    if event in LETS_GO and reroute and desk.orders[row.order_id].status == OrderState.OPEN:
        desk.reroute.append((row, cause))
    if moved.effect == "propose_return":
        outcomes.propose_return(
            unit, desk.orders[row.order_id], "it was shipped although a cancel was asked for", cause
        )
    if moved.effect == "open_incident":
        sentence = (
            f"{row.warehouse} reports trouble with {notices.number(row.id)}: {row.reason or event}"
        )
        incident(unit, row, "warehouse_exception", sentence, cause)


def close(unit: Unit, desk: Desk) -> None:
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


def contradiction(unit: Unit, desk: Desk, row: FulfilmentRow, told: Told, sentence: str) -> Verdict:
    """What was told does not fit what is settled: a person looks, nothing moves."""
    note(
        desk,
        row,
        "contradiction",
        {"sentence": sentence, "fulfilment_order": notices.number(row.id)},
        told,
    )
    desk.touched.setdefault(row.order_id, told.message_id)
    incident(unit, row, "contradiction", f"{notices.number(row.id)}: {sentence}", told.message_id)
    return Verdict("ignored", "contradiction", sentence, order_id=row.order_id)


def incident(unit: Unit, row: FulfilmentRow, kind: str, sentence: str, cause: UUID) -> None:
    """Have a person look at a fulfilment order."""
    subject = f"fulfilment_order:{notices.number(row.id)}"
    timeline.open_incidents(
        unit.db, [timeline.Incident(row.merchant, kind, subject, sentence, row.order_id, cause)]
    )


def note(
    desk: Desk, row: FulfilmentRow, event: str, detail: Mapping[str, object], told: Told
) -> None:
    """Put an entry into the order's timeline, written when the desk is closed."""
    desk.events.append(
        timeline.Event(
            desk.orders[row.order_id].merchant, row.order_id, event, dict(detail), told.message_id
        )
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
