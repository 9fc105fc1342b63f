"""Articles: singleitem.synchronize, items.synchronize, and combineitem.synchronize for what a kit
is made of.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from hub.model.document import pieces
from hub.model.product import Product
from mappings.kit import Context
from mappings.qimen.outward.terms import Terms
from mappings.qimen.outward.writing import extended, money, write

Action = Literal["add", "update"]
HOURS_A_DAY = 24
MM_A_CM, G_A_KG = Decimal(10), Decimal(1000)
_OWN = ("color", "size")
"""Options that have a field of their own."""


def single(document: Product, terms: Terms, action: Action = "add") -> bytes:
    """singleitem.synchronize. A kit is an article too, of the kind ZH."""
    return write(
        {
            **_head(terms, action),
            "item": _item(document),
            "extendProps": extended(document, _further(document)),
        }
    )


def several(documents: Sequence[Product], terms: Terms, action: Action = "add") -> bytes:
    """items.synchronize."""
    return write({**_head(terms, action), "items": [_item(one) for one in documents]})


def kit(document: Product, terms: Terms) -> bytes:
    """combineitem.synchronize. `itemId` is the warehouse's number of a component; where it is not
    known, our own stands for it, as warehouses do that give none.
    """
    numbers = document.attributes.get("itemIds")
    known: Mapping[str, Any] = numbers if isinstance(numbers, Mapping) else {}
    parts = [
        {
            "itemCode": part.sku,
            "itemId": str(known.get(part.sku) or part.sku),
            "quantity": pieces(part.quantity),
        }
        for part in document.components
    ]
    return write(
        {
            "itemCode": document.sku,
            "ownerCode": terms.owner_code,
            "warehouseCode": terms.warehouse_code,
            "items": parts,
        }
    )


def article(document: Product, terms: Terms, _: Context) -> bytes:
    """What says most of a product: its components, or itself."""
    return kit(document, terms) if document.components else single(document, terms)


def _head(terms: Terms, action: Action) -> dict[str, Any]:
    return {
        "actionType": action,
        "warehouseCode": terms.warehouse_code,
        "ownerCode": terms.owner_code,
    }


def _item(document: Product) -> dict[str, Any]:
    number, life = document.attributes.get("itemId"), document.shelf_life_days
    options = {name.lower(): value for name, value in document.options.items()}
    others = [value for name, value in options.items() if name not in _OWN]
    return {
        "itemCode": document.sku,
        "itemId": number if isinstance(number, str) else None,
        "itemName": document.title,
        "barCode": document.gtin or document.sku,
        "skuProperty": ";".join(others) or None,
        "length": _measure(document.length_mm, MM_A_CM),
        "width": _measure(document.width_mm, MM_A_CM),
        "height": _measure(document.height_mm, MM_A_CM),
        "grossWeight": _measure(document.weight_g, G_A_KG),
        "color": options.get("color"),
        "size": options.get("size"),
        "categoryName": next(iter(document.categories), None),
        "itemType": "ZH" if document.components else "ZC",
        "tagPrice": _price(document.compare_at_price),
        "retailPrice": _price(document.price),
        "brandName": document.brand,
        "isSNMgmt": _flag(document.serial_tracked),
        "isShelfLifeMgmt": _flag(life is not None),
        "shelfLife": None if life is None else str(life * HOURS_A_DAY),
        "isBatchMgmt": _flag(document.batch_tracked),
        "originAddress": document.country_of_origin,
        "isValid": _flag(document.status != "archived"),
        "isSku": "Y",
    }


def _further(document: Product) -> dict[str, str | None]:
    return {
        "currency": document.currency,
        "hsCode": document.hs_code,
        "taxClass": document.tax_class,
    }


def _measure(value: Decimal | None, unit: Decimal) -> str | None:
    return None if value is None else pieces(value / unit)


def _price(value: Decimal | None) -> str | None:
    return None if value is None else money(value)


def _flag(value: bool) -> str:  # noqa: FBT001  # what is written is just that
    return "Y" if value else "N"
