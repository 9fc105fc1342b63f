"""Tells ShipHero of returns, and asks whether it has one: it stands under its order, with our
number.

Nothing there is unique by our number: what is there is looked for first.
"""

from collections.abc import Mapping
from typing import Any

from adapters.ports import Receipt
from adapters.shiphero.api import OPERATIONS, Hero, NotThere
from hub.model.errors import OutcomeUnknown, Rejected
from hub.model.returns import Return
from mappings.shiphero import Terms
from mappings.shiphero.returns import OVER, order_number, order_of, return_of, returning

_CANCELLED = "cancelled"
_ENDED = frozenset({"cancelled", "canceled"})


class Returns:
    """One account's, or those of one client of a 3PL."""

    def __init__(self, hero: Hero, terms: Terms) -> None:
        self._hero, self._terms = hero, terms
        self._further = {"customer": terms.customer} if terms.customer else {}

    def send(self, document: Return, _: str) -> Receipt:
        """Make it, or call it off; once."""
        order = self._order(document)
        there = self._there(document, order)
        if document.status in OVER:
            return self._call_off(there)
        if there is not None and _is_over(there):
            message = "it was called off there: its number is used up"
            raise Rejected(message, code="differs_at_partner")
        if there is not None:
            return Receipt(str(there["id"]))
        if order is None:
            message = f"it knows no order {order_number(document)} that these goods left with"
            raise Rejected(message, path="channel_order_id", code="unknown_at_partner")
        data = returning(self._terms, document, order)
        made = self._hero.tell("return_create", OPERATIONS["returnCreate"], {"data": data})
        return Receipt(_id(made))

    def find(self, document: Return) -> Receipt | None:
        """Whether it is there, or is called off."""
        there = self._there(document, self._order(document))
        if there is None or _is_over(there) != (document.status in OVER):
            return None
        return Receipt(str(there["id"]))

    def _call_off(self, there: Mapping[str, Any] | None) -> Receipt:
        if there is None:
            raise Rejected("it knows no such return", code="unknown_at_partner")
        if not _is_over(there):
            data = {"return_id": str(there["id"]), "status": _CANCELLED}
            self._hero.tell("return_update_status", OPERATIONS["returnStatus"], {"data": data})
        return Receipt(str(there["id"]))

    def _order(self, document: Return) -> Mapping[str, Any] | None:
        number = order_number(document)
        return order_of(document, self._listed("orderSent", "orders", number=number))

    def _there(self, document: Return, order: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if order is None or not order.get("id"):
            return None
        return return_of(document, self._listed("returns", "returns", order=str(order["id"])))

    def _listed(self, operation: str, field: str, **variables: str) -> list[Any]:
        try:
            return self._hero.page(operation, field, **variables, **self._further)[0]
        except NotThere:
            return []


def _is_over(there: Mapping[str, Any]) -> bool:
    return str(there.get("status")).lower() in _ENDED


def _id(made: Mapping[str, Any]) -> str:
    thing = made.get("return")
    number = thing.get("id") if isinstance(thing, dict) else None
    if not number:
        raise OutcomeUnknown("the answer names no return")
    return str(number)
