"""A shop that speaks Shopify: Admin GraphQL and REST in, signed webhooks out."""

from sandbox.shopify.shop import Shop

__all__ = ["Shop"]
