"""Asks ShipHero what changed: orders, with all that left for them, and how much there is in our
warehouse. It drops webhooks while one of them is switched off: this heals them.

A page is asked for by the cursor before it. The time to go on from is ours, of before the list was
asked for; the overlap of the poll makes up for clocks that differ.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from adapters.kit.paging import by_cursor
from adapters.kit.tellings import listed
from adapters.ports import Clock, Cursor, Listed, Page
from adapters.shiphero.api import Hero
from hub.model.document import show_instant
from mappings.shiphero import Terms
from mappings.shiphero.outward import graphql_id

_ORDERS, _LEVELS = 10, 100
"""Of an order, and of an article: what it costs grows with what may be in it."""


def listing(hero: Hero, clock: Clock, terms: Terms, topic: str, since: Cursor) -> Iterator[Page]:
    """What changed since a cursor."""
    begun, pages = clock(), _orders if topic == "orders" else _levels
    variables: dict[str, Any] = {"since": since.at and _written(since.at)}
    if terms.customer:
        variables["customer"] = terms.customer
    held: list[Listed] | None = None
    for changes in pages(hero, terms, variables, begun):
        if held is not None:
            yield Page(held, since)
        held = changes
    if held is not None:
        yield Page(held, Cursor(begun))


def _orders(
    hero: Hero, _: Terms, variables: dict[str, Any], __: datetime
) -> Iterator[list[Listed]]:
    def fetch(after: str | None) -> tuple[list[Any], str | None]:
        return hero.page("orders", "orders", first=_ORDERS, after=after, **variables)

    for nodes, _after in by_cursor(fetch):
        yield [_order(node) for node in nodes]


def _order(node: dict[str, Any]) -> Listed:
    key = node.get("partner_order_id")
    return listed("orders", json.dumps(node).encode(), key if isinstance(key, str) else None)


def _levels(
    hero: Hero, terms: Terms, variables: dict[str, Any], begun: datetime
) -> Iterator[list[Listed]]:
    """Each page is one delivery. It tells no time: it is of when it was asked for."""
    place = terms.warehouse and graphql_id("Warehouse", terms.warehouse)
    asked = {**variables, "warehouse": place} if place else variables

    def fetch(after: str | None) -> tuple[list[Any], str | None]:
        return hero.page("levels", "warehouse_products", first=_LEVELS, after=after, **asked)

    for nodes, _after in by_cursor(fetch):
        if nodes:
            told = [{**node, "timestamp": show_instant(begun)} for node in nodes]
            yield [listed("levels", json.dumps({"levels": told}).encode(), None)]


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")
