"""What is shown of personal data to whom has not asked for it: shapes, initials and dots.

A payload is a partner's, so nobody knows which of its fields are personal: every value is hidden
but those whose name is known to be harmless. What cannot be read as JSON or XML is hidden whole.
"""

import json
from collections.abc import Mapping
from typing import Any

from lxml import etree

from mappings.reading import read_xml

DOTS = "•••"
NOTHING = "\N{EN DASH}"
MOST_SHOWN = 256 * 1024

# fmt: off
_HARMLESS = frozenset({
    "id", "priority", "type", "topic", "status", "state", "kind", "code", "sku", "gtin",
    "itemcode", "item_code", "itemid", "quantity", "qty", "actualqty", "planqty", "on_hand",
    "reserved", "delta", "quality", "currency", "country", "country_code", "countrycode", "price",
    "unit_price", "total", "tax", "discount", "amount", "grand_total", "items", "paid",
    "refunded", "rounding", "outstanding", "rate", "fees", "line_no", "lineno", "orderlineno",
    "revision", "occurred_at", "created_at", "updated_at", "placed_at", "shipped_at", "at",
    "test", "complete", "warehouse", "warehousecode", "ownercode", "merchant", "connection",
    "carrier", "carrier_name", "service", "logisticscode", "requires_shipping",
    "prices_include_tax", "payment_state", "fulfilment_state", "financial_status",
    "fulfillment_status", "fulfilment_order_id", "channel_order_id", "channel_line_id",
    "order_number", "deliveryordercode", "ordertype", "flag", "weight_g", "weight_kg",
    "available", "version", "restock", "ordered", "shipped", "short", "cancelled_quantity",
    "gift_card", "taxable", "currency_code",
})
# fmt: on


def payload(raw: bytes) -> str:
    """A payload's shape, with the values hidden that may be personal."""
    try:
        shown = json.dumps(_tree(json.loads(raw), ""), ensure_ascii=False, indent=2)
        return shown.encode("utf-8", "replace").decode()
    except (ValueError, RecursionError):
        pass
    try:
        return _xml(raw)
    except Exception:  # noqa: BLE001  # whatever it is, it is not XML that the hub would read
        return DOTS


def bare(text: str | None) -> str:
    """An initial and dots: enough to tell two apart, not to know who it is."""
    return f"{text[0]}{DOTS}" if text else NOTHING


def email(text: str | None) -> str:
    """An initial, dots, and the domain's end."""
    if not text:
        return NOTHING
    return f"{text[0]}{DOTS}@{DOTS}.{text.rpartition('.')[2][:6]}" if "." in text else bare(text)


def _tree(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _tree(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_tree(one, name) for one in value]
    if value is None or isinstance(value, bool) or name.lower() in _HARMLESS:
        return value
    return DOTS


def _xml(raw: bytes) -> str:
    root = read_xml(raw)
    for element in root.iter(etree.Element):
        local = etree.QName(element).localname.lower()
        if element.text and element.text.strip() and local not in _HARMLESS:
            element.text = DOTS
        if element.tail and element.tail.strip():
            element.tail = DOTS
        for attribute in element.attrib:
            element.attrib[attribute] = DOTS
    for comment in root.xpath("//comment() | //processing-instruction()"):
        parent = comment.getparent()
        if parent is not None:
            parent.remove(comment)
    etree.indent(root)
    return str(etree.tostring(root, encoding="unicode"))
