"""What plug-ins keep on an order and its lines: kept as attributes, without what is private."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mappings.kit import existing
from mappings.kit.attributes import kept, private, told
from mappings.kit.markup import unescaped
from mappings.woocommerce import wire

_is_private = private(
    "nonce|key|card|intent|source_id|customer_id", within="attribution|fingerprint|hash"
)


def order_attributes(order: wire.Order) -> dict[str, Any]:
    """The attributes of an order."""
    return told(
        {
            "created_via": order.created_via,
            "parent_id": existing(order.parent_id),
            "meta": _meta(order.meta_data),
            "gift_cards": [card.code for card in order.gift_cards if card.code],
        }
    )


def line_attributes(line: wire.Line, *, is_measured: bool) -> dict[str, Any]:
    """The attributes of a line: its add-ons as `properties`, what it is a part of, and where it is
    sold by length or weight, how much of what (`measured`).
    """
    shown: list[wire.Meta] = []
    hidden: list[wire.Meta] = []
    for entry in (*line.meta_data, *line.meta):
        (hidden if (entry.get("key") or "_").startswith("_") else shown).append(entry)
    measured = {"quantity": str(line.quantity), "sku": line.sku} if is_measured else {}
    return told(
        {
            "properties": _meta(shown),
            "meta": _meta(hidden),
            "bundled_by": line.bundled_by,
            "composite_parent": line.composite_parent,
            "measured": told(measured),
        }
    )


def _meta(entries: Sequence[wire.Meta]) -> dict[str, Any]:
    return kept(_shown(entries), _is_private) if entries else {}


def _shown(entries: Iterable[wire.Meta]) -> Iterator[tuple[str | None, Any]]:
    """Names and values, as people are shown them where a plug-in says so."""
    for entry in entries:
        key, label = entry.get("key"), entry.get("label")
        name = label or entry.get("display_key")
        value = entry.get("value" if label else "display_value")
        if key and name and isinstance(value, str):
            if not _is_private(key):
                yield name, unescaped(value)
        else:
            yield key, entry.get("value")
