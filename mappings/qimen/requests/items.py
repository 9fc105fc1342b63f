"""singleitem.synchronize, items.synchronize and combineitem.synchronize, read back."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hub.model.document import Document
from hub.model.errors import BadData
from hub.model.product import Component, Product
from mappings.qimen.fields import Reader, kind, needed, pieces, positive
from mappings.qimen.outward.items import G_A_KG, HOURS_A_DAY, MM_A_CM
from mappings.qimen.requests.common import currency, number, own_props
from mappings.qimen.tree import Node

_OWN = ("currency", "hsCode", "taxClass")
_KEPT = ("itemId", "itemType", "skuProperty", "shortName", "englishName", "goodsCode", "remark")
_YES = frozenset({"y", "yes", "true", "1", "是"})


def article(reader: Reader, request: Node) -> list[Document]:
    """singleitem.synchronize."""
    return [_product(reader, request, request.child("item"), "item")]


def articles(reader: Reader, request: Node) -> list[Document]:
    """items.synchronize."""
    nodes = request.entries("items")
    if not nodes:
        raise BadData("at least one item is expected", path="items", code="no_lines")
    return [_product(reader, request, node, f"items.{index}") for index, node in enumerate(nodes)]


def kit(reader: Reader, request: Node) -> list[Document]:
    """combineitem.synchronize: a kit by its components. It says no title: its number stands."""
    code, nodes = needed(request, "itemCode", path="request"), request.entries("items")
    if not nodes:
        raise BadData("at least one item is expected", path="items", code="no_lines")
    parts = list(_parts(nodes))
    numbers = {part.sku: text for part, node in zip(parts, nodes, strict=True)
               if (text := node.text("itemId")) and text != part.sku}  # fmt: skip
    return [
        Product(
            source=reader.at.source(code),
            sku=code,
            title=code,
            components=tuple(parts),
            attributes={
                **own_props(request.child("extendProps"), ()),
                **({"itemIds": numbers} if numbers else {}),
            },
        )
    ]


def _parts(nodes: Iterable[Node]) -> Iterable[Component]:
    for index, node in enumerate(nodes):
        path = f"items.{index}"
        quantity = positive(pieces(node, "quantity", path=path), f"{path}.quantity")
        yield Component(sku=needed(node, "itemCode", path=path), quantity=quantity)


def _product(reader: Reader, request: Node, node: Node, path: str) -> Product:
    sku, props = needed(node, "itemCode", path=path), request.child("extendProps")
    life = number(node, "shelfLife")
    codes = (node.text("barCode") or "").replace("；", ";").split(";")  # noqa: RUF001
    gtin = reader.usable(codes[0].strip() or None, f"{path}.barCode")
    options = {name: text for name in ("color", "size") if (text := node.text(name))}
    category = node.text("categoryName")
    return Product(
        source=reader.at.source(sku),
        sku=sku,
        gtin=None if gtin == sku else gtin,
        title=node.first("itemName", "title", "shortName") or sku,
        brand=node.text("brandName"),
        categories=(category,) if category else (),
        price=reader.amount(node, "retailPrice", path=path),
        compare_at_price=reader.amount(node, "tagPrice", path=path),
        currency=currency(props),
        tax_class=props.text("taxClass"),
        weight_g=_scaled(reader.measure(node, "grossWeight", path=path), G_A_KG),
        length_mm=_scaled(reader.measure(node, "length", path=path), MM_A_CM),
        width_mm=_scaled(reader.measure(node, "width", path=path), MM_A_CM),
        height_mm=_scaled(reader.measure(node, "height", path=path), MM_A_CM),
        country_of_origin=reader.at.country(
            node.text("originAddress"), path=f"{path}.originAddress"
        ),
        hs_code=props.text("hsCode"),
        options=options,
        status="archived" if kind(node, "isValid") == "n" else "active",
        batch_tracked=_yes(node, "isBatchMgmt"),
        serial_tracked=_yes(node, "isSNMgmt"),
        shelf_life_days=life // HOURS_A_DAY if life and _yes(node, "isShelfLifeMgmt") else None,
        attributes=_attributes(node, props),
    )


def _attributes(node: Node, props: Node) -> dict[str, Any]:
    said = {name: text for name in _KEPT if (text := node.text(name)) is not None}
    if said.get("itemType") in {"ZC", "ZH"}:
        del said["itemType"]
    return {**own_props(props, _OWN), **said}


def _yes(node: Node, name: str) -> bool:
    return kind(node, name) in _YES


def _scaled(value: Decimal | None, unit: Decimal) -> Decimal | None:
    return None if value is None else value * unit
