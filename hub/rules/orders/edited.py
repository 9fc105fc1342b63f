"""What staff changed on an order, as it stands in its document: kept whatever the channel tells
later, and told to the channel as the lines that it knows.

A line bears the mark `edited_here`: `added` (ours alone), `part_of` (pieces of another line, for
another warehouse), `said_sku` and `said_warehouse` (what the channel said of it).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.fulfilment import Package, Shipment, ShippedLine, ShippedOrderLine
from hub.model.money import round_to, times
from hub.model.order import OrderLine, SalesOrder
from hub.rules.orders.order_totals import open_pieces

MARK = "edited_here"


def keep(stored: SalesOrder, newer: SalesOrder) -> SalesOrder:
    """A newer telling of the channel, with what staff changed. A change of a line that the channel
    itself changes is over.
    """
    marked = {_key(line): line for line in stored.lines if mark(line)}
    if not marked:
        return newer
    origins = {line.line_no: _key(line) for line in stored.lines}
    lines = {_key(line): _kept(marked.get(_key(line)), line) for line in newer.lines}
    more: list[OrderLine] = []
    for line in marked.values():
        place = origins.get(mark(line).get("part_of", 0))
        origin = lines.get(place) if place else None
        if mark(line).get("added"):
            more.append(line)
        elif origin is not None and line.quantity < open_pieces(origin):
            where = line.warehouse or ""
            lines[_key(origin)], part = parted(newer, origin, line.quantity, where, line.line_no)
            more.append(part.model_copy(update={name: getattr(line, name) for name in _STAYS}))
    after = newer.model_copy(update={"lines": (*lines.values(), *more)})
    return with_totals(after, [line for line in more if mark(line).get("added")])


def is_added(line: OrderLine) -> bool:
    """Whether staff added the line: the channel sold nothing of the kind."""
    return bool(mark(line).get("added"))


def wanted(order: SalesOrder) -> dict[int, Decimal]:
    """Open pieces of each line as the channel sold it, parts in their line, ours left out."""
    sums: dict[int, Decimal] = {}
    for line in order.lines:
        if not is_added(line):
            number = mark(line).get("part_of", line.line_no)
            sums[number] = sums.get(number, ZERO) + open_pieces(line)
    return sums


def as_sold(document: Shipment, sold: SalesOrder) -> Shipment:
    """A shipment with the parts of a line as the channel's own line."""
    origin = {line.line_no: mark(line)["part_of"] for line in sold.lines if "part_of" in mark(line)}
    if not origin or document.order is None:
        return document
    ids = {line.line_no: line.channel_line_id for line in sold.lines}
    lines = tuple(_sold(line, origin, ids) for line in document.order.lines)
    packages = tuple(_packed(package, origin) for package in document.packages)
    order = document.order.model_copy(update={"lines": _summed(lines)})
    return document.model_copy(update={"order": order, "packages": packages})


def _sold(
    line: ShippedOrderLine, origin: Mapping[int, int], ids: Mapping[int, str | None]
) -> ShippedOrderLine:
    number = origin.get(line.line_no, line.line_no)
    return line.model_copy(update={"line_no": number, "channel_line_id": ids.get(number)})


def _summed(lines: tuple[ShippedOrderLine, ...]) -> tuple[ShippedOrderLine, ...]:
    by: dict[int, ShippedOrderLine] = {}
    for line in lines:
        had = by.get(line.line_no)
        more = line.quantity + (had.quantity if had else ZERO)
        by[line.line_no] = line.model_copy(update={"quantity": more})
    return tuple(by.values())


def _packed(package: Package, origin: Mapping[int, int]) -> Package:
    def own(line: ShippedLine) -> ShippedLine:
        number = line.line_no and origin.get(line.line_no, line.line_no)
        return line.model_copy(update={"line_no": number})

    return package.model_copy(update={"lines": tuple(map(own, package.lines))})


def parted(
    order: SalesOrder, line: OrderLine, pieces: Decimal, warehouse: str, number: int
) -> tuple[OrderLine, OrderLine]:
    """What stays of a line, and its part: money and pieces add up to the whole."""
    its = share(order, line, pieces)
    taxes = tuple(
        had.model_copy(update={"amount": had.amount - tax.amount})
        for had, tax in zip(line.tax_lines, its["tax_lines"], strict=True)
    )
    money = {name: getattr(line, name) - its[name] for name in ("discount", "tax", "total")}
    sent = line.fulfilled_quantity
    rest_sent, part_sent = sent - pieces, sent - (line.quantity - pieces)
    rest = {
        **money,
        "tax_lines": taxes,
        "quantity": line.quantity - pieces,
        "fulfilled_quantity": max(rest_sent, ZERO),
    }
    part = {
        **its,
        **OWN,
        "line_no": number,
        "warehouse": warehouse,
        "fulfilled_quantity": max(part_sent, ZERO),
        "attributes": {**line.attributes, MARK: {"part_of": line.line_no}},
    }
    return line.model_copy(update=rest), line.model_copy(update=part)


_STAYS = ("sku", "attributes", "cancelled_quantity", "cancelled_here")
"""What of a part is as staff left it, when its line is parted anew."""
OWN: Mapping[str, Any] = {
    "channel_line_id": None,
    "cancelled_quantity": ZERO,
    "cancelled_here": ZERO,
    "fulfilled_quantity": ZERO,
}
"""What a line of ours has not of the one that it was made from."""


def share(order: SalesOrder, line: OrderLine, pieces: Decimal) -> dict[str, Any]:
    """Money of some pieces of a line, in whole units of the currency."""

    def part(amount: Decimal) -> Decimal:
        return round_to(amount * pieces / line.quantity, order.currency)

    taxes = tuple(tax.model_copy(update={"amount": part(tax.amount)}) for tax in line.tax_lines)
    discount, tax = part(line.discount), part(line.tax)
    gross = round_to(times(line.unit_price, pieces), order.currency) - discount
    return {
        "quantity": pieces,
        "discount": discount,
        "tax": tax,
        "tax_lines": taxes,
        "total": gross if order.prices_include_tax else gross + tax,
    }


def with_totals(order: SalesOrder, added: Sequence[OrderLine]) -> SalesOrder:
    """The order with its sums raised by lines of ours."""
    if not added:
        return order
    items = round_to(
        sum((times(line.unit_price, line.quantity) for line in added), ZERO), order.currency
    )
    total, tax = sum((it.total for it in added), ZERO), sum((it.tax for it in added), ZERO)
    had = order.totals
    update = {
        "items": had.items + items,
        "tax": had.tax + tax,
        "grand_total": had.grand_total + total,
        "outstanding": had.outstanding + total,
    }
    return order.model_copy(update={"totals": had.model_copy(update=update)})


def _kept(edited: OrderLine | None, said: OrderLine) -> OrderLine:
    if edited is None:
        return said
    kept, update = dict[str, Any](), dict[str, Any]()
    for name in ("sku", "warehouse"):
        word = f"said_{name}"
        if word in mark(edited) and mark(edited)[word] == getattr(said, name):
            kept[word], update[name] = getattr(said, name), getattr(edited, name)
    if not update:
        return said
    return said.model_copy(update={**update, "attributes": {**said.attributes, MARK: kept}})


def mark(line: OrderLine) -> Mapping[str, Any]:
    """What staff changed of a line."""
    found = line.attributes.get(MARK)
    return found if isinstance(found, Mapping) else {}


def _key(line: OrderLine) -> tuple[str, str]:
    return ("id", line.channel_line_id) if line.channel_line_id else ("no", str(line.line_no))


def worth(order: SalesOrder) -> Decimal:
    """What of the order's total is for pieces that are still wanted, in its currency."""
    return order.totals.grand_total - given_up(order)


def given_up(order: SalesOrder) -> Decimal:
    """What pieces that are given up cost: it is billed until a refund credits it."""
    lines = (
        round_to(it.total * min(it.cancelled_quantity, it.quantity) / it.quantity, order.currency)
        for it in order.lines
    )
    return sum(lines, ZERO)
