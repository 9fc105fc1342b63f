"""What ShipBob is told, and asked whether it has it.

Our number is unique in a channel. An order that is refused because it is there already is compared
with ours; the answer to a wish to cancel is the warehouse's word.
"""

from typing import Any

from adapters.kit.session import Session
from adapters.kit.tellings import on_cancelling
from adapters.ports import Clock, Receipt, takes_nothing
from adapters.shipbob.returning import Returns
from hub.model.document import Document
from hub.model.errors import OutcomeUnknown, Rejected
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    WarehouseWord,
)
from hub.model.returns import Return
from mappings.kit import Context, encode
from mappings.shipbob import Terms, encoders, same_lines

_WORDS: dict[str, WarehouseWord] = {
    "Cancelled": "cancelled",
    "Fulfilled": "cancel_refused",
    "PartiallyFulfilled": "cancel_refused",
}
"""Where an order stands -> what became of the wish to cancel it."""
_NOT_ALL = frozenset({"Failure", "PartialSuccess"})


class _Unprocessable(Exception):
    """A 422: it is there already, too late, or something in it is wrong."""


class Telling:
    """One channel."""

    def __init__(self, session: Session, at: Context, clock: Clock, terms: Terms) -> None:
        self._session, self._at, self._clock = session, at, clock
        self._encoders = encoders(terms)
        self._returns = Returns(session, terms.location_id)

    def send(self, document: Document, key: str) -> Receipt:
        """Tell it."""
        match document:
            case FulfilmentOrder():
                return self._order(document)
            case FulfilmentCancellation():
                return self._cancel(document)
            case Return():
                return self._returns.send(document)
            case _:
                return takes_nothing(document, key)

    def find(self, document: Document) -> Receipt | None:
        """Whether ShipBob has it, by our number."""
        if isinstance(document, Return):
            return self._returns.find(document)
        there = self._there(document.business_id)
        if there is None:
            return None
        number = str(there["id"])
        if isinstance(document, FulfilmentCancellation):
            status = str(there.get("status"))
            word = _WORDS.get(status)
            return word and self._word(document, number, word, status)
        if isinstance(document, FulfilmentOrder) and not same_lines(document, there, self._at):
            message = f"{document.business_id} is there with other lines"
            raise Rejected(message, code="differs_at_partner")
        return Receipt(number)

    def _there(self, reference: str) -> dict[str, Any] | None:
        """The order under our number. The question is by a list: others may be in the answer."""
        answer = self._session.call("GET", "/order", query={"ReferenceIds": reference})
        return next((it for it in answer or () if it.get("reference_id") == reference), None)

    def _order(self, document: FulfilmentOrder) -> Receipt:
        body = encode(self._encoders, document, self._at)
        try:
            made = self._session.call("POST", "/order", body=body, fates={422: _Unprocessable})
        except _Unprocessable as refusal:
            receipt = self.find(document)
            if receipt is None:
                raise Rejected(str(refusal)) from None
            return receipt
        if not isinstance(made, dict) or "id" not in made:
            raise OutcomeUnknown("the answer names no order")
        return Receipt(str(made["id"]))

    def _cancel(self, document: FulfilmentCancellation) -> Receipt:
        number = encode(self._encoders, document, self._at).get("id") or self._number(document)
        path = f"/order/{number}:cancel"
        try:
            answer = self._session.call("POST", path, fates={422: _Unprocessable})
        except _Unprocessable as refusal:
            if ":" not in str(refusal):
                raise Rejected("a cancellation was refused without a word") from None
            return self._word(document, number, "cancel_refused", str(refusal))
        if not isinstance(answer, dict):
            raise OutcomeUnknown("the answer to a cancellation cannot be read")
        results = answer.get("canceled_shipment_results") or []
        refused = [each for each in results if each.get("is_success") is False]
        reasons = "; ".join(dict.fromkeys(str(each.get("reason") or "") for each in refused))
        word: WarehouseWord = "cancelled"
        if refused or answer.get("status") in _NOT_ALL:
            word = "cancel_refused"
        return self._word(document, number, word, reasons)

    def _number(self, document: FulfilmentCancellation) -> str:
        there = self._there(document.fulfilment_order_id)
        if there is None:
            raise Rejected("it knows no such order", code="unknown_at_partner")
        return str(there["id"])

    def _word(
        self, document: FulfilmentCancellation, number: str, word: WarehouseWord, message: str
    ) -> Receipt:
        return on_cancelling(document, word, number, message, at=self._at, now=self._clock())
