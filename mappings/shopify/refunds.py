"""Shopify refund -> `refund`.

The money given back is what the transactions say: a refund without any (an edit that takes out a
line, a cancellation before payment) gives nothing back, though its lines have a value. The lines'
`amount` is net of their discounts; older payloads leave it out, then it is worked out from the
line. Which pieces went back into stock, and which had not left, is kept by line in
`attributes.restock_types`.
"""

from collections.abc import Iterable
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.money import EXPONENT, add, round_to, times
from hub.model.order import Refund, RefundLine, RefundPayment
from mappings.kit import Context, shape
from mappings.shopify import wire
from mappings.shopify.envelope import resources
from mappings.shopify.money import Till, code_of, one_currency
from mappings.shopify.orders import revision
from mappings.shopify.payments import in_shop_money, paid_back, refund_transactions, shipping_value
from mappings.shopify.values import identity

RESTOCKED = frozenset({"return", "cancel", "legacy_restock"})


def decode(raw: bytes, at: Context) -> list[Document]:
    """The refunds of a delivery."""
    return [refund(shape(wire.Refund, tree), at) for tree in resources(raw, "refund")]


def refund(told: wire.Refund, at: Context) -> Refund:
    """The canonical refund."""
    refund_id = identity(told.id, told.admin_graphql_api_id)
    created = told.created_at or told.processed_at
    missing = next(
        (
            name
            for name, value in (
                ("id", refund_id),
                ("order_id", told.order_id),
                ("created_at", created),
            )
            if not value
        ),
        None,
    )
    if missing or refund_id is None or created is None or told.order_id is None:
        raise BadData(f"a refund has its {missing}", path=missing or "", code="missing_field")
    till = Till(_currency(told))
    given = tuple(_line(one, till, restocked=bool(told.restock)) for one in told.refund_line_items)
    kinds = {
        one.key: one.restock_type for one in told.refund_line_items if one.key and one.restock_type
    }
    return Refund(
        source=at.source(
            refund_id, revision(told.processed_at or created), told.processed_at or created
        ),
        refund_id=refund_id,
        channel_order_id=told.order_id,
        created_at=created,
        currency=till.currency,
        amount=paid_back(told, till, tax_included=False),
        shipping_amount=shipping_value(told, till),
        tax=till.total([*(line.tax for line in given), *_shipping_taxes(told, till)]),
        reason=told.note,
        restock=bool(told.restock) or any(line.restock for line in given),
        lines=given,
        payments=tuple(_payments(told, till)),
        attributes={"restock_types": kinds} if kinds else {},
    )


def _line(one: wire.RefundedLine, till: Till, *, restocked: bool) -> RefundLine:
    pieces = one.quantity or ZERO
    amount = till.or_none(one.subtotal, one.subtotal_set)
    tax = till.or_none(one.total_tax, one.total_tax_set)
    return RefundLine(
        channel_line_id=one.key,
        sku=one.line_item.sku if one.line_item else None,
        quantity=pieces,
        amount=_worth(one, till) if amount is None else amount,
        tax=_part_of(_line_taxes(one, till), one, till) if tax is None else tax,
        restock=one.restock_type in RESTOCKED if one.restock_type else restocked,
    )


def _worth(one: wire.RefundedLine, till: Till) -> Decimal:
    """The refunded pieces at the line's price less their share of its discount."""
    line = one.line_item
    if line is None:
        return ZERO
    allocated = till.total(
        till.of(part.amount, part.amount_set) for part in line.discount_allocations
    )
    off = allocated or till.of(line.total_discount, line.total_discount_set)
    gross = times(till.of(line.price, line.price_set), one.quantity or ZERO)
    return till.tidy(add(gross, -_part_of(off, one, till)))


def _line_taxes(one: wire.RefundedLine, till: Till) -> Decimal:
    taxes = one.line_item.tax_lines if one.line_item else []
    return till.total(till.of(tax.price, tax.price_set) for tax in taxes)


def _part_of(amount: Decimal, one: wire.RefundedLine, till: Till) -> Decimal:
    """The share of a line's amount that falls on the refunded pieces."""
    if one.line_item is None or not amount:
        return ZERO
    if one.quantity == one.line_item.quantity or till.currency not in EXPONENT:
        return amount
    return round_to(times(amount, one.quantity or ZERO) / one.line_item.quantity, till.currency)


def _shipping_taxes(told: wire.Refund, till: Till) -> list[Decimal]:
    adjusted = [-till.of(one.tax_amount, one.tax_amount_set) for one in told.order_adjustments]
    return adjusted or [till.of(None, one.tax_amount_set) for one in told.refund_shipping_lines]


def _payments(told: wire.Refund, till: Till) -> Iterable[RefundPayment]:
    for one in refund_transactions(told):
        amount = in_shop_money(one, till)
        if amount is not None:
            yield RefundPayment(reference=one.key, gateway=one.gateway, amount=amount)


def _currency(told: wire.Refund) -> str:
    bags = [
        bag for line in told.refund_line_items for bag in (line.subtotal_set, line.total_tax_set)
    ]
    bags += [one.amount_set for one in told.order_adjustments]
    bags += [one.subtotal_amount_set for one in told.refund_shipping_lines]
    bags.append(told.extra.get("total_duties_set"))
    named = [code for bag in bags if (code := code_of(bag))]
    return one_currency(named or [one.currency for one in told.transactions or []])[0]
