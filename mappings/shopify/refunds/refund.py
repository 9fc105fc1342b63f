"""Shopify refund -> `refund`.

What went back, and how it is known, is in `worth`. The lines' `amount` is net of their discounts;
`tax` is the tax in `amount`. Which pieces went back into stock, and which had not left, is kept by
line in `attributes.restock_types`; what the customer got in another currency, in
`attributes.presented`.
"""

from typing import Any, TypeVar

from hub.model.document import ZERO, Document
from hub.model.order import RefundPayment
from mappings.kit import Context, shape
from mappings.kit.fields import needed
from mappings.kit.marks import unmarked
from mappings.kit.money import NO_CURRENCY, one_currency
from mappings.kit.refunds import ChannelRefund, Returned, refund
from mappings.shopify import wire
from mappings.shopify.envelope import resources
from mappings.shopify.money import Till, code_of
from mappings.shopify.refunds import parts
from mappings.shopify.refunds.worth import Worth, worth
from mappings.shopify.values import identity

T = TypeVar("T")
RESTOCKED = frozenset({"return", "cancel", "legacy_restock"})


def decode(raw: bytes, at: Context) -> list[Document]:
    """The refunds of a delivery."""
    return [
        refund(channel_refund(shape(wire.OwnRefund, tree, at), at), at)
        for tree in resources(raw, "refund", at.warn)
    ]


def channel_refund(told: wire.Refund, at: Context) -> ChannelRefund:
    """What the refund tells."""
    refund_id = _said(identity(told.id, told.admin_graphql_api_id), "id")
    order_id = _said(told.order_id, "order_id")
    created = _said(told.created_at or told.processed_at, "created_at")
    currency, named = _currency(told)
    till = Till(currency)
    gone = worth(told, till)
    reason, ours = unmarked(told.note)  # what the hub told comes back under its own number
    kept = {
        "channel_refund_id": refund_id if ours else None,
        "currencies": named if currency == NO_CURRENCY else None,
        **_kept(told, gone),
    }
    return ChannelRefund(
        currency=currency,
        tax_included=None,
        goods=[
            _goods(line, place, till, restocked=bool(told.restock))
            for place, line in enumerate(told.refund_line_items)
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
            RefundPayment(reference=made.key, gateway=made.gateway, amount=amount)
            for made, amount in gone.payments
        ],
        head={
            "source": at.source_by_time(refund_id, told.processed_at or created),
            "refund_id": ours or refund_id,
            "channel_order_id": order_id,
            "created_at": created,
            "reason": reason,
            "attributes": {name: value for name, value in kept.items() if value},
        },
    )


def _said(value: T | None, name: str) -> T:
    """What no refund is without."""
    return needed(value or None, name, f"a refund has its {name}")


def _kept(told: wire.Refund, gone: Worth) -> dict[str, Any]:
    """What is kept beside what the refund comes to."""
    lines = told.refund_line_items
    return {
        "restock_types": {it.key: it.restock_type for it in lines if it.key and it.restock_type},
        "presented": {code: f"{amount:f}" for code, amount in gone.presented.items()},
    }


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
