"""Ids of what Tryton already has: products, countries and the like; asked for in sets, kept.

What was found is kept. What is missing today may be entered tomorrow: only that a region is
unknown is remembered, for half a minute: a batch asks once, and who enters it need not wait.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from adapters.tryton.server.rpc import Rpc
from adapters.tryton.server.settings import Server
from hub.model.errors import NeedsPerson, Rejected
from mappings.kit import Context

Row = dict[str, Any]
_UNKNOWN_S, _MOST_UNKNOWN = 30.0, 10_000


@dataclass(frozen=True, slots=True)
class Product:
    """A product as a line needs it."""

    id: int
    code: str
    unit: int
    is_goods: bool


class Records:
    """Ids by the codes and names that people use."""

    def __init__(self, rpc: Rpc, server: Server, at: Context) -> None:
        self._rpc, self._server = rpc, server
        self._found: dict[tuple[str, str], Row] = {}
        self._known: dict[str, Product] = {}
        self._no_region: dict[str, float] = {}
        agreed = list(at.codes.get("products", {}).items())
        self._own = {ours: code for code, ours in reversed(agreed)}

    def company(self) -> int:
        """The company; where one is named, all calls are made for it."""
        name = self._server.company
        if name and not self._rpc.company:
            self._rpc.company = self.by("company.company", "rec_name", name, "company", path="")
        number = self._rpc.context.get("company")
        if not number:
            raise Rejected("the user has no company; name one in the setting company")
        return int(number)

    def warehouse(self) -> int:
        """The warehouse that the connection is about."""
        return self.by("stock.location", "code", self._server.warehouse, "warehouse", path="")

    def country(self, code: str, path: str) -> int | None:
        """A country by its ISO code; None where the address names none."""
        return self.by("country.country", "code", code, None, path=path) if code else None

    def subdivision(self, country: str, region: str) -> int | None:
        """A region by its ISO 3166-2 code, None where Tryton does not know it."""
        code = f"{country}-{region}"
        if not region or self._no_region.get(code, 0.0) > monotonic():
            return None
        row = self.rows("country.subdivision", "code", [code]).get(code)
        if row is not None:
            return int(row["id"])
        if len(self._no_region) >= _MOST_UNKNOWN:
            self._no_region.clear()
        self._no_region[code] = monotonic() + _UNKNOWN_S
        return None

    def product_code(self, sku: str) -> str:
        """Tryton's code for a SKU, the SKU itself where none was agreed."""
        return self._own.get(sku, sku)

    def products(self, codes: Sequence[str]) -> dict[str, Product]:
        """Products by code, those that there are."""
        rows = self.rows("product.product", "code", codes, ["default_uom", "type"])
        for code, row in rows.items():
            if code not in self._known:
                unit, goods = int(row["default_uom"]), row["type"] == "goods"
                self._known[code] = Product(int(row["id"]), code, unit, goods)
        return {code: self._known[code] for code in rows}

    def rows(
        self, model: str, field: str, values: Iterable[str], fields: Sequence[str] = ()
    ) -> dict[str, Row]:
        """Records by a field that identifies them; unknown ones are asked for in one call."""
        wanted = {value for value in values if value}
        kind = f"{model}.{field}"
        missing = sorted(value for value in wanted if (kind, value) not in self._found)
        if missing:
            domain = [[field, "in", missing]]
            columns = ["id", field, *fields]
            for row in self._rpc.call(model, "search_read", domain, 0, None, None, columns):
                self._found.setdefault((kind, str(row[field])), row)
        rows = {value: self._found.get((kind, value)) for value in wanted}
        return {value: row for value, row in rows.items() if row is not None}

    def by(self, model: str, field: str, value: str, setting: str | None, *, path: str) -> int:
        """The record of that name. NeedsPerson where there is none; `setting` says who named it."""
        row = self.rows(model, field, [value]).get(value)
        if row is None:
            where = f" (setting {setting})" if setting else ""
            message = f"Tryton has no {model} whose {field} is {value!r}{where}"
            raise NeedsPerson(message, path=path, code="missing_master_data")
        return int(row["id"])
