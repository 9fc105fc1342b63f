"""WooCommerce product or variation -> `product`, where it has a SKU.

Source: REST API reference, "Products" and "Product variations". A variable product has no stock of
its own: it is told by its variations, which name it by `parent_id`. Weights and sizes are in the
shop's units, which the connection says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.product import Product
from mappings.kit import Context, existing, shape
from mappings.kit.markup import untagged
from mappings.kit.units import GRAMS, MILLIMETRES, measured
from mappings.woocommerce import wire
from mappings.woocommerce.clock import told
from mappings.woocommerce.envelope import named_anew, resources

STATES: Mapping[str | bool | None, Literal["draft", "active", "archived"]] = {
    None: "active",
    "": "active",
    True: "active",
    "publish": "active",
    "private": "active",
    False: "draft",
    "draft": "draft",
    "pending": "draft",
}
"""Status -> ours; older sites say whether it shows. `trash` and a plug-in's own are archived."""


@dataclass(frozen=True, slots=True)
class Units:
    """What the shop measures in (WooCommerce > Settings > Products), and its currency."""

    weight: str = "kg"
    length: str = "cm"
    currency: str | None = None


def decode(raw: bytes, at: Context, units: Units) -> list[Document]:
    """The articles of a delivery. Ignored where none has a SKU."""
    listed = [shape(wire.Listing, tree, at) for tree in _each(resources(raw, at.warn))]
    found: list[Document] = [_product(item, at, units) for item in listed if item.sku]
    if not found:
        raise Ignored("no_sku", "no article has a SKU")
    return found


def _each(trees: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The articles, and the variations that older sites tell within them."""
    for tree in trees:
        yield tree
        variations = tree.get("variations")
        for inner in variations if isinstance(variations, list) else ():
            if isinstance(inner, dict):
                around = {"name": tree.get("name"), "categories": tree.get("categories")}
                yield {**around, **named_anew(inner), "parent_id": tree.get("id")}


def _product(item: wire.Listing, at: Context, units: Units) -> Product:
    changed = told(item.date_modified_gmt, item.date_modified, at, "date_modified")
    parent = existing(item.parent_id)
    size = item.dimensions or wire.Dimensions()
    images = [*item.image, *item.images]
    return Product(
        source=at.source_by_time(item.id or item.sku or "", changed),
        sku=item.sku,
        gtin=item.global_unique_id,
        title=_title(item),
        description=untagged(item.description) or untagged(item.short_description),
        categories=tuple(one.name for one in item.categories if one.name),
        price=item.price if item.price is not None else item.regular_price,
        compare_at_price=item.regular_price if item.regular_price != item.price else None,
        currency=units.currency,
        tax_class=item.tax_class,
        weight_g=measured(item.weight, GRAMS[units.weight]),
        length_mm=measured(size.length, MILLIMETRES[units.length]),
        width_mm=measured(size.width, MILLIMETRES[units.length]),
        height_mm=measured(size.height, MILLIMETRES[units.length]),
        options={one.name: one.option for one in item.attributes if one.name and one.option},
        images=tuple(image.src for image in images if image.src),
        status=STATES.get(item.status, "archived"),
        channel_product_id=parent or item.id,
        channel_variant_id=item.id if parent else None,
    )


def _title(item: wire.Listing) -> str | None:
    choices = [one.option for one in item.attributes if one.option]
    return item.name or ", ".join(choices) or item.sku
