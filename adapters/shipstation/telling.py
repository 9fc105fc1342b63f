"""What ShipStation is told, and asked whether it has it.

The same `orderKey` told twice is one order, as it was told last, as long as nothing left. Up to a
hundred go together, and each has an answer of its own. There is no call to cancel: an order is
fetched and told again as cancelled.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from adapters.kit.tellings import Outcome, Told, on_cancelling, together
from adapters.ports import Clock, Receipt, takes_nothing
from adapters.shipstation.api import Api, Row
from hub.model.document import Document
from hub.model.errors import EndpointMissing, OutcomeUnknown, Rejected
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    WarehouseWord,
)
from mappings.kit import Context, encode
from mappings.shipstation import Terms, cancelled, encoders, same_lines

Sent = tuple[Document, str]
_WORDS: dict[str, WarehouseWord] = {"cancelled": "cancelled", "shipped": "cancel_refused"}
"""Where an order stands -> what became of the wish to cancel it."""
_RECENT = {"sortBy": "CreateDate", "sortDir": "DESC"}
_LOOKED_THROUGH = 4


class Telling:
    """One account."""

    def __init__(self, api: Api, at: Context, clock: Clock, terms: Terms) -> None:
        self._api, self._at, self._clock, self._terms = api, at, clock, terms
        self._encoders = encoders(terms)

    def send(self, document: Document, key: str) -> Receipt:
        """Tell it."""
        match document:
            case FulfilmentOrder():
                body = encode(self._encoders, document, self._at)
                try:
                    made = self._api.tell("/orders/createorder", body)
                except Rejected as refusal:
                    return self._known_all_the_same(document, refusal)
                return _receipt(made, document)
            case FulfilmentCancellation():
                return self._cancel(document)
            case _:
                return takes_nothing(document, key)

    def send_many(self, batch: Sequence[Told]) -> list[Outcome]:
        """Orders together, all else one by one; one that is at fault holds up no other."""
        return together(batch, FulfilmentOrder, self._written, self._send_orders, self.send)

    def _written(self, order: FulfilmentOrder) -> tuple[FulfilmentOrder, Any]:
        return order, encode(self._encoders, order, self._at)

    def find(self, document: Document) -> Receipt | None:
        """Whether ShipStation has it, by our number."""
        if isinstance(document, FulfilmentCancellation):
            there = self._there(document)
            word = there and _WORDS.get(str(there.get("orderStatus")))
            return self._word(document, there, word) if there and word else None
        if not isinstance(document, FulfilmentOrder):
            return None
        query = {"orderNumber": document.order_number, "pageSize": "500"}
        rows = self._api.rows("/orders", "orders", query)
        there = next(_ours(rows, document.fulfilment_order_id), None)
        if there is None:
            return None
        if not same_lines(document, there, self._at):
            message = f"{document.business_id} is there with other lines"
            raise Rejected(message, code="differs_at_partner")
        return Receipt(str(there["orderId"]))

    def _send_orders(self, orders: Sequence[tuple[FulfilmentOrder, Any]]) -> list[Outcome]:
        answer = self._api.tell("/orders/createorders", [body for _, body in orders])
        rows = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise OutcomeUnknown("the answer says nothing of the orders")
        told = {str(row.get("orderKey")): row for row in rows if isinstance(row, dict)}
        return [self._outcome(order, told) for order, _ in orders]

    def _outcome(self, document: Any, told: dict[str, Row]) -> Receipt | Exception:
        """What became of one of them, by the row that bears its key."""
        row = told.get(document.fulfilment_order_id)
        try:
            if row is None:
                return OutcomeUnknown("the answer does not name the order")
            if row.get("success") is False:
                refusal = Rejected(str(row.get("errorMessage") or "refused without a word")[:300])
                return self._known_all_the_same(document, refusal)
            return _receipt(row, document)
        except Exception as fate:  # noqa: BLE001 - one order's fault is its own
            return fate

    def _known_all_the_same(self, document: FulfilmentOrder, refusal: Rejected) -> Receipt:
        """An order that left already takes nothing more: then it is there. Else it is refused."""
        receipt = self.find(document)
        if receipt is None:
            raise refusal
        return receipt

    def _cancel(self, document: FulfilmentCancellation) -> Receipt:
        encode(self._encoders, document, self._at)
        there = self._there(document)
        if there is None:
            raise Rejected("it knows no such order", code="unknown_at_partner")
        word = _WORDS.get(str(there.get("orderStatus")))
        if word:
            return self._word(document, there, word)
        if (there.get("advancedOptions") or {}).get("mergedOrSplit") is True:
            message = "it was put together with others, or taken apart: ask the warehouse"
            return self._word(document, there, "cancel_refused", message)
        try:
            answer = self._api.tell("/orders/createorder", cancelled(there))
        except Rejected as refusal:
            now = self._there(document) or {}
            word = _WORDS.get(str(now.get("orderStatus")))
            if word is None:
                raise
            return self._word(document, there, word, str(refusal))
        if not isinstance(answer, dict) or answer.get("orderStatus") != "cancelled":
            raise OutcomeUnknown("the answer does not say that the order is cancelled")
        return self._word(document, there, "cancelled")

    def _there(self, document: FulfilmentCancellation) -> Row | None:
        """Their order: by its own number, or by ours among the latest. None asks by our key."""
        if document.warehouse_reference:
            try:
                there = self._api.ask(f"/orders/{document.warehouse_reference}")
            except EndpointMissing:
                return None
            return there if isinstance(there, dict) else None
        pages = self._api.pages("/orders", "orders", {**_RECENT, **self._of_store()})
        recent = (row for page in islice(pages, _LOOKED_THROUGH) for row in page)
        return next(_ours(recent, document.fulfilment_order_id), None)

    def _of_store(self) -> dict[str, str]:
        store = self._terms.store_id
        return {} if store is None else {"storeId": str(store)}

    def _word(
        self,
        document: FulfilmentCancellation,
        there: Row,
        word: WarehouseWord,
        message: str | None = None,
    ) -> Receipt:
        number = str(there["orderId"])
        return on_cancelling(document, word, number, message, at=self._at, now=self._clock())


def _ours(rows: Any, key: str) -> Iterator[Row]:
    return (row for row in rows if row.get("orderKey") == key and row.get("orderId") is not None)


def _receipt(made: Any, document: FulfilmentOrder) -> Receipt:
    number = made.get("orderId") if isinstance(made, dict) else None
    if not number or made.get("orderKey") not in {None, document.fulfilment_order_id}:
        raise OutcomeUnknown("the answer names no order of ours")
    return Receipt(str(number))
