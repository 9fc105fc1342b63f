"""What was agreed with a warehouse, beside what its documents say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose name and address stand on the parcel."""

    name: str
    mobile: str
    province: str
    city: str
    address: str
    area: str | None = None
    postal_code: str | None = None
    country: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed. `order_type`: the kind of outbound orders that name none of their own.
    `return_flag`: the mark that every line of a return must bear.
    """

    owner_code: str
    warehouse_code: str
    shop_nick: str | None = None
    logistics_code: str = "OTHER"
    order_type: str = "JYCK"
    source_platform: str = "OTHER"
    unknown_mobile: str = "00000000000"
    return_flag: str = "SELLER_AFFORD"
    sender: Sender | None = None
