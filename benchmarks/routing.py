"""`routing`: which warehouse ships what, in orders a second of one core, in memory: 10,000 orders,
50 warehouses, 200 rules of every kind.

The floor takes the first warehouse that has everything, with no rule and no word of why.
"""

import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from benchmarks.result import Result
from benchmarks.stage import Stage, number
from hub.rules.routing import sourcing
from hub.rules.routing.sourcing import Book, Demand, Request, Warehouse

ORDERS, ROUNDS = number("ORDERHUB_BENCH_ROUTED", 10_000), number("ORDERHUB_BENCH_ROUNDS", 3)
WAREHOUSES, SKUS = 50, 400
COUNTRIES = ("NL", "BE", "DE", "FR", "ES", "IT", "PL", "SE", "DK", "AT")
_AT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)

Order = tuple[list[Demand], Request]


def run(_: Stage) -> Iterator[Result]:
    chance = random.Random(7)  # noqa: S311  # the same orders each time
    warehouses = [_warehouse(at, chance) for at in range(WAREHOUSES)]
    written = rules()
    orders = [_order(chance) for _ in range(ORDERS)]
    book = Book(sourcing.parse(written))
    hub = min(_routed(orders, warehouses, book) for _ in range(ROUNDS))
    floor = min(_bare(orders, warehouses) for _ in range(ROUNDS))
    more = {"warehouses": WAREHOUSES, "rules": len(written)}
    yield Result("routing", ORDERS / hub, ORDERS / floor, "orders/s", more)


def rules() -> list[dict[str, Any]]:
    """Four filters for each warehouse but the last two, sorters and fallbacks: 200."""
    made: list[dict[str, Any]] = []
    for at in range(WAREHOUSES - 2):
        code = f"wh-{at:02}"
        near = [COUNTRIES[(at + step) % len(COUNTRIES)] for step in range(4)]
        made += [
            {"filter": "ships_to", "warehouse": code, "countries": near},
            {"filter": "channel", "warehouse": code, "channels": ["shop-0", f"shop-{at % 4}"]},
            {"filter": "cut_off", "warehouse": code, "time": f"{9 + at % 12:02}:00"},
            {"filter": "ships_to", "warehouse": code, "countries": ["NL"], "regions": ["NH"]},
        ]
    order = [f"wh-{at:02}" for at in range(0, WAREHOUSES, 3)]
    return [
        *made,
        {"filter": "stock"},
        {"filter": "capability", "needs": ["parcels"]},
        {"sort": "fewest_splits"},
        {"sort": "distance"},
        {"sort": "priority", "order": order},
        {"fallback": "next_best", "ignore": ["cut_off"]},
        {"fallback": "next_best", "ignore": ["cut_off", "channel"]},
        {"fallback": "backorder"},
    ]


def _warehouse(at: int, chance: random.Random) -> Warehouse:
    stock = {
        ("acme", f"SKU-{sku}"): Decimal(chance.randrange(20))
        for sku in range(SKUS)
        if (sku + at) % 3
    }
    country = COUNTRIES[at % len(COUNTRIES)]
    able = frozenset({"parcels"})
    return Warehouse(f"wh-{at:02}", stock, country=country, region="NH", capabilities=able)


def _order(chance: random.Random) -> Order:
    lines = [
        Demand(line, f"SKU-{chance.randrange(SKUS)}", Decimal(chance.randrange(1, 4)), "acme")
        for line in range(1, chance.randrange(2, 5))
    ]
    to = chance.choice(COUNTRIES)
    return lines, Request(to, f"shop-{chance.randrange(4)}", _AT, region=chance.choice("NU") + "H")


def _routed(orders: Sequence[Order], warehouses: Sequence[Warehouse], book: Book) -> float:
    begun = time.process_time()
    for demand, request in orders:
        sourcing.decide(demand, warehouses, book, request)
    return time.process_time() - begun


def _bare(orders: Sequence[Order], warehouses: Sequence[Warehouse]) -> float:
    begun = time.process_time()
    for demand, _ in orders:
        for warehouse in warehouses:
            has = warehouse.available
            if all(has.get((need.merchant, need.sku), 0) >= need.quantity for need in demand):
                break
    return time.process_time() - begun
