"""What orders are planned on: the warehouses with what lies there, the merchant's rules made ready,
and of goods and of how busy warehouses are what those rules ask for. Merchants whose rules ask for
neither pay for no further query.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from hub.flows.routing import ground_facts, lasting
from hub.flows.routing.lasting import Short
from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.model.order import SalesOrder
from hub.rules.routing import sourcing
from hub.rules.routing.sourcing import Book, Demand, Goods, Load, Request, Warehouse
from hub.store.config.snapshot import Connection, Directory
from hub.store.stock import stock_levels


class Shelves(dict[str, dict[tuple[str, str] | str, Decimal]]):
    """Warehouse -> (merchant, SKU) -> pieces that may be promised. `by_batch`: the places, each
    warehouse, merchant and SKU, of which some batch is known.
    """

    def __init__(self) -> None:
        super().__init__()
        self.by_batch: set[tuple[str, str, str]] = set()


@dataclass(frozen=True, slots=True)
class Ground:
    """What all orders of a merchant are planned on. What is taken off the shelves later is gone
    from it too.
    """

    warehouses: list[Warehouse]
    book: Book
    goods: Mapping[tuple[str, str], Goods]
    short: Short = field(default_factory=dict)

    def places(self, channel: str) -> list[Warehouse]:
        """The warehouses with what they could promise to orders of a channel."""
        off = self.short.get(channel)
        if not off:
            return self.warehouses
        return [
            replace(place, available=lasting.in_warehouse(place.available, place.code, off))
            for place in self.warehouses
        ]

    def known(self, demand: list[Demand]) -> list[Demand]:
        """A demand with what the rules ask of its goods."""
        if not self.goods:
            return demand
        return [
            replace(need, goods=self.goods.get((need.merchant, need.sku), need.goods))
            for need in demand
        ]

    def take(self, warehouse: str, pieces: Decimal) -> None:
        """A fulfilment order of so many pieces was planned."""
        for place in self.warehouses:
            if place.code == warehouse:
                place.load.takes(pieces)


def grounds(
    unit: Unit, demands: Mapping[str, Sequence[Sequence[Demand]]], shelves: Shelves
) -> dict[str, Ground]:
    """The ground of each merchant, for the demands of its orders."""
    books = {merchant: book_of(unit.directory, merchant) for merchant in demands}
    loads = ground_facts.loads(unit, books, demands)
    goods = ground_facts.goods(unit, books, demands)
    short = lasting.short(unit, {(merchant, sku) for _, merchant, sku in shelves.by_batch})
    return {
        merchant: Ground(
            _warehouses(unit.directory, merchant, shelves, loads.get(merchant, {})),
            book,
            goods.get(merchant, {}),
            short,
        )
        for merchant, book in books.items()
    }


def again(unit: Unit, merchant: str, demands: Sequence[Sequence[Demand]], book: Book) -> Ground:
    """The ground for decisions that are made again by a rule book: without stock and load, which
    stand in the facts of each.
    """
    goods = ground_facts.goods(unit, {merchant: book}, {merchant: demands})
    return Ground(
        _warehouses(unit.directory, merchant, Shelves(), {}), book, goods.get(merchant, {})
    )


def read_shelves(unit: Unit, demands: Iterable[Sequence[Demand]]) -> Shelves:
    """What may be promised now of all that is wanted."""
    needs = [need for demand in demands for need in demand]
    shelves = Shelves()
    if not needs:
        return shelves
    merchants = {need.merchant for need in needs}
    skus = {sku for need in needs for sku in (need.sku, *need.inside)}
    for row in stock_levels.available(unit.db, merchants, skus):
        shelves.setdefault(row.warehouse, {})[(row.merchant_id, row.sku)] = row.available
        if row.by_batch:
            shelves.by_batch.add((row.warehouse, row.merchant_id, row.sku))
    return shelves


def rules_owner(directory: Directory, merchant: str) -> str | None:
    """Whose rules a merchant's orders are planned by: its own, else the operator's, else nobody's
    (None: the hub's own).
    """
    return next((code for code in (merchant, OPERATOR) if directory.rules.get(code)), None)


def book_of(directory: Directory, merchant: str) -> Book:
    """A merchant's routing rules, made ready once for each version of them."""
    owner = rules_owner(directory, merchant)
    return _ready(json.dumps(directory.rules[owner], sort_keys=True) if owner else "[]")


@lru_cache(maxsize=256)
def _ready(text: str) -> Book:
    return Book(sourcing.parse(json.loads(text)))


def partners_of(directory: Directory, merchant: str) -> list[Connection]:
    """The warehouses that may hold a merchant's goods."""
    if merchant == OPERATOR:
        return [
            partner for partner in directory.connections.values() if partner.kind == "warehouse"
        ]
    return directory.warehouses(merchant)


def _warehouses(
    directory: Directory, merchant: str, shelves: Shelves, loads: Mapping[str, Load]
) -> list[Warehouse]:
    return [
        Warehouse(
            code=partner.code,
            available=shelves.get(partner.code, {}),
            merchant=None if partner.merchant == OPERATOR else partner.merchant,
            country=partner.options.get("country"),
            region=partner.options.get("region"),
            capabilities=frozenset(partner.options.get("capabilities", ())),
            active=partner.status == "active",
            point=_point(partner),
            load=loads.get(partner.code, _IDLE),
            makes_kits=directory.makes_kits(partner.code),
        )
        for partner in partners_of(directory, merchant)
    ]


_IDLE = Load()


def _point(partner: Connection) -> tuple[float, float] | None:
    point = partner.options.get("coordinates")
    return (float(point[0]), float(point[1])) if point else None


def request_of(
    unit: Unit, order: SalesOrder, channel: str, exclude: frozenset[str] = frozenset()
) -> Request:
    """What routing asks of an order beside its goods."""
    to, delivery = order.ship_to, order.delivery
    return Request(
        country=to.country if to else None,
        channel=channel,
        at=unit.at,
        region=to.region_code if to else None,
        exclude=exclude,
        postal_code=to.postal_code if to else None,
        tags=frozenset(order.tags),
        value=worth(order),
        currency=order.currency,
        carrier=delivery.carrier,
        service=delivery.method,
    )


def worth(order: SalesOrder) -> Decimal:
    """What the goods cost that are ours to ship."""
    return sum((line.total for line in order.lines if line.ours_to_ship), Decimal(0))
