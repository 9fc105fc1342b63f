"""Sorters as a merchant writes them: which of the warehouses that may ship come first. How each
counts stands in `ranking.py`.
"""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from hub.model.document import Amount, Country, Currency, Id, Quantity, Text, Value
from hub.rules.routing.rulebook.values import Dated, PostalCode, PostalRange

Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Point = tuple[Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)], Degrees]
"""Latitude and longitude in degrees, north and east positive (WGS 84)."""


class FewestSplits(Dated):
    """As few warehouses as possible.

    `split_lines: false`: a line comes from one of them, or not. `do_not_split_below`: an order
    whose goods are worth less comes from one warehouse, or waits.
    """

    sort: Literal["fewest_splits"]
    split_lines: bool = True
    do_not_split_below: Amount | None = None


class Priority(Dated):
    """In this order; a warehouse that is not named comes last."""

    sort: Literal["priority"]
    order: Annotated[tuple[Id, ...], Field(min_length=1)]


class Distance(Dated):
    """The nearest first: by great circle from the warehouse's coordinates to the middle of the
    postal code's area, where both are known. `centroids`: country -> how postal codes there begin
    -> the middle; the longest beginning counts, "" is the whole country. Else warehouses of the
    region the goods go to first, then of the country, then the others.
    """

    sort: Literal["distance"]
    centroids: dict[str, dict[PostalCode | Literal[""], Point]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _countries(self) -> Self:
        if any(len(code) != 2 or not code.isupper() for code in self.centroids):
            raise PydanticCustomError("unknown_code", "two letters of a country, such as NL")
        return self


class CostZone(Value):
    """Where the same rates hold: countries, or postal codes of one."""

    zone: Text
    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    ranges: tuple[PostalRange, ...] = ()


class Band(Value):
    """What a parcel of that weight costs; without `up_to_g`, any heavier one."""

    up_to_g: Quantity | None = None
    amount: Amount


class Rate(Value):
    """What it costs from a warehouse to a zone, the lightest band first."""

    warehouse: Id
    zone: Text
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rising(self) -> Self:
        tops = [Decimal("Infinity") if band.up_to_g is None else band.up_to_g
                for band in self.bands]  # fmt: skip
        if tops != sorted(set(tops)):
            raise PydanticCustomError("bad_range", "bands rise by up_to_g, the open one last")
        return self


class Cost(Dated):
    """The cheapest first, by this table: of the zones that the address is in the first counts, and
    of its bands the first that the weight of the goods is not above. A weight that nobody knows
    is 0. What has no rate comes last.
    """

    sort: Literal["cost"]
    currency: Currency
    zones: Annotated[tuple[CostZone, ...], Field(min_length=1)]
    rates: Annotated[tuple[Rate, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _zones_known(self) -> Self:
        known = {zone.zone for zone in self.zones}
        if any(rate.zone not in known for rate in self.rates):
            raise PydanticCustomError("unknown_code", "every rate is for one of the zones")
        return self


class Load(Dated):
    """The warehouse with the fewest fulfilment orders that have not left it yet first."""

    sort: Literal["load"]


class StockAge(Dated):
    """The warehouse whose pieces of the goods came in first: first in, first out. What came when
    is not known comes last.
    """

    sort: Literal["stock_age"]


Sort = FewestSplits | Priority | Distance | Cost | Load | StockAge
