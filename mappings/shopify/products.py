"""Shopify product -> one `product` for each variant that has a SKU.

Weight comes as `grams`, or as `weight` with its unit. Tariff number and country of origin are
kept by Shopify on the inventory item and are not part of this message; `inventory_item_id` is
kept for the stock levels told back.
"""

from decimal import Decimal
from typing import Annotated, Any

from hub.model.document import Document, OptId, OptText
from hub.model.errors import Ignored
from hub.model.product import Product
from mappings.kit import Context, existing, shape, word
from mappings.kit.fields import (
    DECIDES,
    Cash,
    CashSeen,
    CountSeen,
    Many,
    Measure,
    Moment,
    Sku,
    Wire,
    Word,
    WordSeen,
)
from mappings.kit.markup import untagged
from mappings.kit.units import GRAMS, measured
from mappings.shopify.envelope import resources
from mappings.shopify.states import PRODUCT_STATES, state
from mappings.shopify.values import identity

NO_VARIANTS = "default title"


class Option(Wire):
    name: OptText = None
    position: CountSeen = None


class Image(Wire):
    src: OptText = None


class Variant(Wire):
    id: OptId = None
    admin_graphql_api_id: Any = None
    sku: Sku = None
    barcode: OptId = None
    title: OptText = None
    price: Cash = None
    compare_at_price: CashSeen = None
    grams: Measure = None
    weight: Measure = None
    weight_unit: WordSeen = None
    option1: OptText = None
    option2: OptText = None
    option3: OptText = None
    inventory_item_id: OptId = None
    updated_at: Moment = None


class Listing(Wire):
    id: OptId = None
    admin_graphql_api_id: Any = None
    title: OptText = None
    body_html: OptText = None
    vendor: OptText = None
    product_type: OptText = None
    status: Word = None
    updated_at: Moment = None
    options: Many[Option] = ()
    images: Many[Image] = ()
    variants: Annotated[Many[Variant], DECIDES] = ()


def decode(raw: bytes, at: Context) -> list[Document]:
    """The articles of a delivery. Ignored where no variant has a SKU."""
    told = [shape(Listing, tree, at) for tree in resources(raw, "product", at.warn)]
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
    item = existing(variant.inventory_item_id)
    return Product(
        source=at.source_by_time(
            identity(variant.id, variant.admin_graphql_api_id) or variant.sku or "", changed
        ),
        sku=variant.sku,
        gtin=variant.barcode,
        title=_title(told, variant),
        description=untagged(told.body_html),
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
    own = variant.title if word(variant.title or "") != NO_VARIANTS else None
    return " - ".join(part for part in (told.title, own) if part) or variant.sku


def _options(told: Listing, variant: Variant) -> dict[str, str]:
    values = (variant.option1, variant.option2, variant.option3)
    names = [option.name or f"option{at}" for at, option in enumerate(told.options, start=1)]
    names += [f"option{at}" for at in range(len(names) + 1, len(values) + 1)]
    chosen = zip(names, values, strict=False)
    return {name: value for name, value in chosen if value and word(value) != NO_VARIANTS}


def _grams(variant: Variant) -> Decimal | None:
    return variant.grams or measured(variant.weight, GRAMS.get(variant.weight_unit or ""))
