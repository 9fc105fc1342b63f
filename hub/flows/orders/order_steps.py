"""Steps of an order's life cycle, and what follows each by its row in `hub/states/order.py`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from hub.flows import telling
from hub.flows.orders import twins
from hub.flows.routing import route as router
from hub.flows.routing.ground import Shelves
from hub.flows.routing.planning import Wanted
from hub.flows.unit import Unit
from hub.model.document import Document
from hub.model.product import Served
from hub.rules.fulfilment import serving
from hub.rules.orders import cancelling
from hub.states.machine import step
from hub.states.order import ORDER, Event, State
from hub.store.ops import incidents
from hub.store.orders import order_waits, orders
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow

Ended = tuple[OrderRow, Sequence[FulfilmentRow], UUID | None]
"""An order that is over, all of its fulfilment orders (none: they are not loaded), and the message
that ended it.
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """An order that took a step, with its fulfilment orders and the message that moved it."""

    row: OrderRow
    cause: UUID | None
    fulfilment: Sequence[FulfilmentRow] = ()


@dataclass(slots=True)
class Following:
    """What follows from the steps of a batch and is carried out for all of them at once.

    `rewritten`: orders whose document changed, the caller stores them; `notices`: what their
    channels are told; `books`: orders to be told to the books by the caller, who knows whether
    refunds come with them; `ended`: orders that are over, for `outcomes.tell_unfinished`.
    """

    rewritten: list[OrderRow] = field(default_factory=list)
    notices: list[tuple[Document, OrderRow, UUID | None]] = field(default_factory=list)
    books: dict[UUID, tuple[OrderRow, UUID | None]] = field(default_factory=dict)
    waits_no_more: list[OrderRow] = field(default_factory=list)
    twins_freed: list[OrderRow] = field(default_factory=list)
    looked_at_again: list[OrderRow] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)


def take(
    unit: Unit,
    after: Following,
    row: OrderRow,
    event: Event,
    cause: UUID | None,
    fulfilment: Sequence[FulfilmentRow] = (),
) -> None:
    """Take a step of the state table; what follows is done, or noted in `after`.

    Raises IllegalTransition for a step that there is not.
    """
    taken = step(ORDER, State(row.status), event)
    row.status = taken.state
    for effect in taken.effects:
        EFFECTS[effect](unit, after, Moved(row, cause, fulfilment))


def carry_out(unit: Unit, after: Following) -> None:
    """What follows for all of them. They are stored by now."""
    if after.notices:
        unit.tell(telling.to_channels(unit, after.notices))
    order_waits.forget(unit.db, [row.id for row in after.waits_no_more])
    twins.cancelled(unit, after.twins_freed)
    unit.look_soon([(row.merchant, row.id) for row in after.looked_at_again])


def route(unit: Unit, wanted: Sequence[Wanted], shelves: Shelves | None = None) -> None:
    """Find a warehouse for every order; hold those that must wait as a whole."""
    held, after = router.route(unit, wanted, shelves), Following()
    if not held:
        return
    for want in held:
        take(unit, after, want.row, Event.HOLD, want.cause)
    orders.set_status(unit.db, [want.row for want in held])
    carry_out(unit, after)


def propose_return(unit: Unit, row: OrderRow, because: str, cause: UUID | None) -> None:
    """Ask a person: what was to be cancelled has left the building."""
    sentence = f"order {row.document.order_number}: {because}; arrange a return or leave it"
    incident = incidents.Incident(
        row.merchant, "return_proposed", f"order:{row.id}", sentence, row.id, cause
    )
    incidents.open_new(unit.db, [incident])


def propose_return_no_more(unit: Unit, order_ids: Collection[UUID]) -> None:
    """All of these was let go after all: nobody need arrange a return."""
    if order_ids:
        incidents.close(unit.db, [f"order:{id_}" for id_ in order_ids], ["return_proposed"])


def shipped(fulfilment: Sequence[FulfilmentRow]) -> dict[int, Decimal]:
    """Pieces of each order line that have left; of kits those of which all parts have."""
    return serving.whole(_left(fulfilment))


def begun(fulfilment: Sequence[FulfilmentRow]) -> dict[int, Decimal]:
    """The same with kits of which only some parts have left."""
    return serving.begun(_left(fulfilment))


def _left(fulfilment: Sequence[FulfilmentRow]) -> list[Served]:
    return [line.serving(line.shipped) for row in fulfilment for line in row.lines]


def _give_up_rest(unit: Unit, after: Following, moved: Moved) -> None:
    """Write on a cancelled or completed order what of it will not be shipped, and tell its
    channel.
    """
    row, before = moved.row, moved.row.document
    row.version += 1
    if row.status == State.CANCELLED:
        row.document = cancelling.whole(before, unit.at)
    else:
        row.document = cancelling.rest(before, begun(moved.fulfilment))
    notice = cancelling.notice(before, row.document, row.channel, row.version)
    if notice is not None:
        after.notices.append((notice, row, moved.cause))
    after.rewritten.append(row)


def _tell_books(_: Unit, after: Following, moved: Moved) -> None:
    after.books[moved.row.id] = (moved.row, moved.cause)


def _propose_return(unit: Unit, _: Following, moved: Moved) -> None:
    propose_return(unit, moved.row, "the cancel came too late, goods have left", moved.cause)


def _end_kits(_: Unit, after: Following, moved: Moved) -> None:
    after.ended.append((moved.row, moved.fulfilment, moved.cause))


EFFECTS: Mapping[str, Callable[[Unit, Following, Moved], None]] = {
    "give_up_rest": _give_up_rest,
    "tell_books": _tell_books,
    "propose_return": _propose_return,
    "stop_waiting": lambda _, after, moved: after.waits_no_more.append(moved.row),
    "free_twin": lambda _, after, moved: after.twins_freed.append(moved.row),
    "end_kits": _end_kits,
    "look_again": lambda _, after, moved: after.looked_at_again.append(moved.row),
}
"""Who takes what follows a step of an order."""
