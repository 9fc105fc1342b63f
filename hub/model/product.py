"""The merchant's article; a kit as it was planned, and the pieces that serve an order line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import Field

from hub.model.document import (
    Amount,
    Country,
    Currency,
    Document,
    Id,
    OptId,
    OptText,
    Pieces,
    Quantity,
    Text,
    Value,
    pieces,
)


class Component(Value):
    """A part of a kit."""

    sku: Id
    quantity: Pieces


class Preorder(Value):
    """That an article may be sold before it is there, as far as goods with a date are announced;
    `limit`: in all no more pieces ahead than this;
    `until`: the last day, of UTC, on which it may be.
    """

    limit: Quantity | None = None
    until: date | None = None


class Product(Document):
    """One stock-keeping unit with what partners need to know of it."""

    TYPE: ClassVar[str] = "product"

    type: Literal["product"] = "product"
    sku: Id
    gtin: OptId = None
    title: Text
    description: OptText = None
    brand: OptText = None
    categories: tuple[Text, ...] = ()
    price: Amount | None = None
    compare_at_price: Amount | None = None
    currency: Currency | None = None
    tax_class: OptText = None
    weight_g: Quantity | None = None
    length_mm: Quantity | None = None
    width_mm: Quantity | None = None
    height_mm: Quantity | None = None
    country_of_origin: Country = None
    hs_code: OptText = None
    options: dict[str, Text] = Field(default_factory=dict)
    images: tuple[Text, ...] = ()
    status: Literal["draft", "active", "archived"] = "active"
    batch_tracked: bool = False
    serial_tracked: bool = False
    shelf_life_days: int | None = None
    min_shelf_life_days: int | None = Field(default=None, ge=0, le=3650)
    preorder: Preorder | None = None
    components: tuple[Component, ...] = ()
    made_to_order: bool = False
    channel_product_id: OptId = None
    channel_variant_id: OptId = None

    @property
    def business_id(self) -> str:
        return self.sku


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit that is made of its parts for an order. `of`: what it, and kits in it, are made of:
    kit -> part -> pieces of it in one. What an order was planned with stays, whatever the product
    says later. `ended`: no more parts of it will leave.
    """

    sku: str
    of: Mapping[str, Mapping[str, Decimal]]
    ended: bool = False

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        its = {kit: {part: pieces(n) for part, n in of.items()} for kit, of in self.of.items()}
        return {"sku": self.sku, "of": its} | ({"ended": True} if self.ended else {})

    @classmethod
    def read(cls, kept: Mapping[str, Any] | None) -> "Kit | None":
        """What `kept` gave; None where there is none."""
        if kept is None:
            return None
        its = kept["of"].items()
        of = {kit: {part: Decimal(n) for part, n in of.items()} for kit, of in its}
        return cls(kept["sku"], of, kept.get("ended", False))


@dataclass(frozen=True, slots=True)
class Served:
    """Pieces of an article for an order line; as parts of a `kit`, where it is one."""

    order_line: int
    sku: str
    pieces: Decimal
    kit: Kit | None = None
