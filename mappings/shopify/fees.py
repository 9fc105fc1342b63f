"""What is charged beside goods and shipping: tips, duties, further fees.

A tip is told twice: as `total_tip_received` and as a line without variant that needs no shipping.
It is taken once, as a fee.
"""

from collections.abc import Sequence
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.money import add, times
from hub.model.order import Fee
from mappings.shopify import wire
from mappings.shopify.money import Till
from mappings.shopify.values import reference


def without_tips(
    lines: Sequence[wire.Line], order: wire.Order, till: Till
) -> tuple[list[wire.Line], Decimal]:
    """The lines without those that show the tip, and the tip. A tip that is all there is stays
    a line.
    """
    tip = till.of(order.total_tip_received, order.total_tip_received_set)
    shown = [line for line in lines if _may_be_tip(line)]
    tips = [line for line in shown if line.tip_payment_gateway] or _worth(shown, tip, till)
    if not tips or len(tips) == len(lines):
        return list(lines), ZERO if tips else tip
    given = tip or till.total(_worth_of(line, till) for line in tips)
    return [line for line in lines if not any(line is one for one in tips)], given


def fees(order: wire.Order, tip: Decimal, till: Till, *, tax_included: bool) -> list[Fee]:
    """All fees above nothing."""
    duties = [duty for line in order.line_items or [] for duty in line.duties]
    per_line = [till.of(None, duty.price_set or {"shop_money": duty.shop_money}) for duty in duties]
    duty = till.or_none(None, order.original_total_duties_set) or till.total(per_line)
    duty_tax = till.total(
        till.of(tax.price, tax.price_set) for one in duties for tax in one.tax_lines
    )
    further = till.of(None, order.original_total_additional_fees_set)
    found = [
        ("tip", "Tip", tip, ZERO),
        (
            "duty",
            "Duties",
            ZERO if order.duties_included else duty,
            ZERO if order.duties_included else duty_tax,
        ),
        ("additional_fee", "Additional fees", further, ZERO),
    ]
    return [
        Fee(
            code=code,
            title=title,
            amount=amount,
            tax=till.tidy(tax),
            total=amount if tax_included else add(amount, tax),
        )
        for code, title, amount, tax in found
        if amount or tax
    ]


def _may_be_tip(line: wire.Line) -> bool:
    bound = reference(line.variant_id) or reference(line.product_id) or line.sku
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
