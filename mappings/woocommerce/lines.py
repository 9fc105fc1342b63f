"""The lines of a WooCommerce order as charges.

All amounts are without tax, whatever `prices_include_tax` says; `subtotal` is before coupons. A
bundle or a composite stands on several lines, of which the container and the parts may both cost
something; only what is packed by itself is shipped: the parts, and the container where no part is.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from hub.model.document import ZERO, built
from hub.model.order import TaxLine
from mappings.kit import existing, word
from mappings.kit.orders import Charge
from mappings.woocommerce import wire
from mappings.woocommerce.attributes import line_attributes

_tax_line = built(TaxLine)
_HUNDRED, _ONE = Decimal(100), Decimal(1)
_PACKED_ALONE = "_bundled_item_needs_shipping"
PICK_UP = frozenset({"local_pickup", "pickup_location", "local_pickup_plus"})


def goods(order: wire.Order, *, is_digital: bool, is_off: bool) -> list[Charge]:
    """The articles. `is_off`: the order was cancelled, nothing of it will be shipped."""
    rates = _rates(order)
    inside = _packed_inside(order.line_items)
    return [
        Charge(
            path=f"line_items.{place}",
            quantity=_pieces(line),
            gross=line.subtotal if line.subtotal is not None else line.total,
            net=line.total,
            tax=line.total_tax,
            taxes=_taxes(line.taxes, rates),
            what={
                "channel_line_id": line.id,
                "sku": line.sku,
                "channel_product_id": existing(line.product_id),
                "channel_variant_id": existing(line.variation_id),
                "title": line.name,
                "cancelled_quantity": _pieces(line) if is_off else ZERO,
                "requires_shipping": not is_digital and line.id not in inside,
                "attributes": line_attributes(line),
            },
        )
        for place, line in enumerate(order.line_items)
    ]


def _pieces(line: wire.Line) -> Decimal:
    """Pieces, 2.00 of them being 2. A part of a piece stays one, for the kit to refuse."""
    told = line.quantity if line.quantity is not None else ZERO
    return told if told % 1 else told.quantize(_ONE)


def ways(order: wire.Order) -> list[Charge]:
    """The ways of shipping; where a site tells only their sum, that."""
    rates = _rates(order)
    if order.shipping_total and all(way.total is None for way in order.shipping_lines):
        total, tax = order.shipping_total, order.shipping_tax
        way = next(iter(order.shipping_lines), wire.Way())
        what = {"code": way.method_id, "title": way.method_title}
        return [Charge(path="shipping_total", net=total, tax=tax, what=what)]
    return [
        Charge(
            path=f"shipping_lines.{place}",
            net=way.total if way.total is not None else ZERO,
            tax=way.total_tax,
            taxes=_taxes(way.taxes, rates),
            what={"code": way.method_id, "title": way.method_title},
        )
        for place, way in enumerate(order.shipping_lines)
    ]


def fees(order: wire.Order) -> list[Charge]:
    """Surcharges, and what is taken off by name."""
    rates = _rates(order)
    return [
        Charge(
            path=f"fee_lines.{place}",
            net=fee.total if fee.total is not None else ZERO,
            tax=fee.total_tax,
            taxes=_taxes(fee.taxes, rates),
            what={"title": fee.name},
        )
        for place, fee in enumerate(order.fee_lines)
    ]


def is_digital(order: wire.Order, *, has_address: bool) -> bool:
    """Whether the shop's own check-out asked nobody where to send it."""
    asked = order.created_via in {"checkout", "store-api"}
    return asked and not is_sent(order) and not has_address


def is_sent(order: wire.Order) -> bool:
    """Whether a way of shipping was chosen, or at least paid."""
    return bool(order.shipping_lines or order.shipping_total)


def _rates(order: wire.Order) -> Mapping[str, wire.TaxRate]:
    return {rate.rate_id: rate for rate in order.tax_lines if rate.rate_id}


def _taxes(
    shares: Sequence[wire.LineTax], rates: Mapping[str, wire.TaxRate]
) -> tuple[TaxLine, ...] | None:
    found = []
    for share in shares:
        rate = rates.get(share.id or "") or wire.TaxRate()
        if share.total:
            percent = rate.rate_percent
            found.append(
                _tax_line(
                    title=rate.label or rate.rate_code,
                    rate=None if percent is None else percent / _HUNDRED,
                    amount=share.total,
                )
            )
    return tuple(found) or None


def _packed_inside(lines: Sequence[wire.Line]) -> frozenset[str | None]:
    """The lines that no parcel holds by themselves: a container whose parts are packed, a part
    that is packed in its container.
    """
    parts = [line for line in lines if _says_no(line)]
    containers = {line.id for line in lines if line.bundled_items or line.composite_children}
    assembled = {line.bundled_by for line in parts}
    return frozenset((containers - assembled).union(line.id for line in parts))


def _says_no(line: wire.Line) -> bool:
    return any(
        entry.key == _PACKED_ALONE and word(str(entry.value)) in {"no", "0", "false"}
        for entry in line.meta_data
    )
