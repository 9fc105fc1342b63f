"""Tells a stock level: finds the inventory item by SKU and the location, then sets what is
available.

Until 2025-10 a write says `ignoreCompareQuantity`; from 2026-04 each row has `changeFromQuantity`
(null: do not compare) and the mutation needs an idempotency key. A channel that does not list the
article needs no level: that counts as told.
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from adapters.kit.tellings import NOT_LISTED
from adapters.ports import Receipt
from adapters.shopify.admin import OPERATIONS, Admin
from hub.model.errors import Rejected
from hub.model.stock import StockLevel
from mappings.kit import Context
from mappings.shopify import outward

KEYED_SINCE = "2026-04"
_MOST_KNOWN = 50_000

VARIANTS = OPERATIONS["ItemOfSku"]
LOCATIONS = OPERATIONS["Locations"]
LEVELS = OPERATIONS["LevelsOfItem"]
SET = OPERATIONS["SetAvailable"]
SET_KEYED = OPERATIONS["SetAvailableKeyed"]


class Stock:
    """The levels of one shop at one location. What was found once is remembered."""

    def __init__(self, admin: Admin, location_id: str | None) -> None:
        self._admin = admin
        self._location = location_id and f"gid://shopify/Location/{location_id}"
        self._items: dict[str, str] = {}

    def send(self, level: StockLevel, at: Context, key: str) -> Receipt:
        """Set the level."""
        item = self._item(level)
        if item is None:
            return NOT_LISTED
        setting = outward.stock_level(level, at)
        del setting["sku"]
        row = {
            "inventoryItemId": item,
            "locationId": self._place(),
            "quantity": setting.pop("quantity"),
        }
        if self._admin.version >= KEYED_SINCE:
            rows = [{**row, "changeFromQuantity": None}]
            variables = {"input": {**setting, "quantities": rows}, "key": _uuid(key)}
            self._admin.tell("inventorySetQuantities", SET_KEYED, variables)
        else:
            whole = {**setting, "ignoreCompareQuantity": True, "quantities": [row]}
            self._admin.tell("inventorySetQuantities", SET, {"input": whole})
        return Receipt(item.rsplit("/", 1)[-1])

    def find(self, level: StockLevel, at: Context) -> Receipt | None:
        """Whether the shop shows this level now."""
        item = self._item(level)
        if item is None:
            return NOT_LISTED
        wanted = outward.stock_level(level, at)["quantity"]
        shown = self._admin.ask(LEVELS, {"id": item}).get("inventoryItem") or {}
        levels = (shown.get("inventoryLevels") or {}).get("nodes") or []
        place = self._place()
        pieces = [_available(row) for row in levels if row["location"]["id"] == place]
        return Receipt(item.rsplit("/", 1)[-1]) if pieces == [wanted] else None

    def _item(self, level: StockLevel) -> str | None:
        """The inventory item: as the document names it, else by SKU."""
        named = level.attributes.get("inventory_item_id")
        if named:
            return f"gid://shopify/InventoryItem/{named}"
        sku = level.sku
        if sku not in self._items:
            quoted = sku.replace("\\", "\\\\").replace("'", "\\'")
            variants = self._admin.ask(VARIANTS, {"search": f"sku:'{quoted}'"})["productVariants"]
            exact = [variant for variant in variants["nodes"] if variant.get("sku") == sku]
            if not exact:
                return None
            if len(self._items) >= _MOST_KNOWN:
                self._items.clear()
            self._items[sku] = exact[0]["inventoryItem"]["id"]
        return self._items[sku]

    def _place(self) -> str:
        if self._location is None:
            found = self._admin.ask(LOCATIONS)["locations"]["nodes"]
            if len(found) != 1:
                raise Rejected("the shop has several locations: set location_id")
            self._location = found[0]["id"]
        return str(self._location)


def _available(level: dict[str, Any]) -> int | None:
    return next(
        (int(it["quantity"]) for it in level["quantities"] if it["name"] == "available"), None
    )


def _uuid(key: str) -> str:
    """Shopify wants a UUID for a key; the same key makes the same one."""
    return str(uuid5(NAMESPACE_URL, f"orderhub:{key}"))
