"""What a channel says of a refund, before it is one; None is "not told". Amounts are positive for
what went back to the customer, in the currency and the tax mode of the order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hub.model.order import RefundPayment

ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What was given back for one thing on the order: goods, a way of shipping, or a fee."""

    path: str
    """Where it stands in the wire, for errors."""
    quantity: Decimal = ONE
    """Pieces of goods; 0 where money was given back and no piece."""
    net: Decimal | None = None
    """What was given back for all pieces, after discount, in the order's tax mode. None: its share,
    by `unit_price` and `quantity`, of what the refund's amount has beyond the rest.
    """
    unit_price: Decimal | None = None
    """What a piece cost after discount: the weight of its share."""
    tax: Decimal | None = None
    """The tax of that: within `net` where prices include it, else beside it. None: its share of
    the refund's tax.
    """
    restock: bool = False
    """Whether the channel counts the pieces as sellable again."""
    what: Mapping[str, Any] = field(default_factory=dict)
    """Of goods: `channel_line_id`, `sku`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRefund:
    """A refund as a channel tells it."""

    currency: str
    tax_included: bool | None
    """The order's tax mode; None where it cannot be known."""
    goods: Sequence[Returned] = ()
    shipping: Sequence[Returned] = ()
    fees: Sequence[Returned] = ()
    amount: Decimal | None = None
    """The money that went back. None: what the parts are worth (`worked_out`)."""
    tax: Decimal | None = None
    """The tax within it. None: that of the parts, in proportion where less went back than they
    are worth.
    """
    tax_unsettled: Decimal | None = None
    """Tax that is not in `amount` and belongs to it if the order's prices are without. None: that
    of the parts, where neither the tax mode nor `amount` is told.
    """
    paid: Decimal | None = None
    """What was paid for the order, less what went back before, where that is known: no more than
    this can go back.
    """
    worked_out: bool = False
    """Whether `amount` follows from a rate or the like; the hub keeps it within what was paid."""
    restock: bool = False
    payments: Sequence[RefundPayment] = ()
    head: Mapping[str, Any] = field(default_factory=dict)
    """The other fields of a `Refund`: `source`, `refund_id`, `channel_order_id`, `created_at`,
    `reason`, `attributes`.
    """
