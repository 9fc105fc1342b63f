"""What a warehouse is asked: whether it has a document, and how far that is.

Deliveries, entries and articles have a query of their own; stockouts and returns are asked for by
their progress.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from adapters.kit.tellings import on_cancelling
from adapters.ports import Receipt
from adapters.qimen.answers import Answered
from adapters.qimen.calling import Caller
from hub.model.document import Document
from hub.model.errors import Rejected
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    WarehouseWord,
)
from hub.model.product import Product
from hub.model.returns import Return
from hub.model.stock import InboundCancellation, InboundNotice
from mappings.kit import Context, numbers, word
from mappings.qimen import Terms
from mappings.qimen.outward import calls, kind_of, leaves_as_stock, notices
from mappings.qimen.tree import Node

_CANCELLED = frozenset({"canceled", "closed"})
_TOO_LATE = frozenset({"canceledfail", "delivered", "partdelivered"})


class Asking:
    """Asks one warehouse. `find` answers None for what it does not know."""

    def __init__(self, caller: Caller, terms: Terms, at: Context) -> None:
        self._caller, self._terms, self._at = caller, terms, at
        self._finders: Mapping[type[Document], Callable[[Any], Receipt | None]] = {
            FulfilmentOrder: self._order,
            FulfilmentCancellation: self._cancellation,
            InboundNotice: self._notice,
            InboundCancellation: self._called_off,
            Return: self._return,
            Product: self._article,
        }

    def check(self) -> None:
        """Ask for an order that cannot exist: that it is unknown is answer enough."""
        method = "deliveryorder.query"
        answer = self._caller.ask(method, calls.delivery_query("orderhub-check", self._terms))
        if not answer.ok and answer.meaning in {"busy", "unanswered", "unauthorised"}:
            raise answer.fate(method, write=False)

    def find(self, document: Document) -> Receipt | None:
        """Whether the warehouse has it, by our own number."""
        return self._finders[type(document)](document)

    def _order(self, document: FulfilmentOrder) -> Receipt | None:
        if leaves_as_stock(document, self._terms):
            return self._progress(document.business_id, kind_of(document, self._terms))[0]
        answer = self._delivery(document.business_id)
        if answer is None:
            return None
        _same(answer, _lines(document))
        number = answer.tree.child("deliveryOrder").text("deliveryOrderId")
        return Receipt(number or document.business_id)

    def _delivery(self, code: str) -> Answered | None:
        body = calls.delivery_query(code, self._terms)
        answer = self._caller.known("deliveryorder.query", body)
        if answer is None:
            return None
        head = answer.tree.child("deliveryOrder")
        return answer if head.text("deliveryOrderCode") == code else None

    def _cancellation(self, document: FulfilmentCancellation) -> Receipt | None:
        code = document.business_id
        if leaves_as_stock(document, self._terms):
            said = self._progress(code, kind_of(document, self._terms))[1]
        else:
            answer = self._delivery(code)
            said = _status(answer, "deliveryOrder") if answer else frozenset()
        if late := said & _TOO_LATE:
            return self.word(document, "cancel_refused", min(late).upper())
        off = said & _CANCELLED
        return self.word(document, "cancelled", min(off).upper()) if off else None

    def _notice(self, document: InboundNotice) -> Receipt | None:
        answer = self._entry(document.business_id)
        if answer is None or _status(answer, "entryOrder") & _CANCELLED:
            return None
        _same(answer, _lines(document))
        number = answer.tree.child("entryOrder").text("entryOrderId")
        return Receipt(number or document.business_id)

    def has_otherwise(self, document: InboundNotice) -> bool:
        """Whether the warehouse expects other goods under the notice's number."""
        answer = self._entry(document.business_id)
        if answer is None or _status(answer, "entryOrder") & _CANCELLED:
            return False
        return _differ(answer, _lines(document))

    def _called_off(self, document: InboundCancellation) -> Receipt | None:
        answer = self._entry(document.business_id)
        off = answer is not None and _status(answer, "entryOrder") & _CANCELLED
        return Receipt(document.business_id) if off else None

    def _entry(self, code: str) -> Answered | None:
        answer = self._caller.known("entryorder.query", calls.entry_query(code, self._terms))
        if answer is None:
            return None
        return answer if answer.tree.child("entryOrder").text("entryOrderCode") == code else None

    def _return(self, document: Return) -> Receipt | None:
        receipt, said = self._progress(document.business_id, notices.return_kind(document))
        if document.status in {"cancelled", "rejected"}:
            return Receipt(document.business_id) if said & _CANCELLED else None
        return receipt

    def _article(self, document: Product) -> Receipt | None:
        """An article by its number there. A kit is told anew, which changes nothing: its components
        cannot be asked for by our number.
        """
        if document.components:
            return None
        body = calls.item_query(document.sku, self._terms)
        answer = self._caller.known("singleitem.query", body)
        item = answer.tree.child("item") if answer else Node("item")
        if item.text("itemCode") != document.sku:
            return None
        return Receipt(item.text("itemId") or document.sku)

    def _progress(self, code: str, kind: str) -> tuple[Receipt | None, frozenset[str]]:
        """A document by its progress, and every word that was said of it."""
        body = calls.process_query(code, kind, self._terms)
        answer = self._caller.known("orderprocess.query", body)
        order = answer.tree.child("orderProcess") if answer else Node("orderProcess")
        if order.text("orderCode") != code:
            return None, frozenset()
        steps = order.entries("processes")
        said = frozenset(word(step.text("processStatus") or "") for step in steps)
        return Receipt(order.text("orderId") or code), said

    def word(self, document: FulfilmentCancellation, said: WarehouseWord, message: str) -> Receipt:
        """The warehouse's word on a cancellation, as a receipt that says so."""
        number, now = document.warehouse_reference, self._caller.now()
        return on_cancelling(document, said, number, message, at=self._at, now=now)


def _status(answer: Answered, name: str) -> frozenset[str]:
    return frozenset({word(answer.tree.child(name).text("status") or "")})


def _lines(document: InboundNotice | FulfilmentOrder) -> list[tuple[str, Decimal]]:
    return sorted((line.sku, line.quantity) for line in document.lines)


def _same(answer: Answered, ours: list[tuple[str, Decimal]]) -> None:
    """A document found under our number must hold our lines."""
    if _differ(answer, ours):
        raise Rejected("it is there with other lines", code="differs_at_partner")


def _differ(answer: Answered, ours: list[tuple[str, Decimal]]) -> bool:
    """Whether the lines are others; not where it is not said what they are."""
    told = answer.tree.entries("orderLines")
    lines = [(line.text("itemCode") or "", line.text("planQty")) for line in told]
    if not lines or any(count is None for _, count in lines):
        return False
    theirs = [(code, numbers.decimal(count, path="orderLines.planQty")) for code, count in lines]
    return ours != sorted(theirs)
