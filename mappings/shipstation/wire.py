"""ShipStation's resources as its API v1 answers them: what is read of them.

Source: the v1 API as it is documented, and recorded answers. Times name no zone and are US Pacific,
with up to seven digits of a second. Weights and sizes say their own unit.
"""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from hub.model.document import OptId, OptText
from mappings.kit.fields import (
    DECIDES,
    Cash,
    CashSeen,
    Flag,
    Many,
    Measure,
    MomentSeen,
    Part,
    Perhaps,
    Sku,
    Word,
    WordSeen,
    needed,
)

PACIFIC = ZoneInfo("America/Los_Angeles")


class Told(Part):
    """A part of an answer; its names are theirs."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class Weight(Told):
    value: Measure = None
    units: WordSeen = None


class Dimensions(Told):
    length: Measure = None
    width: Measure = None
    height: Measure = None
    units: WordSeen = None


class Item(Told):
    """An article of an order or a shipment. `adjustment`: a discount, which nobody packs."""

    line_item_key: OptId = None
    sku: Sku = None
    fulfillment_sku: OptId = None
    quantity: Cash = None
    adjustment: Flag = None


class Advanced(Told):
    """Whose store it is in, and whether the warehouse put orders together, or took one apart."""

    merged_or_split: Flag = None
    store_id: OptId = None


def is_of(store_id: int | None, advanced: Advanced | None) -> bool:
    """Whether it may be in that store: it says no other."""
    told = advanced.store_id if advanced else None
    return store_id is None or told is None or told == str(store_id)


class Order(Told):
    order_id: OptId = None
    order_key: OptId = None
    order_number: OptId = None
    order_status: Word = None
    modify_date: MomentSeen = None
    create_date: MomentSeen = None
    items: Annotated[Many[Item], DECIDES] = ()
    advanced_options: Annotated[Perhaps[Advanced], DECIDES] = None

    @property
    def changed_at(self) -> datetime:
        return needed(self.modify_date or self.create_date, "modifyDate")

    @property
    def is_whole(self) -> bool:
        """Whether it holds what was ordered, no more and no less."""
        return not (self.advanced_options and self.advanced_options.merged_or_split)


class Left(Told):
    """A shipment, for which a label was made, or a fulfillment, which was marked as shipped."""

    shipment_id: OptId = None
    fulfillment_id: OptId = None
    order_id: OptId = None
    order_key: OptId = None
    order_number: OptId = None
    create_date: MomentSeen = None
    ship_date: MomentSeen = None
    delivery_date: MomentSeen = None
    shipment_cost: CashSeen = None
    insurance_cost: CashSeen = None
    fulfillment_fee: CashSeen = None
    tracking_number: OptText = None
    is_return_label: Flag = None
    carrier_code: OptText = None
    service_code: OptText = None
    voided: Flag = None
    void: Flag = None
    void_date: MomentSeen = None
    weight: Perhaps[Weight] = None
    dimensions: Perhaps[Dimensions] = None
    shipment_items: Annotated[Many[Item], DECIDES] = ()
    advanced_options: Perhaps[Advanced] = None

    @property
    def id(self) -> str:
        return needed(self.shipment_id or self.fulfillment_id, "shipmentId")

    @property
    def is_void(self) -> bool:
        return bool(self.voided or self.void or self.void_date)

    @property
    def left_at(self) -> datetime:
        """When its label was made; the day that it was made for, where that is another."""
        made, day = self.create_date, self.ship_date
        if made and (day is None or _day(made) == _day(day)):
            return made
        return needed(day, "shipDate")


def _day(at: datetime) -> date:
    return at.astimezone(PACIFIC).date()
