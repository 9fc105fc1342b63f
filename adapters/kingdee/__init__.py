"""Kingdee K3Cloud (Galaxy) over its WebAPI: orders, outbound notes, receivables, vouchers, stock.

What is there under our reference is not saved again.
"""

from pydantic import BaseModel, ConfigDict, Field

from adapters.kingdee.api import Kingdee
from adapters.kingdee.desk import Desk
from adapters.kingdee.stock import Stock
from adapters.kingdee.telling import Telling
from adapters.kit.http import Transport
from adapters.kit.settings import OutwardSecret
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
    password: OutwardSecret = Field(description="its password")
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


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One organisation in one data centre."""
    password = settings.password.get_secret_value()
    login = (settings.account, settings.user, password, settings.language)
    told = settings.model_dump(include=set(Terms.__dataclass_fields__))
    fields = {"*": settings.reference_field, VOUCHER: settings.voucher_reference_field}
    api, terms = Kingdee(settings.api_url, transport, login), Terms(**told)
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
