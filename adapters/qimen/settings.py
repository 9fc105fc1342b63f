"""What a connection to a Qimen warehouse must say."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from adapters.kit.settings import RotatingSecret
from mappings.qimen import Sender, Terms


class Settings(BaseModel):
    """Settings and secrets of one warehouse connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(description="the gateway's or the warehouse's address")
    app_key: str = Field(min_length=1, description="the key of our application")
    app_secret: RotatingSecret = Field(description="the secret of our application, newest first")
    customer_id: str = Field(min_length=1, description="the customerId agreed with the warehouse")
    owner_code: str = Field(min_length=1, description="the ownerCode of the goods")
    warehouse_code: str = Field(min_length=1, description="the warehouseCode, or OTHER")
    method_prefix: str = Field("taobao.qimen.", description="before method names; may be empty")
    sign_method: Literal["md5", "hmac", "hmac-sha256"] = Field(
        "md5", description="how our calls are signed, and theirs must be"
    )
    version: str = "2.0"
    time_zone: str = Field("Asia/Shanghai", description="of the times in messages")
    shop_nick: str | None = Field(None, description="the shop's name; absent: the merchant")
    logistics_code: str = Field("OTHER", description="the carrier where the order names none")
    order_type: str = Field("JYCK", description="the document type of orders that name none")
    source_platform: str = "OTHER"
    return_flag: str = Field(
        "SELLER_AFFORD", min_length=1, description="the mark of every line of a return"
    )
    stock_items: tuple[str, ...] = Field((), description="whose stock is asked for, by item code")
    unknown_mobile: str = Field("00000000000", description="for receivers without a telephone")
    sender_name: str | None = None
    sender_mobile: str | None = None
    sender_province: str | None = None
    sender_city: str | None = None
    sender_address: str | None = None
    sender_company: str | None = None
    sender_postal_code: str | None = None
    sender_country: str | None = None

    @model_validator(mode="after")
    def _sender_whole(self) -> Self:
        parts = self._sender_parts()
        if any(parts) and not all(parts):
            message = "a sender needs sender_name, _mobile, _province, _city and _address"
            raise PydanticCustomError("missing_field", message)
        return self

    def _sender_parts(self) -> tuple[str | None, ...]:
        place = (self.sender_province, self.sender_city, self.sender_address)
        return (self.sender_name, self.sender_mobile, *place)

    def terms(self) -> Terms:
        """What the mapping needs of these settings."""
        name, mobile, province, city, address = self._sender_parts()
        sender = None
        if name and mobile and province and city and address:
            sender = Sender(
                name=name,
                mobile=mobile,
                province=province,
                city=city,
                address=address,
                postal_code=self.sender_postal_code,
                country=self.sender_country,
                company=self.sender_company,
            )
        return Terms(
            owner_code=self.owner_code,
            warehouse_code=self.warehouse_code,
            shop_nick=self.shop_nick,
            logistics_code=self.logistics_code,
            order_type=self.order_type,
            source_platform=self.source_platform,
            return_flag=self.return_flag,
            unknown_mobile=self.unknown_mobile,
            sender=sender,
        )
