"""What routing considers: the pieces that are wanted, the warehouses with what they have, and
where the goods go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from hub.model.product import Kit
from hub.rules.stock import kits

_ZERO = Decimal(0)
Point = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True, slots=True)
class Goods:
    """What rules may ask of an article: its categories, and the attributes that it says `true`
    of. `weight_g` of one piece.
    """

    categories: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()
    weight_g: Decimal | None = None


_PLAIN = Goods()


@dataclass(frozen=True, slots=True)
class Demand:
    """Pieces of one article for one order line. `needs`: what a warehouse must be able to do.
    `only`: the one warehouse that may ship it. `barred`: those that may not, by the rules.
    `kit`: the kit that it is, or whose missing part it is.
    """

    line_no: int
    sku: str
    quantity: Decimal
    merchant: str
    needs: frozenset[str] = frozenset()
    only: str | None = None
    goods: Goods = _PLAIN
    barred: frozenset[str] = frozenset()
    kit: Kit | None = None

    @property
    def is_loose(self) -> bool:
        """Whether it is what is missing of a kit whose other parts have left, or will."""
        return self.kit is not None and self.kit.sku != self.sku

    @property
    def inside(self) -> tuple[str, ...]:
        """The articles that it may be made of, besides itself."""
        return () if self.kit is None else tuple(kits.within(self.sku, self.kit.of))


@dataclass(frozen=True, slots=True)
class Allocation:
    """Pieces of one order line that one warehouse is to ship. Of a `kit`: `picked` are the pieces
    that it ships for those that it makes of parts.
    """

    warehouse: str
    line_no: int
    sku: str
    quantity: Decimal
    merchant: str
    kit: Kit | None = field(default=None, compare=False)
    picked: tuple[tuple[str, Decimal], ...] = field(default=(), compare=False)

    @property
    def goods(self) -> tuple[tuple[str, Decimal], ...]:
        """What leaves the warehouse: SKU and pieces."""
        return self.picked or ((self.sku, self.quantity),)


@dataclass(slots=True)
class Load:
    """How busy a warehouse is, as far as rules ask: fulfilment orders that have not left it,
    those planned today with their pieces (by the zone whose day it is), and since when it has had
    its oldest pieces, by (merchant, SKU). Grows as a batch is planned.
    """

    open: int | None = None
    today: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    since: Mapping[tuple[str, str], datetime] = field(default_factory=dict)

    def takes(self, pieces: Decimal) -> None:
        """One more fulfilment order, of so many pieces."""
        if self.open is not None:
            self.open += 1
        for zone, (orders, before) in self.today.items():
            self.today[zone] = (orders + 1, before + pieces)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """One warehouse with what it could promise now.

    `available` by (merchant, SKU), or by SKU where it holds one merchant's goods only. `merchant`
    None: the operator's, open to all. `makes_kits`: it ships parts for kits that are not ready.
    """

    code: str
    available: Mapping[tuple[str, str] | str, Decimal]
    merchant: str | None = None
    country: str | None = None
    region: str | None = None
    capabilities: frozenset[str] = frozenset()
    active: bool = True
    point: Point | None = None
    load: Load = field(default_factory=Load)
    makes_kits: bool = True

    def shelf(self, need: Demand) -> tuple[str, str] | str | None:
        """The key in `available` from which this warehouse may serve a demand, or None."""
        return self.key(need.merchant, need.sku) if self.may_serve(need) else None

    def may_serve(self, need: Demand) -> bool:
        """Whether it may ship that at all, whatever lies there."""
        if self.merchant is not None and self.merchant != need.merchant:
            return False
        if need.only is not None and need.only != self.code:
            return False
        if need.needs and not need.needs <= self.capabilities:
            return False
        return not (need.barred and self.code in need.barred)

    def key(self, merchant: str, sku: str) -> tuple[str, str] | str | None:
        """Where a merchant's article lies in `available`; None where nothing does."""
        key = (merchant, sku)
        if key in self.available:
            return key
        return sku if sku in self.available else None

    def pieces(self, key: tuple[str, str] | str) -> Decimal:
        """Whole pieces on a shelf, never below zero."""
        return max(self.available[key].to_integral_value(ROUND_FLOOR), _ZERO)


@dataclass(frozen=True, slots=True)
class Request:
    """Where the goods go, for which channel, when it is asked, and which warehouses said no.

    `stopped`: why none may ship it until a person has looked. `value` of the goods, in `currency`.
    """

    country: str | None
    channel: str | None
    at: datetime
    region: str | None = None
    exclude: frozenset[str] = frozenset()
    stopped: str | None = None
    postal_code: str | None = None
    tags: frozenset[str] = frozenset()
    value: Decimal | None = None
    currency: str | None = None
    carrier: str | None = None
    service: str | None = None

    @property
    def code(self) -> str | None:
        """The postal code as rules compare it: capitals, no spaces."""
        return self.postal_code.upper().replace(" ", "") if self.postal_code else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The rule that rules a warehouse out, and why; `until` when, where it is a time."""

    rule: str
    why: str
    until: datetime | None = None
