"""The lines of a Shopify order: price, discount and tax of each, and which pieces are no
longer wanted.

Discount: `discount_allocations` are the truth for a line; `total_discount` is read where there
are none. A discount that no line and no shipping line accounts for (orders written before
allocations, and samples) is shared over them by their value, but only where the order does not
add up without it. Tax: a line's own `tax_lines`; where no line has any, the order's are shared
over the taxable lines by what they cost.

Pieces: `quantity` stays as bought. `cancelled_quantity` is what edits and refunds took out before
it was shipped: `quantity - current_quantity` (or, where that is not sent, what the refunds say),
without the pieces refunded as `return`, which were shipped and came back, and never more than was
not yet fulfilled. `no_restock` does not say whether a piece had left; where part of a line was
fulfilled, `fulfillable_quantity` decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from hub.model.document import ZERO, built
from hub.model.errors import BadData
from hub.model.money import add, times
from hub.model.order import OrderLine, ShippingLine, TaxLine
from mappings.shopify import wire
from mappings.shopify.leftovers import line_attributes
from mappings.shopify.money import Till
from mappings.shopify.values import bounded, reference

_line, _shipping, _tax = built(OrderLine), built(ShippingLine), built(TaxLine)

NOT_SENT = frozenset({"cancelled", "error", "failure"})
"""States of a fulfilment whose pieces did not leave."""

CAME_BACK = "return"


@dataclass(slots=True)
class Position:
    """What one thing on the order costs while it is being worked out: goods, or a way of
    shipping.
    """

    path: str
    price: Decimal
    quantity: Decimal
    discount: Decimal
    taxes: list[TaxLine] = field(default_factory=list)
    taxable: bool = True
    gross: Decimal = field(init=False)

    def __post_init__(self) -> None:
        self.gross = times(self.price, self.quantity)

    @property
    def net(self) -> Decimal:
        return add(self.gross, -self.discount)

    @property
    def tax(self) -> Decimal:
        return add(*(tax.amount for tax in self.taxes))


@dataclass(slots=True)
class Goods(Position):
    line: wire.Line = field(kw_only=True)


@dataclass(slots=True)
class Way(Position):
    line: wire.Shipping = field(kw_only=True)


def goods(lines: Sequence[wire.Line], till: Till) -> list[Goods]:
    """The articles, each once."""
    return [_goods(line, till, f"line_items.{at}") for at, line in _once(lines)]


def ways(lines: Sequence[wire.Shipping], till: Till) -> list[Way]:
    """The ways of shipping that were not taken off again."""
    return [
        _way(line, till, f"shipping_lines.{at}")
        for at, line in enumerate(lines)
        if not line.is_removed
    ]


def _once(lines: Sequence[wire.Line]) -> list[tuple[int, wire.Line]]:
    seen: dict[str, wire.Line] = {}
    kept = []
    for at, line in enumerate(lines):
        if line.key is not None and line.key in seen:
            if seen[line.key] != line:
                raise BadData(
                    "the line stands twice and differs",
                    path=f"line_items.{at}",
                    code="conflicting_lines",
                )
            continue
        if line.key is not None:
            seen[line.key] = line
        kept.append((at, line))
    return kept


def _goods(line: wire.Line, till: Till, path: str) -> Goods:
    return Goods(
        path=path,
        price=_price(till.or_none(line.price, line.price_set), path),
        quantity=line.quantity,
        discount=_allocated(line.discount_allocations, till)
        or till.of(line.total_discount, line.total_discount_set),
        taxes=_taxes(line.tax_lines, till),
        taxable=line.taxable is not False,
        line=line,
    )


def _way(line: wire.Shipping, till: Till, path: str) -> Way:
    price = _price(till.or_none(line.price, line.price_set), path)
    reduced = till.or_none(line.discounted_price, line.discounted_price_set)
    discount = _allocated(line.discount_allocations, till)
    if not line.discount_allocations and reduced is not None:
        discount = add(price, -reduced)
    return Way(
        path, price, Decimal(1), till.tidy(discount), _taxes(line.tax_lines, till), line=line
    )


def _price(price: Decimal | None, path: str) -> Decimal:
    if price is None:
        raise BadData("a price is expected", path=f"{path}.price", code="missing_field")
    return price


def _allocated(allocations: Iterable[wire.Allocation], till: Till) -> Decimal:
    return till.total(till.of(one.amount, one.amount_set) for one in allocations)


def _taxes(lines: Iterable[wire.Tax], till: Till) -> list[TaxLine]:
    return [tax_line(line, till.of(line.price, line.price_set)) for line in lines]


def tax_line(line: wire.Tax, amount: Decimal) -> TaxLine:
    """A tax with an amount, which may be a share of what the wire says."""
    return _tax(title=line.title, rate=line.rate, amount=bounded(amount, "tax_lines"))


# --- amounts that stand on the order only


def share_tax(
    order: wire.Order, found: Sequence[Goods], other: Sequence[Position], till: Till
) -> None:
    """Give the lines the order's taxes, where none has any of its own."""
    stated = till.of(order.total_tax, order.total_tax_set)
    if not stated or any(one.taxes for one in (*found, *other)):
        return
    named = [(tax, till.of(tax.price, tax.price_set)) for tax in order.tax_lines]
    if till.total(amount for _, amount in named) != stated:
        named = [(wire.Tax(), stated)]
    taxed = [one for one in found if one.taxable] or list(found)
    weights = [max(one.net, ZERO) for one in taxed]
    for tax, amount in named:
        for one, part in zip(taxed, till.share(amount, weights), strict=True):
            one.taxes.append(tax_line(tax, till.tidy(part)))


def share_discount(
    order: wire.Order, found: Sequence[Goods], shipped: Sequence[Way], till: Till, missing: Decimal
) -> bool:
    """Take off what no line accounts for: shipping codes from the shipping, the rest from the
    goods. Returns whether there was any.

    `missing` is by how much the parts exceed the order's own total.
    """
    if not missing:
        return False
    given = till.of(order.total_discounts, order.total_discounts_set)
    rest = add(given, *(-one.discount for one in (*found, *shipped)))
    allocated = any(one.line.discount_allocations for one in found) or any(
        one.line.discount_allocations for one in shipped
    )
    if allocated or rest <= 0:
        return False
    for_shipping = add(
        *(code.amount or ZERO for code in order.discount_codes if code.type == "shipping")
    )
    off_shipping = min(for_shipping, rest, add(*(one.net for one in shipped)))
    _take_off(shipped, off_shipping, till)
    _take_off(found, add(rest, -off_shipping), till)
    return True


def _take_off(positions: Sequence[Position], amount: Decimal, till: Till) -> None:
    weights = [max(one.net, ZERO) for one in positions]
    if amount <= 0 or not any(weights):
        return
    for one, part in zip(positions, till.share(amount, weights), strict=True):
        one.discount = till.tidy(add(one.discount, part))


# --- canonical lines


def order_line(
    one: Goods, number: int, order: wire.Order, till: Till, *, tax_included: bool
) -> OrderLine:
    """The canonical line."""
    line, tax = one.line, one.tax
    total = one.net if tax_included else add(one.net, tax)
    return _line(
        line_no=number,
        channel_line_id=line.key,
        sku=line.sku,
        channel_product_id=reference(line.product_id),
        channel_variant_id=reference(line.variant_id),
        title=line.title or line.name,
        variant_title=line.variant_title,
        vendor=line.vendor,
        quantity=one.quantity,
        cancelled_quantity=cancelled(line, order),
        unit_price=one.price,
        discount=bounded(one.discount, f"{one.path}.discount_allocations"),
        tax=till.tidy(bounded(tax, f"{one.path}.tax_lines")),
        total=till.tidy(bounded(total, f"{one.path}.price")),
        tax_lines=tuple(one.taxes),
        requires_shipping=line.requires_shipping is not False,
        gift_card=bool(line.gift_card),
        weight_g=line.grams or None,
        attributes=line_attributes(line, fulfilled(line, order)),
    )


def shipping_line(one: Way, till: Till, *, tax_included: bool) -> ShippingLine:
    """The canonical shipping line."""
    tax = one.tax
    total = one.net if tax_included else add(one.net, tax)
    return _shipping(
        code=one.line.code,
        title=one.line.title,
        price=one.price,
        discount=bounded(one.discount, f"{one.path}.discount_allocations"),
        tax=till.tidy(bounded(tax, f"{one.path}.tax_lines")),
        total=till.tidy(bounded(total, f"{one.path}.price")),
        tax_lines=tuple(one.taxes),
    )


def fulfilled(line: wire.Line, order: wire.Order) -> Decimal:
    """Pieces that left, whoever sent them."""
    sent = (one for one in order.fulfillments if (one.status or "").lower() not in NOT_SENT)
    pieces = (it.quantity or ZERO for one in sent for it in one.line_items if it.key == line.key)
    return min(sum(pieces, ZERO), line.quantity)


def cancelled(line: wire.Line, order: wire.Order) -> Decimal:
    """Pieces taken out before they were shipped; see the module's docstring."""
    refunded: dict[bool, Decimal] = {True: ZERO, False: ZERO}
    for one in (one for refund in order.refunds for one in refund.refund_line_items):
        if one.key == line.key:
            refunded[(one.restock_type or "").lower() == CAME_BACK] += one.quantity or ZERO
    current = line.current_quantity
    gone = refunded[False] if current is None else line.quantity - current - refunded[True]
    left = fulfilled(line, order)
    most = line.quantity - left
    if left and line.fulfillable_quantity is not None:
        most -= line.fulfillable_quantity
    return max(min(gone, most), ZERO)
