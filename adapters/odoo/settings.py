"""What a connection to an Odoo must and may say."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.settings import OutwardSecret
from adapters.odoo.rpc import Protocols


class Settings(BaseModel):
    """`database` and `user` go with each call of the older protocols."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_url: str = Field(description="where Odoo is, as https://acme.odoo.com")
    protocol: Protocols = Field("json2", description="json2 from Odoo 19; xmlrpc, jsonrpc before")
    release: int = Field(19, ge=16, le=30, description="Odoo's major version")
    database: str = Field("", description="name of the database; json2: where there are several")
    user: str = Field("", description="the hub's user; json2 needs none")
    api_key: OutwardSecret = Field(description="of the hub's user, from its preferences")
    company: int | None = Field(None, description="number of the company; empty: the user's own")
    warehouse: str = Field("WH", description="short name of the warehouse")
    warehouses: dict[str, str] = Field(
        default_factory=dict, description="our warehouse -> Odoo's, where there are several"
    )
    journal: str = Field("MISC", description="short code of the journal that entries go to")
    tracking_field: str = Field(
        "carrier_tracking_ref", description="of a delivery; empty where Odoo has none"
    )
    services: dict[str, str] = Field(
        default_factory=lambda: {
            "shipping": "SHIPPING",
            "fee": "FEE",
            "rounding": "ROUNDING",
            "adjustment": "ADJUSTMENT",
        },
        description="what is no article -> internal reference of its service product",
    )
    taxes: dict[Decimal, int] = Field(
        default_factory=dict, description="rate as a fraction -> number of the tax"
    )
