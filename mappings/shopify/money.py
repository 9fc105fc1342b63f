"""Shopify's amounts in the currency of the order: plain, or the shop's side of a `*_set`."""

from decimal import Decimal
from typing import Any

from mappings.kit import money, numbers


class Till(money.Till):
    """Reads amounts of one currency."""

    __slots__ = ()

    def of(self, plain: Decimal | None, bag: Any = None) -> Decimal:
        """The plain amount, else the shop's side of its `*_set`, else nothing."""
        return self.or_none(plain, bag) or self.nothing

    def or_none(self, plain: Decimal | None, bag: Any = None) -> Decimal | None:
        """Like `of`, but None where the partner sent neither."""
        found = plain if plain is not None else self._side(bag)
        return None if found is None else self.tidy(found)

    def _side(self, bag: Any) -> Decimal | None:
        """The shop's side; the customer's where it is the only one, and in this currency."""
        found = side(bag, "shop_money")
        if found is None and code_of(bag, "presentment_money") == self.currency:
            return side(bag, "presentment_money")
        return found


def side(bag: Any, name: str) -> Decimal | None:
    """One side of a `*_set`: `shop_money` or `presentment_money`."""
    money = bag.get(name) if isinstance(bag, dict) else None
    amount = money.get("amount") if isinstance(money, dict) else None
    if amount is None or amount == "":
        return None
    return numbers.decimal(amount, path=f"{name}.amount")


def code_of(bag: Any, name: str = "shop_money") -> str | None:
    """The currency code of one side of a `*_set`."""
    money = bag.get(name) if isinstance(bag, dict) else None
    code = money.get("currency_code") or money.get("currency") if isinstance(money, dict) else None
    return code if isinstance(code, str) else None
