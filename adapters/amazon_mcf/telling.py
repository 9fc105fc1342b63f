"""What Amazon is told, and asked whether it has it.

Our number is unique at a seller. An order that is refused because it is there already is compared
with ours; a newer revision changes it. A wish to cancel may be taken and come too late all the
same: how the order stands afterwards is the warehouse's word, and silence where it does not say.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from adapters.kit.session import Session
from adapters.kit.tellings import on_cancelling
from adapters.ports import Clock, Receipt, takes_nothing
from hub.model.document import Document
from hub.model.errors import OutcomeUnknown, Rejected, TryLater
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    WarehouseWord,
)
from mappings.amazon_mcf import Terms, change_of, encoders, same_lines
from mappings.kit import Context, encode

ORDERS = "/fba/outbound/2020-07-01/fulfillmentOrders"
_WORDS: dict[str, WarehouseWord] = {
    "cancelled": "cancelled",
    "invalid": "cancelled",
    "unfulfillable": "cancelled",
    "complete": "cancel_refused",
    "completepartialled": "cancel_refused",
}
"""Where an order stands -> what became of the wish to cancel it."""


class _Refused(Exception):
    """A 400: it is there already, too late, or something in it is wrong."""


class _Unknown(Exception):
    """A 404, or a 400 where it was only asked for: there is no such order."""


_REFUSED: Mapping[int, type[Exception]] = {400: _Refused}
_UNKNOWN: Mapping[int, type[Exception]] = {400: _Unknown, 404: _Unknown}


class Telling:
    """One seller."""

    def __init__(self, session: Session, at: Context, clock: Clock, terms: Terms) -> None:
        self._session, self._at, self._clock = session, at, clock
        self._encoders = encoders(terms)

    def send(self, document: Document, key: str) -> Receipt:
        """Tell it."""
        match document:
            case FulfilmentOrder(revision=1):
                return self._order(document)
            case FulfilmentOrder():
                return self._change(document)
            case FulfilmentCancellation():
                return self._cancel(document)
            case _:
                return takes_nothing(document, key)

    def find(self, document: Document) -> Receipt | None:
        """Whether Amazon has it, by our number."""
        there = self._there(document.business_id)
        if there is None:
            return None
        if isinstance(document, FulfilmentCancellation):
            status = _status(there)
            word = _WORDS.get(status.casefold())
            return word and self._word(document, word, status)
        if isinstance(document, FulfilmentOrder) and not same_lines(document, there, self._at):
            if document.revision > 1:
                return None
            message = f"{document.business_id} is there with other lines"
            raise Rejected(message, code="differs_at_partner")
        return Receipt(document.business_id)

    def _there(self, number: str) -> dict[str, Any] | None:
        """The order under our number."""
        try:
            answer = self._session.call("GET", _path(number), fates=_UNKNOWN)
        except _Unknown:
            return None
        payload = answer.get("payload") if isinstance(answer, dict) else None
        order = payload.get("fulfillmentOrder") if isinstance(payload, dict) else None
        if not isinstance(order, dict):
            raise TryLater("the answer holds no order")
        return payload

    def _order(self, document: FulfilmentOrder) -> Receipt:
        body = encode(self._encoders, document, self._at)
        try:
            answer = self._session.call("POST", ORDERS, body=body, fates=_REFUSED)
        except _Refused as refusal:
            receipt = self.find(document)
            if receipt is None:
                raise Rejected(str(refusal)) from None
            return receipt
        return _taken(answer, document)

    def _change(self, document: FulfilmentOrder) -> Receipt:
        """A newer revision. Amazon takes it until pieces are picked."""
        body = encode(self._encoders, document, self._at)
        try:
            answer = self._session.call(
                "PUT", _path(document.business_id), body=change_of(body), fates={404: _Unknown}
            )
        except _Unknown:
            return self._order(document)
        return _taken(answer, document)

    def _cancel(self, document: FulfilmentCancellation) -> Receipt:
        number = str(encode(self._encoders, document, self._at)["sellerFulfillmentOrderId"])
        path = f"{_path(number)}/cancel"
        refused = ""
        try:
            _taken(self._session.call("PUT", path, fates={**_REFUSED, 404: _Unknown}), document)
        except _Unknown:
            raise Rejected("it knows no such order", code="unknown_at_partner") from None
        except _Refused as refusal:
            refused = str(refusal)
            if ":" not in refused:
                raise Rejected("a cancellation was refused without a word") from None
        status = self._after(number)
        word = _WORDS.get(status.casefold())
        if word is None and not refused:
            return Receipt(number)  # it tries: the order will say what became of it
        return self._word(document, word or "cancel_refused", refused or status)

    def _after(self, number: str) -> str:
        """How the order stands after a wish to cancel it; nothing where it does not say now."""
        try:
            return _status(self._there(number) or {})
        except TryLater:
            return ""

    def _word(self, document: FulfilmentCancellation, word: WarehouseWord, message: str) -> Receipt:
        order = document.fulfilment_order_id
        return on_cancelling(document, word, order, message, at=self._at, now=self._clock())


def _path(number: str) -> str:
    return f"{ORDERS}/{quote(number, safe='')}"


def _status(there: Mapping[str, Any]) -> str:
    return str(there.get("fulfillmentOrder", {}).get("fulfillmentOrderStatus") or "")


def _taken(answer: Any, document: Document) -> Receipt:
    """Nothing is said of what was taken: an empty object, or one of errors."""
    if not isinstance(answer, dict):
        raise OutcomeUnknown("the answer cannot be read")
    if answer.get("errors"):
        raise OutcomeUnknown("it was taken, and there are errors beside it")
    return Receipt(document.business_id)
