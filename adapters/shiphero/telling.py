"""What ShipHero is told, and asked whether it has it: orders, cancellations, purchase orders,
returns.

Nothing there is unique by our number: who does not know what became of a call asks first.
"""

from typing import Any

from adapters.kit.tellings import Way, on_cancelling
from adapters.ports import Clock, Receipt
from adapters.shiphero.api import OPERATIONS, Hero, NotThere, Refused
from adapters.shiphero.returning import Returns
from hub.model.document import Document
from hub.model.errors import OutcomeUnknown, Rejected
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    WarehouseWord,
)
from hub.model.returns import Return
from hub.model.stock import InboundNotice
from mappings.kit import Context, encode
from mappings.kit.fields import needed
from mappings.shiphero import Terms, changed, encoders, same_lines

_WORDS: dict[str, WarehouseWord] = {
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "fulfilled": "cancel_refused",
    "shipped": "cancel_refused",
}
"""Where an order stands -> what became of the wish to cancel it."""


class Telling:
    """One account, or one client of a 3PL's."""

    def __init__(self, hero: Hero, at: Context, clock: Clock, terms: Terms) -> None:
        self._hero, self._at, self._clock, self._terms = hero, at, clock, terms
        self._encoders = encoders(terms)
        self._returns = Returns(hero, terms)

    def ways(self) -> dict[type[Document], Way]:
        """How each is told and asked for."""
        return {
            FulfilmentOrder: Way(self._order, self._find_order),
            FulfilmentCancellation: Way(self._cancel, self._find_cancelled),
            InboundNotice: Way(self._purchase_order, self._find_purchase_order),
            Return: Way(self._returns.send, self._returns.find),
        }

    # --- orders

    def _order(self, document: FulfilmentOrder, _: str) -> Receipt:
        data = encode(self._encoders, document, self._at)
        if document.revision > 1:
            there = self._there(document.fulfilment_order_id)
            if there is not None:
                return self._change(document, there)
        try:
            made = self._tell("orderCreate", "order_create", data)
        except Refused as refusal:
            receipt = self._find_order(document)
            if receipt is None:
                raise refusal from None
            return receipt
        return Receipt(_id(made, "order"))

    def _change(self, document: FulfilmentOrder, there: dict[str, Any]) -> Receipt:
        """Address, way and notes of an order that is there; its lines are what they were."""
        self._check_lines(document, there)
        data = changed(self._terms, document, str(there["id"]), self._at)
        return Receipt(_id(self._tell("orderUpdate", "order_update", data), "order"))

    def _find_order(self, document: FulfilmentOrder) -> Receipt | None:
        there = self._there(document.fulfilment_order_id)
        if there is None:
            return None
        self._check_lines(document, there)
        return Receipt(str(there["id"]))

    def _check_lines(self, document: Any, there: dict[str, Any]) -> None:
        if not same_lines(document.lines, there):
            message = f"{document.business_id} is there with other lines"
            raise Rejected(message, code="differs_at_partner")

    def _there(self, number: str) -> dict[str, Any] | None:
        """The order under our number; what it is asked for by may be a part of another's."""
        further = {"customer": self._terms.customer} if self._terms.customer else {}
        try:
            nodes, _ = self._hero.page("findOrder", "orders", number=number, **further)
        except NotThere:
            return None
        ours = (it for it in nodes if it.get("partner_order_id") == number and it.get("id"))
        return next(ours, None)

    # --- cancellations

    def _cancel(self, document: FulfilmentCancellation, _: str) -> Receipt:
        there = self._of(document)
        if there is None:
            raise Rejected("it knows no such order", code="unknown_at_partner")
        word = _WORDS.get(str(there.get("fulfillment_status")).lower())
        if word:
            return self._word(document, there, word)
        data = {**encode(self._encoders, document, self._at), "order_id": str(there["id"])}
        try:
            self._tell("orderCancel", "order_cancel", data)
        except Refused as refusal:
            now = self._of(document) or {}
            word = _WORDS.get(str(now.get("fulfillment_status")).lower(), "cancel_refused")
            return self._word(document, there, word, str(refusal))
        return self._word(document, there, "cancelled")

    def _find_cancelled(self, document: FulfilmentCancellation) -> Receipt | None:
        there = self._of(document)
        word = there and _WORDS.get(str(there.get("fulfillment_status")).lower())
        return self._word(document, there, word) if there and word else None

    def _of(self, document: FulfilmentCancellation) -> dict[str, Any] | None:
        if document.warehouse_reference:
            return self._hero.one("orderById", "order", id=document.warehouse_reference)
        return self._there(document.fulfilment_order_id)

    def _word(
        self,
        document: FulfilmentCancellation,
        there: dict[str, Any],
        word: WarehouseWord,
        message: str | None = None,
    ) -> Receipt:
        number = str(there["id"])
        return on_cancelling(document, word, number, message, at=self._at, now=self._clock())

    # --- purchase orders

    def _purchase_order(self, document: InboundNotice, _: str) -> Receipt:
        data = encode(self._encoders, document, self._at)
        needed(data.get("warehouse_id"), "warehouse_id", "a setting of the connection, and needed")
        try:
            made = self._tell("purchaseOrderCreate", "purchase_order_create", data)
        except Refused as refusal:
            receipt = self._find_purchase_order(document)
            if receipt is None:
                raise refusal from None
            return receipt
        return Receipt(_id(made, "purchase_order"))

    def _find_purchase_order(self, document: InboundNotice) -> Receipt | None:
        number = document.inbound_notice_id
        there = self._hero.one("findPurchaseOrder", "purchase_order", number=number)
        if there is None or there.get("po_number") != number:
            return None
        self._check_lines(document, there)
        return Receipt(str(there["id"]))

    def _tell(self, operation: str, field: str, data: dict[str, Any]) -> dict[str, Any]:
        return self._hero.tell(field, OPERATIONS[operation], {"data": data})


def _id(made: dict[str, Any], name: str) -> str:
    thing = made.get(name)
    number = thing.get("id") if isinstance(thing, dict) else None
    if not number:
        raise OutcomeUnknown(f"the answer names no {name}")
    return str(number)
