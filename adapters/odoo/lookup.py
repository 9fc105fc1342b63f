"""Numbers of what Odoo already has, by the codes that people use. What was found is kept."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from adapters.odoo.rpc import Odoo
from adapters.odoo.settings import Settings
from hub.model.document import pieces
from hub.model.errors import NeedsPerson, Rejected, UnknownCode
from mappings.kit import Context
from mappings.kit.bills import Line

_LOCATIONS = {"supplier": "supplier", "customer": "customer", "count": "inventory"}
"""Where pieces come from -> the usage of its virtual location."""


class Lookup:
    """Of one company."""

    def __init__(self, odoo: Odoo, settings: Settings, at: Context) -> None:
        self._odoo, self._settings = odoo, settings
        self._found: dict[tuple[str, str], dict[str, Any]] = {}
        self._taxes = dict(settings.taxes)
        agreed = list(at.codes.get("products", {}).items())
        self._own = {ours: code for code, ours in reversed(agreed)}

    def row(
        self, model: str, field: str, value: str, path: str = "", fields: Sequence[str] = ()
    ) -> dict[str, Any]:
        """A record by a field that identifies it."""
        known = self._found.get((model, value))
        if known is None:
            rows = self._odoo.rows(model, [[field, "=", value]], [field, *fields], limit=1)
            if not rows:
                message = f"Odoo has no {model} whose {field} is {value!r}"
                raise NeedsPerson(message, path=path, code="missing_master_data")
            known = self._found[model, value] = rows[0]
        return known

    def number(self, model: str, field: str, value: str, path: str = "") -> int:
        """Its number."""
        return int(self.row(model, field, value, path)["id"])

    def code(self, sku: str | None) -> str:
        """Odoo's reference of an article: as the connection's list has it, else the SKU."""
        return self._own.get(sku or "", sku or "")

    def product(self, line: Line) -> int:
        """The product of a line."""
        service = self._settings.services.get(line["role"])
        if service is not None:
            return self.number("product.product", "default_code", service, line["path"])
        return self.article(line["sku"], line["path"])

    def article(self, sku: str | None, path: str = "") -> int:
        """The product of a SKU. UnknownCode where there is none: the message waits for it."""
        if sku is None:
            raise Rejected("the line has no SKU", path=path, code="unknown_sku")
        try:
            return self.number("product.product", "default_code", self.code(sku), path)
        except NeedsPerson:
            raise UnknownCode("products", sku, path=path) from None

    def taxes(self, line: Line) -> list[int]:
        """The sale taxes of a line's rates, those whose prices are without them."""
        return [self._tax(rate, line["path"]) for rate in line["rates"]]

    def _tax(self, rate: Decimal, path: str) -> int:
        if rate not in self._taxes:
            domain = [
                ["type_tax_use", "=", "sale"],
                ["amount_type", "=", "percent"],
                ["amount", "=", float(rate * 100)],
                ["price_include", "=", False],
            ]
            rows = self._odoo.rows("account.tax", domain, ["amount"], limit=1)
            if not rows:
                raise UnknownCode("taxes", pieces(rate), path=path)
            self._taxes[rate] = int(rows[0]["id"])
        return self._taxes[rate]

    def rates(self, taxes: Sequence[int]) -> dict[int, Decimal]:
        """Taxes as fractions."""
        if not taxes:
            return {}
        rows = self._odoo.rows("account.tax", [["id", "in", list(taxes)]], ["amount"])
        return {int(row["id"]): exact(row["amount"]) / 100 for row in rows}

    def warehouse(self, ours: str) -> dict[str, Any]:
        """Where goods come in and are kept."""
        code = self._settings.warehouses.get(ours, self._settings.warehouse)
        fields = ("in_type_id", "int_type_id", "lot_stock_id")
        return self.row("stock.warehouse", "code", code, "warehouse", fields)

    def outside(self, origin: str) -> int:
        """The virtual location that pieces come from or go to."""
        return self.number("stock.location", "usage", _LOCATIONS[origin])

    def foreign(self, currency: str) -> int | None:
        """A currency's number where it is not the company's own."""
        number = self.number("res.currency", "name", currency, "currency")
        company = self._settings.company
        domain = [["id", "=", company]] if company else []
        own = self._odoo.rows("res.company", domain, ["currency_id"], limit=1)
        return None if own and related(own[0]["currency_id"]) == number else number


def related(value: Any) -> int:
    """The number of a related record: `[7, "its name"]`, or false."""
    return value[0] if isinstance(value, list) and value and isinstance(value[0], int) else 0


def exact(value: Any) -> Decimal:
    """A number as it was written: by XML-RPC floats come."""
    return Decimal(str(value or 0))
