"""What an order's plan is made from, and the plan itself: its demand, what lies on the shelves, the
warehouses that may ship and the merchant's rules. Nothing is written; `route.py` does that.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from hub.flows.articles import Articles
from hub.flows.unit import Unit
from hub.model.order import SalesOrder
from hub.rules import sourcing
from hub.rules.sourcing import Demand, Plan, Request, Rule, Warehouse
from hub.states.fulfilment_order import FULFILMENT_ORDER
from hub.store import stock
from hub.store.directory import OPERATOR, Directory
from hub.store.fulfilments import FulfilmentRow
from hub.store.orders import OrderRow

Shelves = dict[str, dict[tuple[str, str] | str, Decimal]]
"""Warehouse -> (merchant, SKU) -> pieces that may be promised."""


@dataclass(slots=True)
class Wanted:
    """An order with what is still to be shipped of it, and the warehouses that already said no."""

    row: OrderRow
    demand: list[Demand]
    cause: UUID | None = None
    exclude: frozenset[str] = frozenset()
    is_first: bool = True


@dataclass(frozen=True, slots=True)
class Ground:
    """What all orders of a merchant are planned on."""

    warehouses: list[Warehouse]
    rules: tuple[Rule, ...]


def demand_of(
    order: SalesOrder, merchant: str, articles: Articles, taken: Mapping[int, Decimal] = {}
) -> list[Demand]:
    """Pieces of each line that a warehouse must still ship; `taken` are those planned or gone
    already. Of a cancelled order none, whatever was too late to be stopped.
    """
    if order.state == "cancelled":
        return []
    found = []
    for line in order.lines:
        open_ = line.quantity - line.cancelled_quantity - taken.get(line.line_no, Decimal(0))
        if line.requires_shipping and line.sku and open_ > 0:
            found.append(Demand(line.line_no, line.sku, open_, articles.owner(merchant, line.sku)))
    return found


def taken(fulfilment: Iterable[FulfilmentRow]) -> dict[int, Decimal]:
    """Pieces of each order line that have left or are under way."""
    found: dict[int, Decimal] = {}
    for row in fulfilment:
        living = row.status not in FULFILMENT_ORDER.final
        for line in row.lines:
            pieces = max(line.ordered - line.short, line.shipped) if living else line.shipped
            found[line.line_no] = found.get(line.line_no, Decimal(0)) + pieces
    return found


def ground(directory: Directory, merchant: str, shelves: Shelves) -> Ground:
    """The warehouses that may ship for a merchant, with what is there, and its rules. What is taken
    off the shelves later is gone from it too.
    """
    return Ground(_warehouses(directory, merchant, shelves), rules_of(directory, merchant))


def grounds(unit: Unit, wanted: Iterable[Wanted], shelves: Shelves) -> dict[str, Ground]:
    """The ground of each merchant whose orders are wanted."""
    merchants = {one.row.merchant for one in wanted}
    return {merchant: ground(unit.directory, merchant, shelves) for merchant in merchants}


def plan(unit: Unit, one: Wanted, on: Ground) -> Plan:
    """Who would ship what of an order now. Touches nothing."""
    request = _request(unit, one.row.document, one.row.channel, one.exclude)
    return sourcing.plan(one.demand, on.warehouses, on.rules, request)


def what_if(
    unit: Unit, order: SalesOrder, merchant: str, demand: list[Demand], channel: str
) -> Plan:
    """The plan that an order would get that the hub does not have. Touches nothing."""
    on = ground(unit.directory, merchant, read_shelves(unit, [demand]))
    return sourcing.plan(demand, on.warehouses, on.rules, _request(unit, order, channel))


def read_shelves(unit: Unit, demands: Sequence[Sequence[Demand]]) -> Shelves:
    """What may be promised now of all that is wanted."""
    merchants = {need.merchant for demand in demands for need in demand}
    skus = {need.sku for demand in demands for need in demand}
    shelves: Shelves = {}
    if not skus:
        return shelves
    for row in stock.available(unit.db, merchants, skus):
        shelves.setdefault(row.warehouse, {})[(row.merchant_id, row.sku)] = row.available
    return shelves


def rules_of(directory: Directory, merchant: str) -> tuple[Rule, ...]:
    """A merchant's routing rules, parsed once for each version of the directory."""
    rules = directory.rules.get(merchant) or directory.rules.get(OPERATOR) or ()
    text = json.dumps(rules, sort_keys=True)
    if text not in _PARSED:
        _PARSED[text] = sourcing.parse(rules)
    return _PARSED[text]


_PARSED: dict[str, tuple[Rule, ...]] = {}


def _warehouses(directory: Directory, merchant: str, shelves: Shelves) -> list[Warehouse]:
    partners = (
        [partner for partner in directory.partners.values() if partner.kind == "warehouse"]
        if merchant == OPERATOR
        else directory.warehouses(merchant)
    )
    return [
        Warehouse(
            code=partner.code,
            available=shelves.get(partner.code, {}),
            merchant=None if partner.merchant == OPERATOR else partner.merchant,
            country=partner.options.get("country"),
            region=partner.options.get("region"),
            capabilities=frozenset(partner.options.get("capabilities", ())),
            active=partner.status == "active",
        )
        for partner in partners
    ]


def _request(
    unit: Unit, order: SalesOrder, channel: str, exclude: frozenset[str] = frozenset()
) -> Request:
    to = order.ship_to
    country, region = (to.country, to.region_code) if to else (None, None)
    return Request(country=country, region=region, channel=channel, at=unit.at, exclude=exclude)
