"""What a connection to a Tryton must and may say. The console draws its form from this."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from adapters.tryton.server.settings import Server

ALLOWED_WARNINGS = (
    "check_quantity_product",  # fewer pieces shipped than reserved
    "check_move_quantity",  # the sale's lines and its moves differ, after a partial shipment
    "done",  # moves without an origin
    "no_carrier",
    "invoice_taxes",  # taxes other than the product's own: ours follow the order's rates
)


class Settings(Server):
    """Products are named by their code in Tryton."""

    payment_term: str = Field("", description="Name of the payment term; empty: none")
    shipping_product: str = Field("SHIPPING", description="Service that delivery charges are")
    fee_product: str = Field("FEE", description="Service that surcharges are")
    rounding_product: str = Field("ROUNDING", description="Service that takes the last cent")
    adjustment_product: str = Field(
        "ADJUSTMENT", description="Service for cancelled pieces and money given back without goods"
    )
    unknown_product: str = Field(
        "", description="Article for SKUs that Tryton does not know; empty: such orders wait"
    )
    taxes: dict[Decimal, str] = Field(
        default_factory=dict, description="Rate as a fraction -> name or id of the tax"
    )
    invoice_on: Literal["order", "shipment", "never"] = Field(
        "shipment", description="When the invoice is posted; it is made with the sale"
    )
    assign_force: bool = Field(
        True, description="Ship what the warehouse shipped even where Tryton counts too few"
    )
    journal: str = Field("MISC", description="Code of the journal that entries go to")
    entry_party: str = Field(
        "", description="Code of the party of entries on accounts that ask for one"
    )
    returns: Literal["refund", "receipt"] = Field(
        "refund", description="What makes the return shipment: the refund, or the goods' arrival"
    )
    allowed_warnings: tuple[str, ...] = Field(
        ALLOWED_WARNINGS, description="Questions of Tryton that are answered with yes"
    )
