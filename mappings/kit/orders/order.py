"""A channel's order -> the canonical `sales_order`, for which these hold to the last digit:

* `total = unit_price * quantity - discount + (0 if prices_include_tax else tax)` of each line, of
  each way of shipping and each fee alike, and the tax lines sum up to the tax;
* `totals.items`, `.discount`, `.shipping`, `.fees` and `.tax` are the sums of the parts', and
  `grand_total` is the sum of their totals and `rounding`.

What was told is never changed. What was not is shared out (see `shares`) or follows from the rest;
by how much the channel's own total differs then is `rounding`, and too much of it holds the order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, built
from hub.model.money import EXACT, add
from hub.model.order import Discount, Fee, OrderLine, SalesOrder, ShippingLine, Totals
from mappings.kit.context import Context
from mappings.kit.money import Till, bounded, till
from mappings.kit.orders.charges import Position, position
from mappings.kit.orders.shares import share_discount, share_tax, untold_tax
from mappings.kit.orders.standing import Standing, payments, standing, with_credit
from mappings.kit.orders.told import ChannelOrder, Charge

_PRICED = {"unit_price", "price", "amount", "discount", "tax", "total", "tax_lines"}
_line, _way, _fee, _sums = built(OrderLine), built(ShippingLine), built(Fee), built(Totals)
_LINE, _WAY, _FEE = (
    frozenset(kind.model_fields) - {"line_no", "quantity", *_PRICED}
    for kind in (OrderLine, ShippingLine, Fee)
)
_MOST_ROUNDING = Decimal("0.01")
"""For each line."""


def sales_order(told: ChannelOrder, at: Context) -> SalesOrder:
    """The canonical order. BadData where a charge tells no price, or an amount is out of bounds."""
    told, money = with_credit(told), till(told.currency)
    parts = _Parts(told, money, at)
    total = bounded(money.tidy(_grand_total(told, parts)), "totals.grand_total")
    stands = standing(told, total, money)
    return SalesOrder(
        currency=told.currency,
        prices_include_tax=told.tax_included,
        payment_state=stands.state,
        lines=tuple(
            _line_of(one, number, parts, money) for number, one in enumerate(parts.goods, start=1)
        ),
        shipping=tuple(_way_of(one, parts, money) for one in parts.ways),
        fees=tuple(_fee_of(one, parts, money) for one in parts.fees),
        discounts=tuple(_discounts(told.discounts, parts.discount, money)),
        payments=tuple(payments(told, stands, total, money)),
        totals=_totals(parts, total, stands, money),
        **told.head,
    )


class _Parts:
    """Goods, ways of shipping and fees of an order, and their sums."""

    __slots__ = ("discount", "fees", "goods", "included", "tax", "total", "ways")

    def __init__(self, told: ChannelOrder, money: Till, at: Context) -> None:
        self.included = told.tax_included
        goods, for_nothing = _with_pieces(told.goods, at)
        self.goods = [position(one, money) for one in goods]
        self.ways = [position(one, money) for one in told.shipping]
        charged = [position(one, money) for one in (*told.fees, *for_nothing)]
        all_parts = [*self.goods, *self.ways, *charged]
        net, self.tax = _sums_of(all_parts)
        rest = untold_tax(told, all_parts, self.tax)
        if rest:
            self.tax = add(self.tax, rest)
        if told.discount:
            missing = None
            if told.grand_total is not None:
                missing = add(net, ZERO if self.included else self.tax, -told.grand_total)
            if share_discount(told, self.goods, self.ways, money, missing):
                net, _ = _sums_of(all_parts)
        share_tax(all_parts, told.taxes, rest, money)
        self.fees = [one for one in charged if one.net or one.tax]
        self.discount = add(*(one.discount for one in (*self.goods, *self.ways)))
        self.total = net if self.included else add(net, self.tax)


def _sums_of(parts: Sequence[Position]) -> tuple[Decimal, Decimal]:
    """Net, and the tax that is known."""
    net = tax = ZERO
    for one in parts:
        net = EXACT.add(net, one.net)
        if one.tax:
            tax = EXACT.add(tax, one.tax)
    return net, tax


def _with_pieces(goods: Sequence[Charge], at: Context) -> tuple[list[Charge], list[Charge]]:
    """Goods that are lines; and those of no pieces that cost something."""
    kept, for_nothing = [], []
    for one in goods:
        if one.quantity:
            kept.append(one)
            continue
        at.warn("no_pieces", "a line of quantity 0 is no line", path=one.path)
        if one.gross or one.net or one.tax or one.taxes:
            title = one.what.get("title") or one.what.get("sku")
            for_nothing.append(replace(one, what={"code": "no_pieces", "title": title}))
    return kept, for_nothing


def _grand_total(told: ChannelOrder, parts: _Parts) -> Decimal:
    """The channel's, or what it costs after edits where the parts come to that."""
    if told.grand_total is None:
        return parts.total
    most = _MOST_ROUNDING * len(parts.goods)
    if told.edited_total is None or abs(add(told.grand_total, -parts.total)) <= most:
        return told.grand_total
    is_edited = abs(add(told.edited_total, -parts.total)) <= most
    return told.edited_total if is_edited else told.grand_total


def _line_of(one: Position, number: int, parts: _Parts, money: Till) -> OrderLine:
    charge = one.charge
    return _line(
        line_no=number,
        quantity=charge.quantity,
        unit_price=money.tidy(one.price),
        discount=_held(one.discount, charge, money),
        tax=_held(one.tax or ZERO, charge, money),
        total=_total(one, parts, money),
        tax_lines=one.taxes,
        **_what(charge, _LINE),
    )


def _way_of(one: Position, parts: _Parts, money: Till) -> ShippingLine:
    charge = one.charge
    return _way(
        price=_held(one.gross, charge, money),
        discount=_held(one.discount, charge, money),
        tax=_held(one.tax or ZERO, charge, money),
        total=_total(one, parts, money),
        tax_lines=one.taxes,
        **_what(charge, _WAY),
    )


def _fee_of(one: Position, parts: _Parts, money: Till) -> Fee:
    charge = one.charge
    return _fee(
        amount=_held(one.net, charge, money),
        tax=_held(one.tax or ZERO, charge, money),
        total=_total(one, parts, money),
        **_what(charge, _FEE),
    )


def _total(one: Position, parts: _Parts, money: Till) -> Decimal:
    total = one.net if parts.included or not one.tax else add(one.net, one.tax)
    return _held(total, one.charge, money)


def _held(amount: Decimal, charge: Charge, money: Till) -> Decimal:
    return bounded(money.tidy(amount), charge.path)


def _what(charge: Charge, known: frozenset[str]) -> Mapping[str, Any]:
    """The fields that are not money. What is built here is looked at by nobody again."""
    if not charge.what.keys() <= known:
        raise TypeError(f"{sorted(charge.what.keys() - known)} are no fields of {charge.path}")
    return charge.what


def _totals(parts: _Parts, total: Decimal, stands: Standing, money: Till) -> Totals:
    return _sums(
        items=_sum([one.gross for one in parts.goods], money, "totals.items"),
        discount=_sum([parts.discount], money, "totals.discount"),
        shipping=_sum([one.gross for one in parts.ways], money, "totals.shipping"),
        fees=_sum([one.net for one in parts.fees], money, "totals.fees"),
        tax=_sum([parts.tax], money, "totals.tax"),
        rounding=_sum([total, -parts.total], money, "totals.grand_total"),
        grand_total=total,
        paid=bounded(stands.paid, "totals.paid"),
        refunded=bounded(stands.refunded, "totals.refunded"),
        outstanding=bounded(stands.outstanding, "totals.outstanding"),
    )


def _sum(amounts: Iterable[Decimal], money: Till, path: str) -> Decimal:
    return bounded(money.total(amounts), path)


def _discounts(named: Sequence[Discount], granted: Decimal, money: Till) -> list[Discount]:
    """What was granted, by name where the names come to it; the sum is what was taken off."""
    granted = money.tidy(granted)
    if not granted:
        return []
    named = [one for one in named if one.amount]
    rest = add(granted, *(-one.amount for one in named))
    if rest < 0:
        names = ", ".join(one.code or one.title or "" for one in named)
        return [Discount(code=names or None, amount=granted)]
    return [*named, *([Discount(amount=money.tidy(rest))] if rest else [])]
