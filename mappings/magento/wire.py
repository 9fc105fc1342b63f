"""Magento's resources as they come over the wire: what is 0 or null is often left out. Amounts are
of the order's currency (the shop's own begin with `base_`), times UTC without a zone.

Source: REST schemas 2.2.10 to 2.4.9.
"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

from hub.model.document import ZERO, Id, OptId, OptText
from hub.model.errors import BadData
from hub.model.money import add, times
from mappings.kit import fields, people
from mappings.kit.fields import DECIDES, Cash, Count, Key, Many, Part, Perhaps, Rate, Sku, UtcSeen
from mappings.reading import read_json


class Row(Part):
    """What a row of an order or a credit memo comes to."""

    price: Cash = None
    price_incl_tax: Cash = None
    row_total: Cash = None
    discount_amount: Cash = None
    discount_tax_compensation_amount: Cash = None
    tax_amount: Cash = None

    def charged(self, pieces: Decimal, *, taxed: bool) -> tuple[Decimal, Decimal]:
        """Before and after discount, with tax where `taxed`. Some shops tell `row_total` after it.
        In stores whose prices hold their tax a discount does too: that part is told beside it.
        """
        off, row = abs(self.discount_amount or ZERO), self.row_total or ZERO
        whole = times(self.price or ZERO, pieces)
        gross = whole if add(row, off) == whole else row
        net = add(gross, -off, self.discount_tax_compensation_amount or ZERO)
        if not taxed:
            return gross, net
        net = add(net, self.tax_amount or ZERO)
        return max(times(self.price_incl_tax or ZERO, pieces), net), net


class FixedTax(Part):
    """A tax of so much a piece (electrical waste and the like), on all pieces of a row."""

    title: OptText = None
    row_amount: Cash = None
    row_amount_incl_tax: Cash = None

    def charged(self, *, taxed: bool) -> tuple[Decimal | None, Decimal | None]:
        """What it comes to, with its own tax where `taxed`, and that tax where it is told."""
        bare, whole = self.row_amount, self.row_amount_incl_tax
        if bare is None or whole is None:
            return bare or whole, None
        return (whole if taxed else bare), add(whole, -bare)


def _listed(told: Any) -> Any:
    """A list that Magento tells as a text of JSON; older shops as one of PHP, which says no more
    than the row's sum does.
    """
    try:
        return read_json(told.encode()) if isinstance(told, str) else told
    except BadData:
        return ()


class Item(Row):
    """An article on an order."""

    item_id: Id
    parent_item_id: Key = None
    sku: Sku = None
    name: OptText = None
    product_id: OptId = None
    product_type: fields.Word = None
    is_virtual: bool | None = None
    tax_percent: Rate = None
    qty_ordered: Count = None
    qty_canceled: Count = None
    qty_refunded: Count = None
    qty_shipped: Count = None
    weee_tax_applied: Annotated[Many[FixedTax], BeforeValidator(_listed)] = ()
    weee_tax_applied_row_amount: Cash = None

    @property
    def fixed_taxes(self) -> tuple[FixedTax, ...]:
        """They are in no other sum of the row."""
        summed = FixedTax(row_amount=self.weee_tax_applied_row_amount)
        return self.weee_tax_applied or ((summed,) if summed.row_amount else ())


class Carriage(Row):
    """The shipping of an order, which stands in its own fields, as a row."""

    model_config = people.named(
        price_incl_tax="shipping_incl_tax",
        row_total="shipping_amount",
        discount_amount="shipping_discount_amount",
        discount_tax_compensation_amount="shipping_discount_tax_compensation_amount",
        tax_amount="shipping_tax_amount",
    )


class Place(people.Place):
    model_config = people.named(
        first_name="firstname",
        middle_name="middlename",
        last_name="lastname",
        lines="street",
        postal_code="postcode",
        country="country_id",
        phone="telephone",
        tax_id="vat_id",
    )


class Shipping(Part):
    address: Perhaps[Place] = None
    method: OptText = None


class Assignment(Part):
    shipping: Perhaps[Shipping] = None


class Tax(Part):
    title: OptText = None
    percent: Rate = None
    amount: Cash = None


class ItemTaxes(Part):
    """The taxes of one item; of the shipping where it names none."""

    item_id: OptId = None
    applied_taxes: Many[Tax] = ()


class CustomFee(Part):
    """What a shop charges under a name of its own. Its tax is in the order's."""

    custom_fee_code: OptText = None
    custom_fee_label: OptText = None
    custom_fee_amount: Cash = None


class Beside(fields.Wire):
    """What extensions add. Credit and wrapping are read by name where they are wanted."""

    shipping_assignments: Many[Assignment] = ()
    item_applied_taxes: Many[ItemTaxes] = ()
    custom_fees: Annotated[Many[CustomFee], DECIDES] = ()
    pickup_location_code: OptText = None


class Payment(Part):
    method: OptText = None
    last_trans_id: OptId = None
    amount_authorized: Cash = None


class Sums(fields.Wire):
    """What orders and credit memos have alike."""

    entity_id: Key = None
    store_id: OptId = None
    order_currency_code: OptText = None
    created_at: UtcSeen = None
    updated_at: UtcSeen = None
    grand_total: Cash = None
    discount_amount: Cash = None
    tax_amount: Cash = None
    extension_attributes: Perhaps[Beside] = None


class Order(Sums):
    increment_id: Key = None
    state: fields.Word = None
    total_paid: Cash = None
    total_refunded: Cash = None
    is_virtual: bool | None = None
    items: Annotated[Many[Item], DECIDES] = ()
    customer_id: OptId = None
    customer_email: OptText = None
    customer_firstname: OptText = None
    customer_lastname: OptText = None
    customer_note: OptText = None
    billing_address: Perhaps[Place] = None
    payment: Perhaps[Payment] = None


class MemoItem(Row):
    order_item_id: Key = None
    sku: Sku = None
    qty: Count = None


class Comment(Part):
    comment: OptText = None


class Memo(Sums):
    """A credit memo."""

    order_id: Key = None
    state: OptId = None
    adjustment: Cash = None
    shipping_amount: Cash = None
    items: Annotated[Many[MemoItem], DECIDES] = ()
    comments: Many[Comment] = ()


class Listing(Part):
    id: OptId = None
    sku: Sku = None
    name: OptText = None
    price: fields.CashSeen = None
    status: OptId = None
    weight: fields.Measure = None
    updated_at: UtcSeen = None
    custom_attributes: Any = None
