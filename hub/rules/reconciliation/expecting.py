"""What money is expected of an order: each payment that was made, else all that was paid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from hub.model.fulfilment import Shipment
from hub.model.money import EXPONENT, add, fits, split
from hub.model.order import Refund, SalesOrder

_PAID = frozenset({"paid", "partially_refunded", "refunded"})
_OWN = frozenset({"gift_card", "store_credit"})
"""Money that no provider pays out: it was taken in before."""
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Expected:
    """Money that is to come (above zero) or to go (below). `key` is unique for a merchant and kind;
    `reference` is what a provider knows it by. `weight_kg` is of parcels.
    """

    kind: str
    key: str
    reference: str | None
    amount: Decimal
    currency: str
    due_at: datetime
    weight_kg: Decimal | None = None


def of_order(order: SalesOrder, prefix: str) -> list[Expected]:
    """What providers will pay out for an order. `prefix` makes keys of one channel's orders their
    own.
    """
    made = [it for it in order.payments if it.state in _PAID and it.method not in _OWN]
    expected = [
        Expected(
            "sale",
            f"{prefix}:{it.reference or at}",
            it.reference,
            *(it.amount, it.currency, it.at or order.placed_at),
        )
        for at, it in enumerate(made)
        if it.amount
    ]
    if expected or any(it.state in _PAID for it in order.payments) or not order.totals.paid:
        return _summed(expected)
    whole = order.totals.paid
    return [Expected("sale", f"{prefix}:paid", None, whole, order.currency, order.placed_at)]


def of_refund(refund: Refund, prefix: str) -> list[Expected]:
    """What providers will take back for a refund: each payment back, where they add up to it."""
    key, paid = f"{prefix}:{refund.refund_id}", [it for it in refund.payments if it.amount]
    if len(paid) > 1 and add(*(it.amount for it in paid)) == refund.amount:
        return _summed(
            [
                _back(refund, f"{key}:{it.reference or at}", it.reference, it.amount)
                for at, it in enumerate(paid)
            ]
        )
    reference = paid[0].reference if len(paid) == 1 else None
    return [_back(refund, key, reference, refund.amount)] if refund.amount else []


def of_shipment(shipment: Shipment, currency: str) -> list[Expected]:
    """What a carrier will ask for each parcel: its share of what the warehouse said it costs, or
    nothing known. A parcel without a number cannot be told on an invoice.
    """
    parcels = [it for it in shipment.own_packages() if it.tracking_number]
    costs = {it.currency for it in shipment.costs}
    if len(costs) == 1:
        currency = costs.pop()
    known = add(*(it.amount for it in shipment.costs if it.currency == currency))
    if currency not in EXPONENT or not fits(known, currency):
        return []
    shares = split(known, [it.weight_kg or _ZERO for it in parcels], currency) if parcels else []
    return [
        Expected(
            *("carriage", str(it.tracking_number), it.tracking_number, -share, currency),
            *(shipment.shipped_at, it.weight_kg),
        )
        for it, share in zip(parcels, shares, strict=True)
    ]


def changed(
    wanted: Sequence[Expected], matched: Mapping[str, Decimal], prefix: str
) -> list[Expected]:
    """What is still expected of an order that was told anew, where some of it (key -> amount) came
    already: what is new of it, or the rest of it where the parts became others.
    """
    left = [it for it in wanted if it.key not in matched]
    rest = add(*(it.amount for it in wanted), *(-it for it in matched.values()))
    if add(*(it.amount for it in left)) == rest:
        return left
    if not rest or not wanted:
        return []
    key = f"{prefix}:rest:{len(matched)}"
    return [replace(wanted[0], key=key, reference=None, amount=rest)]


def _back(refund: Refund, key: str, reference: str | None, amount: Decimal) -> Expected:
    return Expected("refund", key, reference, -amount, refund.currency, refund.created_at)


def _summed(expected: Iterable[Expected]) -> list[Expected]:
    """One of each key: a payment that is told in parts is one."""
    by_key: dict[str, Expected] = {}
    for it in expected:
        before = by_key.get(it.key)
        by_key[it.key] = replace(it, amount=add(before.amount, it.amount)) if before else it
    return list(by_key.values())
