"""Vendure product variant -> `product`."""

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.product import Product
from mappings.kit import Context, shape
from mappings.kit.markup import untagged
from mappings.kit.money import one_currency, till
from mappings.vendure import wire
from mappings.vendure.envelope import Shop, resources


def decode(raw: bytes, at: Context) -> list[Document]:
    """The variants of an answer. Ignored where none has a SKU."""
    shop, trees = resources(raw, at, "sku")
    found = [
        _product(it, shop, at) for it in (shape(wire.Variant, tree, at) for tree in trees) if it.sku
    ]
    if not found:
        raise Ignored("no_sku", "no variant has a SKU")
    return list(found)


def _product(variant: wire.Variant, shop: Shop, at: Context) -> Product:
    article = variant.product or wire.Article()
    currency, _ = one_currency([variant.currency_code])
    told = variant.price if shop.taxed is False else variant.price_with_tax or variant.price
    pictures = (variant.featured_asset, article.featured_asset)
    is_off = variant.enabled is False or article.enabled is False
    return Product(
        source=at.source_by_time(variant.id or variant.sku or "", variant.updated_at),
        sku=variant.sku,
        title=variant.name or article.name or variant.sku,
        description=untagged(article.description),
        price=shop.cash(told, till(currency)),
        currency=currency if variant.currency_code else None,
        tax_class=variant.tax_category.name if variant.tax_category else None,
        options={
            option.group.name: option.name
            for option in variant.options
            if option.group and option.group.name and option.name
        },
        images=tuple(it.preview for it in pictures if it and it.preview)[:1],
        status="archived" if is_off else "active",
        channel_product_id=article.id,
        channel_variant_id=variant.id,
    )
