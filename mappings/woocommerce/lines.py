"""The lines of a WooCommerce order as charges.

All amounts are without tax, whatever `prices_include_tax` says; `subtotal` is before coupons. A
bundle or a composite stands on several lines, of which the container and the parts may both cost
something; only what is packed by itself is shipped: the parts, and the container where no part is.

Goods that are sold by length or weight come as a part of a piece (1.5). Nobody can send that as
pieces of an article: it is one of none that we know, so that a person looks at it, and what was
told is kept beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, built
from hub.model.money import times
from hub.model.order import TaxLine
from mappings.kit import Context, existing, word
from mappings.kit.fields import needed
from mappings.kit.orders import Charge
from mappings.woocommerce import wire
from mappings.woocommerce.attributes import line_attributes

_tax_line = built(TaxLine)
_NO_RATE = wire.TaxRate()
_HUNDRED, _ONE = Decimal(100), Decimal(1)
_PACKED_ALONE = (
    "_bundled_item_needs_shipping",
    "_composite_item_needs_shipping",
    "_mnm_item_needs_shipping",
)
_OWED_OF = "_original_order_id"
"""The order of a deposit, on the one of its rest."""
_BY_PRODUCT = {"_woosb_ids": "_woosb_parent_id", "_wooco_ids": "_wooco_parent_id"}
"""What a container's line has -> where its parts name its product."""
_PACKING = frozenset({*_PACKED_ALONE, *_BY_PRODUCT, _OWED_OF})
PICK_UP = frozenset({"local_pickup", "pickup_location", "local_pickup_plus"})

_Keys = Mapping[str | None, Any]
"""What plug-ins keep on a line."""


def goods(order: wire.Order, at: Context, *, is_digital: bool, is_off: bool) -> list[Charge]:
    """The articles. `is_off`: the order was cancelled, nothing of it will be shipped. Where an
    amount alone was asked for, as the apps do, that is what was bought.
    """
    rates = _rates(order)
    if not order.line_items:
        return [_asked_for(fee, each, is_off=is_off) for fee, each in _fees(order)]
    inside = _packed_inside(order.line_items)
    return [
        _article(
            line,
            f"line_items.{place}",
            rates,
            at,
            is_sent=not is_digital and line.id not in inside,
            is_off=is_off,
        )
        for place, line in enumerate(order.line_items)
    ]


def _article(
    line: wire.Line,
    path: str,
    rates: Mapping[str, wire.TaxRate],
    at: Context,
    *,
    is_sent: bool,
    is_off: bool,
) -> Charge:
    told = needed(line.quantity, f"{path}.quantity")
    pieces = pieces_of(told, f"{path}.quantity", at)
    return Charge(
        path=path,
        quantity=pieces,
        gross=_gross(line),
        net=line.total,
        tax=line.total_tax,
        taxes=_taxes(line.taxes, rates),
        what={
            "channel_line_id": line.id,
            "sku": line.sku if pieces == told else None,
            "channel_product_id": existing(line.product_id),
            "channel_variant_id": existing(line.variation_id),
            "title": line.name,
            "cancelled_quantity": pieces if is_off else ZERO,
            "requires_shipping": is_sent,
            "attributes": line_attributes(line, is_measured=pieces != told),
        },
    )


def _asked_for(fee: wire.Fee, charge: Charge, *, is_off: bool) -> Charge:
    """An amount as a line, of no article and nothing to send."""
    what = {
        "channel_line_id": fee.id,
        "title": fee.name or "Amount",
        "cancelled_quantity": _ONE if is_off else ZERO,
        "requires_shipping": False,
    }
    return replace(charge, gross=max(charge.net or ZERO, ZERO), what=what)


def pieces_of(told: Decimal, path: str, at: Context) -> Decimal:
    """Pieces, 2.00 of them being 2. What is measured is one, with a warning."""
    if told > 0 and told % 1:
        message = f"{told:f} is no number of pieces: it is taken for one, of no known article"
        at.warn("bad_quantity", message, path=path)
        return _ONE
    return told if told % 1 else told.quantize(_ONE)


def _gross(line: wire.Line) -> Decimal | None:
    """What it cost before coupons. A price that a person raised afterwards stands in `total` alone:
    nothing was taken off then. Where neither is told, the price of a piece is.
    """
    if line.subtotal is None or line.total is None:
        told = line.subtotal if line.total is None else line.total
        if told is None and line.price is not None and line.quantity is not None:
            told = times(line.price, line.quantity)
        return told
    return max(line.subtotal, line.total)


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
    """Surcharges, and what is taken off by name, beside the articles."""
    return [charge for _, charge in _fees(order)] if order.line_items else []


def _fees(order: wire.Order) -> list[tuple[wire.Fee, Charge]]:
    rates = _rates(order)
    return [
        (
            fee,
            Charge(
                path=f"fee_lines.{place}",
                net=fee.total if fee.total is not None else ZERO,
                tax=fee.total_tax,
                taxes=_taxes(fee.taxes, rates),
                what={"title": fee.name},
            ),
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
        amount = share.get("total")
        if amount:
            rate = rates.get(share.get("id") or "", _NO_RATE)
            percent = rate.rate_percent
            found.append(
                _tax_line(
                    title=rate.label or rate.rate_code,
                    rate=None if percent is None else percent / _HUNDRED,
                    amount=amount,
                )
            )
    return tuple(found) or None


def _packed_inside(lines: Sequence[wire.Line]) -> frozenset[str | None]:
    """The lines that no parcel holds by themselves: a container whose parts are packed, a part
    that is packed in its container, what is owed of goods that another order sends.
    """
    kept = [(line, _by_key(line)) for line in lines]
    if not any(_tells_packing(line, keys) for line, keys in kept):
        return frozenset()  # as in most orders
    owed = {line.id for line, keys in kept if keys.get(_OWED_OF) is not None}
    parts = [line for line, keys in kept if _says_no(keys)]
    containers = {line.id for line, keys in kept if _holds_others(line, keys, kept)}
    assembled = {line.bundled_by or line.composite_parent for line in parts}
    return frozenset((containers - assembled | owed).union(line.id for line in parts))


def _tells_packing(line: wire.Line, keys: _Keys) -> bool:
    return not _PACKING.isdisjoint(keys) or bool(line.bundled_items or line.composite_children)


def _holds_others(line: wire.Line, keys: _Keys, kept: Sequence[tuple[wire.Line, _Keys]]) -> bool:
    """Whether other lines are its parts: some plug-ins say so in meta data alone, by the numbers of
    their products.
    """
    if line.bundled_items or line.composite_children:
        return True
    named = [part for held, part in _BY_PRODUCT.items() if keys.get(held) is not None]
    return any(str(its.get(part)) == line.product_id for part in named for _, its in kept)


def _says_no(keys: _Keys) -> bool:
    return any(word(str(keys.get(key))) in {"no", "0", "false"} for key in _PACKED_ALONE)


def _by_key(line: wire.Line) -> _Keys:
    """Its meta data; of a key that stands twice the first counts."""
    return {entry.get("key"): entry.get("value") for entry in reversed(line.meta_data)}
