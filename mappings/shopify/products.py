"""Shopify product -> one `product` for each variant that has a SKU.

Weight comes as `grams`, or as `weight` with its unit. Tariff number and country of origin are
kept by Shopify on the inventory item and are not part of this message; `inventory_item_id` is
kept for the stock levels told back.
"""

import html
import re
from decimal import Decimal
from typing import Annotated, Any

from hub.model.document import Document, Instant, OptId, OptText
from hub.model.errors import Ignored
from hub.model.money import times
from hub.model.product import Product
from mappings.kit import Context, shape
from mappings.shopify.envelope import resources
from mappings.shopify.orders import revision
from mappings.shopify.states import PRODUCT_STATES, state
from mappings.shopify.values import EMPTY, Cash, Count, Wire, identity, reference

GRAMS = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "oz": Decimal("28.349523"),
    "lb": Decimal("453.59237"),
}
NO_VARIANTS = "default title"
_TAG = re.compile(r"<[^<>]*>")
_LONGEST = 20_000


class Option(Wire):
    name: OptText = None
    position: Count = None


class Image(Wire):
    src: OptText = None


class Variant(Wire):
    id: OptId = None
    admin_graphql_api_id: Any = None
    sku: OptId = None
    barcode: OptId = None
    title: OptText = None
    price: Cash = None
    compare_at_price: Cash = None
    grams: Cash = None
    weight: Cash = None
    weight_unit: OptText = None
    option1: OptText = None
    option2: OptText = None
    option3: OptText = None
    inventory_item_id: OptId = None
    updated_at: Instant | None = None


class Listing(Wire):
    id: OptId = None
    admin_graphql_api_id: Any = None
    title: OptText = None
    body_html: OptText = None
    vendor: OptText = None
    product_type: OptText = None
    status: OptText = None
    updated_at: Instant | None = None
    options: Annotated[tuple[Option, ...], EMPTY] = ()
    images: Annotated[tuple[Image, ...], EMPTY] = ()
    variants: Annotated[tuple[Variant, ...], EMPTY] = ()


def decode(raw: bytes, at: Context) -> list[Document]:
    """The articles of a delivery. Ignored where no variant has a SKU."""
    told = [shape(Listing, tree) for tree in resources(raw, "product")]
    found: list[Document] = [
        product(one, variant, at)
        for one in told
        for variant in one.variants
        if variant.sku is not None
    ]
    if not found:
        raise Ignored("no_sku", "no variant has a SKU")
    return found


def product(told: Listing, variant: Variant, at: Context) -> Product:
    """One variant as an article."""
    changed = variant.updated_at or told.updated_at
    if told.updated_at and changed:
        changed = max(changed, told.updated_at)
    item = reference(variant.inventory_item_id)
    return Product(
        source=at.source(
            identity(variant.id, variant.admin_graphql_api_id) or variant.sku or "",
            revision(changed) if changed else None,
            changed,
        ),
        sku=variant.sku,
        gtin=variant.barcode,
        title=_title(told, variant),
        description=_text(told.body_html),
        brand=told.vendor,
        categories=(told.product_type,) if told.product_type else (),
        price=variant.price,
        compare_at_price=variant.compare_at_price,
        weight_g=_grams(variant),
        options=_options(told, variant),
        images=tuple(image.src for image in told.images if image.src),
        status=state(at, "product_states", PRODUCT_STATES, told.status or "active", path="status"),
        channel_product_id=identity(told.id, told.admin_graphql_api_id),
        channel_variant_id=identity(variant.id, variant.admin_graphql_api_id),
        attributes={"inventory_item_id": item} if item else {},
    )


def _title(told: Listing, variant: Variant) -> str | None:
    own = variant.title if (variant.title or "").lower() != NO_VARIANTS else None
    return " - ".join(part for part in (told.title, own) if part) or variant.sku


def _options(told: Listing, variant: Variant) -> dict[str, str]:
    values = (variant.option1, variant.option2, variant.option3)
    names = [option.name or f"option{at}" for at, option in enumerate(told.options, start=1)]
    names += [f"option{at}" for at in range(len(names) + 1, len(values) + 1)]
    chosen = zip(names, values, strict=False)
    return {name: value for name, value in chosen if value and value.lower() != NO_VARIANTS}


def _grams(variant: Variant) -> Decimal | None:
    if variant.grams:
        return variant.grams
    factor = GRAMS.get((variant.weight_unit or "").lower())
    if not variant.weight or factor is None:
        return None
    return times(variant.weight, factor).quantize(Decimal("0.001"))


def _text(body: str | None) -> str | None:
    return html.unescape(_TAG.sub(" ", body)).strip()[:_LONGEST] or None if body else None
