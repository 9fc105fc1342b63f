"""Shopify refund -> `refund`.

What went back, and how it is known, is in `worth`. The lines' `amount` is net of their discounts;
`tax` is the tax in `amount`. Which pieces went back into stock, and which had not left, is kept by
line in `attributes.restock_types`; what the customer got in another currency, in
`attributes.presented`.
"""

from typing import Any

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.order import RefundPayment
from mappings.kit import Context, shape
from mappings.kit.marks import unmarked
from mappings.kit.money import NO_CURRENCY, one_currency
from mappings.kit.refunds import ChannelRefund, Returned, refund
from mappings.shopify import wire
from mappings.shopify.envelope import resources
from mappings.shopify.money import Till, code_of
from mappings.shopify.refunds import parts
from mappings.shopify.refunds.worth import worth
from mappings.shopify.values import identity

RESTOCKED = frozenset({"return", "cancel", "legacy_restock"})


def decode(raw: bytes, at: Context) -> list[Document]:
    """The refunds of a delivery."""
    return [
        refund(channel_refund(shape(wire.OwnRefund, tree, at), at), at)
        for tree in resources(raw, "refund", at.warn)
    ]


def channel_refund(told: wire.Refund, at: Context) -> ChannelRefund:
    """What the refund tells."""
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
    currency, named = _currency(told)
    till = Till(currency)
    kinds = {
        one.key: one.restock_type for one in told.refund_line_items if one.key and one.restock_type
    }
    gone = worth(told, till)
    reason, ours = unmarked(told.note)  # what the hub told comes back under its own number
    attributes: dict[str, Any] = {
        "channel_refund_id": refund_id if ours else None,
        "currencies": named if currency == NO_CURRENCY else None,
        "restock_types": kinds,
        "presented": {code: f"{amount:f}" for code, amount in gone.presented.items()},
    }
    return ChannelRefund(
        currency=currency,
        tax_included=None,
        goods=[
            _goods(one, at_place, till, restocked=bool(told.restock))
            for at_place, one in enumerate(told.refund_line_items)
        ],
        shipping=[
            Returned(path="order_adjustments", net=amount, tax=tax or ZERO)
            for amount, tax in parts.shipping(told, till.of)
            if amount is not None
        ],
        amount=gone.amount,
        tax=gone.tax,
        tax_unsettled=gone.tax_unsettled,
        worked_out=gone.worked_out,
        restock=bool(told.restock),
        payments=[
            RefundPayment(reference=one.key, gateway=one.gateway, amount=amount)
            for one, amount in gone.payments
        ],
        head={
            "source": at.source_by_time(refund_id, told.processed_at or created),
            "refund_id": ours or refund_id,
            "channel_order_id": told.order_id,
            "created_at": created,
            "reason": reason,
            "attributes": {name: value for name, value in attributes.items() if value},
        },
    )


def _goods(one: wire.RefundedLine, place: int, till: Till, *, restocked: bool) -> Returned:
    return Returned(
        path=f"refund_line_items.{place}",
        quantity=one.quantity or ZERO,
        net=parts.line_amount(one, till),
        tax=parts.line_tax(one, till),
        restock=one.restock_type in RESTOCKED if one.restock_type else restocked,
        what={"channel_line_id": one.key, "sku": one.line_item.sku if one.line_item else None},
    )


def _currency(told: wire.Refund) -> tuple[str, list[str]]:
    """The shop's; where no amount shows it, the customer's, which the hub changes back."""
    bags = list(parts.bags(told))
    ours = [code for bag in bags if (code := code_of(bag))]
    theirs = [code for bag in bags if (code := code_of(bag, "presentment_money"))]
    return one_currency(ours or theirs or [one.currency for one in told.transactions or []])
