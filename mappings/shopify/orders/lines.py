"""What stands on a Shopify order, as it is told: price, discount and tax of each line and each way
of shipping, and which pieces are no longer wanted.

Discount: `discount_allocations` are the truth for a line; `total_discount` is read where there
are none. In orders written before allocations, and in samples, a discount may stand on the order
only: then nothing is told here. Tax: a line's own `tax_lines`; where no line has any, the order's.

Pieces: `quantity` stays as bought. `cancelled_quantity` is what edits and refunds took out before
it was shipped: `quantity - current_quantity` (or, where that is not sent, what the refunds say),
without the pieces refunded as `return`, which were shipped and came back, and never more than was
not yet fulfilled. `no_restock` does not say whether a piece had left; where part of a line was
fulfilled, `fulfillable_quantity` decides.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, built
from hub.model.errors import BadData
from hub.model.order import TaxLine
from mappings.kit import existing, word
from mappings.kit.orders import Charge
from mappings.shopify import wire
from mappings.shopify.money import Till
from mappings.shopify.orders.attributes import line_attributes

_tax = built(TaxLine)

NOT_SENT = frozenset({"cancelled", "error", "failure"})
"""States of a fulfilment whose pieces did not leave."""

CAME_BACK = "return"

OWN_SERVICES = frozenset({"", "manual", "gift_card"})
"""Fulfilment services that are none: the merchant sends it, or the shop mails a card's code."""

Placed = tuple[int, wire.Line]
"""A line and its place in `line_items`."""


class Charges:
    """The lines and ways of shipping of an order as charges. What is told of one only, of all the
    rest is told to be nothing: where one line has its taxes, no line has a share of the order's.
    """

    def __init__(
        self, order: wire.Order, lines: Sequence[Placed], ways: Sequence[wire.Shipping], till: Till
    ) -> None:
        self._order, self._till = order, till
        self._are_taxed = any(line.tax_lines for _, line in lines) or any(
            one.tax_lines for one in ways
        )
        self._are_allocated = any(line.discount_allocations for _, line in lines) or any(
            one.discount_allocations for one in ways
        )
        self.goods = [self._goods(line, f"line_items.{at}") for at, line in _once(lines)]
        self.shipping = [
            self._way(line, f"shipping_lines.{at}")
            for at, line in enumerate(ways)
            if not line.is_removed
        ]

    def _goods(self, line: wire.Line, path: str) -> Charge:
        till = self._till
        off = _allocated(line.discount_allocations, till) or till.of(
            line.total_discount, line.total_discount_set
        )
        return Charge(
            path=path,
            quantity=line.quantity,
            unit_price=till.or_none(line.price, line.price_set),
            discount=off if off or self._are_allocated else None,
            taxes=taxes(line.tax_lines, till) if self._are_taxed else None,
            taxable=line.taxable is not False,
            what=_article(line, self._order),
        )

    def _way(self, line: wire.Shipping, path: str) -> Charge:
        till, allocated = self._till, line.discount_allocations
        off = _allocated(allocated, till) if allocated else None
        reduced = till.or_none(line.discounted_price, line.discounted_price_set)
        return Charge(
            path=path,
            unit_price=till.or_none(line.price, line.price_set),
            discount=till.nothing if off is None and self._are_allocated else off,
            net=None if allocated else reduced,
            taxes=taxes(line.tax_lines, till),
            what={"code": line.code, "title": line.title},
        )


def _once(lines: Sequence[Placed]) -> list[Placed]:
    seen: dict[str, wire.Line] = {}
    kept = []
    for at, line in lines:
        key = line.key
        known = line if key is None else seen.setdefault(key, line)
        if known is line:
            kept.append((at, line))
        elif known != line:
            raise BadData(
                "the line stands twice and differs",
                path=f"line_items.{at}",
                code="conflicting_lines",
            )
    return kept


def _allocated(allocations: Iterable[wire.Allocation], till: Till) -> Decimal:
    return till.total(till.of(one.amount, one.amount_set) for one in allocations)


def taxes(lines: Iterable[wire.Tax], till: Till) -> tuple[TaxLine, ...]:
    """Taxes as told."""
    return tuple(
        _tax(title=one.title, rate=one.rate, amount=till.of(one.price, one.price_set))
        for one in lines
    )


def _article(line: wire.Line, order: wire.Order) -> dict[str, Any]:
    """What a line says beside its money."""
    left = fulfilled(line, order)
    return {
        "channel_line_id": line.key,
        "sku": line.sku,
        "channel_product_id": existing(line.product_id),
        "channel_variant_id": existing(line.variant_id),
        "title": line.title or line.name,
        "variant_title": line.variant_title,
        "vendor": line.vendor,
        "cancelled_quantity": cancelled(line, order, left),
        "fulfilled_quantity": left,
        "requires_shipping": line.requires_shipping is not False,
        "fulfilled_by": _others(line),
        "gift_card": bool(line.gift_card),
        "weight_g": line.grams or None,
        "attributes": line_attributes(line),
    }


def _others(line: wire.Line) -> str | None:
    """The service that sends it, where that is neither the merchant nor the shop itself."""
    service = line.fulfillment_service
    return None if word(service or "") in OWN_SERVICES else service


def fulfilled(line: wire.Line, order: wire.Order) -> Decimal:
    """Pieces that left, whoever sent them."""
    if not order.fulfillments:
        return ZERO
    key = line.key
    sent = (one for one in order.fulfillments if one.status not in NOT_SENT)
    pieces = (it.quantity or ZERO for one in sent for it in one.line_items if it.key == key)
    return min(sum(pieces, ZERO), line.quantity)


def cancelled(line: wire.Line, order: wire.Order, left: Decimal) -> Decimal:
    """Pieces taken out before they were shipped; see the module's docstring. `left`: those that
    were.
    """
    refunded: dict[bool, Decimal] = {True: ZERO, False: ZERO}
    for one in (one for refund in order.refunds for one in refund.refund_line_items):
        if one.key == line.key:
            refunded[one.restock_type == CAME_BACK] += one.quantity or ZERO
    current = line.current_quantity
    gone = refunded[False] if current is None else line.quantity - current - refunded[True]
    most = line.quantity - left
    if left and line.fulfillable_quantity is not None:
        most -= line.fulfillable_quantity
    return max(min(gone, most), ZERO)
