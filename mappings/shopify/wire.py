"""Shopify's REST resources as they come over the wire (2023-01 to 2026-07), tolerant of what
is missing.

Source: Admin REST reference, "Order", "Refund", "Product". Plain amounts are in the shop's
currency; the `*_set` objects repeat them and are read only where the plain one is missing.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator
from pydantic_core import PydanticCustomError

from hub.model.document import Instant, Number, OptId, OptText, read_decimal

_GID = re.compile(r"gid://shopify/[A-Za-z]+/([0-9]{1,30})", re.ASCII)
_MOST_PIECES = 10**9
_RATE_PLACES = Decimal("0.000001")


def identity(plain: str | None, gid: Any) -> str | None:
    """The true id: the one inside the gid where there is one, since numbers may have been
    rounded on their way.
    """
    found = _GID.fullmatch(gid) if isinstance(gid, str) else None
    return found[1] if found else plain


def reference(plain: str | None) -> str | None:
    """The id of something that may no longer exist: 0 means that there is none."""
    return None if plain == "0" else plain


def _cash(value: Any) -> Decimal | None:
    return None if value is None or value == "" else read_decimal(value)


def _rate(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(value).quantize(_RATE_PLACES).normalize() + 0
    except (InvalidOperation, TypeError, ValueError):
        return None


def _count(value: Any) -> Decimal | None:
    if value is None:
        return None
    whole = value if isinstance(value, Number) else str(value) if type(value) is int else ""
    if not whole.isdigit() or int(whole) > _MOST_PIECES:
        raise PydanticCustomError(
            "bad_quantity", "a whole number of pieces, not below 0, is expected"
        )
    return Decimal(whole)


def _pieces(value: Any) -> Decimal:
    found = _count(value)
    if not found:
        raise PydanticCustomError("bad_quantity", "a quantity must be above 0")
    return found


def _none_is_empty(value: Any) -> Any:
    return [] if value is None else value


def _nothing_is_none(value: Any) -> Any:
    return None if value in ({}, [], "") else value


Cash = Annotated[Decimal | None, PlainValidator(_cash)]
Rate = Annotated[Decimal | None, PlainValidator(_rate)]
Pieces = Annotated[Decimal, PlainValidator(_pieces)]
Count = Annotated[Decimal | None, PlainValidator(_count)]
_EMPTY = BeforeValidator(_none_is_empty)
_NOTHING = BeforeValidator(_nothing_is_none)


class Wire(BaseModel):
    """A part of a payload. Unknown fields are kept beside it for those who want them."""

    model_config = ConfigDict(frozen=True, extra="allow", arbitrary_types_allowed=True)

    @property
    def extra(self) -> dict[str, Any]:
        """What no field of the model names."""
        return self.model_extra or {}


class Tax(Wire):
    title: OptText = None
    rate: Rate = None
    price: Cash = None
    price_set: Any = None


class Allocation(Wire):
    amount: Cash = None
    amount_set: Any = None
    discount_application_index: Count = None


class Duty(Wire):
    shop_money: Any = None
    price_set: Any = None
    harmonized_system_code: OptText = None
    tax_lines: Annotated[list[Tax], _EMPTY] = []


class Line(Wire):
    """One article as bought. `current_quantity` is what edits and refunds left of `quantity`."""

    id: OptId = None
    admin_graphql_api_id: Any = None
    title: OptText = None
    name: OptText = None
    variant_title: OptText = None
    vendor: OptText = None
    sku: OptId = None
    product_id: OptId = None
    variant_id: OptId = None
    quantity: Pieces
    current_quantity: Count = None
    fulfillable_quantity: Count = None
    price: Cash = None
    price_set: Any = None
    total_discount: Cash = None
    total_discount_set: Any = None
    discount_allocations: Annotated[list[Allocation], _EMPTY] = []
    tax_lines: Annotated[list[Tax], _EMPTY] = []
    duties: Annotated[list[Duty], _EMPTY] = []
    requires_shipping: bool | None = None
    gift_card: bool | None = None
    taxable: bool | None = None
    grams: Cash = None
    properties: Any = None
    fulfillment_service: OptText = None
    tip_payment_gateway: OptText = None

    @property
    def key(self) -> str | None:
        return identity(self.id, self.admin_graphql_api_id)


class Shipping(Wire):
    code: OptText = None
    title: OptText = None
    price: Cash = None
    price_set: Any = None
    discounted_price: Cash = None
    discounted_price_set: Any = None
    discount_allocations: Annotated[list[Allocation], _EMPTY] = []
    tax_lines: Annotated[list[Tax], _EMPTY] = []
    is_removed: bool | None = None
    delivery_category: OptText = None


class Place(Wire):
    """An address, of the order or of the customer."""

    name: OptText = None
    first_name: OptText = None
    last_name: OptText = None
    company: OptText = None
    address1: OptText = None
    address2: OptText = None
    city: OptText = None
    zip: OptText = None
    province: OptText = None
    province_code: OptText = None
    country: OptText = None
    country_code: OptText = None
    phone: OptText = None


class Buyer(Wire):
    id: OptId = None
    admin_graphql_api_id: Any = None
    email: OptText = None
    first_name: OptText = None
    last_name: OptText = None
    phone: OptText = None
    accepts_marketing: bool | None = None
    email_marketing_consent: Any = None
    default_address: Annotated[Place | None, _NOTHING] = None


class Code(Wire):
    code: OptText = None
    amount: Cash = None
    type: OptText = None


class Application(Wire):
    code: OptText = None
    title: OptText = None
    description: OptText = None


class Transaction(Wire):
    id: OptId = None
    admin_graphql_api_id: Any = None
    parent_id: OptId = None
    kind: OptText = None
    status: OptText = None
    gateway: OptText = None
    amount: Cash = None
    amount_set: Any = None
    currency: OptText = None
    created_at: Instant | None = None
    processed_at: Instant | None = None
    payment_details: Any = None

    @property
    def key(self) -> str | None:
        return identity(self.id, self.admin_graphql_api_id)


class RefundedLine(Wire):
    """Amounts are JSON numbers here, not text."""

    line_item_id: OptId = None
    line_item: Line | None = None
    quantity: Count = None
    restock_type: OptText = None
    subtotal: Cash = None
    subtotal_set: Any = None
    total_tax: Cash = None
    total_tax_set: Any = None

    @property
    def key(self) -> str | None:
        return (self.line_item.key if self.line_item else None) or self.line_item_id


class Adjustment(Wire):
    """Shipping paid back, or what the refund differs from its lines; amounts are negative for
    money paid back.
    """

    kind: OptText = None
    amount: Cash = None
    amount_set: Any = None
    tax_amount: Cash = None
    tax_amount_set: Any = None


class RefundedShipping(Wire):
    subtotal_amount_set: Any = None
    tax_amount_set: Any = None


class Refund(Wire):
    id: OptId = None
    admin_graphql_api_id: Any = None
    order_id: OptId = None
    created_at: Instant | None = None
    processed_at: Instant | None = None
    note: OptText = None
    restock: bool | None = None
    refund_line_items: Annotated[list[RefundedLine], _EMPTY] = []
    order_adjustments: Annotated[list[Adjustment], _EMPTY] = []
    refund_shipping_lines: Annotated[list[RefundedShipping], _EMPTY] = []
    transactions: list[Transaction] | None = None


class Fulfilled(Wire):
    id: OptId = None
    admin_graphql_api_id: Any = None
    quantity: Count = None

    @property
    def key(self) -> str | None:
        return identity(self.id, self.admin_graphql_api_id)


class Fulfilment(Wire):
    status: OptText = None
    line_items: Annotated[list[Fulfilled], _EMPTY] = []


class Order(Wire):
    """An order. `total_*` is as placed, `current_*` after edits and refunds."""

    id: OptId = None
    admin_graphql_api_id: Any = None
    name: OptId = None
    order_number: OptId = None
    number: OptId = None
    created_at: Instant | None = None
    processed_at: Instant | None = None
    updated_at: Instant | None = None
    cancelled_at: Instant | None = None
    closed_at: Instant | None = None
    test: bool | None = None
    currency: OptText = None
    presentment_currency: OptText = None
    taxes_included: bool | None = None
    duties_included: bool | None = None
    financial_status: OptText = None
    fulfillment_status: OptText = None
    total_price: Cash = None
    total_price_set: Any = None
    current_total_price: Cash = None
    current_total_price_set: Any = None
    subtotal_price: Cash = None
    total_line_items_price: Cash = None
    total_discounts: Cash = None
    total_discounts_set: Any = None
    total_tax: Cash = None
    total_tax_set: Any = None
    total_outstanding: Cash = None
    total_tip_received: Cash = None
    total_tip_received_set: Any = None
    original_total_duties_set: Any = None
    original_total_additional_fees_set: Any = None
    email: OptText = None
    contact_email: OptText = None
    phone: OptText = None
    customer_locale: OptText = None
    buyer_accepts_marketing: bool | None = None
    customer: Annotated[Buyer | None, _NOTHING] = None
    billing_address: Annotated[Place | None, _NOTHING] = None
    shipping_address: Annotated[Place | None, _NOTHING] = None
    note: OptText = None
    note_attributes: Any = None
    tags: Any = None
    gateway: OptText = None
    payment_gateway_names: Any = None
    discount_codes: Annotated[list[Code], _EMPTY] = []
    discount_applications: Annotated[list[Application], _EMPTY] = []
    tax_lines: Annotated[list[Tax], _EMPTY] = []
    line_items: list[Line] | None = None
    shipping_lines: Annotated[list[Shipping], _EMPTY] = []
    fulfillments: Annotated[list[Fulfilment], _EMPTY] = []
    refunds: Annotated[list[Refund], _EMPTY] = []
    transactions: list[Transaction] | None = None


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


class Product(Wire):
    id: OptId = None
    admin_graphql_api_id: Any = None
    title: OptText = None
    body_html: OptText = None
    vendor: OptText = None
    product_type: OptText = None
    status: OptText = None
    updated_at: Instant | None = None
    options: Annotated[list[Option], _EMPTY] = []
    images: Annotated[list[Image], _EMPTY] = []
    variants: Annotated[list[Variant], _EMPTY] = []
