"""Shopify's REST resources as they come over the wire (2023-01 to 2026-07), tolerant of what
is missing.

Source: Admin REST reference, "Order", "Refund", "Product". Plain amounts are in the shop's
currency; the `*_set` objects repeat them and are read only where the plain one is missing.

What decides says so by its type (`Key`, `Cash`, `Count`, `Moment`, `Word`, `Flag`, `DECIDES`): it
refuses the payload where it cannot be read. Everything else is then left out, with a warning.
"""

from typing import Annotated, Any

from hub.model.document import OptId, OptText
from mappings.kit.fields import (
    DECIDES,
    Cash,
    CashSeen,
    Count,
    CountSeen,
    Flag,
    Key,
    Many,
    Measure,
    Moment,
    MomentSeen,
    Part,
    Perhaps,
    Pieces,
    Rate,
    Sku,
    Wire,
    Word,
    WordSeen,
)
from mappings.shopify.values import identity


class Tax(Part):
    title: OptText = None
    rate: Rate = None
    price: Cash = None
    price_set: Any = None


class Allocation(Part):
    amount: Cash = None
    amount_set: Any = None
    discount_application_index: CountSeen = None


class Duty(Part):
    shop_money: Any = None
    price_set: Any = None
    harmonized_system_code: OptText = None
    tax_lines: Annotated[Many[Tax], DECIDES] = ()


class Line(Wire):
    """One article as bought. `current_quantity` is what edits and refunds left of `quantity`."""

    id: Key = None
    admin_graphql_api_id: Any = None
    title: OptText = None
    name: OptText = None
    variant_title: OptText = None
    vendor: OptText = None
    sku: Sku = None
    product_id: OptId = None
    variant_id: OptId = None
    quantity: Pieces
    current_quantity: Count = None
    fulfillable_quantity: Count = None
    price: Cash = None
    price_set: Any = None
    total_discount: Cash = None
    total_discount_set: Any = None
    discount_allocations: Annotated[Many[Allocation], DECIDES] = ()
    tax_lines: Annotated[Many[Tax], DECIDES] = ()
    duties: Annotated[Many[Duty], DECIDES] = ()
    requires_shipping: Flag = None
    gift_card: Flag = None
    taxable: bool | None = None
    grams: Measure = None
    properties: Any = None
    fulfillment_service: OptText = None
    tip_payment_gateway: OptText = None

    @property
    def key(self) -> str | None:
        return identity(self.id, self.admin_graphql_api_id)


class Shipping(Part):
    code: OptText = None
    title: OptText = None
    price: Cash = None
    price_set: Any = None
    discounted_price: Cash = None
    discounted_price_set: Any = None
    discount_allocations: Annotated[Many[Allocation], DECIDES] = ()
    tax_lines: Annotated[Many[Tax], DECIDES] = ()
    is_removed: Flag = None
    phone: OptText = None
    delivery_category: WordSeen = None


class Place(Part):
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


class Buyer(Part):
    id: OptId = None
    admin_graphql_api_id: Any = None
    email: OptText = None
    first_name: OptText = None
    last_name: OptText = None
    phone: OptText = None
    accepts_marketing: bool | None = None
    email_marketing_consent: Any = None
    default_address: Perhaps[Place] = None


class Code(Part):
    code: OptText = None
    amount: CashSeen = None
    type: WordSeen = None


class Application(Part):
    code: OptText = None
    title: OptText = None
    description: OptText = None


class Transaction(Part):
    id: Key = None
    admin_graphql_api_id: Any = None
    parent_id: Key = None
    kind: Word = None
    status: Word = None
    gateway: OptText = None
    amount: Cash = None
    amount_set: Any = None
    currency: OptText = None
    created_at: MomentSeen = None
    processed_at: MomentSeen = None
    payment_details: Any = None

    @property
    def key(self) -> str | None:
        return identity(self.id, self.admin_graphql_api_id)


class RefundedLine(Part):
    """Amounts are JSON numbers here, not text."""

    line_item_id: Key = None
    line_item: Line | None = None
    quantity: Count = None
    restock_type: Word = None
    subtotal: Cash = None
    subtotal_set: Any = None
    total_tax: Cash = None
    total_tax_set: Any = None

    @property
    def key(self) -> str | None:
        return (self.line_item.key if self.line_item else None) or self.line_item_id


class Adjustment(Part):
    """Shipping paid back, or what the refund differs from its lines; amounts are negative for
    money paid back.
    """

    kind: Word = None
    amount: Cash = None
    amount_set: Any = None
    tax_amount: Cash = None
    tax_amount_set: Any = None


class RefundedShipping(Part):
    subtotal_amount_set: Any = None
    tax_amount_set: Any = None


class Refund(Wire):
    id: OptId = None
    admin_graphql_api_id: Any = None
    order_id: OptId = None
    created_at: MomentSeen = None
    processed_at: MomentSeen = None
    note: OptText = None
    restock: Flag = None
    refund_line_items: Annotated[Many[RefundedLine], DECIDES] = ()
    order_adjustments: Annotated[Many[Adjustment], DECIDES] = ()
    refund_shipping_lines: Annotated[Many[RefundedShipping], DECIDES] = ()
    transactions: Annotated[list[Transaction] | None, DECIDES] = None


class OwnRefund(Refund):
    """A refund that is told by itself: there its ids and its time decide."""

    id: Key = None
    order_id: Key = None
    created_at: Moment = None


class Edit(Wire):
    """An edit names its order."""

    order_id: Key = None


class Fulfilled(Part):
    id: Key = None
    admin_graphql_api_id: Any = None
    quantity: Count = None

    @property
    def key(self) -> str | None:
        return identity(self.id, self.admin_graphql_api_id)


class Fulfilment(Part):
    status: Word = None
    line_items: Annotated[Many[Fulfilled], DECIDES] = ()


class Order(Wire):
    """An order. `total_*` is as placed, `current_*` after edits and refunds."""

    id: Key = None
    admin_graphql_api_id: Any = None
    name: OptId = None
    order_number: OptId = None
    number: OptId = None
    created_at: Moment = None
    processed_at: MomentSeen = None
    updated_at: Moment = None
    cancelled_at: Moment = None
    closed_at: Moment = None
    test: Flag = None
    currency: OptText = None
    presentment_currency: OptText = None
    taxes_included: Flag = None
    duties_included: Flag = None
    financial_status: Word = None
    fulfillment_status: Word = None
    total_price: Cash = None
    total_price_set: Any = None
    current_total_price: Cash = None
    current_total_price_set: Any = None
    subtotal_price: CashSeen = None
    total_line_items_price: CashSeen = None
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
    customer: Perhaps[Buyer] = None
    billing_address: Perhaps[Place] = None
    shipping_address: Perhaps[Place] = None
    note: OptText = None
    note_attributes: Any = None
    tags: Any = None
    gateway: OptText = None
    payment_gateway_names: Any = None
    discount_codes: Many[Code] = ()
    discount_applications: Many[Application] = ()
    tax_lines: Annotated[Many[Tax], DECIDES] = ()
    line_items: Annotated[list[Line] | None, DECIDES] = None
    shipping_lines: Annotated[Many[Shipping], DECIDES] = ()
    fulfillments: Annotated[Many[Fulfilment], DECIDES] = ()
    refunds: Annotated[Many[Refund], DECIDES] = ()
    transactions: Annotated[list[Transaction] | None, DECIDES] = None
