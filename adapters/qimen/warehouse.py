"""What a warehouse is told: each document by its method, and what its answer means."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.ports import Receipt
from adapters.qimen.answers import Answered
from adapters.qimen.asking import Asking
from adapters.qimen.calling import Caller
from hub.model.document import Document
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder, WarehouseWord
from hub.model.product import Product
from hub.model.returns import Return
from hub.model.stock import InboundCancellation, InboundNotice
from mappings.kit import Context, encode
from mappings.qimen import Terms, encoders
from mappings.qimen.outward import calls, items, leaves_as_stock

_ENDED = frozenset({"cancelled", "rejected"})


class Warehouse:
    """Tells one warehouse. A code that it knows already is not told twice: it is asked for."""

    def __init__(self, caller: Caller, terms: Terms, at: Context) -> None:
        self._caller, self._terms, self._at = caller, terms, at
        self._encoders, self._asking = encoders(terms), Asking(caller, terms, at)
        self._tellers: Mapping[type[Document], Callable[[Any, bytes], Receipt]] = {
            FulfilmentOrder: self._order,
            FulfilmentCancellation: self._cancel,
            InboundNotice: self._notice,
            InboundCancellation: self._call_off,
            Return: self._return,
            Product: self._article,
        }
        self.find, self.check = self._asking.find, self._asking.check

    def send(self, document: Document, key: str) -> Receipt:  # noqa: ARG002  # the code is the key
        body = encode(self._encoders, document, self._at)
        return self._tellers[type(document)](document, body)

    def _order(self, document: FulfilmentOrder, body: bytes) -> Receipt:
        kind = "stockout" if leaves_as_stock(document, self._terms) else "deliveryorder"
        return self._create(f"{kind}.create", document, body, "deliveryOrderId")

    def _notice(self, document: InboundNotice, body: bytes) -> Receipt:
        """A notice. What it was before is called off first: no method changes one."""
        if document.revision > 1 and self._asking.has_otherwise(document):
            self._call_off(document, calls.cancel(document.business_id, None, self._terms))
        return self._create("entryorder.create", document, body, "entryOrderId")

    def _return(self, document: Return, body: bytes) -> Receipt:
        if document.status not in _ENDED:
            return self._create("returnorder.create", document, body, "returnOrderId")
        return self._call_off(document, body)

    def _create(self, method: str, document: Document, body: bytes, number: str) -> Receipt:
        answer = self._caller.tell(method, body)
        if answer.ok:
            return Receipt(_references(answer, number) or document.business_id)
        receipt = self.find(document) if answer.meaning == "exists" else None
        if receipt is None:
            raise answer.fate(method, write=True)
        return receipt

    def _call_off(self, document: Document, body: bytes) -> Receipt:
        """A cancel whose refusal is for a person: goods may still come."""
        answer = self._caller.tell("order.cancel", body)
        if not answer.ok and answer.meaning != "exists":
            raise answer.fate("order.cancel", write=True)
        return Receipt(document.business_id)

    def _cancel(self, document: FulfilmentCancellation, body: bytes) -> Receipt:
        """The answer is the warehouse's word: cancelled, or too late for it."""
        answer = self._caller.tell("order.cancel", body)
        if not answer.ok and answer.meaning not in {"refused", "exists"}:
            raise answer.fate("order.cancel", write=True)
        word: WarehouseWord = "cancelled" if answer.ok else "cancel_refused"
        said = f"{answer.code} {answer.message}".strip()
        return self._asking.word(document, word, said)

    def _article(self, document: Product, body: bytes) -> Receipt:
        """An article, and where it is a kit what it is made of. The receipt's reference is the
        warehouse's own number for it.
        """
        answer = self._synchronised(document)
        if document.components:
            method = "combineitem.synchronize"
            made = self._caller.tell(method, body)
            if not made.ok and made.meaning != "exists":
                raise made.fate(method, write=True)
        return Receipt(answer.tree.text("itemId") or document.sku)

    def _synchronised(self, document: Product) -> Answered:
        """Added, or, where the warehouse has it already, brought up to date."""
        method = "singleitem.synchronize"
        answer = self._caller.tell(method, items.single(document, self._terms))
        if not answer.ok and answer.meaning == "exists":
            answer = self._caller.tell(method, items.single(document, self._terms, "update"))
        if not answer.ok:
            raise answer.fate(method, write=True)
        return answer


def _references(answer: Answered, number: str) -> str:
    """The warehouse's own numbers of the document: several where it cut an order into several."""
    split = [one.text(number) for one in answer.tree.entries("deliveryOrders")]
    return ",".join(dict.fromkeys(filter(None, [answer.tree.text(number), *split])))
