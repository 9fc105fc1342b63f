"""The records of Tryton's stock, as the adapter reads them: dotted fields stand beneath `name.`."""

from decimal import Decimal

from pydantic import Field

from hub.model.document import OptText
from mappings.kit import Context
from mappings.kit.fields import Cash, Count, Key, Many, Moment, Part, Perhaps, Sku, Word, needed


class Named(Part):
    """The record that another one points to."""

    code: Sku = None
    rec_name: OptText = None


class Move(Part):
    """Pieces of one product, in its own unit."""

    id: Key = None
    state: Word = None
    internal_quantity: Count = None
    product: Perhaps[Named] = Field(None, alias="product.")

    @property
    def pieces(self) -> Decimal:
        """How many."""
        return needed(self.internal_quantity, "moves.internal_quantity")

    def sku(self, at: Context) -> str | None:
        """Our word for the product."""
        return sku(self.product.code if self.product else None, at)


class Package(Part):
    """A parcel, where the module for packages is there."""

    id: Key = None
    number: Key = None
    shipping_reference: OptText = None
    moves: Many[Key] = ()


class Shipment(Part):
    """A shipment, to a customer or from a supplier."""

    number: Key = None
    reference: OptText = None
    state: Word = None
    write_date: Moment = None
    shipping_reference: OptText = None
    carrier: Perhaps[Named] = Field(None, alias="carrier.")
    moves: Many[Move] = ()
    packages: Many[Package] = ()


class Quantity(Part):
    """How many of a product there are, in its own unit: of what is weighed, a part of one."""

    code: Sku = None
    quantity: Cash = None


class Quantities(Part):
    """A page of products with what there is of them."""

    at: Moment = None
    products: Many[Quantity] = ()


def sku(code: str | None, at: Context) -> str | None:
    """Our word for a product's code."""
    return at.ours_or_none("products", code) or code
