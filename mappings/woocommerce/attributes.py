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


def line_attributes(line: wire.Line) -> dict[str, Any]:
    """The attributes of a line: its add-ons as `properties`, and what it is a part of."""
    entries = (*line.meta_data, *line.meta)
    return told(
        {
            "properties": _meta([it for it in entries if not _is_hidden(it)]),
            "meta": _meta([it for it in entries if _is_hidden(it)]),
            "bundled_by": line.bundled_by,
            "composite_parent": line.composite_parent,
        }
    )


def _is_hidden(entry: wire.Meta) -> bool:
    return (entry.key or "_").startswith("_")


def _meta(entries: Sequence[wire.Meta]) -> dict[str, Any]:
    return kept(_shown(entries), _is_private) if entries else {}


def _shown(entries: Iterable[wire.Meta]) -> Iterator[tuple[str | None, Any]]:
    """Names and values, as people are shown them where a plug-in says so."""
    for entry in entries:
        name = entry.label or entry.display_key
        value = entry.value if entry.label else entry.display_value
        if entry.key and name and isinstance(value, str):
            if not _is_private(entry.key):
                yield name, unescaped(value)
        else:
            yield entry.key, entry.value
