"""Ids that bills need besides: taxes, accounts, and the products that stand for charges."""

from collections.abc import Sequence
from decimal import Decimal

from adapters.tryton.server.records import Product, Records
from adapters.tryton.server.rpc import Rpc
from adapters.tryton.settings import Settings
from hub.model.document import pieces
from hub.model.errors import Rejected, UnknownCode
from mappings.kit import Context
from mappings.kit.bills.sale import Line


class Lookup(Records):
    """Ids by the codes and names that people use."""

    def __init__(self, rpc: Rpc, settings: Settings, at: Context) -> None:
        super().__init__(rpc, settings, at)
        self._settings, self._at = settings, at
        self._tax_ids: dict[Decimal, int] = {}
        self._roles = {
            "shipping": ("shipping_product", settings.shipping_product),
            "fee": ("fee_product", settings.fee_product),
            "rounding": ("rounding_product", settings.rounding_product),
            "adjustment": ("adjustment_product", settings.adjustment_product),
        }

    def payment_term(self) -> int | None:
        """The payment term, where the connection names one."""
        name = self._settings.payment_term
        term = "account.invoice.payment_term"
        return self.by(term, "name", name, "payment_term", path="") if name else None

    def journal(self) -> int:
        """The journal of entries."""
        return self.by("account.journal", "code", self._settings.journal, "journal", path="")

    def entry_party(self) -> int:
        """Who stands on accounts that ask for a party."""
        code = self._settings.entry_party
        return self.by("party.party", "code", code, "entry_party", path="lines")

    def currency(self, code: str) -> int:
        """A currency by its ISO code."""
        return self.by("currency.currency", "code", code, None, path="currency")

    def prefetch(self, lines: Sequence[Line]) -> None:
        """Ask for all products and taxes of a batch in two calls."""
        self.products([*map(self._code, lines), self._settings.unknown_product])
        self._taxes({rate for line in lines for rate in line["rates"]})

    def product(self, line: Line) -> Product:
        """The product of a line. UnknownCode where Tryton has none under its SKU."""
        code = self._code(line)
        number = self._known.get(code) or self.products([code]).get(code)
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

    def check(self) -> None:
        """Everything that the settings name is there."""
        self.company(), self.warehouse(), self.payment_term()
        roles = {role: code for role, (_, code) in self._roles.items()}
        known = self.products([*roles.values(), self._settings.unknown_product])
        for role, code in roles.items():
            if code not in known:
                raise Rejected(f"Tryton has no product {code!r} (setting {self._roles[role][0]})")
        if self._settings.unknown_product and self._settings.unknown_product not in known:
            raise Rejected(f"Tryton has no product {self._settings.unknown_product!r}")
        for rate, name in self._settings.taxes.items():
            if rate not in self._taxes({rate}):
                raise Rejected(f"Tryton has no tax {name!r} (setting taxes)")

    def _code(self, line: Line) -> str:
        """The product code of a line: a service's from the settings, else mapped, else the SKU."""
        role = line["role"]
        if role in self._roles:
            return self._roles[role][1]
        sku = line["sku"] or ""
        return self.product_code(sku)

    def _fallback(self, ships: bool) -> Product | None:  # noqa: FBT001 - a fact of the line
        if not self._settings.unknown_product:
            return None
        code = self._settings.unknown_product if ships else self._settings.adjustment_product
        return self.products([code]).get(code)

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
