"""What routing rules ask of goods and of warehouses beyond the stock, read where any rule does."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.rules.routing.rulebook import opening
from hub.rules.routing.rulebook.filters import Capacity, GoodsNeed, GoodsOf
from hub.rules.routing.rulebook.sorters import Cost, StockAge
from hub.rules.routing.rulebook.sorters import Load as ByLoad
from hub.rules.routing.sourcing import Book, Demand, Goods, Load
from hub.store.config import writes
from hub.store.config.snapshot import Directory
from hub.store.orders import warehouse_load

Demands = Mapping[str, Sequence[Sequence[Demand]]]
Loads = dict[str, Load]
_YES = frozenset({"true", "yes", "1"})


def goods(
    unit: Unit, books: Mapping[str, Book], demands: Demands
) -> dict[str, dict[tuple[str, str], Goods]]:
    """Of merchants whose rules ask for it: (owner, SKU) -> what its product says."""
    asking = [code for code, book in books.items() if book.has(GoodsOf, GoodsNeed, Cost)]
    pairs = {pair for code in asking for pair in _pairs(demands[code])}
    if not pairs:
        return {}
    known = {
        (row.merchant_id, row.sku): _goods(row.document) for row in writes.products(unit.db, pairs)
    }
    return {
        code: {pair: known[pair] for pair in _pairs(demands[code]) if pair in known}
        for code in asking
    }


def _pairs(demands: Sequence[Sequence[Demand]]) -> Iterator[tuple[str, str]]:
    return ((need.merchant, need.sku) for demand in demands for need in demand)


def _goods(document: Mapping[str, Any]) -> Goods:
    said = {**(document.get("options") or {}), **(document.get("attributes") or {})}
    traits = (name for name, value in said.items() if str(value).casefold() in _YES)
    return Goods(
        frozenset(document.get("categories") or ()),
        frozenset(traits),
        _number(document.get("weight_g")),
    )


def _number(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def loads(unit: Unit, books: Mapping[str, Book], demands: Demands) -> dict[str, Loads]:
    """Of merchants whose rules ask for it: how busy their warehouses are. Where a rule counts a
    day, nobody else plans for that warehouse until this transaction ends.
    """
    busy: dict[str, Loads] = {}
    shared: Loads = {}
    for code, book in books.items():
        if not book.has(Capacity, ByLoad, StockAge):
            continue
        whose = counted_for(unit.directory, code)
        busy[code] = shared if whose is None else {}
        if whose is not None or not shared:
            _count_days(unit, book, busy[code], whose)
        _count_open(unit, book, busy[code])
        _find_ages(unit, book, busy[code], demands[code])
    return busy


def counted_for(directory: Directory, merchant: str) -> str | None:
    """Whose fulfilment orders a day's capacity counts: those of the merchant whose rule it is, and
    everybody's (None) by the operator's.
    """
    return merchant if merchant != OPERATOR and directory.rules.get(merchant) else None


def _count_days(unit: Unit, book: Book, busy: Loads, whose: str | None) -> None:
    days = {
        (rule.warehouse, opening.day_began(unit.at, rule.zone)): rule.zone
        for rule in book.capacities
    }
    warehouse_load.lock(unit.db, [(whose or OPERATOR, warehouse) for warehouse, _ in days])
    for rule in book.capacities:
        busy.setdefault(rule.warehouse, Load()).today[rule.zone] = (0, Decimal(0))
    for row in warehouse_load.planned(unit.db, sorted(days), whose):
        for rule in book.capacities:
            if rule.warehouse == row.warehouse and _began(unit, rule) == row.since:
                busy[rule.warehouse].today[rule.zone] = (row.orders, row.pieces)


def _began(unit: Unit, rule: Capacity) -> datetime:
    return opening.day_began(unit.at, rule.zone)


def _count_open(unit: Unit, book: Book, busy: Loads) -> None:
    if book.has(ByLoad):
        codes = [partner.code for partner in unit.directory.connections.values()
                 if partner.kind == "warehouse"]  # fmt: skip
        for code, orders in warehouse_load.open_orders(unit.db, codes).items():
            busy.setdefault(code, Load()).open = orders


def _find_ages(unit: Unit, book: Book, busy: Loads, demands: Sequence[Sequence[Demand]]) -> None:
    pairs = set(_pairs(demands)) if book.has(StockAge) else set()
    if not pairs:
        return
    since: dict[str, dict[tuple[str, str], datetime]] = {}
    owners, skus = {owner for owner, _ in pairs}, {sku for _, sku in pairs}
    for row in warehouse_load.oldest(unit.db, owners, skus):
        since.setdefault(row.warehouse, {})[row.merchant_id, row.sku] = row.at
    for code, ages in since.items():
        load = busy.setdefault(code, Load())
        load.since = {**load.since, **ages}
