"""What of an order is given up here: the pieces, and how the order then reads."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from hub.model.document import Source
from hub.model.order import CancelledLine, OrderCancellation, OrderLine, SalesOrder
from hub.rules.orders import edited
from hub.rules.orders.order_totals import open_pieces
from hub.rules.orders.review_effects import is_gift

_ZERO = Decimal(0)


def whole(order: SalesOrder, at: datetime) -> SalesOrder:
    """The order with all of it given up."""
    return order.model_copy(update={"state": "cancelled", "cancelled_at": at})


def rest(order: SalesOrder, shipped: Mapping[int, Decimal]) -> SalesOrder:
    """The order with what neither we nor others have shipped of our lines given up."""
    lines = tuple(_given_up(line, shipped.get(line.line_no, _ZERO)) for line in order.lines)
    return order.model_copy(update={"lines": lines})


def notice(
    before: SalesOrder, after: SalesOrder, channel: str, version: int
) -> OrderCancellation | None:
    """What the channel is told of it; None where no piece is given up."""
    is_whole = after.state == "cancelled"
    left = {} if is_whole else edited.wanted(after)
    had = edited.wanted(before)
    lines = [
        (line, had[line.line_no] - left.get(line.line_no, _ZERO))
        for line in before.lines
        if line.line_no in had and not is_gift(line)
    ]
    if not any(pieces > 0 for _, pieces in lines):
        return None
    return OrderCancellation(
        source=Source(connection=channel, id=f"{before.channel_order_id}:{version}"),
        channel_order_id=before.channel_order_id,
        order_number=before.order_number,
        whole=is_whole,
        lines=tuple(
            CancelledLine(
                line_no=line.line_no,
                channel_line_id=line.channel_line_id,
                sku=line.sku,
                quantity=pieces,
            )
            for line, pieces in lines
            if pieces > 0
        ),
    )


def keep(stored: SalesOrder, new: SalesOrder, *, is_cancelled: bool) -> SalesOrder:
    """A newer telling of a channel that may not have heard yet what we gave up: it stays so."""
    given_up = {line.line_no: line.cancelled_here for line in stored.lines if line.cancelled_here}
    if given_up:
        lines = tuple(_kept(line, given_up.get(line.line_no, _ZERO)) for line in new.lines)
        new = new.model_copy(update={"lines": lines})
    if is_cancelled and stored.state == "cancelled" and new.state != "cancelled":
        over = {"state": "cancelled", "cancelled_at": stored.cancelled_at}
        new = new.model_copy(update=over)
    return new


def _given_up(line: OrderLine, shipped: Decimal) -> OrderLine:
    left = open_pieces(line) - max(shipped, line.fulfilled_quantity)
    if not line.ours_to_ship or left <= 0:
        return line
    return line.model_copy(
        update={
            "cancelled_quantity": line.cancelled_quantity + left,
            "cancelled_here": line.cancelled_here + left,
        }
    )


def _kept(line: OrderLine, here: Decimal) -> OrderLine:
    here = min(here, line.quantity)
    if not here:
        return line
    return line.model_copy(
        update={
            "cancelled_quantity": max(line.cancelled_quantity, here),
            "cancelled_here": here,
        }
    )
