"""Filters as a merchant writes them: what a warehouse may not ship. Each is a row of data; what it
says of a warehouse stands in `refusing.py`.

Those that name the same warehouse are alternatives: one that lets an order pass is enough. Of
these only those with the highest `priority` count, so that a rule for some days stands in for the
usual one.
"""

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from hub.model.document import Amount, Country, Currency, Id, Text
from hub.rules.routing.rulebook.values import (
    WEEKDAYS,
    Dated,
    Day,
    PostalRange,
    Texts,
    Weekday,
    Zone,
    read_time,
)


class ShipsTo(Dated):
    """The warehouse ships only there."""

    filter: Literal["ships_to"]
    warehouse: Id
    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    regions: tuple[Text, ...] = ()


class Postal(Dated):
    """In that country the warehouse ships only to these postal codes, or with `can: false` to all
    but these. Of other countries it says nothing.
    """

    filter: Literal["postal"]
    warehouse: Id
    country: Annotated[Country, Field(min_length=2)]
    ranges: Annotated[tuple[PostalRange, ...], Field(min_length=1)]
    can: bool = True


class ServesChannel(Dated):
    """The warehouse works only for these channels."""

    filter: Literal["channel"]
    warehouse: Id
    channels: Annotated[tuple[Id, ...], Field(min_length=1)]


class Carrier(Dated):
    """The warehouse can send by these carriers and services only, or with `can: false` not by
    them. Of an order that asks for none it says nothing.
    """

    filter: Literal["carrier"]
    warehouse: Id
    carriers: tuple[Text, ...] = ()
    services: tuple[Text, ...] = ()
    can: bool = True

    @model_validator(mode="after")
    def _names_any(self) -> Self:
        if not self.carriers and not self.services:
            raise PydanticCustomError("missing_field", "carriers or services are expected")
        return self


class CutOff(Dated):
    """From that time of day on, in its zone and until midnight, the warehouse takes no more."""

    filter: Literal["cut_off"]
    warehouse: Id
    time: Annotated[time, BeforeValidator(read_time)]
    zone: Zone = "UTC"


class Calendar(Dated):
    """The warehouse takes orders on these days of the week, and not on its holidays."""

    filter: Literal["calendar"]
    warehouse: Id
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS[:5]
    holidays: tuple[Day, ...] = ()
    zone: Zone = "UTC"


class Capacity(Dated):
    """So many fulfilment orders, or pieces in them, are planned for the warehouse in a day of its
    zone, and no more. Counted are those of the merchant whose rule it is.
    """

    filter: Literal["capacity"]
    warehouse: Id
    orders: Annotated[int, Field(ge=1)] | None = None
    pieces: Annotated[int, Field(ge=1)] | None = None
    zone: Zone = "UTC"

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        if self.orders is None and self.pieces is None:
            raise PydanticCustomError("missing_field", "orders or pieces are expected")
        return self


class OrderTag(Dated):
    """The warehouse ships only orders that bear one of these tags, or with `can: false` none."""

    filter: Literal["order_tag"]
    warehouse: Id
    tags: Texts
    can: bool = True


class OrderValue(Dated):
    """The warehouse ships orders whose goods are worth this much, both ends included. Of orders in
    another currency it says nothing.
    """

    filter: Literal["order_value"]
    warehouse: Id
    currency: Currency
    at_least: Amount | None = None
    at_most: Amount | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise PydanticCustomError("missing_field", "at_least or at_most is expected")
        if None not in (self.at_least, self.at_most) and self.at_least > self.at_most:  # type: ignore[operator]  # neither is None
            raise PydanticCustomError("bad_range", "at_most must not be below at_least")
        return self


class GoodsOf(Dated):
    """Of an order the warehouse ships only these products, or with `can: false` all but these: by
    SKU, or by category of the product. The other lines may come from elsewhere.
    """

    filter: Literal["goods"]
    warehouse: Id
    skus: tuple[Id, ...] = ()
    categories: tuple[Text, ...] = ()
    can: bool = True

    @model_validator(mode="after")
    def _names_any(self) -> Self:
        if not self.skus and not self.categories:
            raise PydanticCustomError("missing_field", "skus or categories are expected")
        return self


class GoodsNeed(Dated):
    """Goods whose product says `true` of this attribute (`dangerous_goods`, `chilled`) ship only
    from warehouses that can do all of `needs`. The other lines may come from elsewhere.
    """

    filter: Literal["goods_need"]
    attribute: Text
    needs: Texts


class InStock(Dated):
    """Rules out a warehouse that has nothing of the goods; with `all`, one that lacks any."""

    filter: Literal["stock"]
    all: bool = False


class Capability(Dated):
    """Only warehouses that can do all of this (`cold_chain`, `hazmat`, `engraving`)."""

    filter: Literal["capability"]
    needs: Texts


OfDestination = ShipsTo | Postal | ServesChannel | CutOff | Calendar
"""What asks for nothing but where an order goes, for which channel and when."""
OfOrder = OfDestination | Carrier | Capacity | OrderTag | OrderValue | InStock | Capability
"""What rules a warehouse out of the whole order."""
OfGoods = GoodsOf | GoodsNeed
"""What rules it out of single lines."""
Filter = OfOrder | OfGoods
FilterName = Literal[
    "ships_to", "postal", "channel", "carrier", "cut_off", "calendar", "capacity", "order_tag",
    "order_value", "stock", "capability", "goods", "goods_need"
]  # fmt: skip
