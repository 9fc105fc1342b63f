"""Ids of what Tryton already has: products, taxes, countries and the like; asked for in sets, kept.

What was found is kept. What is missing today may be entered tomorrow: only that a region is
unknown is remembered, for half a minute: a batch asks once, and who enters it need not wait.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from time import monotonic
from typing import Any

from adapters.tryton.rpc import Rpc
from adapters.tryton.settings import Settings
from hub.model.document import pieces
from hub.model.errors import NeedsPerson, Rejected, UnknownCode
from mappings.kit import Context
from mappings.kit.bills.sale import Line

Row = dict[str, Any]
_UNKNOWN_S, _MOST_UNKNOWN = 30.0, 10_000


@dataclass(frozen=True, slots=True)
class Product:
    """A product as a line needs it."""

    id: int
    code: str
    unit: int
    is_goods: bool


class Lookup:
    """Ids by the codes and names that people use."""

    def __init__(self, rpc: Rpc, settings: Settings, at: Context) -> None:
        self._rpc, self._settings, self._at = rpc, settings, at
        self._found: dict[tuple[str, str], Row] = {}
        self._known: dict[str, Product] = {}
        self._tax_ids: dict[Decimal, int] = {}
        self._no_region: dict[str, float] = {}
        agreed = list(at.codes.get("products", {}).items())
        self._own = {ours: code for code, ours in reversed(agreed)}
        self._roles = {
            "shipping": ("shipping_product", settings.shipping_product),
            "fee": ("fee_product", settings.fee_product),
            "rounding": ("rounding_product", settings.rounding_product),
            "adjustment": ("adjustment_product", settings.adjustment_product),
        }

    def company(self) -> int:
        """The company; where one is named, all calls are made for it."""
        name = self._settings.company
        if name and not self._rpc.company:
            self._rpc.company = self._by("company.company", "rec_name", name, "company", path="")
        number = self._rpc.context.get("company")
        if not number:
            raise Rejected("the user has no company; name one in the setting company")
        return int(number)

    def warehouse(self) -> int:
        """The warehouse that sales ship from."""
        return self._by("stock.location", "code", self._settings.warehouse, "warehouse", path="")

    def payment_term(self) -> int | None:
        """The payment term, where the connection names one."""
        name = self._settings.payment_term
        term = "account.invoice.payment_term"
        return self._by(term, "name", name, "payment_term", path="") if name else None

    def journal(self) -> int:
        """The journal of entries."""
        return self._by("account.journal", "code", self._settings.journal, "journal", path="")

    def entry_party(self) -> int:
        """Who stands on accounts that ask for a party."""
        code = self._settings.entry_party
        return self._by("party.party", "code", code, "entry_party", path="lines")

    def currency(self, code: str) -> int:
        """A currency by its ISO code."""
        return self._by("currency.currency", "code", code, None, path="currency")

    def country(self, code: str, path: str) -> int | None:
        """A country by its ISO code; None where the address names none."""
        return self._by("country.country", "code", code, None, path=path) if code else None

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

    def prefetch(self, lines: Sequence[Line]) -> None:
        """Ask for all products and taxes of a batch in two calls."""
        self._products([*map(self._code, lines), self._settings.unknown_product])
        self._taxes({rate for line in lines for rate in line["rates"]})

    def product(self, line: Line) -> Product:
        """The product of a line. UnknownCode where Tryton has none under its SKU."""
        code = self._code(line)
        number = self._known.get(code) or self._products([code]).get(code)
        if number is not None:
            return number
        role, sku = line["role"], line["sku"]
        if role in self._roles:
            raise Rejected(f"Tryton has no product {code!r} (setting {self._roles[role][0]})")
        fallback = self._fallback(line["ships"])
        if fallback:
            return fallback
        if sku is None:
            raise Rejected("the line has no SKU", path=line["path"], code="unknown_sku")
        raise UnknownCode("products", sku, path=line["path"])

    def goods(self, sku: str | None) -> Product:
        """The product of shipped pieces."""
        return self.product(
            Line(
                role="goods",
                sku=sku,
                ships=True,
                description="",
                quantity=Decimal(1),
                unit_price=Decimal(0),
                rates=(),
                path="packages",
            )
        )

    def code_of(self, sku: str | None) -> str | None:
        """The code of the product that stands for a SKU, the SKU itself where none does."""
        try:
            return self.goods(sku).code
        except (Rejected, UnknownCode):
            return sku

    def tax(self, rate: Decimal, path: str) -> int:
        """The tax for a rate. UnknownCode where the connection has none."""
        found = self._tax_ids.get(rate) or self._taxes({rate}).get(rate)
        if found is None:
            raise UnknownCode("taxes", pieces(rate), path=path)
        self._tax_ids[rate] = found
        return found

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

    def check(self) -> None:
        """Everything that the settings name is there."""
        self.company(), self.warehouse(), self.payment_term()
        roles = {role: code for role, (_, code) in self._roles.items()}
        known = self._products([*roles.values(), self._settings.unknown_product])
        for role, code in roles.items():
            if code not in known:
                raise Rejected(f"Tryton has no product {code!r} (setting {self._roles[role][0]})")
        if self._settings.unknown_product and self._settings.unknown_product not in known:
            raise Rejected(f"Tryton has no product {self._settings.unknown_product!r}")
        for rate, name in self._settings.taxes.items():
            if rate not in self._taxes({rate}):
                raise Rejected(f"Tryton has no tax {name!r} (setting taxes)")

    def _by(self, model: str, field: str, value: str, setting: str | None, *, path: str) -> int:
        row = self.rows(model, field, [value]).get(value)
        if row is None:
            where = f" (setting {setting})" if setting else ""
            message = f"Tryton has no {model} whose {field} is {value!r}{where}"
            raise NeedsPerson(message, path=path, code="missing_master_data")
        return int(row["id"])

    def _code(self, line: Line) -> str:
        """The product code of a line: a service's from the settings, else mapped, else the SKU."""
        role = line["role"]
        if role in self._roles:
            return self._roles[role][1]
        sku = line["sku"] or ""
        return self._own.get(sku, sku)

    def _fallback(self, ships: bool) -> Product | None:  # noqa: FBT001 - a fact of the line
        if not self._settings.unknown_product:
            return None
        code = self._settings.unknown_product if ships else self._settings.adjustment_product
        return self._products([code]).get(code)

    def _products(self, codes: Sequence[str]) -> dict[str, Product]:
        rows = self.rows("product.product", "code", codes, ["default_uom", "type"])
        for code, row in rows.items():
            if code not in self._known:
                unit, goods = int(row["default_uom"]), row["type"] == "goods"
                self._known[code] = Product(int(row["id"]), code, unit, goods)
        return {code: self._known[code] for code in rows}

    def _taxes(self, rates: set[Decimal]) -> dict[Decimal, int]:
        names = {rate: name for rate in rates if (name := self._tax_name(rate))}
        by_name = self.rows("account.tax", "name", names.values())
        found = {rate: int(by_name[name]["id"]) for rate, name in names.items() if name in by_name}
        numbers = {rate: int(name) for rate, name in names.items() if name.isdigit()}
        return numbers | found

    def _tax_name(self, rate: Decimal) -> str | None:
        named = self._settings.taxes.get(rate)
        mapped = self._at.codes.get("taxes", {}).items()
        return named or next((name for name, ours in mapped if ours == pieces(rate)), None)
