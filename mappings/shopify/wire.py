"""Shopify's REST resources as they come over the wire (2023-01 to 2026-07), tolerant of what
is missing.

Source: Admin REST reference, "Order", "Refund", "Product". Plain amounts are in the shop's
currency; the `*_set` objects repeat them and are read only where the plain one is missing.
"""

from typing import Annotated, Any

from hub.model.document import Instant, OptId, OptText
from mappings.shopify.values import EMPTY, NOTHING, Cash, Count, Grams, Pieces, Rate, Wire, identity


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
    tax_lines: Annotated[tuple[Tax, ...], EMPTY] = ()


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
    discount_allocations: Annotated[tuple[Allocation, ...], EMPTY] = ()
    tax_lines: Annotated[tuple[Tax, ...], EMPTY] = ()
    duties: Annotated[tuple[Duty, ...], EMPTY] = ()
    requires_shipping: bool | None = None
    gift_card: bool | None = None
    taxable: bool | None = None
    grams: Grams = None
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
    discount_allocations: Annotated[tuple[Allocation, ...], EMPTY] = ()
    tax_lines: Annotated[tuple[Tax, ...], EMPTY] = ()
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
    default_address: Annotated[Place | None, NOTHING] = None


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
    refund_line_items: Annotated[tuple[RefundedLine, ...], EMPTY] = ()
    order_adjustments: Annotated[tuple[Adjustment, ...], EMPTY] = ()
    refund_shipping_lines: Annotated[tuple[RefundedShipping, ...], EMPTY] = ()
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
    line_items: Annotated[tuple[Fulfilled, ...], EMPTY] = ()


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
    customer: Annotated[Buyer | None, NOTHING] = None
    billing_address: Annotated[Place | None, NOTHING] = None
    shipping_address: Annotated[Place | None, NOTHING] = None
    note: OptText = None
    note_attributes: Any = None
    tags: Any = None
    gateway: OptText = None
    payment_gateway_names: Any = None
    discount_codes: Annotated[tuple[Code, ...], EMPTY] = ()
    discount_applications: Annotated[tuple[Application, ...], EMPTY] = ()
    tax_lines: Annotated[tuple[Tax, ...], EMPTY] = ()
    line_items: list[Line] | None = None
    shipping_lines: Annotated[tuple[Shipping, ...], EMPTY] = ()
    fulfillments: Annotated[tuple[Fulfilment, ...], EMPTY] = ()
    refunds: Annotated[tuple[Refund, ...], EMPTY] = ()
    transactions: list[Transaction] | None = None
