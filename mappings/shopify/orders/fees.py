"""What is charged beside goods and shipping: tips, duties, further fees.

A tip is told twice: as `total_tip_received` and as a line without variant that needs no shipping.
It is taken once, as a fee.
"""

from collections.abc import Sequence
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.money import times
from mappings.kit import existing
from mappings.kit.orders import Charge
from mappings.shopify import wire
from mappings.shopify.money import Till
from mappings.shopify.orders.lines import Placed


def without_tips(
    lines: Sequence[Placed], order: wire.Order, till: Till
) -> tuple[list[Placed], Decimal]:
    """The lines without those that show the tip, and the tip. A tip that is all there is stays
    a line.
    """
    tip = till.of(order.total_tip_received, order.total_tip_received_set)
    shown = [line for _, line in lines if _may_be_tip(line)]
    tips = [line for line in shown if line.tip_payment_gateway] or _worth(shown, tip, till)
    if not tips or len(tips) == len(lines):
        return list(lines), ZERO if tips else tip
    given = tip or till.total(_worth_of(line, till) for line in tips)
    return [one for one in lines if not any(one[1] is line for line in tips)], given


def fees(order: wire.Order, tip: Decimal, till: Till) -> list[Charge]:
    """All fees."""
    further = till.of(None, order.original_total_additional_fees_set)
    charged = [
        _fee("tip", "Tip", "total_tip_received", tip) if tip else None,
        None if order.duties_included else _duty(order, till),
        _fee("additional_fee", "Additional fees", "original_total_additional_fees_set", further)
        if further
        else None,
    ]
    return [one for one in charged if one is not None]


def _duty(order: wire.Order, till: Till) -> Charge | None:
    duties = [duty for line in order.line_items or [] for duty in line.duties]
    stated = till.or_none(None, order.original_total_duties_set)
    if not duties and not stated:
        return None
    per_line = [till.of(None, duty.price_set or {"shop_money": duty.shop_money}) for duty in duties]
    tax = till.total(till.of(tax.price, tax.price_set) for one in duties for tax in one.tax_lines)
    duty = stated or till.total(per_line)
    return _fee("duty", "Duties", "original_total_duties_set", duty, tax)


def _fee(kind: str, title: str, path: str, amount: Decimal, tax: Decimal = ZERO) -> Charge:
    return Charge(path=path, net=amount, tax=tax, what={"code": kind, "title": title})


def _may_be_tip(line: wire.Line) -> bool:
    bound = existing(line.variant_id) or existing(line.product_id) or line.sku
    return not bound and line.requires_shipping is False and not line.gift_card


def _worth(lines: Sequence[wire.Line], tip: Decimal, till: Till) -> list[wire.Line]:
    """The line, or else all the lines, that are worth exactly the tip."""
    if not tip:
        return []
    one = [line for line in lines if _worth_of(line, till) == tip]
    every = till.total(_worth_of(line, till) for line in lines) == tip
    return one[-1:] or (list(lines) if every else [])


def _worth_of(line: wire.Line, till: Till) -> Decimal:
    return times(till.of(line.price, line.price_set), line.quantity)
