"""What an order costs, as charges.

A line's `quantity` is what is left of it after cancelling, and its amounts follow; here it is shown
as it was bought. Of a line with pieces left they are scaled up; one with none left has lost its
discount, which is what the order's goods are more than was paid.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, built
from hub.model.money import add
from hub.model.order import TaxLine
from mappings.kit.attributes import kept, private, properties, told
from mappings.kit.orders import Charge
from mappings.vendure import wire
from mappings.vendure.money import NOTHING, Money, Pair
from mappings.vendure.states import AGGREGATE, SENT

_tax_line = built(TaxLine)
_HUNDRED = Decimal(100)
_SELLERS = "sellers"
_is_private = private()


def goods(order: wire.Order, money: Money, paid: Decimal | None) -> list[Charge]:
    """The articles. `paid`: what the order cost as it was placed, tax and all. A line of which no
    piece ever was bought is none.
    """
    sent, nets = _sent(order), [_net(line, money) for line in order.lines]
    lost = [place for place, net in enumerate(nets) if not net and order.lines[place].cancelled]
    if lost:
        _give_back(nets, lost, order, money, paid)
    elif not all(money.pair(line, "prorated_line_price") for line in order.lines):
        nets = _granted(nets, order, money)
    return [
        _article(line, place, net, order, sent, money)
        for place, (line, net) in enumerate(zip(order.lines, nets, strict=True))
        if line.bought or money.amount(net)
    ]


def ways(order: wire.Order, money: Money) -> list[Charge]:
    """The ways of shipping; where only their sum is told, that."""
    if not order.shipping_lines:
        sum_of_all = money.charge("shipping", money.pair(order, "shipping"))
        return [sum_of_all] if sum_of_all.net else []
    return [
        money.charge(
            f"shippingLines.{place}",
            _way_net(way, order, money),
            money.pair(way, "price"),
            what={"code": way.method.code, "title": way.method.name},
        )
        for place, way in enumerate(order.shipping_lines)
    ]


def _way_net(way: wire.Way, order: wire.Order, money: Money) -> Pair:
    """One that was cancelled with its order costs what it did."""
    names = ("price",) if order.state == "cancelled" else ("discounted_price", "price")
    return money.pair(way, *names, "discounted_price")


def fees(order: wire.Order, money: Money) -> list[Charge]:
    """Surcharges; below zero, what is taken off by name."""
    return [
        money.charge(
            f"surcharges.{place}",
            money.pair(fee, "price"),
            what={"code": fee.sku, "title": fee.description},
        )
        for place, fee in enumerate(order.surcharges)
    ]


def attributes(fields: Any) -> dict[str, Any]:
    """What a shop added to its orders and lines, where it is plain."""
    plain = ((name, it) for name, it in properties(fields) if _is_plain(it))
    return told({"custom_fields": kept(plain, _is_private)})


def _is_plain(field: Any) -> bool:
    """Whether it is a value or a list of them: an object is something else of the shop's."""
    values = field if isinstance(field, list) else [field]
    return all(isinstance(value, (str, bool)) for value in values)


# --- articles


def _net(line: wire.Line, money: Money) -> Pair:
    """What it cost as it was bought; nothing where no piece is left that tells it."""
    net = money.pair(line, "prorated_line_price", "discounted_line_price", "line_price")
    if line.cancelled:
        return money.times(net, line.bought / line.left) if line.left else NOTHING
    return net or money.times(money.pair(line, "unit_price"), line.bought)


def _beside(order: wire.Order, money: Money) -> list[Pair]:
    """What the order costs beside its articles."""
    shipping = [_way_net(way, order, money) for way in order.shipping_lines]
    charged = [money.pair(fee, "price") for fee in order.surcharges]
    return [*(shipping or [money.pair(order, "shipping")]), *charged]


def _give_back(
    nets: list[Pair],
    lost: Sequence[int],
    order: wire.Order,
    money: Money,
    paid: Decimal | None,
) -> None:
    """Give lines without pieces what they cost: all that was paid and no other part accounts for,
    and never more than before discounts.
    """
    lines = [order.lines[place] for place in lost]
    prices = [money.times(money.pair(line, "unit_price"), line.bought) for line in lines]
    whole = add(*(price.taxed for price in prices if price.taxed))
    others = [it.taxed for it in (*nets, *_beside(order, money)) if it.taxed]
    rest = whole if paid is None else add(paid, *(-it for it in others))
    weights = [price.taxed or ZERO for price in prices]
    parts = money.till.share(max(min(rest, whole), ZERO), weights) if any(weights) else weights
    for place, price, part in zip(lost, prices, parts, strict=True):
        share = part / price.taxed if price.taxed else Decimal(1)
        nets[place] = replace(money.times(price, share), taxed=part if price.taxed else None)


def _granted(nets: Sequence[Pair], order: wire.Order, money: Money) -> list[Pair]:
    """Take off what was granted on the order, where lines do not tell their prices after it."""
    total, beside = money.pair(order, "total"), _beside(order, money)
    granted = [money.pair(it, "amount") for it in order.discounts]

    def less(side: Callable[[Pair], Decimal | None]) -> list[Decimal | None]:
        prices, whole = [side(net) for net in nets], side(total)
        told = [it for it in (*prices, *map(side, beside)) if it]
        off = ZERO if whole is None else add(*told, -whole)
        if not 0 < off <= -add(*filter(None, map(side, granted))):
            return prices
        parts = money.till.share(off, [max(price or ZERO, ZERO) for price in prices])
        return [price and price - part for price, part in zip(prices, parts, strict=True)]

    bare, taxed = less(lambda it: it.bare), less(lambda it: it.taxed)
    return [Pair(*both) for both in zip(bare, taxed, strict=True)]


def _article(
    line: wire.Line,
    place: int,
    net: Pair,
    order: wire.Order,
    sent: Mapping[str | None, Decimal],
    money: Money,
) -> Charge:
    unit, variant = money.pair(line, "unit_price"), line.product_variant or wire.Variant()
    gross = money.times(unit, line.bought) if line.cancelled else money.pair(line, "line_price")
    return money.charge(
        f"lines.{place}",
        net,
        gross,
        quantity=line.bought,
        unit_price=money.amount(unit),
        taxes=_rates(line, money) if net.tax else None,
        what={
            "sku": variant.sku,
            "title": variant.name,
            "channel_variant_id": variant.id,
            "channel_product_id": variant.product.id if variant.product else None,
            "channel_line_id": line.id,
            "cancelled_quantity": line.cancelled,
            "fulfilled_quantity": min(sent.get(line.id, ZERO), line.bought),
            "fulfilled_by": _SELLERS if order.type == AGGREGATE else None,
            "attributes": attributes(line.custom_fields),
        },
    )


def _sent(order: wire.Order) -> Mapping[str | None, Decimal]:
    """Line -> pieces that left."""
    sent: dict[str | None, Decimal] = {}
    for fulfilment in order.fulfillments:
        for pieces in fulfilment.pieces if fulfilment.state in SENT else ():
            before = sent.get(pieces.line_id, ZERO)
            sent[pieces.line_id] = add(before, pieces.quantity or ZERO)
    return sent


def _rates(line: wire.Line, money: Money) -> list[TaxLine]:
    """The taxes by name. Their rates stand for their amounts: by these the tax is shared out."""
    taxes = [tax for tax in line.tax_lines if tax.tax_rate] or [wire.Tax(tax_rate=line.tax_rate)]
    return [
        _tax_line(
            title=tax.description,
            rate=tax.tax_rate / _HUNDRED,
            amount=money.till.tidy(tax.tax_rate),
        )
        for tax in taxes
        if tax.tax_rate
    ]
