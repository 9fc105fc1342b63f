"""How far an order is, computed from its pieces and fulfilment orders, never set beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from hub.model.order import SalesOrder
from hub.rules.orders.order_totals import open_pieces
from hub.states.fulfilment_order import FULFILMENT_ORDER
from hub.states.fulfilment_order import State as Fulfilment
from hub.states.order import Event, State


@dataclass(frozen=True, slots=True)
class LineProgress:
    """Pieces of an order line that are wanted (not cancelled, needing a parcel), and shipped;
    `begun`: with kits of which only some parts were.
    """

    wanted: Decimal
    shipped: Decimal
    begun: Decimal = Decimal(0)


def fulfilled(lines: Iterable[LineProgress]) -> Literal["unfulfilled", "partial", "fulfilled"]:
    """How much has been shipped. Nothing wanted is fulfilled."""
    known = list(lines)
    if all(line.shipped >= line.wanted for line in known):
        return "fulfilled"
    return "partial" if any(line.shipped > 0 for line in known) else "unfulfilled"


def nothing_to_ship(order: SalesOrder) -> str | None:
    """Why no warehouse will ever hear of this order, or None.

    `cancelled`, `refunded`, `shipped`: the channel settled it in full before the hub saw it.
    `no_shipping`: what is left of it needs no parcel. `others_ship`: somebody else sends it.
    """
    if order.state == "cancelled" or order.cancelled_at or not any(map(open_pieces, order.lines)):
        return "cancelled"
    if order.payment_state == "refunded":
        return "refunded"
    if order.fulfilment_state == "fulfilled":
        return "shipped"
    if any(line.ours_to_ship and open_pieces(line) > 0 for line in order.lines):
        return None
    others = any(line.requires_shipping and open_pieces(line) > 0 for line in order.lines)
    return "others_ship" if others else "no_shipping"


def outcome(
    state: State,
    lines: Sequence[LineProgress],
    fulfilments: Iterable[Fulfilment],
    *,
    called_off: bool,
) -> Event | None:
    """The event that an order's fulfilment orders amount to, or None while they are under way.

    A held order of which everything has shipped all the same is complete: nothing is left to hold.
    While a cancel is asked for: all final and nothing shipped is `cancel`; something shipped and
    the rest let go of is `give_up`; a warehouse that refused and still works is `refuse_cancel`.
    Of an order that its channel has `called_off` there is nothing for us to give up: it is
    `call_off` or `complete`, also where a warehouse that refused lets go later.
    """
    states = list(fulfilments)
    settled = all(status in FULFILMENT_ORDER.final for status in states)
    shipped = any(line.shipped > 0 for line in lines)
    left = any(max(line.shipped, line.begun) > 0 for line in lines)
    if state is State.OPEN or (state is State.HELD and shipped):
        done = settled and fulfilled(lines) == "fulfilled"
        if not done:
            return None
        return Event.CALL_OFF if called_off and not left else Event.COMPLETE
    if state is not State.CANCEL_REQUESTED:
        return None
    if settled:
        if called_off:
            return Event.COMPLETE if left else Event.CALL_OFF
        return Event.GIVE_UP if left else Event.CANCEL
    return None if Fulfilment.CANCEL_REQUESTED in states else Event.REFUSE_CANCEL
