"""What review rules change on an order: tags, the carrier, a warehouse, gifts.

It stands in the order's document, so that warehouses and books are told it like everything else,
and what was changed is kept beside it (`attributes.review`): until the order is released it is
taken back and decided anew, afterwards it stays, whatever the channel tells. A gift is a line of
its own (`attributes.added_by` names the rule), of which the channel never hears.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.model.fulfilment import Shipment
from hub.model.order import OrderLine, SalesOrder
from hub.rules.orders import edited

_KEPT = "review"
_BY = "added_by"
_OURS = frozenset({_BY, edited.MARK})
_FIRST_LINE = 9001
"""Number of the first gift, far from those that a channel may still add."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What is to be changed. `gifts`: (rule, SKU, pieces)."""

    tags: tuple[str, ...] = ()
    carrier: str | None = None
    warehouse: str | None = None
    is_forced: bool = False
    gifts: tuple[tuple[str, str, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tags or self.carrier or self.warehouse or self.gifts)


def is_gift(line: OrderLine) -> bool:
    """Whether a rule or staff added the line: the channel sold nothing of the kind."""
    return _BY in line.attributes or edited.is_added(line)


def preferred(order: SalesOrder) -> str | None:
    """The warehouse that a rule would rather have ship it."""
    kept = _kept(order)
    return None if kept.get("forced") else kept.get("warehouse")


def as_told(order: SalesOrder) -> SalesOrder:
    """What a partner tells, without words that are only ours to say."""
    ours = [line for line in order.lines if _OURS & line.attributes.keys()]
    if _KEPT not in order.attributes and not ours:
        return order
    lines = tuple(
        line.model_copy(update={"attributes": _without(line.attributes, *_OURS)})
        if _OURS & line.attributes.keys() else line for line in order.lines
    )  # fmt: skip
    return order.model_copy(
        update={"attributes": _without(order.attributes, _KEPT), "lines": lines}
    )


def apply(order: SalesOrder, effects: Effects) -> SalesOrder:
    """The order with these changes, in place of any that rules made before. The same object where
    nothing changes.
    """
    if not effects and not _kept(order):
        return order
    plain = _taken_back(order)
    after = _changed(plain, effects) if effects else plain
    return order if after == order else after


def keep(stored: SalesOrder, newer: SalesOrder) -> SalesOrder:
    """A newer telling of an order that was released, with what rules had changed on it."""
    kept = _kept(stored)
    if not kept:
        return newer
    gifts = tuple(line for line in stored.lines if _BY in line.attributes)
    effects = Effects(
        tuple(kept.get("tags", ())),
        kept.get("carrier"),
        kept.get("warehouse"),
        bool(kept.get("forced")),
    )
    after = _changed(newer, effects)
    return after.model_copy(
        update={
            "lines": after.lines + gifts,
            "attributes": {**after.attributes, _KEPT: dict(kept)},
        }
    )


def without_gifts(document: Shipment, sold: SalesOrder) -> Shipment | None:
    """A shipment as its channel hears of it; None where nothing but gifts is in it."""
    gifts = {line.line_no for line in sold.lines if is_gift(line)}
    if not gifts or document.order is None:
        return document
    lines = tuple(line for line in document.order.lines if line.line_no not in gifts)
    packages = tuple(
        parcel.model_copy(
            update={"lines": tuple(line for line in parcel.lines if line.line_no not in gifts)}
        )
        for parcel in document.packages
    )
    order = document.order.model_copy(update={"lines": lines})
    return document.model_copy(update={"order": order, "packages": packages}) if lines else None


def _changed(order: SalesOrder, effects: Effects) -> SalesOrder:
    kept: dict[str, Any] = {}
    update: dict[str, Any] = {}
    tags = [tag for tag in effects.tags if tag not in order.tags]
    if tags:
        kept["tags"], update["tags"] = tags, (*order.tags, *tags)
    if effects.carrier and effects.carrier != order.delivery.carrier:
        kept |= {"carrier": effects.carrier, "carrier_was": order.delivery.carrier}
        update["delivery"] = order.delivery.model_copy(update={"carrier": effects.carrier})
    lines = order.lines
    if effects.warehouse:
        kept |= {"warehouse": effects.warehouse, "forced": effects.is_forced}
    gifts = _gifts(order, effects)
    if gifts:
        kept["gifts"] = len(gifts)
        lines = lines + gifts
    if effects.warehouse and effects.is_forced:
        lines = tuple(_sent_from(line, effects.warehouse) for line in lines)
    attributes = {**order.attributes, _KEPT: kept} if kept else order.attributes
    return order.model_copy(update={**update, "lines": lines, "attributes": attributes})


def _taken_back(order: SalesOrder) -> SalesOrder:
    kept = _kept(order)
    if not kept:
        return order
    update: dict[str, Any] = {"attributes": _without(order.attributes, _KEPT)}
    if "tags" in kept:
        update["tags"] = tuple(tag for tag in order.tags if tag not in kept["tags"])
    if "carrier" in kept:
        was = kept.get("carrier_was")
        update["delivery"] = order.delivery.model_copy(update={"carrier": was})
    lines = tuple(line for line in order.lines if _BY not in line.attributes)
    if kept.get("forced"):
        lines = tuple(_from_anywhere(line, kept["warehouse"]) for line in lines)
    return order.model_copy(update={**update, "lines": lines})


def _gifts(order: SalesOrder, effects: Effects) -> tuple[OrderLine, ...]:
    first = max(_FIRST_LINE, 1 + max(line.line_no for line in order.lines))
    return tuple(
        OrderLine(
            line_no=number,
            sku=sku,
            quantity=Decimal(pieces),
            unit_price=Decimal(0),
            total=Decimal(0),
            attributes={_BY: rule},
        )
        for number, (rule, sku, pieces) in enumerate(effects.gifts, first)
    )


def _sent_from(line: OrderLine, warehouse: str) -> OrderLine:
    """Only lines that are ours to send, and that no fulfilment service stands for."""
    if not line.requires_shipping or line.fulfilled_by is not None:
        return line
    return line.model_copy(update={"warehouse": warehouse})


def _from_anywhere(line: OrderLine, warehouse: str) -> OrderLine:
    if line.fulfilled_by is not None or line.warehouse != warehouse:
        return line
    return line.model_copy(update={"warehouse": None})


def _kept(order: SalesOrder) -> Mapping[str, Any]:
    kept = order.attributes.get(_KEPT)
    return kept if isinstance(kept, Mapping) else {}


def _without(attributes: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if key not in names}
