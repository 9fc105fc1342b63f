"""What of an order the merchant has earned by now, part by part: pieces that left, and with the
first of them what the customer pays beside them.

A part is worth its share of the line, so that all its pieces together are worth the line to the
cent. What was booked before is taken off: only what is new remains, also where an order was changed
after it left.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Protocol

from hub.model.document import ZERO
from hub.model.money import EXPONENT, add, round_to
from hub.model.order import OrderLine, SalesOrder
from hub.model.product import Product
from hub.model.settlement import ChargeItem

_PER = Decimal(1)
NOBODY: Mapping[int, str] = MappingProxyType({})


class Booked(Protocol):
    """What was booked of a part so far."""

    @property
    def quantity(self) -> Decimal: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...
    @property
    def merchant(self) -> str: ...
    @property
    def traits(self) -> Mapping[str, Any]: ...


def sale(
    order: SalesOrder,
    channel: str,
    shipped: Mapping[int, Decimal],
    products: Mapping[str, Product],
    booked: Mapping[tuple[str, str], Booked],
    owners: Mapping[int, str] = NOBODY,
) -> list[ChargeItem]:
    """What is new of what was earned. `shipped`: pieces that left by line; `owners`: whose the
    pieces of a line are, where they are not the order's merchant's.
    """
    if order.test or order.currency not in EXPONENT:
        return []
    gone = {line.line_no: _gone(line, shipped) for line in order.lines}
    begun = any(gone[line.line_no] > 0 for line in order.lines if line.requires_shipping)
    begun = begun or not any(line.requires_shipping for line in order.lines)
    if not begun and not any(kind == "sale" for kind, _ in booked):
        return []
    wanted = list(_earned(order, channel, gone, products, owners)) if begun else []
    return news(wanted, booked, {"sale", "discount", "shipping", "fee", "rounding", "payment"})


def news(
    wanted: Sequence[ChargeItem],
    booked: Mapping[tuple[str, str], Booked],
    kinds: set[str],
    prefix: str = "order:",
) -> list[ChargeItem]:
    """What these are worth beyond what was booked. What was booked and is none of them any more is
    taken back.
    """
    fresh_items = []
    parts = {(item.kind, item.line) for item in wanted}
    gone = [
        ChargeItem(kind, booked[kind, line].traits, line)
        for kind, line in sorted(booked)
        if kind in kinds and line.startswith(prefix) and (kind, line) not in parts
    ]
    for item in (*wanted, *gone):
        fresh = _less(item, booked.get((item.kind, item.line)))
        if fresh.quantity or fresh.amount or fresh.tax:
            fresh_items.append(fresh)
    return fresh_items


def _less(item: ChargeItem, before: Booked | None) -> ChargeItem:
    if before is None:
        return item
    return replace(
        item,
        quantity=add(item.quantity, -before.quantity),
        amount=add(item.amount, -before.amount),
        tax=add(item.tax, -before.tax),
        owner=before.merchant,
    )


def _gone(line: OrderLine, shipped: Mapping[int, Decimal]) -> Decimal:
    """Pieces that left, by us or, as the channel shows it, by others."""
    wanted = line.quantity - line.cancelled_quantity
    if not line.requires_shipping:
        return wanted
    return min(max(shipped.get(line.line_no, ZERO), line.fulfilled_quantity), line.quantity)


def _earned(
    order: SalesOrder,
    channel: str,
    gone: Mapping[int, Decimal],
    products: Mapping[str, Product],
    owners: Mapping[int, str],
) -> Iterator[ChargeItem]:
    campaigns = sorted({discount.code for discount in order.discounts if discount.code})
    common: dict[str, Any] = {"channel": channel} | ({"campaigns": campaigns} if campaigns else {})
    paid: dict[str, Decimal] = {}
    for item in (
        *_whole(order, common),
        *(
            replace(item, owner=owners.get(line.line_no, ""))
            for line in order.lines
            for item in _line(order, line, gone[line.line_no], common, products)
        ),
    ):
        yield item
        if item.kind != "discount":
            paid[item.owner] = add(paid.get(item.owner, ZERO), item.amount)
    method = next((it.method or it.gateway for it in order.payments), None)
    traits = common | ({"method": method} if method else {})
    for owner, amount in sorted(paid.items()):
        yield ChargeItem("payment", traits, f"order:payment:{owner}", _PER, amount, owner=owner)


def _whole(order: SalesOrder, common: Mapping[str, Any]) -> Iterator[ChargeItem]:
    """What the customer pays beside the goods: earned with the first piece that leaves."""
    for at, ship in enumerate(order.shipping, start=1):
        traits = {**common, **({"method": ship.code} if ship.code else {})}
        yield ChargeItem("shipping", traits, f"order:shipping:{at}", _PER, ship.total, ship.tax)
    for at, fee in enumerate(order.fees, start=1):
        traits = {**common, **({"method": fee.code} if fee.code else {})}
        yield ChargeItem("fee", traits, f"order:fee:{at}", _PER, fee.total, fee.tax)
    if order.totals.rounding:
        yield ChargeItem("rounding", common, "order:rounding", ZERO, order.totals.rounding)


def _line(
    order: SalesOrder,
    line: OrderLine,
    gone: Decimal,
    common: Mapping[str, Any],
    products: Mapping[str, Product],
) -> Iterator[ChargeItem]:
    if not gone:
        return
    traits = {**common, **article(line.sku, products)}

    def part(whole: Decimal) -> Decimal:
        return (
            whole
            if gone == line.quantity
            else round_to(whole * gone / line.quantity, order.currency)
        )

    key = f"order:{line.line_no}"
    yield ChargeItem("sale", traits, key, gone, part(line.total), part(line.tax))
    if line.discount:
        yield ChargeItem("discount", traits, key, gone, part(line.discount))


def article(sku: str | None, products: Mapping[str, Product]) -> dict[str, Any]:
    """What an article is, for rules."""
    if sku is None:
        return {}
    product = products.get(sku)
    traits: dict[str, Any] = {"sku": sku}
    if product is not None and product.brand:
        traits["brand"] = product.brand
    if product is not None and product.categories:
        traits["categories"] = sorted(product.categories)
    return traits
