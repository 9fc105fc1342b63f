"""What staff change on an order: how it then reads, and how that outlives what its channel tells
later.

The channel sold what it sold. Pieces taken off are given up here (`cancelled_here`), so that it is
told; pieces put on are a line of ours, of which it never hears; another article or warehouse stands
on the line, beside what was said of it; pieces for another warehouse are a part of a line, which
the channel hears of as its own line again. What was changed is marked on each line (`edited_here`).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import Field

from hub.model.document import ZERO, Address, Amount, Count, Id, OptId, OptText, Pieces, Value
from hub.model.errors import BadData
from hub.model.money import round_to, times
from hub.model.order import OrderLine, SalesOrder
from hub.rules.orders.edited import MARK, OWN, is_added, mark, parted, share, with_totals
from hub.rules.orders.order_totals import open_pieces

_FIRST_LINE = 8001
"""Number of the first line of ours, far from those that a channel may still add."""


class LineEdit(Value):
    """A line otherwise: `quantity` is how many pieces of it are wanted now (0 takes it off)."""

    line_no: int = Field(ge=1)
    quantity: Count | None = None
    sku: OptId = None
    warehouse: OptId = None


class Split(Value):
    """Pieces of a line that another warehouse is to send."""

    line_no: int = Field(ge=1)
    quantity: Pieces
    warehouse: Id


class Added(Value):
    """Pieces that the channel did not sell. `unit_price` in the order's currency, tax included."""

    sku: Id
    quantity: Pieces
    unit_price: Amount = Field(default=ZERO, ge=0)
    title: OptText = None


class Edit(Value):
    """What is to be otherwise; what is left out stays."""

    address: Address | None = None
    lines: tuple[LineEdit, ...] = Field(default=(), max_length=200)
    splits: tuple[Split, ...] = Field(default=(), max_length=200)
    added: tuple[Added, ...] = Field(default=(), max_length=200)


def apply(order: SalesOrder, edit: Edit, gone: Mapping[int, Decimal]) -> SalesOrder:
    """The order as edited; `gone`: pieces of each line that have left. BadData names what cannot
    be: a line that is none, fewer pieces than have left, another article for what has left.
    """
    lines = {line.line_no: line for line in order.lines}
    more: list[OrderLine] = []
    number = max(_FIRST_LINE, 1 + max(lines))
    for at, wanted in enumerate(edit.lines):
        line, extra = _edited(lines, wanted, f"lines.{at}", gone)
        lines[line.line_no] = line
        if extra > 0:
            more.append(_more(line, extra, number + len(more), order))
    for at, split in enumerate(edit.splits):
        line = _to_part(lines, split, f"splits.{at}", gone)
        parts = parted(order, line, split.quantity, split.warehouse, number + len(more))
        lines[line.line_no], part = parts
        more.append(part)
    more += [_added(it, number + at, order) for at, it in enumerate(edit.added, len(more))]
    after = order.model_copy(update={"lines": (*lines.values(), *more)})
    if not any(map(open_pieces, after.lines)):
        raise BadData("nothing would be left of it: cancel it", path="lines", code="nothing_left")
    after = with_totals(after, [line for line in more if is_added(line)])
    if edit.address is not None:
        after = after.model_copy(update={"ship_to": edit.address})
    return after


def _edited(
    lines: Mapping[int, OrderLine], wanted: LineEdit, path: str, gone: Mapping[int, Decimal]
) -> tuple[OrderLine, Decimal]:
    """The line otherwise, and how many pieces more are wanted than were sold."""
    line = _line(lines, wanted.line_no, path)
    left = max(gone.get(line.line_no, ZERO), line.fulfilled_quantity)
    if left and (wanted.sku not in {None, line.sku} or wanted.warehouse):
        raise BadData("pieces of this line have left", path=path, code="has_left")
    line = _otherwise(line, wanted)
    if wanted.quantity is None:
        return line, ZERO
    if wanted.quantity < left:
        raise BadData(f"{left:f} pieces have left", path=f"{path}.quantity", code="has_left")
    extra = wanted.quantity - open_pieces(line)
    return _fewer(line, -extra), extra


def _to_part(
    lines: Mapping[int, OrderLine], split: Split, path: str, gone: Mapping[int, Decimal]
) -> OrderLine:
    line = _line(lines, split.line_no, path)
    if split.quantity >= open_pieces(line) - gone.get(line.line_no, ZERO):
        text = "fewer pieces than are still to be sent of the line are expected"
        raise BadData(text, path=f"{path}.quantity", code="bad_quantity")
    if line.line_no >= _FIRST_LINE:
        text = "only a line that the channel sold can be parted"
        raise BadData(text, path=f"{path}.line_no", code="unknown_line")
    return line


def _line(lines: Mapping[int, OrderLine], number: int, path: str) -> OrderLine:
    if number not in lines:
        text = f"the order has no line {number}"
        raise BadData(text, path=f"{path}.line_no", code="unknown_line")
    return lines[number]


def _otherwise(line: OrderLine, wanted: LineEdit) -> OrderLine:
    """The line with another article or warehouse, and beside it what was said before."""
    said, update = dict(mark(line)), dict[str, Any]()
    for name in ("sku", "warehouse"):
        new = getattr(wanted, name)
        if new is not None and new != getattr(line, name):
            said.setdefault(f"said_{name}", getattr(line, name))
            update[name] = new
    if not update:
        return line
    return line.model_copy(update={**update, "attributes": {**line.attributes, MARK: said}})


def _fewer(line: OrderLine, pieces: Decimal) -> OrderLine:
    if pieces <= 0:
        return line
    return line.model_copy(
        update={
            "cancelled_quantity": line.cancelled_quantity + pieces,
            "cancelled_here": line.cancelled_here + pieces,
        }
    )


def _more(line: OrderLine, pieces: Decimal, number: int, order: SalesOrder) -> OrderLine:
    """More pieces at the price of those that were sold."""
    return line.model_copy(
        update={
            **share(order, line, pieces),
            **OWN,
            "line_no": number,
            "attributes": {MARK: {"added": True}},
        }
    )


def _added(given: Added, number: int, order: SalesOrder) -> OrderLine:
    total = round_to(times(given.unit_price, given.quantity), order.currency)
    return OrderLine(
        line_no=number,
        sku=given.sku,
        title=given.title,
        quantity=given.quantity,
        unit_price=given.unit_price,
        total=total,
        attributes={MARK: {"added": True}},
    )


def changed_parts(edit: Edit) -> Iterator[str]:
    """Which parts of an order an edit names, without what it says of them."""
    yield from (name for name in Edit.model_fields if getattr(edit, name))
