"""What Extensiv is told, and asked whether it has it.

Our number need not be unique there: it is looked for before anything is made. Whatever changes a
resource names the version that it was read in (`If-Match`); one that changed meanwhile is tried
again later.
"""

import json
from collections.abc import Mapping
from typing import Any

from adapters.extensiv.resources import ORDERS, RECEIVERS, number_of, page
from adapters.kit.session import Session
from adapters.kit.tellings import Way, on_cancelling
from adapters.ports import Clock, Receipt
from hub.model.document import Document
from hub.model.errors import OutcomeUnknown, Rejected, TryLater
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    WarehouseWord,
)
from hub.model.stock import InboundNotice
from mappings.extensiv import Terms, encoders, plain, same_lines
from mappings.kit import Context, encode

_CHANGED: Mapping[int, type[Exception]] = {409: TryLater, 412: TryLater}
_UNKNOWN = "it knows no such order"


def ways(session: Session, at: Context, clock: Clock, terms: Terms) -> dict[type[Document], Way]:
    """How each document is told and found."""
    it = _Telling(session, at, clock, terms)
    return {
        FulfilmentOrder: Way(it.order, it.found_order),
        FulfilmentCancellation: Way(it.cancel, it.found_cancelled),
        InboundNotice: Way(it.notice, it.found_notice),
    }


class _Telling:
    """One customer at one facility."""

    def __init__(self, session: Session, at: Context, clock: Clock, terms: Terms) -> None:
        self._session, self._at, self._clock = session, at, clock
        self._terms, self._encoders = terms, encoders(terms)

    def order(self, document: FulfilmentOrder, _: str) -> Receipt:
        """Make it, or change what is there where this is a newer revision."""
        there = self._there(ORDERS, document.business_id)
        if there is None:
            return self._made(ORDERS, document)
        if document.revision == 1:
            return self._same(ORDERS, document, there)
        number = str(number_of(there, ORDERS))
        body = encode(self._encoders, document, self._at)
        self._changed("PUT", number, "", body)
        return Receipt(number)

    def found_order(self, document: FulfilmentOrder) -> Receipt | None:
        """Whether it has the order."""
        there = self._there(ORDERS, document.business_id)
        if there and document.revision > 1 and not same_lines(document, there, self._at):
            return None
        return None if there is None else self._same(ORDERS, document, there)

    def notice(self, document: InboundNotice, _: str) -> Receipt:
        """Have it expect goods."""
        there = self._there(RECEIVERS, document.business_id)
        if there is not None:
            return self._same(RECEIVERS, document, there)
        return self._made(RECEIVERS, document)

    def found_notice(self, document: InboundNotice) -> Receipt | None:
        """Whether it expects the goods."""
        there = self._there(RECEIVERS, document.business_id)
        return None if there is None else self._same(RECEIVERS, document, there)

    def cancel(self, document: FulfilmentCancellation, _: str) -> Receipt:
        """Have it stop. What is closed can no longer be stopped."""
        there = self._there(ORDERS, document.business_id)
        if there is None:
            raise Rejected(_UNKNOWN, code="unknown_at_partner")
        number, word = str(number_of(there, ORDERS)), _word(there)
        if word is None:
            body = encode(self._encoders, document, self._at)
            self._changed("POST", number, "/canceler", body)
        return self._said(document, number, word or "cancelled")

    def found_cancelled(self, document: FulfilmentCancellation) -> Receipt | None:
        """What became of the wish to cancel, where the order says it."""
        there = self._there(ORDERS, document.business_id)
        word = there and _word(there)
        return self._said(document, str(number_of(there, ORDERS)), word) if there and word else None

    def _there(self, path: str, number: str) -> dict[str, Any] | None:
        """The resource under our number, the customer's own."""
        rows = page(self._session, path, 1, {"rql": f"ReferenceNum=={number}"})
        return next((row for row in rows if row.get("reference_num") == number
                     and self._is_ours(row) and number_of(row, path)), None)  # fmt: skip

    def _is_ours(self, row: Mapping[str, Any]) -> bool:
        customer = row.get("customer_identifier")
        told = customer.get("id") if isinstance(customer, dict) else None
        return told is None or str(told) == str(self._terms.customer_id)

    def _same(
        self, path: str, document: FulfilmentOrder | InboundNotice, there: dict[str, Any]
    ) -> Receipt:
        if not same_lines(document, there, self._at):
            message = f"{document.business_id} is there with other lines"
            raise Rejected(message, code="differs_at_partner")
        return Receipt(str(number_of(there, path)))

    def _made(self, path: str, document: Document) -> Receipt:
        body = encode(self._encoders, document, self._at)
        made = plain(self._session.call("POST", path, body=body))
        number = number_of(made, path) if isinstance(made, dict) else None
        if number is None:
            raise OutcomeUnknown("the answer names nothing that was made")
        return Receipt(number)

    def _changed(self, method: str, number: str, step: str, body: Any) -> None:
        """Read it for its version, then change that one."""
        path = f"{ORDERS}/{number}"
        version = self._session.get(path).headers.get("ETag")
        headers = {"If-Match": version} if version else {}
        told = self._session.call(
            method, path + step, body=body, headers=headers, fates=_CHANGED, read="bytes"
        )
        try:
            json.loads(told or b"null")
        except (ValueError, RecursionError):
            raise OutcomeUnknown("the answer to a change cannot be read") from None

    def _said(self, document: FulfilmentCancellation, number: str, word: WarehouseWord) -> Receipt:
        return on_cancelling(document, word, number, None, at=self._at, now=self._clock())


def _word(there: Mapping[str, Any]) -> WarehouseWord | None:
    """What became of a wish to cancel, by the order: closed it left, or was cancelled."""
    if not there.get("is_closed"):
        return None
    return "cancel_refused" if there.get("process_date") else "cancelled"
