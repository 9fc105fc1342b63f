"""WooCommerce's resources as they come over the wire (REST wc/v3, webhooks alike), tolerant of
what is missing.

What plug-ins keep stands in `meta_data`; fields that are not named here are let go.

Source: the item schemas of plugin 10.9 (orders, refunds, products, product variations). Amounts
are decimal text; some sites send numbers. Empty text means nothing.

A time is told twice, by the site's clock and in UTC (`_gmt`); the first is read where the second is
missing (`clock.told`).

What decides says so by its type: it refuses the payload where it cannot be read. Everything else
is then left out, with a warning.
"""

from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from typing_extensions import TypedDict

from hub.model.document import OptId, OptText
from mappings.kit import people
from mappings.kit.fields import (
    DECIDES,
    Cash,
    CashSeen,
    Key,
    Many,
    Measure,
    Part,
    Perhaps,
    Rate,
    Sku,
    UtcSeen,
    Word,
)
from mappings.kit.markup import untagged
from mappings.kit.people import named


@lru_cache(maxsize=1_000)  # names of articles, ways and taxes come again and again
def _titled(text: str | None) -> str | None:
    return " ".join((untagged(text) or "").split()) or None


Title = Annotated[OptText, AfterValidator(_titled)]
"""A name that was written for a page: on one line, without tags."""


class Meta(TypedDict, total=False):
    """One piece of whatever a plug-in keeps; `value` is any JSON. An order has twenty of them and
    more: a dictionary is made in half the time of a model.
    """

    key: OptText
    value: Any
    display_key: OptText
    display_value: Any
    label: OptText
    """What older sites call `display_key`."""


def _by_name(value: Any) -> Any:
    """An object of names and values as the entries that it stands for."""
    if isinstance(value, dict) and "key" not in value and not all(map(str.isdecimal, value)):
        return [{"key": key, "value": inner} for key, inner in value.items()]
    return value


Metas = Annotated[Many[Meta], BeforeValidator(_by_name)]


class LineTax(TypedDict, total=False):
    """A line's share of one tax; `id` is the `rate_id` of the order's tax line."""

    id: OptId
    total: CashSeen


class TaxRate(Part):
    """One of the order's taxes."""

    rate_id: OptId = None
    rate_code: Title = None
    label: Title = None
    rate_percent: Rate = None


class Line(Part):
    """One article. `subtotal` is before coupons, `total` after: without tax, for all pieces;
    `price` of one piece, after.
    """

    id: Key = None
    name: Title = None
    product_id: OptId = None
    variation_id: OptId = None
    sku: Sku = None
    quantity: Cash = None
    price: CashSeen = None
    subtotal: Cash = None
    total: Cash = None
    total_tax: Cash = None
    taxes: Annotated[Many[LineTax], DECIDES] = ()
    meta_data: Metas = ()
    meta: Many[Meta] = ()
    """The same of older sites."""
    bundled_by: OptId = None
    bundled_items: Many[Any] = ()
    composite_parent: OptId = None
    composite_children: Many[Any] = ()


class Way(Part):
    """A way of shipping."""

    method_id: OptText = None
    method_title: Title = None
    total: Cash = None
    total_tax: Cash = None
    taxes: Annotated[Many[LineTax], DECIDES] = ()
    meta_data: Metas = ()


class Fee(Part):
    """A surcharge, or below zero something taken off."""

    id: OptId = None
    name: Title = None
    total: Cash = None
    total_tax: Cash = None
    taxes: Annotated[Many[LineTax], DECIDES] = ()


class Coupon(Part):
    code: OptText = None
    discount: CashSeen = None


class Place(people.Place):
    """An address; every part may be empty."""

    model_config = named(
        line_1="address_1", line_2="address_2", region="state", postal_code="postcode"
    )


class GivenBack(Part):
    """What an order says of its refunds; `total` is below zero."""

    total: Cash = None


class GiftCard(Part):
    """Paid with a gift card (Gift Cards plug-in); it lowers the order's `total`."""

    code: OptText = None
    amount: Cash = None


class Order(Part):
    id: Key = None
    parent_id: OptId = None
    number: OptId = None
    status: Word = None
    currency: OptText = None
    date_created: Any = None
    date_created_gmt: UtcSeen = None
    date_modified: Any = None
    date_modified_gmt: UtcSeen = None
    date_paid: Any = None
    date_paid_gmt: UtcSeen = None
    total: Cash = None
    total_tax: Cash = None
    shipping_total: Cash = None
    shipping_tax: Cash = None
    customer_id: OptId = None
    customer_note: OptText = None
    billing: Perhaps[Place] = None
    shipping: Perhaps[Place] = None
    payment_method: OptText = None
    payment_method_title: OptText = None
    transaction_id: OptId = None
    created_via: OptText = None
    line_items: Annotated[Many[Line], DECIDES] = ()
    shipping_lines: Annotated[Many[Way], DECIDES] = ()
    fee_lines: Annotated[Many[Fee], DECIDES] = ()
    coupon_lines: Many[Coupon] = ()
    tax_lines: Many[TaxRate] = ()
    gift_cards: Annotated[Many[GiftCard], DECIDES] = ()
    refunds: Annotated[Many[GivenBack], DECIDES] = ()
    meta_data: Metas = ()


class RefundedLine(Part):
    """Quantity and amounts are below zero; the line given back stands in the meta data."""

    sku: Sku = None
    quantity: Cash = None
    total: Cash = None
    total_tax: Cash = None
    meta_data: Metas = ()
    refunded_item_id: OptId = None
    """The same of older sites."""


class Refund(Part):
    id: Key = None
    parent_id: Key = None
    order_id: Key = None
    date_created: Any = None
    date_created_gmt: UtcSeen = None
    amount: Cash = None
    total: Cash = None
    """The same, below zero, where an order lists its refunds."""
    reason: OptText = None
    currency: OptText = None
    line_items: Annotated[Many[RefundedLine], DECIDES] = ()
    shipping_lines: Annotated[Many[Way], DECIDES] = ()
    fee_lines: Annotated[Many[Fee], DECIDES] = ()


class Category(Part):
    name: Title = None


def _as_category(value: Any) -> Any:
    """Older sites tell names alone."""
    if not isinstance(value, list):
        return value
    return [{"name": it} if isinstance(it, str) else it for it in value]


class Image(Part):
    src: OptText = None


def _listed(value: Any) -> Any:
    """A list of one, as older sites tell it."""
    return [value] if isinstance(value, dict) and value else value


class Attribute(Part):
    """A variation's choice (`option`), or what a product offers (`options`)."""

    name: OptText = None
    option: OptText = None


class Dimensions(Part):
    length: Measure = None
    width: Measure = None
    height: Measure = None


class Listing(Part):
    """A product or a variation; `variations` of a product hold ids alone."""

    id: Key = None
    parent_id: OptId = None
    name: Title = None
    status: bool | str | None = None
    sku: Sku = None
    global_unique_id: OptId = None
    description: OptText = None
    short_description: OptText = None
    price: CashSeen = None
    regular_price: CashSeen = None
    tax_class: OptText = None
    weight: Measure = None
    dimensions: Perhaps[Dimensions] = None
    categories: Annotated[Many[Category], BeforeValidator(_as_category)] = ()
    images: Many[Image] = ()
    image: Annotated[Many[Image], BeforeValidator(_listed)] = ()
    attributes: Many[Attribute] = ()
    date_modified: Any = None
    date_modified_gmt: UtcSeen = None
