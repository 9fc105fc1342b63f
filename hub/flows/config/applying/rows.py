"""A row of each kind that the connections file may hold. docs/connections.md explains every key."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hub.model.document import Count, Country, Currency, Id, Instant, OptText, Text
from hub.model.merchant import OPERATOR
from hub.rules.books.chart import Books
from hub.rules.returns.policy import Policy
from hub.rules.routing.rulebook.sorters import Point
from hub.store.ops.clocks import ClockName

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
"""The name of a merchant or connection: it stands in addresses, so it is plain."""


class Row(BaseModel):
    """A row of the file: nothing beyond what is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Network(Row):
    """The operator's word on where partners may live."""

    private: tuple[str, ...] = ()
    http: bool = False


class Merchant(Row):
    """Who sells. Without a status it stays as it is; a new one is active."""

    code: Code
    name: Text
    currency: Currency
    status: Literal["active", "suspended"] | None = None


class Limits(Row):
    """How hard a partner may be driven."""

    rate_per_s: Annotated[float, Field(gt=0, le=10_000)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    timeout_s: Annotated[float, Field(ge=1, le=300)] | None = None
    settle_s: Annotated[float, Field(ge=0, le=86_400)] | None = None
    burst: Annotated[float, Field(ge=1, le=100_000)] | None = None


class Polling(Row):
    """How often a topic is asked for; what is left out is the adapter's."""

    every_s: Annotated[float, Field(ge=5, le=604_800)] | None = None
    overlap_s: Annotated[float, Field(ge=0, le=604_800)] | None = None
    look_back_s: Annotated[float, Field(ge=0, le=31_536_000)] | None = None


class Connection(Row):
    """One account of a partner. Without a merchant it is the operator's own."""

    code: Code
    kind: Literal["channel", "warehouse", "erp", "crm", "finance", "carrier"]
    adapter: str
    merchant: Code = OPERATOR
    settings: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    limits: Limits = Limits()
    subscribes: tuple[str, ...] | None = None
    release_on: Literal["paid", "authorized", "any"] | None = None
    hold_on_note: bool | None = None
    fulfilment_services: dict[Text, Code] | None = None
    time_zone: str | None = None
    country: Country = None
    region: OptText = None
    capabilities: tuple[Text, ...] | None = None
    kits: Literal["parts", "whole"] | None = None
    stock_max_age_s: Annotated[int, Field(ge=60, le=31_536_000)] | None = None
    coordinates: Point | None = None
    poll: dict[Text, Polling | Literal[False]] | None = None
    clocks: dict[ClockName, Annotated[int, Field(ge=60, le=31_536_000)]] | None = None
    books: Books | None = None

    def options(self) -> dict[str, Any]:
        """The hub's own words about it, as far as they are said."""
        said = self.model_dump(include=set(OPTIONS), exclude_none=True)
        return {
            name: list(said[name]) if isinstance(said[name], tuple) else said[name]
            for name in OPTIONS
            if name in said
        }


OPTIONS: Mapping[str, str | None] = {
    "release_on": "channel",
    "hold_on_note": "channel",
    "fulfilment_services": "channel",
    "time_zone": None,
    "country": "warehouse",
    "region": "warehouse",
    "capabilities": "warehouse",
    "kits": "warehouse",
    "stock_max_age_s": "warehouse",
    "coordinates": "warehouse",
    "poll": None,
    "clocks": None,
    "books": None,
}
"""The hub's own words about a connection, and the kind that they make sense for (None: any)."""


class Stock(Row):
    """What a warehouse held when the hub began to count. The merchant is the warehouse's."""

    warehouse: Code
    sku: Id
    on_hand: Count
    quality: Literal["good", "defective"] = "good"
    merchant: Code | None = None


class Safety(Row):
    """Pieces that are never promised: of one SKU or of each, in one warehouse or in each."""

    merchant: Code = OPERATOR
    warehouse: Code | None = None
    sku: Id | None = None
    pieces: Count


class Shares(Row):
    """How channels share a merchant's stock."""

    merchant: Code = OPERATOR
    rules: tuple[dict[str, Any], ...]


class Routing(Row):
    """A merchant's routing rules, in their order."""

    merchant: Code = OPERATOR
    rules: tuple[dict[str, Any], ...]


class Review(Row):
    """A merchant's review rules."""

    merchant: Code = OPERATOR
    rules: tuple[dict[str, Any], ...]


class Returns(Policy):
    """A merchant's terms for what comes back; `valid_from` left out: from now on."""

    merchant: Code = OPERATOR
    valid_from: Instant | None = None
