"""What a channel says of an order, before it is one: three records, in which None is "not told".

All amounts are Decimals of the order's currency, in whole pieces of money (12.50, never cents) and
in its tax mode: with tax where `tax_included`, without it where not. A channel that tells both
picks the one in which it reckons. How what was not told is worked out: `order.sales_order`.

They are read once and let go, and not frozen: that would cost as much as reading them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.model.order import Discount, PaymentState, TaxLine

ONE = Decimal(1)


@dataclass(slots=True, kw_only=True)
class Charge:
    """What one thing on the order costs: goods, a way of shipping, or a fee.

    Tell its price as `unit_price` or as `gross`, and what was taken off as `discount` or as `net`;
    with `net` alone nothing was taken off. Of more than that the sums are held: `gross` before
    `unit_price`, `net` before `discount`, `tax` before `taxes`.
    """

    path: str
    """Where it stands in the wire (`line_items.2`), for errors and warnings."""
    quantity: Decimal = ONE
    """Pieces as bought. Shipping and fees are one."""
    unit_price: Decimal | None = None
    """Of one piece, before discount; up to six places."""
    gross: Decimal | None = None
    """Of all pieces, before discount."""
    discount: Decimal | None = None
    """All that was taken off all pieces, as a positive amount, its part of discounts on the order
    included. None: not told; what is told on the order only is shared out over such charges.
    """
    net: Decimal | None = None
    """Of all pieces, after discount: what stands in the order's sum, tax aside."""
    tax: Decimal | None = None
    """The tax of all pieces after discount: within `net` where prices include it, else beside it.
    None: what `taxes` sum up to, or, where neither is told, its share of the order's tax.
    """
    taxes: Sequence[TaxLine] | None = None
    """The tax by title and rate, made to sum up to `tax`. An empty list says that there is none."""
    taxable: bool = True
    """Whether it has a share of a tax that is told on the order only."""
    what: Mapping[str, Any] = field(default_factory=dict)
    """The canonical fields of an `OrderLine`, `ShippingLine` or `Fee` that are not money and not
    `line_no`, each read as the canonical type: `sku`, `title`, `channel_line_id`, `code`, ...
    """


@dataclass(slots=True, kw_only=True)
class ChannelPayment:
    """A payment as a channel tells it."""

    reference: str | None = None
    gateway: str | None = None
    method: str | None = None
    state: str | None = None
    """`paid`, `authorized`, `pending`. None: as the order's `payment_state` says."""
    amount: Decimal | None = None
    """None: what was paid for the order, or where nothing was yet, what it costs."""
    currency: str | None = None
    """None: the order's."""
    at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class ChannelOrder:
    """An order as a channel tells it, each thing once and as told."""

    currency: str
    """ISO 4217. `money.NO_CURRENCY` where the channel named none or several."""
    tax_included: bool
    """Whether all amounts here hold their tax."""
    goods: Sequence[Charge]
    """Goods of quantity 0 are no line; where they cost something they become a fee."""
    shipping: Sequence[Charge] = ()
    fees: Sequence[Charge] = ()
    """Surcharges, tips, duties, and below zero what is taken off untaxed (gift cards are payments).
    A fee has no discount of its own: its amount is its `net`.
    """
    discount: Decimal | None = None
    """All that was taken off the order, where it is told on it. What no charge accounts for is
    taken off the goods that tell no discount, where that brings them closer to `grand_total`.
    """
    shipping_discount: Decimal | None = None
    """Of `discount`, what belongs to the shipping."""
    discounts: Sequence[Discount] = ()
    """What was granted, by code or name; the sum is made that of the charges."""
    tax: Decimal | None = None
    """All taxes of the order, where they are told on it. What no charge accounts for is shared out
    over the charges that tell no tax.
    """
    taxes: Sequence[TaxLine] = ()
    """The same by title and rate; they name the shares where they sum up to what is shared out."""
    grand_total: Decimal | None = None
    """What the customer pays in all, as placed. None: the sum of the parts. What it has beyond
    them is `totals.rounding`.
    """
    edited_total: Decimal | None = None
    """What it costs after later edits, with what went back added: held instead where the parts
    come to it and not to `grand_total`.
    """
    payment_state: PaymentState | None = None
    """None: by what was paid; `paid` where the order costs nothing, `authorized` where a payment
    is, else `pending`.
    """
    paid: Decimal | None = None
    """Money that came in. None: the whole, where `payment_state` says so; else what payments of
    state `paid` sum up to.
    """
    refunded: Decimal | None = None
    """Money that went back. None: nothing, or all where `payment_state` is `refunded`."""
    refunded_worked_out: bool = False
    """Whether `refunded` follows from parts or a rate: then it is never more than was paid."""
    outstanding: Decimal | None = None
    """What is still owed. None: what the order costs and was not paid."""
    payments: Sequence[ChannelPayment] = ()
    credit: Sequence[tuple[str, Decimal]] = ()
    """What gift cards, store credit and the like paid, each by its method, where the channel tells
    `grand_total` and `paid` without it: the order costs what was sold, and these are payments.
    """
    head: Mapping[str, Any] = field(default_factory=dict)
    """The other fields of a `SalesOrder`, those that must be there (`source`, `channel_order_id`,
    `order_number`, `placed_at`) and those that may: `customer`, `ship_to`, `state`, `note`, ...
    """
