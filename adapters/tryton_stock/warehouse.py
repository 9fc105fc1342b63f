"""What all calls about one warehouse share: its places, its shipments, and their moves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from adapters.tryton.server.records import Product, Records
from adapters.tryton.server.rpc import Ids, Rpc
from hub.model.document import ZERO
from hub.model.errors import UnknownCode
from mappings.tryton_stock import Piece

MOVE = "stock.move"
Row = dict[str, Any]


class Places(NamedTuple):
    """The locations of a warehouse, and the virtual ones by their type."""

    input: int
    storage: int
    output: int
    supplier: int


class Warehouse:
    """One warehouse of one company in one Tryton."""

    def __init__(self, rpc: Rpc, records: Records) -> None:
        self.rpc, self.records = rpc, records
        self._places: Places | None = None
        self._fields: dict[str, frozenset[str]] = {}

    def check(self) -> None:
        """The company and the warehouse are there."""
        self.records.company(), self.places()

    def places(self) -> Places:
        """Where goods come in, lie, are picked from and leave."""
        if self._places is None:
            fields = ["input_location", "storage_location", "output_location", "picking_location"]
            here = [self.records.warehouse()]
            (row,) = self.rpc.call("stock.location", "read", here, fields)
            domain, order = [["type", "=", "supplier"]], [["id", "ASC"]]
            (supplier,) = self.rpc.call(
                "stock.location", "search_read", domain, 0, 1, order, ["type"]
            )
            self._places = Places(
                input=int(row["input_location"]),
                storage=int(row["picking_location"] or row["storage_location"]),
                output=int(row["output_location"]),
                supplier=int(supplier["id"]),
            )
        return self._places

    def has(self, model: str, wanted: Sequence[str]) -> list[str]:
        """Those of the fields that the model has: some come with modules."""
        if model not in self._fields:
            self._fields[model] = frozenset(self.rpc.call(model, "fields_get", list(wanted)))
        return [name for name in wanted if name in self._fields[model]]

    def there(self, model: str, reference: str, fields: Sequence[str]) -> Row | None:
        """The shipment under our reference, alone or with further words behind it. Of several the
        oldest that is not cancelled.
        """
        domain = [
            ["company", "=", self.records.company()],
            ["warehouse", "=", self.records.warehouse()],
            ["OR", ["reference", "=", reference], ["reference", "like", f"{reference} %"]],
        ]
        order, columns = [["id", "ASC"]], ["number", "state", "reference", *fields]
        rows = self.rpc.call(model, "search_read", domain, 0, None, order, columns)
        ours = [row for row in rows if _first_word(row["reference"]) == reference]
        ours.sort(key=lambda row: row["state"] == "cancelled")
        return next(iter(ours), None)

    def pieces(self, moves: Ids, states: Iterable[str] = ()) -> dict[str, Decimal]:
        """Pieces in moves by product code; only those in these states, where any are named."""
        wanted, sums = frozenset(states), dict[str, Decimal]()
        for row in self.moves(moves):
            if row["state"] != "cancelled" and (not wanted or row["state"] in wanted):
                code = str(row["product."]["code"])
                sums[code] = sums.get(code, ZERO) + Decimal(row["internal_quantity"])
        return sums

    def moves(self, moves: Ids) -> list[Row]:
        """Moves with product, state, pieces and what they are for."""
        fields = ["state", "internal_quantity", "product.code", "origin"]
        return list(self.rpc.call(MOVE, "read", moves, fields)) if moves else []

    def products(self, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Product]]:
        """The product of each piece. UnknownCode where Tryton has none under its SKU."""
        codes = [self.records.product_code(piece.sku) for piece in pieces]
        known = self.records.products(codes)
        for piece, code in zip(pieces, codes, strict=True):
            product = known.get(code)
            if product is None:
                raise UnknownCode("products", piece.sku, path=piece.path)
            yield piece, product

    def by_code(self, wanted: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Pieces by Tryton's codes."""
        return {self.records.product_code(sku): pieces for sku, pieces in wanted.items()}

    def currency(self) -> int:
        """The company's own, in which goods are valued."""
        company = [self.records.company()]
        (row,) = self.rpc.call("company.company", "read", company, ["currency"])
        return int(row["currency"])


def name(model: str, row: Mapping[str, Any]) -> str:
    """What people in Tryton call a shipment."""
    return str(row["number"] or f"{model},{row['id']}")


def summed(pieces: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Pieces by SKU."""
    sums: dict[str, Decimal] = {}
    for sku, quantity in pieces:
        sums[sku] = sums.get(sku, ZERO) + quantity
    return sums


def _first_word(reference: Any) -> str:
    return str(reference or "").partition(" ")[0]
