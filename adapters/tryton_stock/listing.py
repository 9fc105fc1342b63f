"""Asks Tryton what changed: our shipments by the time they were written, and stock, which is a
count of now.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from adapters.kit.paging import by_offset, by_place
from adapters.kit.tellings import listed
from adapters.ports import Clock, Cursor, Listed, Page
from adapters.tryton_stock import inbound, outbound
from adapters.tryton_stock.warehouse import MOVE, Row, Warehouse
from hub.model.document import show_instant
from hub.model.errors import TryLater
from mappings.kit import Context
from mappings.kit.ledger_lines import party_prefix

SIZE = 100
PRODUCTS = 500
_FROM_THE_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_PACKAGES = "packages"


class Kind(NamedTuple):
    """Records that are asked for by the time they were written: the model, its moves, the topic
    that reads each state of which there is something to say, and fields that modules bring.
    """

    model: str
    moves: str
    topics: Mapping[str, str]
    more: tuple[str, ...] = ()


KINDS = {
    "shipments": Kind(
        outbound.SHIPMENT,
        "outgoing_moves",
        {
            **dict.fromkeys(("assigned", "picked", "packed", "cancelled"), "progress"),
            **dict.fromkeys(outbound.LEFT, "shipment"),
        },
        (_PACKAGES, "shipping_reference", "carrier"),
    ),
    "receipts": Kind(inbound.SHIPMENT, "incoming_moves", {"done": "receipt"}),
}


class Listings:
    """One warehouse's shipments and stock."""

    def __init__(self, house: Warehouse, at: Context, clock: Clock, category: str) -> None:
        """`category`: whose articles are counted; empty: all goods."""
        self._house, self._rpc, self._at, self._clock = house, house.rpc, at, clock
        self._category = category

    def __call__(self, topic: str, since: Cursor) -> Iterator[Page]:
        """What changed since a cursor."""
        return self._stock() if topic == "stock" else self._changes(KINDS[topic], since)

    def _changes(self, kind: Kind, since: Cursor) -> Iterator[Page]:
        start = since.at or _FROM_THE_FIRST
        fetch = partial(self._page, kind)
        for rows in by_place(fetch, lambda row: (row["write_date"], row["id"]), start):
            yield Page(self._whole(kind, rows), Cursor(rows[-1]["write_date"]))

    def _page(self, kind: Kind, place: datetime, number: int) -> list[Row]:
        domain = [
            ["write_date", ">=", place],
            ["company", "=", self._house.records.company()],
            ["warehouse", "=", self._house.records.warehouse()],
            ["state", "in", sorted(kind.topics)],
            *self._ours(kind),
        ]
        more = [
            f"{name}.rec_name" if name == "carrier" else name
            for name in (self._house.has(kind.model, kind.more) if kind.more else ())
        ]
        fields = ["number", "reference", "state", "write_date", kind.moves, *more]
        order = [["write_date", "ASC"], ["id", "ASC"]]
        skipped = (number - 1) * SIZE
        rows = self._rpc.call(kind.model, "search_read", domain, skipped, SIZE, order, fields)
        if not all(isinstance(row["write_date"], datetime) for row in rows):
            raise TryLater("Tryton answered no time of the last change")
        return list(rows)

    def _ours(self, kind: Kind) -> list[Any]:
        """What people in Tryton ship without us is theirs: customers are known by our code."""
        if kind.model == outbound.SHIPMENT:
            return [["customer.code", "like", f"{party_prefix(self._at.connection)}%"]]
        return [["reference", "!=", None]]

    def _whole(self, kind: Kind, rows: Sequence[Row]) -> list[Listed]:
        """Shipments with their moves and packages: two further calls a page."""
        moves = self._read(MOVE, rows, kind.moves, ["state", "internal_quantity", "product.code"])
        packed = self._read(
            "stock.package", rows, _PACKAGES, ["number", "shipping_reference", "moves"]
        )
        return [
            _listed(
                kind.topics[row["state"]],
                {
                    **{name: value for name, value in row.items() if name != kind.moves},
                    "moves": [moves[number] for number in row[kind.moves] if number in moves],
                    _PACKAGES: [packed[number] for number in row.get(_PACKAGES) or ()],
                },
                row["reference"],
            )
            for row in rows
        ]

    def _read(
        self, model: str, rows: Sequence[Row], field: str, fields: Sequence[str]
    ) -> dict[int, Row]:
        numbers = [number for row in rows for number in row.get(field) or ()]
        found = self._rpc.call(model, "read", numbers, list(fields)) if numbers else []
        return {int(row["id"]): row for row in found}

    def _stock(self) -> Iterator[Page]:
        place = self._house.places()
        today = self._clock().astimezone(self._at.zone).date()
        known = {
            "locations": sorted({place.storage, place.output}),
            "stock_date_end": today,
            "with_childs": True,
        }
        domain: list[Any] = [["type", "=", "goods"], ["code", "!=", None]]
        if self._category:
            domain.append(["categories_all.name", "=", self._category])

        def fetch(offset: int) -> tuple[list[Row], None]:
            order, fields = [["id", "ASC"]], ["code", "quantity"]
            rows = self._rpc.call(
                *("product.product", "search_read", domain, offset, PRODUCTS, order, fields),
                context=known,
            )
            return list(rows), None

        for rows in by_offset(fetch):
            now = self._clock()
            tree = {"at": show_instant(now), "products": rows}
            yield Page([_listed("quantities", tree, None)], Cursor(now))


def _listed(topic: str, tree: Any, key: str | None) -> Listed:
    number = key.partition(" ")[0] if key else None
    return listed(topic, json.dumps(tree, default=_shown).encode(), number)


def _shown(value: Any) -> str | int | float:
    """What JSON has no form for."""
    if isinstance(value, datetime):
        return show_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):  # a float where it came from
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")
