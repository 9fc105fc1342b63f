"""Vendure's resources as its GraphQL APIs answer them, tolerant of what was not asked for.

Source: the admin and shop schemas of Vendure 3.7. Money is a whole number of smallest units, told
twice: `x` without tax, `xWithTax` with it.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from hub.model.document import ZERO, OptId, OptText
from mappings.kit import fields, people
from mappings.kit.fields import (
    DECIDES,
    Cash,
    Count,
    Flag,
    Key,
    Many,
    Perhaps,
    Rate,
    Sku,
    UtcSeen,
    Word,
)
from mappings.kit.people import named


class Wire(fields.Wire):
    """A part of a payload, its names in Vendure's own writing."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Named(Wire):
    """Whatever has a name: a tax category, a group of options, a picture's address."""

    id: OptId = None
    code: OptText = None
    name: OptText = None
    preview: OptText = None


class Priced(Wire):
    """What has a price."""

    price: Cash = None
    price_with_tax: Cash = None


# --- articles


class Option(Wire):
    name: OptText = None
    group: Perhaps[Named] = None


class Article(Named):
    """The product that a variant belongs to."""

    description: OptText = None
    enabled: bool | None = None
    featured_asset: Perhaps[Named] = None


class Variant(Priced):
    """What is sold."""

    id: OptId = None
    sku: Sku = None
    name: OptText = None
    enabled: bool | None = None
    updated_at: UtcSeen = None
    currency_code: OptText = None
    featured_asset: Perhaps[Named] = None
    options: Many[Option] = ()
    tax_category: Perhaps[Named] = None
    product: Perhaps[Article] = None


# --- what an order costs


class Tax(Wire):
    """One tax of a line, in percent."""

    description: OptText = None
    tax_rate: Rate = None


class Line(Wire):
    """`quantity` is what is left of it after cancelling, `order_placed_quantity` what was bought.
    Prorated is after all discounts, discounted before those on the order.
    """

    id: Key = None
    updated_at: UtcSeen = None
    quantity: Count = None
    order_placed_quantity: Count = None
    unit_price: Cash = None
    unit_price_with_tax: Cash = None
    line_price: Cash = None
    line_price_with_tax: Cash = None
    discounted_line_price: Cash = None
    discounted_line_price_with_tax: Cash = None
    prorated_unit_price: Cash = None
    prorated_unit_price_with_tax: Cash = None
    prorated_line_price: Cash = None
    prorated_line_price_with_tax: Cash = None
    tax_rate: Rate = None
    tax_lines: Many[Tax] = ()
    product_variant: Perhaps[Variant] = None
    custom_fields: Any = None

    @property
    def left(self) -> Decimal:
        return self.quantity or ZERO

    @property
    def bought(self) -> Decimal:
        return max(self.left, self.order_placed_quantity or ZERO)

    @property
    def cancelled(self) -> Decimal:
        return self.bought - self.left


class Way(Priced):
    discounted_price: Cash = None
    discounted_price_with_tax: Cash = None
    shipping_method: Perhaps[Named] = None

    @property
    def method(self) -> Named:
        return self.shipping_method or Named()


class Surcharge(Priced):
    sku: OptId = None
    description: OptText = None


class Discount(Wire):
    """Below zero."""

    description: OptText = None
    amount: Cash = None
    amount_with_tax: Cash = None


# --- what became of it


class Pieces(Wire):
    """Of an order's line, which is named by its id or in itself."""

    order_line_id: Key = None
    order_line: Perhaps[Named] = None
    quantity: Count = None

    @property
    def line_id(self) -> str | None:
        return self.order_line_id or (self.order_line.id if self.order_line else None)


class Step(Wire):
    """What has a life: an order, or whatever happened to it."""

    created_at: UtcSeen = None
    updated_at: UtcSeen = None
    state: Word = None


class Fulfilment(Step):
    """`summary` is what shops before 2.0 have for `lines`."""

    lines: Annotated[Many[Pieces], DECIDES] = ()
    summary: Annotated[Many[Pieces], DECIDES] = ()

    @property
    def pieces(self) -> tuple[Pieces, ...]:
        return self.lines or self.summary


class Refund(Step):
    """`total` is what went back, tax and all; the rest says what for."""

    id: Key = None
    shipping: Cash = None
    adjustment: Cash = None
    total: Cash = None
    method: OptText = None
    transaction_id: OptId = None
    reason: OptText = None
    lines: Annotated[Many[Pieces], DECIDES] = ()


class Payment(Step):
    id: OptId = None
    method: OptText = None
    amount: Cash = None
    transaction_id: OptId = None
    refunds: Annotated[Many[Refund], DECIDES] = ()


# --- orders


class Customer(Wire):
    id: OptId = None
    first_name: OptText = None
    last_name: OptText = None
    phone_number: OptText = None
    email_address: OptText = None


class Place(people.Place):
    """An address; every part may be null."""

    model_config = named(
        name="fullName",
        line_1="streetLine1",
        line_2="streetLine2",
        region="province",
        postal_code="postalCode",
        country="countryCode",
        country_name="country",
        phone="phoneNumber",
    )


class Order(Step):
    id: Key = None
    code: OptId = None
    type: Word = None
    active: Flag = None
    order_placed_at: UtcSeen = None
    currency_code: OptText = None
    coupon_codes: Many[Any] = ()
    customer: Perhaps[Customer] = None
    shipping_address: Perhaps[Place] = None
    billing_address: Perhaps[Place] = None
    lines: Annotated[Many[Line], DECIDES] = ()
    shipping_lines: Annotated[Many[Way], DECIDES] = ()
    surcharges: Annotated[Many[Surcharge], DECIDES] = ()
    discounts: Many[Discount] = ()
    shipping: Cash = None
    shipping_with_tax: Cash = None
    total: Cash = None
    total_with_tax: Cash = None
    payments: Annotated[Many[Payment], DECIDES] = ()
    fulfillments: Annotated[Many[Fulfilment], DECIDES] = ()
    custom_fields: Any = None

    def settled(self) -> Iterator[tuple[Payment, Refund]]:
        """Its refunds in which money went back."""
        for payment in self.payments:
            yield from ((payment, it) for it in payment.refunds if it.state == "settled")
