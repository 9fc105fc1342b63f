"""A plan cut into fulfilment orders: by merchant, warehouse, delivery method and pre-order date.

What is collected on delivery and what is insured is split by the goods' value, so that the parts
sum to the whole; pieces that nobody has yet keep their part back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hub.model.document import built
from hub.model.fulfilment import CashOnDelivery, FulfilmentLine
from hub.model.money import split
from hub.model.order import OrderLine, SalesOrder
from hub.model.product import Kit
from hub.rules.orders.holds import is_cash_on_delivery
from hub.rules.routing.sourcing import Allocation, Demand

_ZERO = Decimal(0)
_line = built(FulfilmentLine)


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What may set an order line apart from the others, and what its warehouse calls it."""

    method: str | None = None
    available_on: date | None = None
    item_codes: Mapping[str, str] | None = None
    """Warehouse -> its own number for the article."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A fulfilment order to be: everything but its number, addresses and time.

    `order_lines[i]` is the order line of `lines[i]`: they differ where parts of a kit share one.
    `kits[i]` is that kit.
    """

    merchant: str
    warehouse: str
    method: str | None
    available_on: date | None
    lines: tuple[FulfilmentLine, ...]
    order_lines: tuple[int, ...]
    kits: tuple[Kit | None, ...]
    cash_on_delivery: CashOnDelivery | None = None
    insured_value: Decimal | None = None


def drafts(
    order: SalesOrder,
    allocations: Sequence[Allocation],
    facts: Mapping[int, LineFacts] | None = None,
    *,
    unfilled: Sequence[Demand] = (),
    cash: Decimal | None = None,
    insured: Decimal | None = None,
) -> tuple[Draft, ...]:
    """One draft for each group, in the order of their first lines.

    `cash` and `insured` are for these allocations and `unfilled` together: where parts of the order
    went out before, pass what is left. See `cash_to_collect`.
    """
    facts, none = facts or {}, LineFacts(method=order.delivery.method)
    lines = {line.line_no: line for line in order.lines}
    groups: dict[tuple[str, str, str | None, date | None], list[Allocation]] = {}
    for allocation in sorted(allocations, key=lambda allocation: allocation.line_no):
        fact = facts.get(allocation.line_no, none)
        method = fact.method or order.delivery.method
        key = (allocation.merchant, allocation.warehouse, method, fact.available_on)
        groups.setdefault(key, []).append(allocation)
    worths = [_worth(lines, group) for group in groups.values()]
    if unfilled:
        worths.append(_worth(lines, unfilled))
    collected = _shares(cash, worths, order.currency)
    insurances = _shares(insured, worths, order.currency)
    made = [list(_lines(group, lines, facts)) for group in groups.values()]
    return tuple(
        Draft(
            *key,
            lines=tuple(line for line, _, _ in made[at]),
            order_lines=tuple(number for _, number, _ in made[at]),
            kits=tuple(kit for _, _, kit in made[at]),
            cash_on_delivery=_cash(collected[at], order.currency),
            insured_value=insurances[at],
        )
        for at, key in enumerate(groups)
    )


def cash_to_collect(order: SalesOrder) -> Decimal | None:
    """What carriers must collect for the whole order, or None where it is not paid on delivery."""
    due = order.totals.outstanding
    return due if due > 0 and is_cash_on_delivery(order) else None


def _worth(lines: Mapping[int, OrderLine], pieces: Sequence[Allocation | Demand]) -> Decimal:
    """The value of the pieces: their part of what their lines cost. Only ever used as a weight."""
    worth = _ZERO
    for part in pieces:
        line = lines.get(part.line_no)
        if line is not None:
            worth += max(line.total, _ZERO) * part.quantity / line.quantity
    return worth


def _shares(
    total: Decimal | None, weights: Sequence[Decimal], currency: str
) -> Sequence[Decimal | None]:
    return [None] * len(weights) if total is None else split(total, weights, currency)


def _cash(amount: Decimal | None, currency: str) -> CashOnDelivery | None:
    return CashOnDelivery(amount=amount, currency=currency) if amount else None


def _lines(
    group: Sequence[Allocation],
    lines: Mapping[int, OrderLine],
    facts: Mapping[int, LineFacts],
) -> Iterator[tuple[FulfilmentLine, int, Kit | None]]:
    """Fulfilment lines, each with the order line that it is for, and the kit that it is a part of.
    They keep the order's line number; parts of kits get numbers that no order line has.
    """
    free = max((*lines, *(allocation.line_no for allocation in group))) + 1
    for allocation in group:
        line, fact = lines.get(allocation.line_no), facts.get(allocation.line_no)
        for sku, pieces in allocation.goods:
            kit = allocation.kit if allocation.kit and allocation.kit.sku != sku else None
            number, free = (allocation.line_no, free) if kit is None else (free, free + 1)
            item = (fact.item_codes or {}).get(allocation.warehouse) if fact else None
            said = _of_kit(kit, allocation) if kit else _as_sold(line)
            yield (
                _line(line_no=number, sku=sku, item_code=item, quantity=pieces, **said),
                allocation.line_no,
                kit,
            )


def _as_sold(line: OrderLine | None) -> dict[str, Any]:
    return {} if line is None else {"title": line.title, "unit_price": line.unit_price}


def _of_kit(kit: Kit, allocation: Allocation) -> dict[str, Any]:
    """What a warehouse is told of a part: money and title stay with the order line."""
    return {"attributes": {"order_line": allocation.line_no, "kit": kit.sku}}
