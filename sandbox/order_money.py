"""The money of a generated order: prices, discounts, taxes that add up to the last minor unit."""

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.catalogue import Market, Product

ZERO = Decimal(0)
TAKES_OFF = {"allocation_method": "across", "target_selection": "all", "type": "discount_code"}


@dataclass(frozen=True, slots=True)
class Money:
    """Amounts in a market's currency: rounded to its digits, written as Shopify writes them."""

    market: Market

    @property
    def unit(self) -> Decimal:
        return Decimal(1).scaleb(-self.market.digits)

    def round(self, amount: Decimal) -> Decimal:
        return amount.quantize(self.unit, ROUND_HALF_UP)

    def price(self, euro: Decimal) -> Decimal:
        return self.round(euro * self.market.factor)

    def text(self, amount: Decimal) -> str:
        return str(amount.quantize(self.unit))

    def bag(self, amount: Decimal) -> dict[str, dict[str, str]]:
        one = {"amount": self.text(amount), "currency_code": self.market.currency}
        return {"shop_money": one, "presentment_money": dict(one)}

    def split(self, amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
        """Shares that sum to the whole: cut down, then a unit each to the largest remainders."""
        whole = sum(weights, ZERO)
        exact = [amount * weight / whole for weight in weights]
        shares = [share.quantize(self.unit, ROUND_DOWN) for share in exact]
        left = int((amount - sum(shares, ZERO)) / self.unit)
        by_remainder = sorted(range(len(exact)), key=lambda i: shares[i] - exact[i])
        for index in by_remainder[:left]:
            shares[index] += self.unit
        return shares


@dataclass(slots=True)
class Line:
    product: Product
    quantity: int
    price: Decimal
    discount: Decimal = ZERO
    taxes: list[Decimal] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        return self.price * self.quantity - self.discount


@dataclass(slots=True)
class Shipping:
    title: str = "Standard"
    price: Decimal = ZERO
    discount: Decimal = ZERO
    taxes: list[Decimal] = field(default_factory=list)


class Sums:
    def __init__(self, money: Money, lines: list[Line]) -> None:
        self.money, self.lines = money, lines
        self.shipping = Shipping()
        self.tip = ZERO
        self.applications: list[dict[str, Any]] = []
        self.codes: list[dict[str, str]] = []

    def ship(self, title: str, price: Decimal) -> None:
        self.shipping = Shipping(title, price)

    def percent_off(self, code: str, percent: Decimal) -> None:
        amount = self.money.round(self._goods() * percent / 100)
        self._off_lines(code, amount, "percentage", f"{percent}.0")

    def amount_off(self, code: str, amount: Decimal) -> None:
        amount = min(amount, self._goods())
        self._off_lines(code, amount, "fixed_amount", self.money.text(amount))

    def shipping_off(self, code: str) -> None:
        self.shipping.discount = self.shipping.price
        self._applied(code, self.shipping.price, "percentage", "100.0", "shipping_line")

    def tax(self) -> None:
        """Computes each line's and the shipping's taxes from what is left after discounts."""
        for line in self.lines:
            line.taxes = self._taxes(line.net)
        if self.money.market.shipping_taxed:
            self.shipping.taxes = self._taxes(self.shipping.price - self.shipping.discount)

    @property
    def subtotal(self) -> Decimal:
        return sum((line.net for line in self.lines), ZERO)

    @property
    def total_tax(self) -> Decimal:
        taxes = [tax for line in self.lines for tax in line.taxes]
        return sum(taxes + self.shipping.taxes, ZERO)

    @property
    def total(self) -> Decimal:
        added = ZERO if self.money.market.taxes_included else self.total_tax
        shipped = self.shipping.price - self.shipping.discount
        return self.subtotal + shipped + self.tip + added

    def amounts(self) -> dict[str, Any]:
        discounts = sum((line.discount for line in self.lines), self.shipping.discount)
        money, tipped = self.money, self._goods() + self.tip
        made = {
            "subtotal_price": self.subtotal, "total_price": self.total, "total_tax": self.total_tax,
            "total_discounts": discounts, "total_line_items_price": tipped,
            "current_subtotal_price": self.subtotal, "current_total_price": self.total,
            "current_total_tax": self.total_tax, "current_total_discounts": discounts,
        }  # fmt: skip
        zero = money.bag(ZERO)
        return {
            **{name: money.text(amount) for name, amount in made.items()},
            **{f"{name}_set": money.bag(amount) for name, amount in made.items()},
            "total_shipping_price_set": money.bag(self.shipping.price),
            "total_tip_received": money.text(self.tip),
            "total_weight": sum(line.product.grams * line.quantity for line in self.lines),
            "total_cash_rounding_payment_adjustment_set": zero,
            "total_cash_rounding_refund_adjustment_set": zero,
        }

    def tax_lines(self) -> list[dict[str, Any]]:
        columns = [line.taxes for line in self.lines]
        columns += [self.shipping.taxes] if self.shipping.taxes else []
        return self._tax_lines([sum(column, ZERO) for column in zip(*columns, strict=True)])

    def line_items(self, order_id: int) -> list[dict[str, Any]]:
        items = [self._item(order_id + 10 + n, line) for n, line in enumerate(self.lines)]
        if self.tip:
            items.append(self._tip_item(order_id + 10 + len(items)))
        return items

    def shipping_lines(self, order_id: int) -> list[dict[str, Any]]:
        ship, money = self.shipping, self.money
        return [
            {
                "id": order_id + 5, "carrier_identifier": None, "code": ship.title,
                "title": ship.title, "source": "shopify", "phone": None, "is_removed": False,
                "requested_fulfillment_service_id": None,
                "price": money.text(ship.price), "price_set": money.bag(ship.price),
                "discounted_price": money.text(ship.price - ship.discount),
                "discounted_price_set": money.bag(ship.price - ship.discount),
                "tax_lines": self._tax_lines(ship.taxes),
                "discount_allocations": self._allocations(ship.discount),
            }
        ]  # fmt: skip

    def _goods(self) -> Decimal:
        return sum((line.price * line.quantity for line in self.lines), ZERO)

    def _off_lines(self, code: str, amount: Decimal, kind: str, value: str) -> None:
        weights = [line.price * line.quantity for line in self.lines]
        for line, share in zip(self.lines, self.money.split(amount, weights), strict=True):
            line.discount = share
        self._applied(code, amount, kind, value, "line_item")

    def _applied(self, code: str, amount: Decimal, kind: str, value: str, target: str) -> None:
        given = {"code": code, "value": value, "value_type": kind, "target_type": target}
        self.applications.append({**TAKES_OFF, **given})
        self.codes.append({"code": code, "amount": self.money.text(amount), "type": kind})

    def _taxes(self, amount: Decimal) -> list[Decimal]:
        rates = [rate for _, rate in self.money.market.rates]
        if self.money.market.taxes_included:
            amount /= 1 + sum(rates, ZERO)
        return [self.money.round(amount * rate) for rate in rates]

    def _tax_lines(self, taxes: list[Decimal]) -> list[dict[str, Any]]:
        return [
            {
                "title": title, "rate": float(rate), "channel_liable": False,
                "price": self.money.text(tax), "price_set": self.money.bag(tax),
            }
            for (title, rate), tax in zip(self.money.market.rates, taxes, strict=False)
        ]  # fmt: skip

    def _allocations(self, discount: Decimal) -> list[dict[str, Any]]:
        if not discount:
            return []
        amount = {"amount": self.money.text(discount), "amount_set": self.money.bag(discount)}
        return [{**amount, "discount_application_index": 0}]

    def _item(self, line_id: int, line: Line) -> dict[str, Any]:
        product = line.product
        name = f"{product.title} - {product.variant}" if product.variant else product.title
        return {
            **self._bare_item(line_id, name, line.price, line.quantity),
            "title": product.title, "variant_title": product.variant, "sku": product.sku,
            "product_id": product.product_id, "variant_id": product.variant_id,
            "grams": product.grams, "requires_shipping": product.ships, "taxable": True,
            "vendor": "Example Goods", "product_exists": True,
            "variant_inventory_management": "shopify",
            "tax_lines": self._tax_lines(line.taxes),
            "discount_allocations": self._allocations(line.discount),
        }  # fmt: skip

    def _tip_item(self, line_id: int) -> dict[str, Any]:
        """Shopify shows a tip as a line too, without variant; the subtotal leaves it out."""
        return {
            **self._bare_item(line_id, "Tip", self.tip, 1),
            "title": "Tip", "variant_title": None, "sku": None, "product_id": None,
            "variant_id": None, "grams": 0, "requires_shipping": False, "taxable": False,
            "vendor": None, "product_exists": False, "variant_inventory_management": None,
            "tax_lines": [], "discount_allocations": [],
        }  # fmt: skip

    def _bare_item(self, line_id: int, name: str, price: Decimal, pieces: int) -> dict[str, Any]:
        money = self.money
        return {
            "id": line_id, "admin_graphql_api_id": f"gid://shopify/LineItem/{line_id}",
            "name": name, "quantity": pieces, "current_quantity": pieces,
            "fulfillable_quantity": pieces, "fulfillment_service": "manual",
            "fulfillment_status": None, "gift_card": False, "properties": [], "duties": [],
            "attributed_staffs": [], "price": money.text(price), "price_set": money.bag(price),
            "total_discount": money.text(ZERO), "total_discount_set": money.bag(ZERO),
        }  # fmt: skip
