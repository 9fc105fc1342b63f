"""What a connection to an ERPNext must and may say."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.settings import OutwardSecret


class Settings(BaseModel):
    """Names are those in ERPNext: accounts and warehouses end with the company's abbreviation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_url: str = Field(description="where the site is, as https://erp.example.com")
    api_key: str = Field(description="of the hub's user, from its settings")
    api_secret: OutwardSecret = Field(description="of the hub's user, shown once")
    company: str = Field(description="name of the company")
    warehouse: str = Field(description="where pieces are kept, as Stores - ABC")
    warehouses: dict[str, str] = Field(
        default_factory=dict, description="our warehouse -> ERPNext's, where there are several"
    )
    defective_warehouse: str = Field(
        "", description="for pieces that cannot be sold; empty: they are not booked"
    )
    customer: str = Field("", description="one customer for all orders; empty: each its own")
    price_list: str = Field("Standard Selling", description="named in every selling document")
    taxes: dict[Decimal, str] = Field(
        default_factory=dict, description="rate as a fraction -> account of the tax"
    )
    rounding_account: str = Field("", description="account that takes the last cent")
    parties: dict[str, str] = Field(
        default_factory=dict, description="account of entries -> its party, as Customer: Shop"
    )
    services: dict[str, str] = Field(
        default_factory=lambda: {
            "shipping": "SHIPPING",
            "fee": "FEE",
            "rounding": "ROUNDING",
            "adjustment": "ADJUSTMENT",
        },
        description="what is no article -> code of its item without stock",
    )
