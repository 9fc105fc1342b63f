"""What the Open API answers about products."""

from hub.gateway.description.answers import Page
from hub.model.document import Instant
from hub.model.product import Product


class ProductItem(Product):
    """A product, and whose it is."""

    merchant: str
    updated_at: Instant


class ProductPage(Page[ProductItem]):
    """Products."""
