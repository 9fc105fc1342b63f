"""What the connections file may hold, row by row. docs/connections.md explains every key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.model.document import Count, Country, Currency, Id, Instant, OptText, Text
from hub.model.errors import Problem
from hub.model.merchant import OPERATOR
from hub.model.plain import problems_of
from hub.model.product import Product
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


@dataclass(frozen=True, slots=True)
class Goods:
    """A product and whose it is. `given` are the fields that the file names."""

    merchant: str
    product: Product
    given: frozenset[str]


@dataclass(slots=True)
class File:
    """The file's rows by their place (`connections.2`); what could not be read is in `problems`."""

    network: Network | None = None
    merchants: dict[str, Merchant] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    products: dict[str, Goods] = field(default_factory=dict)
    stock: dict[str, Stock] = field(default_factory=dict)
    safety: dict[str, Safety] = field(default_factory=dict)
    shares: dict[str, Shares] = field(default_factory=dict)
    routing: dict[str, Routing] = field(default_factory=dict)
    review: dict[str, Review] = field(default_factory=dict)
    returns: dict[str, Returns] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


_ROWS: dict[str, type[BaseModel]] = {
    "merchants": Merchant,
    "connections": Connection,
    "stock": Stock,
    "safety": Safety,
    "shares": Shares,
    "routing": Routing,
    "review": Review,
    "returns": Returns,
}
SECTIONS = (
    *("network", "merchants", "connections", "products", "stock", "safety", "shares", "routing"),
    *("review", "returns"),
)
PRODUCT_FIELDS = frozenset(Product.model_fields) - {"type", "source", "attributes"}


def parse(tree: Mapping[str, Any]) -> File:
    """The rows of a tree. Nothing is raised: whatever is wrong is noted, row by row."""
    file = File()
    for name in tree:
        if name not in SECTIONS:
            message = f"known are {', '.join(SECTIONS)}"
            file.problems.append(Problem(name, "unknown_field", message))
    if tree.get("network") is not None:
        file.network = _row(file, Network, tree["network"], "network")
    for name in SECTIONS[1:]:
        rows = tree.get(name)
        if rows is None:
            continue
        if not isinstance(rows, list):
            file.problems.append(Problem(name, "wrong_type", "a list is expected"))
            continue
        for at, row in enumerate(rows):
            path = f"{name}.{at}"
            read = (
                _goods(file, row, path)
                if name == "products"
                else _row(file, _ROWS[name], row, path)
            )
            if read is not None:
                getattr(file, name)[path] = read
    return file


def _row(file: File, model: type[Any], row: Any, path: str) -> Any:
    if not isinstance(row, dict):
        file.problems.append(Problem(path, "wrong_type", "names with values are expected"))
        return None
    try:
        return model.model_validate(row)
    except ValidationError as error:
        file.problems += [_placed(problem, path, model) for problem in problems_of(error)]
        return None


def _goods(file: File, row: Any, path: str) -> Goods | None:
    if not isinstance(row, dict):
        file.problems.append(Problem(path, "wrong_type", "names with values are expected"))
        return None
    fields = {name: value for name, value in row.items() if name != "merchant"}
    merchant = row.get("merchant", OPERATOR)
    unknown = [name for name in fields if name not in PRODUCT_FIELDS]
    for name in unknown:
        message = f"known are merchant, {', '.join(sorted(PRODUCT_FIELDS))}"
        file.problems.append(Problem(f"{path}.{name}", "unknown_field", message))
    if not isinstance(merchant, str):
        file.problems.append(Problem(f"{path}.merchant", "wrong_type", "text is expected"))
    product = _row(file, Product, {**product_tree(fields), "sku": fields.get("sku")}, path)
    if product is None or unknown or not isinstance(merchant, str):
        return None
    return Goods(merchant, product, frozenset(fields))


def product_tree(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A canonical product as it comes out of the file, with the file as its source."""
    known = {name: value for name, value in fields.items() if name in PRODUCT_FIELDS}
    return {**known, "source": {"connection": "file", "id": str(fields.get("sku"))}}


def _placed(problem: Problem, path: str, model: type[BaseModel]) -> Problem:
    message = problem.message
    if problem.code == "unknown_field" and "." not in problem.path:
        message = f"known are {', '.join(model.model_fields)}"
    return Problem(f"{path}.{problem.path}".rstrip("."), problem.code, message)
