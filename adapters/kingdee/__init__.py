"""Kingdee K3Cloud (Galaxy) over its WebAPI: orders, outbound notes, receivables, vouchers, stock.

What is there under our reference is not saved again.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from adapters.kingdee.api import Kingdee, Login
from adapters.kingdee.desk import Desk
from adapters.kingdee.signing import SEED, App, Signed, Unit
from adapters.kingdee.stock import Stock
from adapters.kingdee.telling import Telling
from adapters.kit.http import Transport
from adapters.kit.settings import OptOutwardSecret
from adapters.kit.tellings import by_type, encoded
from adapters.ports import Adapter, Clock, Parts
from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, StockChange
from mappings.kingdee import ENCODE, VOUCHER, Terms
from mappings.kit import Context

_SERVICES = {"shipping": "SHIPPING", "fee": "FEE", "rounding": "ROUNDING"}


class Settings(BaseModel):
    """Base data is named by its number there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_url: str = Field(description="where it is, without /K3Cloud")
    account: str = Field(description="id of the data centre (acctId)")
    user: str = Field(description="the hub's user")
    password: OptOutwardSecret = Field(None, description="its password, to log in")
    app_id: OptOutwardSecret = Field(
        None, description="of a third-party application: requests are signed, nobody logs in"
    )
    app_secret: OptOutwardSecret = Field(None, description="of the application")
    app_organisation: str = Field("0", description="whom it acts for, where there are several")
    app_time: Unit = Field("seconds", description="unit of the time that is signed")
    app_seed: str = Field(
        SEED, min_length=32, max_length=32, description="what hides the secret in app_id"
    )
    language: int = Field(2052, description="of its words: 2052 Chinese, 1033 English")
    organisation: str = Field(description="sells, keeps the goods and the books")
    customer: str = Field(description="customer of all orders of this connection")
    stock: str = Field(description="where pieces are kept")
    stocks: dict[str, str] = Field(
        default_factory=dict, description="our warehouse -> stock, where there are several"
    )
    defective_stock: str = Field(
        "", description="for pieces that cannot be sold; empty: they are not booked"
    )
    currencies: dict[str, str] = Field(
        default_factory=lambda: {"CNY": "PRE001"}, description="ISO code -> its number there"
    )
    services: dict[str, str] = Field(
        default_factory=lambda: {**_SERVICES, "adjustment": "ADJUSTMENT"},
        description="what is no article -> its material",
    )
    book: str = Field("", description="account book of vouchers")
    voucher_group: str = Field("PRE001", description="word of vouchers")
    reference_field: str = Field("FBillNo", description="where our reference stands")
    voucher_reference_field: str = Field(
        "F_OH_Reference", description="text field of vouchers for it"
    )

    @model_validator(mode="after")
    def _has_a_way_in(self) -> Self:
        if not (self.password or (self.app_id and self.app_secret)):
            raise ValueError("password, or app_id and app_secret, are expected")
        return self

    def access(self, clock: Clock) -> Login | Signed:
        """How it is let in: as an application where there is one, else by log-in."""
        if self.app_id and self.app_secret:
            app = App(
                number=self.app_id.get_secret_value(),
                secret=self.app_secret.get_secret_value(),
                account=self.account,
                user=self.user,
                language=self.language,
                organisation=self.app_organisation,
                unit=self.app_time,
                seed=self.app_seed,
            )
            return Signed(app, clock)
        password = self.password.get_secret_value() if self.password else ""
        return self.account, self.user, password, self.language


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One organisation in one data centre."""
    told = settings.model_dump(include=set(Terms.__dataclass_fields__))
    fields = {"*": settings.reference_field, VOUCHER: settings.voucher_reference_field}
    api, terms = Kingdee(settings.api_url, transport, settings.access(clock)), Terms(**told)
    desk = Desk(api, fields)
    telling, stock = Telling(api, desk, terms), Stock(desk, terms)

    way = encoded(ENCODE, at)
    moves = way(stock.move, stock.moved)
    send, find = by_type(
        {
            SalesOrder: way(telling.order, telling.order_found),
            Shipment: way(stock.ship, stock.shipped),
            Refund: way(telling.credit, telling.credited),
            JournalEntry: way(telling.enter, telling.entered),
            GoodsReceipt: moves,
            ReturnReceipt: moves,
            StockChange: moves,
        }
    )
    return Parts(check=telling.check, send=send, find=find)


ADAPTER = Adapter(Settings, connect)
